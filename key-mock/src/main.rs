//! MOCK: one emulated security key, plugged in for as long as this runs.

#[cfg(unix)]
mod program;

#[cfg(unix)]
fn main() -> anyhow::Result<()> {
    program::main()
}

#[cfg(not(unix))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("the MOCK security key needs Unix sockets, which this system does not have")
}
