//! What every engine must do. A new engine is one more implementation of [`Engine`] and one more
//! line at the end.

mod accounts;
mod beside_accounts;
mod together;

use std::path::PathBuf;
use vault_server::accounts::{AccountStore, MemoryStore, SqliteStore};

/// An engine with nothing in it yet.
pub(crate) trait Engine: Sized {
    type Store: AccountStore + Clone;

    fn new() -> Self;

    fn store(&self) -> &Self::Store;

    /// The same contents after the program has ended and begun again.
    fn reopened(self) -> Self;
}

pub(crate) struct InMemory(MemoryStore);

impl Engine for InMemory {
    type Store = MemoryStore;

    fn new() -> Self {
        Self(MemoryStore::default())
    }

    fn store(&self) -> &MemoryStore {
        &self.0
    }

    fn reopened(self) -> Self {
        Self(self.0.copy())
    }
}

pub(crate) struct InSqlite {
    store: SqliteStore,
    dir: PathBuf,
    _folder: tempfile::TempDir,
}

impl Engine for InSqlite {
    type Store = SqliteStore;

    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().to_owned();
        Self { store: SqliteStore::open(&dir).unwrap(), dir, _folder: folder }
    }

    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn reopened(self) -> Self {
        let Self { store, dir, _folder } = self;
        drop(store);
        Self { store: SqliteStore::open(&dir).unwrap(), dir, _folder }
    }
}

macro_rules! conformance {
    ($($room:ident { $($name:ident),* $(,)? })*) => {
        mod memory {
            $($(#[tokio::test] async fn $name() {
                super::$room::$name(<super::InMemory as super::Engine>::new()).await;
            })*)*
        }
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$room::$name(<super::InSqlite as super::Engine>::new()).await;
            })*)*
        }
    };
}

conformance! {
    accounts {
        an_account_comes_back_as_it_was_stored,
        each_part_changes_alone,
        a_step_sees_what_the_one_before_stored,
        a_step_without_a_write_changes_nothing,
        a_forgotten_account_leaves_nothing,
        everything_outlives_the_program,
    }
    beside_accounts {
        changes_come_in_their_order_and_each_account_once,
        a_number_of_a_change_is_never_given_again,
        changes_come_in_pages,
        a_mark_beyond_the_end_is_told_the_end,
        what_concerns_nobody_else_is_no_change,
        accounts_are_due_at_their_time,
        vote_keys_are_stored_once_and_found,
        evaluated_tries_make_a_chain,
        counts_add_up,
        a_few_proofs_against_a_site_are_enough,
        marks_are_of_each_peer,
    }
    together {
        no_step_is_lost_among_many_of_one_account,
        many_accounts_at_once_are_all_stored,
        a_step_goes_on_although_its_caller_goes_away,
    }
}
