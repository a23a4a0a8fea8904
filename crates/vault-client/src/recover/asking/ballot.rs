//! Votes for one try (spec/vault-protocol.md section 7.2).

use crate::gathered::Gathered;
use crate::liars::Lie;
use std::collections::{BTreeMap, BTreeSet};
use vault_protocol::{
    Certificate, Refusal, SiteIndex, SlotVote, Statement, StatementOf, Try, TryId,
};

/// One try, and what each site said to it.
pub(crate) struct Ballot {
    pub tried: Try,
    pub id: TryId,
    quorum: usize,
    words: BTreeMap<SiteIndex, Word>,
}

/// What a site said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    For(Statement),
    /// Its vote in this slot went to another try.
    ForAnother,
    Refused(Refusal),
    /// It cannot be asked any more, or answered what cannot be used.
    None,
}

impl Ballot {
    pub(super) fn new(tried: Try, id: TryId, quorum: usize) -> Self {
        Self { tried, id, quorum, words: BTreeMap::new() }
    }

    /// Whether this site has nothing more to say to it.
    pub(super) fn has_heard(&self, site: SiteIndex) -> bool {
        self.words.contains_key(&site)
    }

    pub(super) fn note(&mut self, site: SiteIndex, word: Word) {
        self.words.insert(site, word);
    }

    /// A site gave its vote. It counts if it is this site's, for this try, and holds.
    pub(super) fn voted(&mut self, gathered: &mut Gathered, site: SiteIndex, statement: Statement) {
        let Try { slot, round, .. } = self.tried;
        let keys = gathered.proofs().keys.digest;
        let of = StatementOf::Vote { slot: self.tried.slot_id(&keys), tried: self.id };
        if statement.site != site || !gathered.said(&of, &statement) {
            gathered.liars.caught(site, Lie::WrongStatement("a vote"));
            return self.note(site, Word::None);
        }
        gathered.vote(site, &SlotVote { round, slot, tried: self.id, statement });
        self.note(site, Word::For(statement));
    }

    /// A site showed that its vote went to another try.
    pub(super) fn voted_before(
        &mut self,
        gathered: &mut Gathered,
        site: SiteIndex,
        vote: SlotVote,
    ) {
        let of_this = vote.statement.site == site
            && vote.round == self.tried.round
            && vote.slot == self.tried.slot
            && vote.tried != self.id;
        if of_this && gathered.vote(site, &vote) {
            return self.note(site, Word::ForAnother);
        }
        gathered.liars.caught(site, Lie::WrongStatement("a vote"));
        self.note(site, Word::None);
    }

    /// Votes of enough different sites.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let votes = self.words.values().filter_map(|word| match word {
            Word::For(statement) => Some(*statement),
            _ => None,
        });
        let votes: Vec<_> = votes.take(self.quorum).collect();
        (votes.len() >= self.quorum).then_some(Certificate { tried: self.tried, votes })
    }

    /// Sites that voted for it.
    pub(super) fn votes(&self) -> usize {
        self.count(|word| matches!(word, Word::For(_)))
    }

    /// Sites that refused it for a reason.
    pub(super) fn refused(&self, reason: impl Fn(&Refusal) -> bool) -> usize {
        self.count(|word| matches!(word, Word::Refused(refusal) if reason(refusal)))
    }

    /// Sites that refused it, with the reason.
    pub(super) fn refusals(&self) -> impl Iterator<Item = (SiteIndex, &Refusal)> {
        self.words.iter().filter_map(|(site, word)| match word {
            Word::Refused(refusal) => Some((*site, refusal)),
            _ => None,
        })
    }

    /// Sites whose vote in this slot is given, for whatever try.
    pub(super) fn spoken_for(&self) -> BTreeSet<SiteIndex> {
        let given = |word: &Word| matches!(word, Word::For(_) | Word::ForAnother);
        self.words.iter().filter(|(_, word)| given(word)).map(|(site, _)| *site).collect()
    }

    /// A vote in this slot went to another try.
    pub(super) fn is_contested(&self) -> bool {
        self.count(|word| matches!(word, Word::ForAnother)) > 0
    }

    /// It cannot get its votes any more, when so many more sites may still vote.
    pub(super) fn is_hopeless(&self, undecided: usize) -> bool {
        self.votes() + undecided < self.quorum
    }

    pub(super) fn quorum(&self) -> usize {
        self.quorum
    }

    fn count(&self, is_it: impl Fn(&Word) -> bool) -> usize {
        self.words.values().filter(|word| is_it(word)).count()
    }
}
