//! Failed assertions of an account at this site: each is counted, and from the fifth on there is a wait.

use super::{Local, signed};
use crate::database::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use vault_protocol::AccountId;
use vault_protocol::limits::delay_before_try;

impl Local {
    /// Unix seconds before which no passkey of the account is looked at here.
    pub async fn next_assertion_at(&self, account: AccountId) -> Result<u64, StoreError> {
        self.0.read(move |connection| next_assertion_at(connection, &account)).await
    }

    /// Counts an assertion as failed before it is looked at; durable on return. Or says when the next one may come.
    pub async fn count_assertion(&self, account: AccountId, now: u64) -> Result<Option<u64>, StoreError> {
        let count = move |c: &Connection| {
            let earliest = next_assertion_at(c, &account)?;
            if now < earliest {
                return Ok(Some(earliest));
            }
            let sql = "INSERT INTO assertions (account, failed, at) VALUES (?1, 1, ?2)
                ON CONFLICT (account) DO UPDATE SET failed = min(failed + 1, 100), at = ?2";
            c.execute(sql, params![&account.0[..], signed(now)])?;
            Ok(None)
        };
        self.0.write(count).await
    }

    /// The assertion was good.
    pub async fn clear_assertions(&self, account: AccountId) -> Result<(), StoreError> {
        let delete = move |c: &Connection| {
            c.execute("DELETE FROM assertions WHERE account = ?", [&account.0[..]])?;
            Ok(())
        };
        self.0.write(delete).await
    }
}

/// As between wrong codes: the first four cost nothing, then it takes longer and longer, up to an hour. It never ends: an
/// assertion cannot be guessed, and a stranger must not lock a person out for good.
fn next_assertion_at(c: &Connection, account: &AccountId) -> Result<u64, StoreError> {
    let sql = "SELECT failed, at FROM assertions WHERE account = ?";
    let row: Option<(u8, i64)> = c.query_row(sql, [&account.0[..]], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((failed, at)) = row else { return Ok(0) };
    Ok(match delay_before_try(failed.saturating_add(1)) {
        0 => 0,
        delay => at.unsigned_abs().saturating_add(delay),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: AccountId = AccountId([1; 16]);
    const NOW: u64 = 1_000_000;

    fn local() -> (tempfile::TempDir, Local) {
        let dir = tempfile::tempdir().unwrap();
        let local = Local::open(dir.path()).unwrap();
        (dir, local)
    }

    /// Shows an assertion that fails; tells when the next one may come if this one comes too soon.
    async fn fail(local: &Local, now: u64) -> Option<u64> {
        local.count_assertion(ADA, now).await.unwrap()
    }

    #[tokio::test]
    async fn four_failed_assertions_cost_nothing_and_each_after_them_a_longer_wait() {
        let (_dir, local) = local();
        for _ in 0..4 {
            assert_eq!(fail(&local, NOW).await, None);
        }
        let mut now = NOW;
        for wait in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            assert_eq!(local.next_assertion_at(ADA).await.unwrap(), now + wait);
            assert_eq!(fail(&local, now + wait - 1).await, Some(now + wait), "one that comes too soon is not counted");
            now += wait;
            assert_eq!(fail(&local, now).await, None);
        }
    }

    #[tokio::test]
    async fn the_wait_never_becomes_longer_than_an_hour() {
        let (_dir, local) = local();
        for hour in 0..300 {
            assert_eq!(fail(&local, NOW + 3600 * hour).await, None);
        }
        assert_eq!(local.next_assertion_at(ADA).await.unwrap(), NOW + 3600 * 300);
    }

    #[tokio::test]
    async fn a_good_one_clears_the_count_and_another_account_has_its_own() {
        let (_dir, local) = local();
        for _ in 0..4 {
            fail(&local, NOW).await;
        }
        assert_eq!(local.next_assertion_at(AccountId([2; 16])).await.unwrap(), 0);
        local.clear_assertions(ADA).await.unwrap();
        assert_eq!(local.next_assertion_at(ADA).await.unwrap(), 0);
        assert_eq!(fail(&local, NOW).await, None);
    }

    #[tokio::test]
    async fn the_count_outlives_a_restart() {
        let (dir, local) = local();
        for _ in 0..4 {
            fail(&local, NOW).await;
        }
        drop(local);
        let again = Local::open(dir.path()).unwrap();
        assert_eq!(fail(&again, NOW).await, Some(NOW + 30));
    }
}
