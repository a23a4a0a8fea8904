//! A site under load asks for work before its device works (spec/vault-protocol.md section 11).

use vault_protocol::{Cookie, MAX_COOKIE, MAX_WORK_BITS, SolvedCookie};

/// Hashes between two chances for others to go on: under a millisecond.
const AT_ONCE: u64 = 1024;

/// Does the work that a cookie asks for. `None`: the body is no cookie, or it asks for too much.
pub(super) async fn solve(body: &[u8], first: &[u8]) -> Option<SolvedCookie> {
    let cookie: Cookie = serde_json::from_slice(body.get(..MAX_COOKIE).unwrap_or(body)).ok()?;
    if cookie.bits > MAX_WORK_BITS {
        return None;
    }
    let mut solution: u64 = 0;
    while !cookie.is_solved_by(first, solution) {
        solution = solution.checked_add(1)?;
        if solution.is_multiple_of(AT_ONCE) {
            tokio::task::yield_now().await;
        }
    }
    Some(SolvedCookie { cookie, solution })
}
