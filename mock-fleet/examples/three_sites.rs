//! A MOCK fleet of three sites, and what it says of itself while one of them stands still.

use mock_fleet::{Fault, MockFleet};

fn main() -> anyhow::Result<()> {
    let fleet = MockFleet::builder().sites(3).start()?;
    println!("MOCK fleet at {}", fleet.url());
    fleet.inflict(2, &Fault::Hung)?;
    print!("{}", fleet.status_text());
    fleet.mend(2)?;
    fleet.restart(1)?;
    print!("{}", fleet.status_text());
    Ok(())
}
