//! The one state, decided from facts alone.

use crate::model::{PlaceAnswer, ProtectionState, VaultAnswer};

/// What was found, just now.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub places: Vec<PlaceFacts>,
    pub vault: VaultAnswer,
    /// A code or a kit was made, and the person never showed that they have it.
    pub unsaved: bool,
}

/// What a place answered, and what opens the backup there.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlaceFacts {
    pub answer: PlaceAnswer,
    pub ways: Ways,
}

/// Ways into one backup that a person has, as its header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ways {
    /// Offline keys, but for those that may be on no paper.
    pub kit: bool,
    pub code: bool,
    /// A passkey that outlives this computer.
    pub security_key: bool,
    /// A passkey on a computer.
    pub passkey_here: bool,
}

impl Ways {
    fn or(self, other: Self) -> Self {
        Self {
            kit: self.kit || other.kit,
            code: self.code || other.code,
            security_key: self.security_key || other.security_key,
            passkey_here: self.passkey_here || other.passkey_here,
        }
    }

    fn by_vault(self) -> bool {
        self.code || self.security_key
    }
}

/// The gravest thing that is so. A backup in one place that answers is a backup, whatever another
/// place does.
pub(super) fn judge(facts: &Facts) -> ProtectionState {
    let ways = match good_places(&facts.places) {
        Ok(ways) => ways,
        Err(state) => return state,
    };
    if facts.unsaved {
        return ProtectionState::Unsaved;
    }
    if !ways.by_vault() && !ways.kit {
        return match ways.passkey_here {
            true => ProtectionState::PasskeyHereOnly,
            false => ProtectionState::OnlyThisComputer,
        };
    }
    match facts.vault {
        VaultAnswer::Distrusted if ways.by_vault() => ProtectionState::VaultDistrusted,
        VaultAnswer::Away if ways.by_vault() => ProtectionState::VaultAway,
        _ if !ways.by_vault() => ProtectionState::KitOnly,
        _ => ProtectionState::AllWell,
    }
}

/// What opens the backups that can be written to now.
fn good_places(places: &[PlaceFacts]) -> Result<Ways, ProtectionState> {
    let good: Vec<_> = places.iter().filter(|p| p.answer == PlaceAnswer::Ready).collect();
    if !good.is_empty() {
        return Ok(good.iter().fold(Ways::default(), |all, place| all.or(place.ways)));
    }
    let some = |answer| places.iter().any(|place| place.answer == answer);
    Err(match places {
        [] => ProtectionState::NoBackup,
        _ if some(PlaceAnswer::ReadOnly) => ProtectionState::PlaceReadOnly,
        _ if some(PlaceAnswer::Damaged) => ProtectionState::PlaceDamaged,
        _ => ProtectionState::PlaceGone,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProtectionState as State;

    const KIT: Ways = Ways { kit: true, code: false, security_key: false, passkey_here: false };
    const CODE: Ways = Ways { kit: false, code: true, security_key: false, passkey_here: false };
    const NONE: Ways = Ways { kit: false, code: false, security_key: false, passkey_here: false };

    fn facts(answer: PlaceAnswer, ways: Ways, vault: VaultAnswer) -> Facts {
        Facts { places: vec![PlaceFacts { answer, ways }], vault, unsaved: false }
    }

    fn ready(ways: Ways, vault: VaultAnswer) -> State {
        judge(&facts(PlaceAnswer::Ready, ways, vault))
    }

    #[test]
    fn without_a_place_there_is_no_backup_whatever_else_there_is() {
        let facts = Facts { places: vec![], vault: VaultAnswer::Good, unsaved: true };
        assert_eq!(judge(&facts), State::NoBackup);
    }

    #[test]
    fn a_backup_without_a_way_back_opens_on_this_computer_only() {
        assert_eq!(ready(NONE, VaultAnswer::NotUsed), State::OnlyThisComputer);
    }

    #[test]
    fn a_kit_alone_is_a_way_back_and_needs_no_vault() {
        assert_eq!(ready(KIT, VaultAnswer::NotUsed), State::KitOnly);
        assert_eq!(ready(KIT, VaultAnswer::Away), State::KitOnly);
    }

    #[test]
    fn a_passkey_on_this_computer_is_lost_with_it() {
        let here = Ways { passkey_here: true, ..NONE };
        assert_eq!(ready(here, VaultAnswer::Good), State::PasskeyHereOnly);
        assert_eq!(ready(Ways { passkey_here: true, ..KIT }, VaultAnswer::Good), State::KitOnly);
    }

    #[test]
    fn what_was_made_and_left_is_said_whatever_else_opens_the_backup() {
        for ways in [NONE, KIT, CODE] {
            let left =
                Facts { unsaved: true, ..facts(PlaceAnswer::Ready, ways, VaultAnswer::Good) };
            assert_eq!(judge(&left), State::Unsaved);
        }
    }

    #[test]
    fn a_place_that_is_gone_read_only_or_damaged_is_no_backup_to_rely_on() {
        let state = |answer| judge(&facts(answer, CODE, VaultAnswer::Good));
        assert_eq!(state(PlaceAnswer::Gone), State::PlaceGone);
        assert_eq!(state(PlaceAnswer::ReadOnly), State::PlaceReadOnly);
        assert_eq!(state(PlaceAnswer::Damaged), State::PlaceDamaged);
    }

    #[test]
    fn one_place_that_answers_is_enough() {
        let mut two = facts(PlaceAnswer::Gone, NONE, VaultAnswer::Good);
        two.places.push(PlaceFacts { answer: PlaceAnswer::Ready, ways: CODE });
        assert_eq!(judge(&two), State::AllWell);
    }

    #[test]
    fn a_vault_that_is_away_or_distrusted_is_said_when_something_needs_it() {
        assert_eq!(ready(CODE, VaultAnswer::Away), State::VaultAway);
        assert_eq!(ready(CODE, VaultAnswer::Distrusted), State::VaultDistrusted);
        let both = Ways { code: true, ..KIT };
        assert_eq!(ready(both, VaultAnswer::Distrusted), State::VaultDistrusted);
        let key = Ways { security_key: true, ..NONE };
        assert_eq!(ready(key, VaultAnswer::Away), State::VaultAway);
    }

    #[test]
    fn all_is_well_when_the_place_and_the_vault_answered() {
        assert_eq!(ready(CODE, VaultAnswer::Good), State::AllWell);
        assert_eq!(ready(Ways { code: true, ..KIT }, VaultAnswer::Good), State::AllWell);
    }
}
