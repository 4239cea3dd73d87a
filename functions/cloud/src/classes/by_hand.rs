//! Archiving a class by hand, and bringing it back.
//!
//! The class is written first, and its enrolments follow. Whoever is stopped in between does it again: what is archived
//! already is only brought to its end, and so is what is taught again.

use roster::user::RECOVERABLE_MILLIS;
use roster::{Class, ClassFields, ClassGuid, ClassKind, ClassStatus, EndReason, Enrolment};
use wire::audit::{self, Entry, Subject};
use wire::stored::Outcome;
use wire::upload::Decider;

use super::enrol::{Deed, EnrolmentWrite};
use super::item::{class_of, enrolment_of};
use super::log::{ClassAuthor, changed};
use super::write::ClassWrite;
use crate::table::{Item, Key, string};
use crate::{Cloud, Error};

impl Cloud {
    /// Archives a class that somebody looked at, if it is still as it was then, and ends its enrolments.
    ///
    /// Of one that is archived already the enrolments are ended that are left.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn class_archive_by_hand(&self, class: &Class, by: &Decider, at: u64) -> Result<Outcome, Error> {
        let Some(item) = self.item_get(&Key::class(class.guid)).await? else { return Ok(Outcome::Drifted) };
        let present = class_of(&item)?;
        let mut author = ClassAuthor::by_hand(Some(by), at);
        if present.is_active() {
            let written = self.class_set_status(class, &present, ClassKind::Archived, &author, by).await?;
            if written != Outcome::Done {
                return Ok(written);
            }
        } else {
            author.id = archived_by(&item).unwrap_or(author.id);
        }
        let deed = Deed::End { seen: None, why: EndReason::ClassArchived };
        let members = self.enrolment_list_of_class(class.guid).await?;
        let members = members.into_iter().filter(|enrolment| enrolment.is_active());
        let ends = members.map(|e| EnrolmentWrite { class: e.class, user: e.user, deed: deed.clone() });
        // One that has ended meanwhile is as it should be.
        self.enrolment_write_all(ends.collect(), &author).await?;
        Ok(Outcome::Done)
    }

    /// Has a class taught again that somebody looked at, if it is still as it was then.
    ///
    /// It brings back the enrolments that ended when it was archived, of users who are still there and for as long as a
    /// deleted user could come back.
    ///
    /// Of one that is taught again already those are brought back that are left.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where an item of it can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn class_restore_by_hand(&self, class: &Class, by: &Decider, at: u64) -> Result<Outcome, Error> {
        let Some(item) = self.item_get(&Key::class(class.guid)).await? else { return Ok(Outcome::Drifted) };
        let present = class_of(&item)?;
        let author = ClassAuthor::by_hand(Some(by), at);
        if !present.is_active() {
            let written = self.class_set_status(class, &present, ClassKind::Restored, &author, by).await?;
            if written != Outcome::Done {
                return Ok(written);
            }
        }
        if let Some(archived_by) = archived_by(&item) {
            let back = self.enrolments_that_come_back(class.guid, &archived_by, at).await?;
            // Who is not there any more does not come back.
            self.enrolment_write_all(back, &author).await?;
        }
        Ok(Outcome::Done)
    }

    async fn class_set_status(
        &self,
        seen: &Class,
        present: &Class,
        kind: ClassKind,
        author: &ClassAuthor,
        by: &Decider,
    ) -> Result<Outcome, Error> {
        if present.version != seen.version {
            return Ok(Outcome::Drifted);
        }
        let (status, action) = match kind {
            ClassKind::Archived => (ClassStatus::Archived, audit::Action::ClassArchived),
            _ => (ClassStatus::Active, audit::Action::ClassRestored),
        };
        let before = present.fields.clone();
        let after = ClassFields { status, ..before.clone() };
        let subject = Subject::Class { guid: seen.guid, class_id: after.class_id.clone() };
        let entry = Entry {
            school: Some(after.school.clone()),
            details: changed(Some(&before), &after),
            ..Entry::new(author.at, Some(by.clone()), action, subject)
        };
        let audit = self.audit_actions(&[entry]).await?;
        let before = Some((present.version, before));
        self.class_write(ClassWrite { kind, class: seen.guid, before, after, audit }, author).await
    }

    async fn enrolments_that_come_back(
        &self,
        class: ClassGuid,
        archived_by: &str,
        at: u64,
    ) -> Result<Vec<EnrolmentWrite>, Error> {
        let mut back = Vec::new();
        for item in self.enrolment_items(class).await? {
            let enrolment = enrolment_of(&item)?;
            // The table may be late with deleting those whose time is over.
            if string(&item, "ended_by") == Some(archived_by) && can_come_back(&enrolment, at) {
                let deed = Deed::ComeBack { archived_by: archived_by.to_owned() };
                back.push(EnrolmentWrite { class, user: enrolment.user, deed });
            }
        }
        Ok(back)
    }
}

/// Returns whether an enrolment has ended, and its time is not over at `at`.
fn can_come_back(enrolment: &Enrolment, at: u64) -> bool {
    enrolment.ended_at.is_some_and(|ended| ended + RECOVERABLE_MILLIS >= at)
}

/// Returns what archived the class last.
fn archived_by(item: &Item) -> Option<String> {
    string(item, "archived_by").map(str::to_owned)
}
