//! What the sites answered on the way to a certified try.

use super::ballot::Word;
use super::{Asking, Stage};
use crate::conversation::Heard;
use crate::liars::Lie;
use std::time::Duration;
use vault_protocol::{Answer, Refusal, SiteIndex, SlotVote, Try};

impl Asking<'_> {
    pub(super) fn heard_show(&mut self, site: SiteIndex, heard: Heard, now: Duration) {
        if let Stage::Looking(looking) = &mut self.stage {
            looking.again.remove(&site);
        }
        self.asked.insert(site);
        match heard {
            Heard::Answer(answer) => match *answer {
                Answer::Shown(shown) => self.gathered.shown(site, *shown, now),
                _ => self.gathered.liars.caught(site, Lie::WrongAnswer),
            },
            Heard::Refused(Refusal::NoSuchAccount) => self.gathered.has_none(site),
            // Of no use now, whatever the reason.
            Heard::Refused(_) | Heard::Lost => self.gathered.forget(site),
        }
    }

    pub(super) fn heard_learn(&mut self, site: SiteIndex) {
        if let Stage::Looking(looking) = &mut self.stage {
            looking.teach.remove(&site);
            looking.taught.insert(site);
            looking.again.insert(site);
        }
    }

    pub(super) fn heard_vote(&mut self, site: SiteIndex, tried: &Try, heard: Heard, now: Duration) {
        if let Heard::Refused(Refusal::WrongTime { clock }) = &heard {
            self.gathered.told_clock(site, *clock, now);
        }
        let Stage::Voting(ballot) = &mut self.stage else { return };
        if ballot.tried != *tried {
            return;
        }
        if let Heard::Answer(answer) = &heard
            && let Answer::Voted(statement) | Answer::VotedBefore(SlotVote { statement, .. }) =
                &**answer
            && !self.gathered.knows_key_of(statement)
            && self.restarted.insert(site)
        {
            // It was started anew since it showed its key.
            self.asked.remove(&site);
            return;
        }
        match heard {
            Heard::Answer(answer) => match *answer {
                Answer::Voted(statement) => ballot.voted(&mut self.gathered, site, statement),
                Answer::VotedBefore(vote) => ballot.voted_before(&mut self.gathered, site, vote),
                _ => {
                    self.gathered.liars.caught(site, Lie::WrongAnswer);
                    ballot.note(site, Word::None);
                }
            },
            Heard::Refused(refusal) => ballot.note(site, Word::Refused(refusal)),
            Heard::Lost => ballot.note(site, Word::None),
        }
    }
}
