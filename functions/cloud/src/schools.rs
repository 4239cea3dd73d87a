//! The schools of the organisation and its district office.
//!
//! The identifier of the district office is always `district`, so there can't be two. An external ID is held by a
//! reservation that is written in one transaction with its school.

use roster::{School, SchoolId, SchoolKind, Schools, User};
use uuid::Uuid;
use wire::audit::{self, Entry, Subject, said};
use wire::stored::FieldChange;

use crate::audit::Author;
use crate::table::{Item, Key, SortKeys, needed, s};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// The identifier of the district office, and of no school.
///
/// It is a part of the key of the office's item, so that the table itself refuses a second office. [`runs_organisation`] is
/// the only place that tells the office by it: administrators are counted in the transaction that writes them, where a user
/// is known with the identifier of the school and nothing else. Everything else asks [`Schools::is_district`]; a test holds
/// that both say the same of every school that is made here.
const DISTRICT: &str = "district";

/// Returns whether the user is an administrator who can sign in and run the whole organisation.
pub(crate) fn runs_organisation(user: &User) -> bool {
    user.is_active_administrator() && is_office(&user.school)
}

fn is_office(school: &SchoolId) -> bool {
    school.0 == DISTRICT
}

fn new_office(name: &str, external_id: &str) -> School {
    let id = SchoolId(DISTRICT.to_owned());
    School { id, external_id: external_id.to_owned(), name: name.to_owned(), kind: SchoolKind::District }
}

fn new_school(name: &str, external_id: &str) -> School {
    let id = SchoolId(Uuid::new_v4().to_string());
    School { id, external_id: external_id.to_owned(), name: name.to_owned(), kind: SchoolKind::School }
}

/// What became of a school that was to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum SavedSchool {
    Saved(School),
    /// Another school has the external ID.
    ExternalIdTaken,
    /// It is not what was seen any more.
    Changed,
    /// There is no such school.
    Missing,
}

impl Cloud {
    /// Returns all schools.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn school_list(&self) -> Result<Schools, Error> {
        let query = self.query_pk("SCHOOLS", SortKeys::All).consistent_read(true);
        let mut pages = query.into_paginator().items().send();
        let mut list = Vec::new();
        while let Some(item) = pages.next().await {
            list.push(school_of(&item?)?);
        }
        Ok(Schools::new(list))
    }

    /// Returns one school.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn school_get(&self, id: &SchoolId) -> Result<Option<School>, Error> {
        self.item_get(&Key::school(id)).await?.as_ref().map(school_of).transpose()
    }

    /// Makes the district office, unless there is one, and answers with the one there is.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn district_create(&self, name: &str, external_id: &str) -> Result<School, Error> {
        let district = new_office(name, external_id);
        match self.write_new_school(&district, Vec::new()).await? {
            Transacted::Committed => Ok(district),
            Transacted::Rejected(_) => match self.school_get(&district.id).await? {
                Some(there) => Ok(there),
                None => Err(Error::Item("the external ID of the district belongs to a school".to_owned())),
            },
        }
    }

    /// Makes a school.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn school_create(&self, name: &str, external_id: &str, author: &Author) -> Result<SavedSchool, Error> {
        let school = new_school(name, external_id);
        let details = vec![said("name", &school.name), said("external_id", &school.external_id)];
        let entry = entry(audit::Action::SchoolAdded, &school, details, author);
        Ok(match self.write_new_school(&school, self.audit_actions(&[entry]).await?).await? {
            Transacted::Committed => SavedSchool::Saved(school),
            Transacted::Rejected(_) => SavedSchool::ExternalIdTaken,
        })
    }

    /// Gives a school, or the district office, another name or external ID.
    ///
    /// Where it was looked at before, only if it is still as it was `seen`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn school_edit(
        &self,
        id: &SchoolId,
        seen: Option<&School>,
        name: &str,
        external_id: &str,
        author: &Author,
    ) -> Result<SavedSchool, Error> {
        for _ in 0..5 {
            let Some(before) = self.school_get(id).await? else {
                return Ok(SavedSchool::Missing);
            };
            let after = School { name: name.to_owned(), external_id: external_id.to_owned(), ..before.clone() };
            if after == before {
                // Also where this was asked before, and the answer was lost.
                return Ok(SavedSchool::Saved(before));
            }
            if seen.is_some_and(|seen| *seen != before) {
                return Ok(SavedSchool::Changed);
            }
            if self.replace_school(&before, &after, author).await? == Transacted::Committed {
                return Ok(SavedSchool::Saved(after));
            }
            let holder = self.item_get(&Key::external_id(external_id)).await?;
            if holder.is_some_and(|item| needed(&item, "school").is_ok_and(|holder| holder != id.0)) {
                return Ok(SavedSchool::ExternalIdTaken);
            }
        }
        Err(Error::Contended("the school"))
    }

    async fn write_new_school(&self, school: &School, entry: Vec<WriteAction>) -> Result<Transacted, Error> {
        let write = WriteAction::put_new(&Key::school(&school.id), school_item(school));
        self.transact([write, reserve(school)].into_iter().chain(entry).collect()).await
    }

    /// Writes a school where it still has the external ID and the name that were seen.
    async fn replace_school(&self, before: &School, after: &School, author: &Author) -> Result<Transacted, Error> {
        let write = WriteAction::put(&Key::school(&after.id), school_item(after)).only_if(
            "external_id = :id AND #name = :name",
            [(":id", s(&before.external_id)), (":name", s(&before.name))],
        );
        let mut actions = vec![write];
        if before.external_id != after.external_id {
            actions.push(WriteAction::delete(&Key::external_id(&before.external_id)));
            actions.push(reserve(after));
        }
        let pairs = [("name", &before.name, &after.name), ("external_id", &before.external_id, &after.external_id)];
        let details = pairs.into_iter().filter(|(_, before, after)| before != after).map(|(field, before, after)| {
            FieldChange { field: field.to_owned(), before: before.clone(), after: after.clone() }
        });
        let entry = entry(audit::Action::SchoolChanged, after, details.collect(), author);
        actions.extend(self.audit_actions(&[entry]).await?);
        self.transact(actions).await
    }
}

fn entry(action: audit::Action, school: &School, details: Vec<FieldChange>, author: &Author) -> Entry {
    let subject = Subject::School { id: school.id.clone() };
    let entry = Entry::new(author.at, author.by.clone(), action, subject);
    Entry { school: Some(school.id.clone()), details, ..entry }
}

fn reserve(school: &School) -> WriteAction {
    let item = Item::from([("school".to_owned(), s(&school.id.0))]);
    WriteAction::put_new(&Key::external_id(&school.external_id), item)
}

fn school_item(school: &School) -> Item {
    let kind = match school.kind {
        SchoolKind::District => "district",
        SchoolKind::School => "school",
    };
    let fields = [("external_id", &*school.external_id), ("name", &*school.name), ("kind", kind)];
    let fields = fields.map(|(name, value)| (name.to_owned(), s(value)));
    fields.into()
}

fn school_of(item: &Item) -> Result<School, Error> {
    let id = needed(item, "sk")?.strip_prefix("SCHOOL#").unwrap_or_default();
    Ok(School {
        id: SchoolId(id.to_owned()),
        external_id: needed(item, "external_id")?.to_owned(),
        name: needed(item, "name")?.to_owned(),
        kind: if needed(item, "kind")? == "district" { SchoolKind::District } else { SchoolKind::School },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_office_is_told_alike_by_its_kind_and_its_identifier() {
        let list = vec![new_office("Office", "0"), new_school("North", "1"), new_school("South", "2")];
        let schools = Schools::new(list.clone());
        for school in &list {
            assert_eq!(is_office(&school.id), schools.is_district(&school.id), "{school:?}");
            let mut item = school_item(school);
            item.insert("sk".to_owned(), s(format!("SCHOOL#{}", school.id.0)));
            assert_eq!(school_of(&item).expect("it is readable"), *school);
        }
        assert_eq!(list.iter().filter(|school| is_office(&school.id)).count(), 1);
    }
}
