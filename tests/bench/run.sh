#!/bin/sh
# Measures the release build on a terminal of 200x50 and prints a table; nothing is judged by the exit code.
#
#   run.sh [SECTION…]     start idle still keys console typed order fleet flood; all where none is named
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
cargo build --quiet --release --bin mineclifford
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

target=${CARGO_TARGET_DIR:-$root/target}/release
"$target/measure" "$target/mineclifford" "${oxker:--}" "$@"
