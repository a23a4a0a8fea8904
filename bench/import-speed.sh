#!/bin/sh
# Messages per second of imports, of WhatsApp text and Telegram JSON, from end to end, into an encrypted archive.
# Generates its own data. Usage: bench/import-speed.sh [MESSAGES]
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cargo build --quiet --release -p chat-import --example import_speed
"${CARGO_TARGET_DIR:-target}/release/examples/import_speed" "${1:-1000000}" "$dir"
