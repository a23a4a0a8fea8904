//! What the owner says of people.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::{groups, settle};
use crate::facts::{self, Fact, FactRecord, PersonName, SamePerson};
use crate::write::Writer;
use crate::{Archive, ArchiveError, Handle};

impl Archive {
    /// Two handles are one person's. [`Archive::part_people`] undoes it. `now` is Unix ms.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] for somebody who is in no chat.
    pub fn link_people(&mut self, a: &Handle, b: &Handle, now: i64) -> Result<(), ArchiveError> {
        self.say_of_people(now, |tx| {
            for handle in [a, b] {
                must_be_known(tx, handle)?;
            }
            let group =
                groups::groups(&settle::pairs(tx)?).into_iter().find(|group| group.contains(a));
            let is_known = a == b || group.is_some_and(|group| group.contains(b));
            Ok(if is_known { Vec::new() } else { vec![same(a, b, true)] })
        })
    }

    /// Takes back that two handles are one person's, as [`Archive::link_people`] was told.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] if nobody said so of these two.
    pub fn part_people(&mut self, a: &Handle, b: &Handle, now: i64) -> Result<(), ArchiveError> {
        self.say_of_people(now, |tx| {
            let pair = ordered(a, b);
            let is_pair = settle::pairs(tx)?.contains(&pair);
            if is_pair {
                Ok(vec![same(a, b, false)])
            } else {
                Err(ArchiveError::NotFound("link of two people"))
            }
        })
    }

    /// A handle is somebody else's than the others that it was linked with; these stay one person.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] if it is linked with nobody.
    pub fn unlink_person(&mut self, handle: &Handle, now: i64) -> Result<(), ArchiveError> {
        self.say_of_people(now, |tx| {
            let pairs = settle::pairs(tx)?;
            let group = groups::groups(&pairs).into_iter().find(|group| group.contains(handle));
            let group = group.ok_or(ArchiveError::NotFound("link of this person"))?;
            let gone = pairs.iter().filter(|(a, b)| a == handle || b == handle);
            let mut words: Vec<Fact> = gone.map(|(a, b)| same(a, b, false)).collect();
            words.extend(
                groups::without(&group, &pairs, handle).iter().map(|(a, b)| same(a, b, true)),
            );
            Ok(words)
        })
    }

    /// Gives a person a name, or with `None` takes it back: then the exports' names hold again.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] for somebody who is in no chat.
    pub fn name_person(
        &mut self,
        handle: &Handle,
        name: Option<&str>,
        now: i64,
    ) -> Result<(), ArchiveError> {
        self.say_of_people(now, |tx| {
            must_be_known(tx, handle)?;
            let group = groups::groups(&settle::pairs(tx)?)
                .into_iter()
                .find(|group| group.contains(handle));
            let all = group.unwrap_or_else(|| BTreeSet::from([handle.clone()]));
            let named =
                |handle| Fact::PersonName(PersonName { handle, name: name.map(str::to_owned) });
            Ok(all.into_iter().map(named).collect())
        })
    }

    /// Writes facts of the whole archive in one transaction.
    fn say_of_people(
        &mut self,
        now: i64,
        words: impl FnOnce(&Connection) -> Result<Vec<Fact>, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let tx = self.connection.transaction()?;
        let mut writer = Writer::new(&tx)?;
        for fact in words(&tx)? {
            let key = match &fact {
                Fact::SamePerson(pair) => facts::same_person_key(pair),
                Fact::PersonName(named) => facts::person_name_key(&named.handle),
                _ => return Err(ArchiveError::InvalidRecord("no word on people")),
            };
            facts::put_word_of_owner(&tx, &mut writer, None, FactRecord { key, as_of: now, fact })?;
        }
        writer.finish(&tx)?;
        tx.commit()?;
        Ok(())
    }
}

fn same(a: &Handle, b: &Handle, same: bool) -> Fact {
    let (a, b) = ordered(a, b);
    Fact::SamePerson(SamePerson { a, b, same })
}

fn ordered(a: &Handle, b: &Handle) -> (Handle, Handle) {
    if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
}

fn must_be_known(connection: &Connection, handle: &Handle) -> Result<(), ArchiveError> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM participants p JOIN conversations c ON c.id = p.conversation_id
         WHERE p.key = ?2 AND c.source = ?1",
    )?;
    let is_known = statement.exists(params![handle.source.as_str(), handle.key])?;
    if is_known { Ok(()) } else { Err(ArchiveError::NotFound("person")) }
}
