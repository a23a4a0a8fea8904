//! MOCK: serves emulated YubiHSM2 devices, and makes them fail.

mod program;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    program::run(program::Arguments::parse())
}
