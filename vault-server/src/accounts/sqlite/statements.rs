//! Sites' signed words as they are stored: with the id of a vote key instead of the key.

use super::vote_keys;
use crate::accounts::StoreError;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use vault_protocol::{
    Admission, Round, RoundEnd, RoundEndProof, Signature64, SiteIndex, Statement, TryId, Version,
};

#[derive(Serialize, Deserialize)]
pub(super) struct StoredStatement {
    site: SiteIndex,
    key: u32,
    signature: Signature64,
}

#[derive(Serialize, Deserialize)]
pub(super) enum StoredAdmission {
    Tickets(Vec<StoredStatement>),
    Confirmed(StoredRoundEnd),
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredRoundEnd {
    round: Round,
    proof: StoredProof,
}

#[derive(Serialize, Deserialize)]
enum StoredProof {
    Receipts { version: Version, tried: TryId, receipts: Vec<StoredStatement> },
    Reset { signature: Signature64 },
}

impl StoredStatement {
    pub(super) fn of(c: &Connection, statement: &Statement) -> Result<Self, StoreError> {
        let Statement { site, key, signature } = *statement;
        Ok(Self { site, key: vote_keys::id_of(c, site, &key)?, signature })
    }

    pub(super) fn read(self, c: &Connection) -> Result<Statement, StoreError> {
        let Self { site, key, signature } = self;
        Ok(Statement { site, key: vote_keys::key_of(c, key)?, signature })
    }

    pub(super) fn of_all(
        c: &Connection,
        statements: &[Statement],
    ) -> Result<Vec<Self>, StoreError> {
        statements.iter().map(|statement| Self::of(c, statement)).collect()
    }

    pub(super) fn read_all(
        c: &Connection,
        stored: Vec<Self>,
    ) -> Result<Vec<Statement>, StoreError> {
        stored.into_iter().map(|statement| statement.read(c)).collect()
    }
}

impl StoredAdmission {
    pub(super) fn of(c: &Connection, admission: &Admission) -> Result<Self, StoreError> {
        Ok(match admission {
            Admission::Tickets(tickets) => Self::Tickets(StoredStatement::of_all(c, tickets)?),
            Admission::Confirmed(end) => Self::Confirmed(StoredRoundEnd::of(c, end)?),
        })
    }

    pub(super) fn read(self, c: &Connection) -> Result<Admission, StoreError> {
        Ok(match self {
            Self::Tickets(tickets) => Admission::Tickets(StoredStatement::read_all(c, tickets)?),
            Self::Confirmed(end) => Admission::Confirmed(end.read(c)?),
        })
    }
}

impl StoredRoundEnd {
    pub(super) fn of(c: &Connection, end: &RoundEnd) -> Result<Self, StoreError> {
        let proof = match &end.proof {
            RoundEndProof::Receipts { version, tried, receipts } => StoredProof::Receipts {
                version: *version,
                tried: *tried,
                receipts: StoredStatement::of_all(c, receipts)?,
            },
            RoundEndProof::Reset { signature } => StoredProof::Reset { signature: *signature },
        };
        Ok(Self { round: end.round, proof })
    }

    pub(super) fn read(self, c: &Connection) -> Result<RoundEnd, StoreError> {
        let proof = match self.proof {
            StoredProof::Receipts { version, tried, receipts } => RoundEndProof::Receipts {
                version,
                tried,
                receipts: StoredStatement::read_all(c, receipts)?,
            },
            StoredProof::Reset { signature } => RoundEndProof::Reset { signature },
        };
        Ok(RoundEnd { round: self.round, proof })
    }
}
