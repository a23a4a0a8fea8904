#!/usr/bin/env bash
# Commands a second of the MOCK YubiHSM2 in one session over loopback, beside the MockHsm of the yubihsm crate.
# Usage: bench/emulator-speed.sh [commands of each kind, 5000 by default]
set -euo pipefail
cd "$(dirname "$0")/.."

# Built into the workspace's own folder, where most of it is already.
cargo run --quiet --release --manifest-path bench/emulator-speed/Cargo.toml \
  --target-dir "${CARGO_TARGET_DIR:-target}" -- "${1:-5000}"
