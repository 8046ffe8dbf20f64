#!/bin/sh
# Makes the practice image without a registry: builds the static program, packs it with the names that the real image
# has and with a shell (a static busybox, which the Debian package busybox-static brings), and tags the result. Does
# nothing when the image with this content and these settings is there already.
#
#   build.sh [TAG…]          more names for the image, such as example/minecraft:1
#
# HEALTH_INTERVAL, HEALTH_START_PERIOD, HEALTH_RETRIES change the health check (defaults 30s, 2m, 2: the real image's).
# PRACTICE_TAGS replaces the standard tags. CARGO_PROFILE chooses the build profile (default release). BUSYBOX names
# another static busybox.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
# The target is named so that +crt-static does not reach build scripts and proc macros.
target=$(uname -m)-unknown-linux-gnu
profile=${CARGO_PROFILE:-release}
interval=${HEALTH_INTERVAL:-30s}
period=${HEALTH_START_PERIOD:-2m}
retries=${HEALTH_RETRIES:-2}
repository=itzg/minecraft-server
default_tags="$repository:practice $repository:latest $repository:java8 $repository:java16 $repository:java17 $repository:java21 $repository:java25"
tags="${PRACTICE_TAGS-$default_tags} $*"

# A busybox that needs no library: one that is loaded dynamically names its interpreter, always by a path with "/ld-".
static_busybox() {
    for file in "${BUSYBOX:-}" /bin/busybox /usr/bin/busybox /bin/busybox.static; do
        if [ -x "$file" ] && ! head -c 4096 "$file" | grep -q '/ld-'; then
            echo "$file"
            return
        fi
    done
    return 1
}

if ! busybox=$(static_busybox); then
    package=busybox-static
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    echo "build.sh: the shell of the image is missing: installing the package $package" >&2
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$package" > /dev/null ||
        { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends "$package" > /dev/null; } ||
        echo "build.sh: $package could not be installed; install a static busybox, or name one with BUSYBOX" >&2
    busybox=$(static_busybox)
fi

cd "$root"
RUSTFLAGS="-C target-feature=+crt-static" \
    cargo build --quiet --profile "$profile" -p practice --bin practice --target "$target"
case $profile in dev) folder=debug ;; *) folder=$profile ;; esac
program=${CARGO_TARGET_DIR:-$root/target}/$target/$folder/practice

hash=$({ sha256sum < "$program"; sha256sum < "$busybox"; sha256sum < "$here/Dockerfile"; sha256sum < "$0"; echo "$interval $period $retries"; } |
    sha256sum | cut -c 1-32)

image=
missing=
for tag in $tags; do
    found=$(docker image inspect --format '{{.Id}} {{index .Config.Labels "mineclifford.practice"}}' "$tag" 2>/dev/null) || found=
    case $found in *" $hash") image=${found%% *} ;; *) missing="$missing $tag" ;; esac
done

if [ -z "$image" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT INT TERM
    mkdir -p "$work/root/bin" "$work/root/image/scripts" "$work/root/usr/local/bin" "$work/root/etc" "$work/root/tmp" \
        "$work/root/data" "$work/root/root"
    cp "$program" "$work/root/usr/local/bin/practice"
    for name in mc-server-runner java rcon-cli mc-health mc-send-to-console mc-practice; do
        ln -s practice "$work/root/usr/local/bin/$name"
    done
    ln -s ../../usr/local/bin/practice "$work/root/image/scripts/start"
    cp "$busybox" "$work/root/bin/busybox"
    for name in sh cat chmod chown cp find ln ls mkdir mv readlink rm rmdir sha256sum sleep sort stat sync touch; do
        ln -s busybox "$work/root/bin/$name"
    done
    printf 'root:x:0:0:root:/root:/sbin/nologin\nminecraft:x:1000:1000::/data:/sbin/nologin\n' > "$work/root/etc/passwd"
    printf 'root:x:0:\nminecraft:x:1000:\n' > "$work/root/etc/group"
    chmod 755 "$work/root" "$work/root/data" && chmod 1777 "$work/root/tmp"
    # The data folder of the real image belongs to minecraft; everything else to root.
    tar -C "$work/root" --owner=0 --group=0 --mtime=@0 --sort=name --exclude=./data -cf "$work/root.tar" .
    tar -C "$work/root" --owner=1000 --group=1000 --mtime=@0 -rf "$work/root.tar" ./data
    rm -rf "$work/root"
    # Docker takes no variables in these durations.
    sed -e "s/--start-period=[^ ]*/--start-period=$period/" -e "s/--interval=[^ ]*/--interval=$interval/" \
        -e "s/--retries=[^ ]*/--retries=$retries/" "$here/Dockerfile" > "$work/Dockerfile"
    # The classic builder is everywhere; its note that it is old is of no use here.
    if ! image=$(DOCKER_BUILDKIT=0 docker build --quiet --label "mineclifford.practice=$hash" "$work" 2> "$work/errors"); then
        cat "$work/errors" >&2
        exit 1
    fi
fi

for tag in $missing; do
    docker tag "$image" "$tag"
done
echo "$image"
