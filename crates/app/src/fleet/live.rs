//! Asking running sites to show that they are the published devices (checks C1 to C3).

use super::Connected;
use super::network::Web;
use fleet_evidence::{Round, SiteReply};
use rand_core::{OsRng, RngCore};
use serde::Deserialize;
use std::time::Duration;
use vault_client::SiteProblem;
use vault_protocol::{LiveProof, Refusal, Site, SiteIndex};

/// A site that made a statement for somebody else just now names a wait; a longer one is not waited
/// for.
const MAX_WAIT: u32 = 15;
/// One page of a device's log: 1000 entries of 67 bytes, and a frame.
const MAX_PAGE: usize = 128 * 1024;
/// Lines of a device's log that are followed: about 25,000 recoveries, in 200 requests.
const MAX_LINES: u64 = 200_000;

/// `GET /v2/audit/log`.
#[derive(Deserialize)]
struct Page {
    from: u64,
    entries: Vec<String>,
}

/// Asks every site; once more if somebody else was being answered.
pub(crate) async fn ask(connected: &Connected) -> Vec<Round> {
    let (first, wait) = round(connected).await;
    let Some(seconds) = wait else { return vec![first] };
    tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    vec![round(connected).await.0]
}

/// One round, and how long to wait for sites that are busy.
async fn round(connected: &Connected) -> (Round, Option<u32>) {
    let mut nonce = [0; 32];
    OsRng.fill_bytes(&mut nonce);
    let answers = connected.fleet().prove(nonce).await;
    let wait = answers.values().filter_map(busy).max();
    let replies = answers.into_iter().map(|(index, answer)| reply(connected, index, answer));
    (Round { nonce, replies: futures::future::join_all(replies).await }, wait)
}

fn busy(answer: &Result<LiveProof, SiteProblem>) -> Option<u32> {
    match answer {
        Err(SiteProblem::Busy { seconds }) if *seconds <= MAX_WAIT => Some(*seconds),
        Err(SiteProblem::Refused(Refusal::Busy { seconds })) if *seconds <= MAX_WAIT => {
            Some(*seconds)
        }
        _ => None,
    }
}

async fn reply(
    connected: &Connected,
    index: SiteIndex,
    answer: Result<LiveProof, SiteProblem>,
) -> (SiteIndex, SiteReply) {
    let reply = match answer {
        Ok(proof) => {
            let site = connected.verified.bundle().site(index);
            let log = match site {
                Some(site) => log(&*connected.sites, site, proof.counts.entries).await,
                None => Err("it is not in the bundle".into()),
            };
            SiteReply::Proof { proof: Box::new(proof), log }
        }
        Err(problem @ (SiteProblem::NotAuthentic | SiteProblem::BadAnswer)) => {
            SiteReply::Impostor(problem.to_string())
        }
        Err(problem) => SiteReply::Silent(problem.to_string()),
    };
    (index, reply)
}

/// The first `entries` lines that the site keeps of its device's log.
async fn log(web: &dyn Web, site: &Site, entries: u64) -> Result<Vec<[u8; 32]>, String> {
    if entries > MAX_LINES {
        return Err(format!("{entries} lines, at most {MAX_LINES} are followed"));
    }
    let mut lines: Vec<[u8; 32]> = vec![];
    while (lines.len() as u64) < entries {
        let from = lines.len() as u64 + 1;
        let url = format!("{}/v2/audit/log?from={from}", site.endpoint.trim_end_matches('/'));
        let page = web.get(&url, MAX_PAGE).await.map_err(|e| e.to_string())?;
        let page: Page = serde_json::from_slice(&page).map_err(|e| e.to_string())?;
        if page.from != from || page.entries.is_empty() {
            return Err(format!("it ends after {} lines of {entries}", lines.len()));
        }
        for entry in &page.entries {
            let mut line = [0; 32];
            hex::decode_to_slice(entry, &mut line)
                .map_err(|_| "a line is not 32 bytes".to_string())?;
            lines.push(line);
        }
    }
    lines.truncate(usize::try_from(entries).unwrap_or(usize::MAX));
    Ok(lines)
}
