#!/bin/sh
# What the window asks of the archive while a person reads one long chat of invented messages.
# Usage: bench/window.sh [MESSAGES] (default: 5,000,000, which take some 3 GB of disk)
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --release -p chat-archive --example archive_speed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CARGO_TARGET_DIR:-target}/release/examples/archive_speed" "$work/archive" "${1:-5000000}" 1
