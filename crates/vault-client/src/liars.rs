//! What a site was caught at.

use std::collections::{BTreeMap, BTreeSet};
use vault_protocol::SiteIndex;

/// Something that an honest site whose device works never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Lie {
    /// It showed what does not prove itself.
    #[error("it showed {0} that does not prove itself")]
    Unproved(&'static str),
    /// Readable, but no answer to what was asked.
    #[error("its answer does not fit the question")]
    WrongAnswer,
    /// Two votes in one slot, which it signed.
    #[error("it voted twice in one slot")]
    VotedTwice,
    /// Its signed word does not fit what it was asked.
    #[error("it signed {0} that is not what was asked for")]
    WrongStatement(&'static str),
    /// Its share of a code or of a passkey's secret is not on the polynomial that the owner
    /// committed to.
    #[error("its share is not the one that the owner dealt")]
    WrongShare,
    /// Its evaluation is not of the key that the bundle names.
    #[error("it did not evaluate with its own key")]
    WrongEvaluation,
}

/// Who was caught at what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Liars(pub BTreeMap<SiteIndex, BTreeSet<Lie>>);

impl Liars {
    pub(crate) fn caught(&mut self, site: SiteIndex, lie: Lie) {
        self.0.entry(site).or_default().insert(lie);
    }
}
