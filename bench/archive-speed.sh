#!/bin/sh
# The archive alone: a restore of invented messages, and searches in them, rare words and common ones.
# Usage: bench/archive-speed.sh [MESSAGES] (default: 1,000,000)
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --release -p chat-archive --example archive_speed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CARGO_TARGET_DIR:-target}/release/examples/archive_speed" "$work/archive" "${1:-1000000}"
