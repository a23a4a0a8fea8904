//! Courses of events, by seed.

use vault_simulation::scenario::run;

#[test]
fn one() {
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let outcome = run(seed, None);
    println!("{}", outcome.history);
    println!("{:#?}", outcome.violations);
}
