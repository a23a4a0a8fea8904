//! A guess that a quorum allowed and too few sites evaluated.

use super::evaluation::Evaluation;
use crate::fleet::Known;
use crate::gathered::Gathered;
use crate::site_notes::SiteNotes;
use std::fmt;

/// A certified try, to be gone on with ([`crate::Fleet::resume`]). It holds the blinded code, so it
/// lives in memory alone.
pub struct Unfinished {
    pub(super) evaluation: Evaluation,
    pub(super) gathered: Gathered,
    notes: SiteNotes,
    needed: usize,
    sites: usize,
}

impl Unfinished {
    pub(super) fn new(
        known: &Known,
        evaluation: Evaluation,
        gathered: Gathered,
        notes: SiteNotes,
    ) -> Self {
        let notes = SiteNotes { liars: gathered.liars.0.clone(), ..notes };
        let (needed, sites) = (known.threshold(), known.sites());
        Self { evaluation, gathered, notes, needed, sites }
    }

    /// Sites that evaluated it.
    pub fn evaluated(&self) -> usize {
        self.evaluation.evaluated()
    }

    /// t
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// n
    pub fn sites(&self) -> usize {
        self.sites
    }

    /// What there is to say of single sites.
    pub fn notes(&self) -> &SiteNotes {
        &self.notes
    }
}

impl fmt::Debug for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, sites, .. } = self;
        write!(f, "Unfinished({} of {sites}, {needed} needed)", self.evaluated())
    }
}
