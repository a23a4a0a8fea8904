//! Joining what somebody carries: a client what a site shows, a site what anyone tells.

use crate::{AccountFacts, FactError, Joined, Proofs};
use vault_protocol::{Equivocation, News};

/// What came of news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Something is not what it was: it has to be stored.
    pub changed: bool,
    /// Something that the other sites should hear of at once: a record, a roster, a removal, the
    /// end of a round. Votes are asked for when they are needed.
    pub worth_telling: bool,
    /// Sites that voted twice in one slot, and were caught.
    pub equivocations: Vec<Equivocation>,
    /// What did not prove itself.
    pub refused: Vec<FactError>,
}

impl AccountFacts {
    /// Joins whatever of `news` proves itself. If there is too much of anything, nothing is joined
    /// and no signature looked at.
    ///
    /// Votes come after the end of the round before them: what somebody's facts gave leads to the
    /// same facts, in whatever order such news comes.
    pub fn learn(&mut self, proofs: &Proofs<'_>, news: &News) -> Learned {
        let mut learned = Learned::default();
        if news.check_shape().is_err() {
            learned.refused.push(FactError::Malformed("the news"));
            return learned;
        }
        if let Some(removal) = &news.removal {
            learned.fact(self.join_removal(proofs, removal));
        }
        if let Some(roster) = &news.roster {
            learned.fact(self.join_roster(proofs, roster));
        }
        if let Some(end) = &news.round_end {
            learned.fact(self.join_round_end(proofs, end));
        }
        for vote in &news.votes {
            learned.vote(self.join_vote(proofs, vote));
        }
        learned
    }
}

impl Learned {
    /// Takes in what came of a record, roster, passkey, removal or round's end.
    pub fn fact(&mut self, joined: Result<bool, FactError>) {
        match joined {
            Ok(changed) => {
                self.changed |= changed;
                self.worth_telling |= changed;
            }
            Err(refused) => self.refused.push(refused),
        }
    }

    /// Takes in what came of a vote.
    pub fn vote(&mut self, joined: Result<Joined, FactError>) {
        match joined {
            Ok(joined) => {
                self.changed |= joined.changed;
                self.equivocations.extend(joined.equivocation);
            }
            Err(refused) => self.refused.push(refused),
        }
    }

    /// Takes in what came of something else.
    pub fn and(&mut self, other: Self) {
        self.changed |= other.changed;
        self.worth_telling |= other.worth_telling;
        self.equivocations.extend(other.equivocations);
        self.refused.extend(other.refused);
    }
}
