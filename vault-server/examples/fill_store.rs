//! Fills a site's store with accounts as they are after enrolling: registered, tried once,
//! confirmed.
//!
//! `fill_store FOLDER ACCOUNTS`: prints the bytes of the file for each account, and how fast they
//! were stored.
#![allow(clippy::unwrap_used, dead_code)]

#[path = "../tests/accounts/samples.rs"]
mod samples;

use samples::{confirmed, registered_for, voted, write};
use std::path::Path;
use std::time::Instant;
use vault_server::accounts::{AccountStore, SqliteStore, Step, Write};

/// Steps handed over before any is waited for: as many people at once.
const AT_ONCE: u32 = 200;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dir = Path::new(&arguments[0]);
    let accounts: u32 = arguments[1].parse().unwrap();
    std::fs::create_dir_all(dir).unwrap();
    let store = SqliteStore::open(dir).unwrap();
    let began = Instant::now();
    for batch in (0..accounts).collect::<Vec<_>>().chunks(AT_ONCE as usize) {
        let steps = batch.iter().map(|n| enrol(&store, *n));
        futures::future::join_all(steps).await;
    }
    let took = began.elapsed();
    store.close().await;
    let size = std::fs::metadata(dir.join(SqliteStore::FILE)).unwrap().len();
    let each = size as f64 / f64::from(accounts);
    let rate = 3.0 * f64::from(accounts) / took.as_secs_f64();
    println!(
        "{{\"accounts\":{accounts},\"file_bytes\":{size},\"bytes_per_account\":{each:.0},\"steps_per_second\":{rate:.0}}}"
    );
}

async fn enrol(store: &SqliteStore, n: u32) {
    let first = registered_for(n);
    let id = first.facts.account();
    // Not waited for with a timer: an account that was never tried would have one.
    let with_timer = Write { wake_at: Some(2_000_000_000), ..write(first.clone()) };
    let tried = voted(&first, 1, &[1, 2, 3, 4, 5]);
    let done = confirmed(&tried, 0);
    for step in [with_timer, write(tried), write(done)] {
        store.update(id, move |_| Step::write((), step)).await.unwrap();
    }
}
