//! What happens to sites and to the network.

use super::{Course, Fault};
use crate::dice::Dice;
use crate::fleet::Fleet;
use crate::network::Node;
use std::time::Duration;
use vault_protocol::SiteIndex;

/// Clocks and liars, before anybody comes.
pub(super) async fn prepare(fleet: &Fleet, course: &Course) {
    for (site, off) in &course.clocks {
        fleet.clock(*site).set_off(*off);
    }
    for (site, trick) in &course.tricks {
        fleet.corrupt(*site, Some(trick.clone())).await;
    }
    if course.fault == Some(Fault::LosesLastWrite) {
        for site in fleet.sites() {
            fleet.with_disk(site, |disk| disk.loses_last_write = true);
            fleet.kill_site(site);
            fleet.start_site(site).await;
        }
    }
}

/// One after the other, a minute of mending between.
pub(super) async fn run(fleet: &Fleet, course: &Course) {
    let dice = Dice::new(course.seed, "disturbances");
    let before = course.set_back.map(|site| (site, fleet.copy_of_disk(site)));
    for _ in 0..course.disturbances {
        tokio::time::sleep(dice.millis(100, 20_000)).await;
        disturb(fleet, &dice).await;
    }
    if let Some((site, before)) = before {
        tokio::time::sleep(dice.millis(100, 60_000)).await;
        fleet.set_back(site, &before).await;
    }
}

async fn disturb(fleet: &Fleet, dice: &Dice) {
    let all: Vec<_> = fleet.sites().collect();
    let site = dice.pick(&all);
    let time = dice.millis(50, 15_000);
    match dice.below(4) {
        0 => {
            fleet.kill_site(site);
            tokio::time::sleep(time).await;
            fleet.start_site(site).await;
        }
        1 => {
            fleet.hang(site, true);
            tokio::time::sleep(time).await;
            fleet.hang(site, false);
        }
        2 => partition(fleet, dice, &all, time).await,
        _ => {
            // As often as the dice like, at the worst of moments.
            for _ in 0..dice.below(4) {
                fleet.kill_site(site);
                tokio::time::sleep(dice.millis(1, 300)).await;
                fleet.start_site(site).await;
            }
        }
    }
}

/// The sites fall into two parts, and some clients reach one of them alone.
async fn partition(fleet: &Fleet, dice: &Dice, all: &[SiteIndex], time: Duration) {
    let (one, other): (Vec<SiteIndex>, Vec<SiteIndex>) =
        all.iter().partition(|_| dice.in_1000(500));
    fleet.history().note(format_args!("the network is cut: {one:?}"));
    for a in &one {
        for b in &other {
            fleet.network().cut(Node::Site(*a), Node::Site(*b));
        }
    }
    let client = Node::Client(u8::try_from(1 + dice.below(3)).unwrap_or(1));
    for site in &other {
        fleet.network().cut(client, Node::Site(*site));
    }
    tokio::time::sleep(time).await;
    fleet.network().mend();
    fleet.history().note("the network is whole");
}
