#!/bin/sh
# The product's own commands on chats as people have them, beside restic and borg where these are installed.
# Usage: bench/engine.sh [work folder] [options of bench/engine/measure.py and make_chats.py]
# Without a folder a temporary one is used and removed; a folder of your own keeps the generated exports.
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --release -p cli
work=
case "${1:-}" in
'' | -*) ;;
*) work=$1 && shift ;;
esac
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
python3 bench/engine/measure.py "$work" --keepsake "${CARGO_TARGET_DIR:-target}/release/keepsake" "$@"
