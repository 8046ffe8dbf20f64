#!/usr/bin/env bash
# Checks everything: format, lints, every test, the documentation.
#
#   ./test.sh          on your machine; says plainly what it has to leave out, and why
#   CI=true ./test.sh  leaves nothing out: what is missing is installed or started, or the run fails
#
# The tests make containers and volumes on the Docker engine that the docker command talks to. They are removed at the
# end, also after a failure, and so are the practice images, where you had none or had the real ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

ci=${CI:-false}
case $ci in 1 | true | yes) ci=true ;; *) ci=false ;; esac
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
# Nothing here is built twice, so the files for building again a little faster only cost time.
$ci && export CARGO_INCREMENTAL=0

# The tests in tests/ that need no Docker; every other one there does.
without_docker="arrows docs pictures link api"
image=itzg/minecraft-server
left_out=()
step_began=$SECONDS

say() { printf '%s\n' "$*"; }
fail() {
    printf 'test.sh: %s\n' "$*" >&2
    exit 1
}
step() {
    printf '\n== %s (at %d s)\n' "$*" "$SECONDS"
    step_began=$SECONDS
}

# ---------------------------------------------------------------- what is needed

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# need COMMAND PACKAGE: installs the package where the command is missing.
need() {
    command -v "$1" > /dev/null && return
    command -v apt-get > /dev/null ||
        fail "the command $1 is missing, and there is no apt-get here to install it with. Install $2 and run this again."
    say "$1 is missing: installing the package $2"
    export DEBIAN_FRONTEND=noninteractive
    if [ -z "${apt_updated:-}" ]; then
        as_root apt-get update -qq || say "apt-get update failed; trying with the list of packages that is here"
        apt_updated=1
    fi
    as_root apt-get install -y -qq --no-install-recommends "$2" > /dev/null ||
        fail "the package $2 could not be installed. Install it by hand and run this again."
}

rust_part() {
    cargo "$1" --version > /dev/null 2>&1 && return
    command -v rustup > /dev/null || fail "cargo $1 is missing; install the component $2 of your Rust toolchain."
    say "cargo $1 is missing: adding the component $2"
    rustup component add "$2" || fail "the component $2 could not be added."
}

docker_answers() { docker version --format '{{.Server.Version}}' > /dev/null 2>&1; }

own_dockerd=
start_docker() {
    [ "$(id -u)" = 0 ] && [ -z "${DOCKER_HOST:-}" ] || return 0
    command -v dockerd > /dev/null || return 0
    say "Docker does not answer: starting it"
    if ! service docker start > /dev/null 2>&1; then
        mkdir -p target
        dockerd > target/dockerd.log 2>&1 < /dev/null &
        own_dockerd=$!
    fi
    for _ in $(seq 60); do
        docker_answers && return
        sleep 0.5
    done
}

# ---------------------------------------------------------------- leaving nothing behind

# Whether the test that gave a thing its name still runs, here or in another run. In the names mctPID-… and
# mctest-…-PID-MILLISECONDS a number is the process of the test.
in_use() {
    local pid
    pid=$(printf '%s\n' "$1" | sed -nE 's/^mct([0-9]+)-.*/\1/p; s/^mctest-.*-([0-9]+)-[0-9]+(-data)?$/\1/p')
    [ -n "$pid" ] && [ -e "/proc/$pid" ]
}

# sweep KIND: the names of what tests made and did not remove.
leftovers() {
    case $1 in
        container)
            docker ps --all --format '{{.Names}}' --filter 'name=^/?mct'
            docker ps --all --format '{{.Names}}' --filter label=mineclifford.test
            ;;
        volume)
            docker volume ls --format '{{.Name}}' --filter name=mct | grep '^mct' || true
            docker volume ls --format '{{.Name}}' --filter label=mineclifford.test
            ;;
    esac | sort -u
}

sweep() {
    local name
    for name in $(leftovers container); do
        in_use "$name" || docker rm --force --volumes "$name" > /dev/null || true
    done
    for name in $(leftovers volume); do
        in_use "$name" || docker volume rm --force "$name" > /dev/null || true
    done
}

practice_tags=(practice latest java8 java16 java17 java21 java25)
declare -A images_before=()
practice_built=false

# Remembers which image each name stood for, when that was not a practice image already.
remember_images() {
    local tag found
    for tag in "${practice_tags[@]}"; do
        found=$(docker image inspect "$image:$tag" \
            --format '{{.Id}} {{index .Config.Labels "mineclifford.practice"}}' 2> /dev/null) || found=absent
        case $found in
            absent) images_before[$tag]=absent ;;
            *' ' | *' <no value>') images_before[$tag]=${found%% *} ;;
        esac
    done
}

# Gives the names back, so that nobody starts a practice server where a real one was meant.
give_images_back() {
    local tag before
    $practice_built || return 0
    for tag in "${!images_before[@]}"; do
        before=${images_before[$tag]}
        if [ "$before" = absent ]; then
            $ci || docker image rm "$image:$tag" > /dev/null || true
        else
            docker tag "$before" "$image:$tag" || true
        fi
    done
    docker image prune --force --filter label=mineclifford.practice > /dev/null || true
}

at_end() {
    local code=$?
    set +e
    trap - EXIT
    if docker_answers; then
        sweep
        give_images_back
    fi
    [ -n "$own_dockerd" ] && kill "$own_dockerd" && wait "$own_dockerd"
    printf '\n'
    if [ ${#left_out[@]} -gt 0 ]; then
        say "Left out:"
        printf '  - %s\n' "${left_out[@]}"
    fi
    if [ $code = 0 ]; then
        say "Everything that was run is fine (${SECONDS} s)."
    else
        say "FAILED in the step that began at ${step_began} s; see above."
    fi
    exit $code
}
trap at_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---------------------------------------------------------------- the steps

say "This checks the format, the lints, every test and the documentation. The tests use a Docker engine."
if $ci; then say "CI is set: nothing is left out."; fi

step "What is needed"
command -v cargo > /dev/null || fail "cargo is missing. Install Rust from https://rustup.rs and run this again."
rust_part fmt rustfmt
rust_part clippy clippy
need cc gcc
need zstd zstd
need ssh openssh-client
need sshd openssh-server
need curl curl
need openssl openssl
need promtool prometheus
need python3 python3
python3 -c 'import ensurepip' 2> /dev/null || need python3-venv python3-venv
$ci && need docker docker.io
docker_answers || ! $ci || start_docker

docker=true
if ! docker_answers; then
    docker=false
    reason=$(docker version --format '{{.Server.Version}}' 2>&1 | tail -n 1) || true
    if $ci; then
        fail "no Docker engine answers, and in CI the Docker tests are never left out. It said: ${reason:-nothing}"
    fi
    say "No Docker engine answers (${reason:-nothing was said}): the tests that need one are left out."
    for test in tests/*.rs tests/*/main.rs; do
        [ -e "$test" ] || continue
        name=${test#tests/}
        name=${name%/main.rs}
        name=${name%.rs}
        case " $without_docker " in *" $name "*) ;; *) left_out+=("tests/$name: needs Docker") ;; esac
    done
fi
cargo --version
$docker && say "Docker $(docker version --format '{{.Server.Version}}, API {{.Server.APIVersion}}')"

step "Format"
cargo fmt --all -- --check

step "Lints, warnings are errors"
cargo clippy --workspace --all-targets --quiet -- -D warnings

step "Documentation of the code, warnings are errors"
# Private items are documented too, so links to them resolve; help texts of the command line hold addresses as they are.
RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links -A rustdoc::bare_urls" \
    cargo doc --workspace --no-deps --document-private-items --quiet

if $docker; then
    step "The practice image"
    sweep
    remember_images
    practice_built=true
    HEALTH_INTERVAL=1s HEALTH_START_PERIOD=1s sh crates/practice/image/build.sh
fi

# Some tests mount small file systems, which only root may do; in a name space of their own everybody is root.
mounting=tests::full
skip=()
if [ "$(id -u)" != 0 ]; then skip=(--skip "$mounting"); fi

step "Tests"
if $docker; then
    cargo test --workspace --no-fail-fast -- "${skip[@]}"
else
    free=()
    for name in $without_docker; do
        if [ -e "tests/$name.rs" ] || [ -e "tests/$name/main.rs" ]; then free+=(--test "$name"); fi
    done
    cargo test --lib --bins --examples "${free[@]}" --no-fail-fast -- "${skip[@]}"
    cargo test --package practice --package raster --no-fail-fast
    cargo test --doc
fi

if [ ${#skip[@]} -gt 0 ]; then
    step "Tests that mount file systems"
    if unshare --user --map-root-user --mount true 2> /dev/null; then
        unshare --user --map-root-user --mount cargo test --lib -- "$mounting"
    elif $ci; then
        fail "the tests $mounting need root or user name spaces, and in CI no test is left out."
    else
        left_out+=("$mounting: needs root, or a kernel that lets users have name spaces")
    fi
fi
