//! The limit of open files, raised at start.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than a site ever needs: connections of clients and peers, files, the store.
const WANTED: u64 = 65_536;

/// Raises the soft limit as far as the hard one allows; gives what it then is.
pub fn raise_limit_of_open_files() -> u64 {
    let before = getrlimit(Resource::Nofile);
    let most = before.maximum.unwrap_or(WANTED).min(WANTED);
    let raised = Rlimit { current: Some(most), maximum: before.maximum };
    if before.current.is_some_and(|current| current < most)
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "the limit of open files was not raised");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(WANTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_what_it_was_or_more() {
        let before = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX).min(WANTED);
        assert!(raise_limit_of_open_files() >= before);
    }
}
