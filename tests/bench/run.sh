#!/bin/sh
# Measures the program as it is shipped (the profile dist, as oxker comes from crates.io: optimised as a whole) on a terminal of
# 200x50 and prints a table; nothing is judged by the exit code. PROFILE=release measures what `cargo run --release` runs.
#
#   run.sh [SECTION…]     start idle still budget keys console typed order fleet flood backup;
#                         of a service scrape cycle resident
#                         viewers soak link; all where none is named
#
# SOAK_SECONDS (60) is how long the soak takes, LINK_SECONDS (60) how long each of the two ways of watching is measured.
#
# Needs a Docker engine, and root for the sections that look into a container's processes. The program beside ours,
# oxker, is installed once into the cache folder (BENCH_CACHE); OXKER= leaves it out.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mineclifford-bench}
version=0.13.4
oxker=${OXKER-$cache/oxker-$version/bin/oxker}

cd "$root"
echo "building" >&2
profile=${PROFILE:-dist}
cargo build --quiet --profile "$profile" --bin mineclifford
cargo build --quiet --release -p measure
crates/practice/image/build.sh > /dev/null
if [ -n "$oxker" ] && [ ! -x "$oxker" ]; then
    echo "installing oxker $version into $cache" >&2
    cargo install --quiet oxker --version "$version" --locked --root "$cache/oxker-$version"
fi

# Settings and logs of the programs go to a folder that is removed.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
export XDG_CONFIG_HOME="$folder/config" XDG_STATE_HOME="$folder/state" XDG_DATA_HOME="$folder/data"
mkdir -p "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_DATA_HOME"

target=${CARGO_TARGET_DIR:-$root/target}
wants_link=$([ $# -eq 0 ] && echo yes || echo no)
for section in "$@"; do
    [ "$section" = link ] && wants_link=yes
done
if [ "$*" != link ]; then
    "$target/release/measure" "$target/$profile/mineclifford" "${oxker:--}" "$@"
fi
if [ "$wants_link" = yes ]; then
    LINK_SECONDS=${LINK_SECONDS:-60} cargo test --quiet --test link bytes -- --nocapture
fi
