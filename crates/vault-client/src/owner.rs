//! What only an account's owner can say.

use crate::errand::{Cargo, Carried, Errand};
use crate::fleet::Fleet;
use vault_protocol::{
    AccountId, Claim, News, PasskeyDigest, Removal, Roster, RosterNumber, Round, RoundEnd,
    RoundEndProof, Signature64, SignedRoster, removal_message, reset_message,
};

/// The account's owner.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    /// The owner key and the account's nonce.
    pub claim: Claim,
    /// Signs with the owner key (Ed25519).
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Send + Sync),
}

impl Owner<'_> {
    /// The account's id, which follows from the claim.
    pub fn account(&self) -> AccountId {
        self.claim.account()
    }

    pub(crate) fn signs(&self, message: &[u8]) -> Signature64 {
        Signature64((self.sign)(message))
    }
}

impl Fleet {
    /// Ends the account for good, its code and its passkeys.
    ///
    /// It is done when it holds despite bad sites ([`crate::Spread::holds_despite`]); the errand is
    /// to be carried on with until every site has acknowledged.
    pub async fn remove(&self, owner: &Owner<'_>) -> Carried {
        let message = removal_message(&self.keys(), &owner.account());
        let removal = Removal { claim: owner.claim, signature: owner.signs(&message) };
        self.tell(owner, News { removal: Some(removal), ..News::default() }).await
    }

    /// Gives all tries of `round` back without a guess, also those of a frozen code.
    pub async fn reset(&self, owner: &Owner<'_>, round: Round) -> Carried {
        let message = reset_message(&self.keys(), &owner.account(), round);
        let proof = RoundEndProof::Reset { signature: owner.signs(&message) };
        let round_end = Some(RoundEnd { round, proof });
        self.tell(owner, News { round_end, ..News::default() }).await
    }

    /// Leaves only these passkeys: every site destroys the boxes of the others. `number` is one
    /// more than the number of the roster that was seen.
    pub async fn leave_passkeys(
        &self,
        owner: &Owner<'_>,
        number: RosterNumber,
        stay: &[PasskeyDigest],
    ) -> Carried {
        let roster = Roster { claim: owner.claim, number, passkeys: stay.to_vec() };
        let roster = Some(self.signed_roster(owner, roster));
        self.tell(owner, News { roster, ..News::default() }).await
    }

    pub(crate) fn signed_roster(&self, owner: &Owner<'_>, roster: Roster) -> SignedRoster {
        let signature = owner.signs(&roster.message(&self.keys()));
        SignedRoster { roster, signature }
    }

    async fn tell(&self, owner: &Owner<'_>, news: News) -> Carried {
        let cargo = Cargo::Facts(Box::new(news));
        self.carry(Errand::new(owner.account(), self.keys(), cargo, Vec::new())).await
    }
}
