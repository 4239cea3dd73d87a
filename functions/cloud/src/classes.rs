//! Classes and who is in them: how one, some or those of a school are read, and how changes of them are carried out.
//!
//! An enrolment is an item of its own, in the partition of its class. When it ends it stays there, and in the list of its
//! user's classes, until it can't come back any more: so whoever is archived with a class is found and comes back with it,
//! and whoever is erased is erased there, too. Then the table deletes it by itself.

mod by_hand;
mod enrol;
mod item;
mod leave;
mod log;
mod write;

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use roster::{Class, ClassDirectory, ClassGuid, Enrolment, Guid, SchoolId};

use crate::table::{Item, Key, SortKeys, needed};
use crate::{Cloud, Error};
use item::{OF_CLASS, OF_ENROLMENT, class_guid, class_of, enrolled_pk, enrolment_of, listed_pk};

/// How many classes, or users, are asked for their enrolments at once.
const SIDE_BY_SIDE: usize = 32;

/// Some of the classes of a school, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassPage {
    pub classes: Vec<Class>,
    /// From where the list goes on; `None` at its end.
    pub next: Option<String>,
}

impl Cloud {
    /// Returns the class with this GUID.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_get(&self, guid: ClassGuid) -> Result<Option<Class>, Error> {
        self.item_get(&Key::class(guid)).await?.as_ref().map(class_of).transpose()
    }

    /// Returns the classes with these GUIDs that exist, in no order.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_get_many(&self, guids: &[ClassGuid]) -> Result<Vec<Class>, Error> {
        let keys: HashSet<Key> = guids.iter().map(|guid| Key::class(*guid)).collect();
        self.item_get_many(keys, &OF_CLASS).await?.iter().map(class_of).collect()
    }

    /// Returns the classes with these class IDs that exist, in no order.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_list_with_ids(&self, ids: &BTreeSet<String>) -> Result<Vec<Class>, Error> {
        let guids: Vec<ClassGuid> = self.class_guids_of(ids).await?.into_iter().collect();
        self.class_get_many(&guids).await
    }

    /// Returns up to `limit` classes of a school by name, the archived ones or the others.
    ///
    /// They are fewer where the list or a read of 1 MB ends, or where one changed at that moment.
    ///
    /// `after` is where an earlier part ended.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_list_of_school(
        &self,
        school: &SchoolId,
        archived: bool,
        after: Option<String>,
        limit: u16,
    ) -> Result<ClassPage, Error> {
        let from = after.as_deref().map_or(SortKeys::All, SortKeys::After);
        let query = self.query_by_school(listed_pk(school, archived), from).projection_expression("pk, sk, gsi_sk");
        let answer = query.limit(limit.into()).send().await?;
        let next = answer.last_evaluated_key().map(|key| needed(key, "gsi_sk").map(str::to_owned)).transpose()?;
        let listed: Vec<ClassGuid> = answer.items().iter().map(class_guid).collect::<Result<_, _>>()?;
        let found = self.class_get_many(&listed).await?;
        let mut found: HashMap<ClassGuid, Class> = found.into_iter().map(|class| (class.guid, class)).collect();
        // The index may lag behind the items.
        found.retain(|_, class| class.fields.school == *school && class.is_active() != archived);
        Ok(ClassPage { classes: listed.iter().filter_map(|guid| found.remove(guid)).collect(), next })
    }

    /// Returns all enrolments of a class by user, also those that ended and can come back.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn enrolment_list_of_class(&self, class: ClassGuid) -> Result<Vec<Enrolment>, Error> {
        self.enrolment_items(class).await?.iter().map(enrolment_of).collect()
    }

    /// Returns all enrolments of a user, also those that ended and can come back, in no order.
    ///
    /// One that was made a second ago may not be among them.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn enrolment_list_of_user(&self, user: Guid) -> Result<Vec<Enrolment>, Error> {
        self.enrolments_get(self.enrolment_keys_of_user(user).await?).await
    }

    /// Returns the classes that are named by class ID or GUID with all their enrolments.
    ///
    /// And the classes of `leavers` with the enrolments of those.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_directory_get(
        &self,
        ids: &BTreeSet<String>,
        guids: &BTreeSet<ClassGuid>,
        leavers: &[Guid],
    ) -> Result<ClassDirectory, Error> {
        let mut named = self.class_guids_of(ids).await?;
        named.extend(guids);
        let leaving = stream::iter(leavers.to_vec()).map(|user| self.enrolment_keys_of_user(user));
        let leaving: Vec<HashSet<Key>> = leaving.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        let mut enrolments = self.enrolments_get(leaving.into_iter().flatten().collect()).await?;
        let left = enrolments.iter().map(|enrolment| enrolment.class);
        let all: BTreeSet<ClassGuid> = named.iter().copied().chain(left).collect();
        let classes = self.class_get_many(&all.into_iter().collect::<Vec<_>>()).await?;
        let asked: Vec<ClassGuid> =
            classes.iter().map(|class| class.guid).filter(|guid| named.contains(guid)).collect();
        let members = stream::iter(asked).map(|class| self.enrolment_list_of_class(class));
        let mut members = members.buffer_unordered(SIDE_BY_SIDE);
        while let Some(of_class) = members.try_next().await? {
            enrolments.extend(of_class);
        }
        Ok(ClassDirectory::new(classes, enrolments))
    }

    /// Returns whose these class IDs are.
    async fn class_guids_of(&self, ids: &BTreeSet<String>) -> Result<BTreeSet<ClassGuid>, Error> {
        let keys = ids.iter().map(|id| Key::class_id(id)).collect();
        let reservations = self.item_get_many(keys, &["class"]).await?;
        reservations.iter().map(|item| item::read_class_guid(needed(item, "class")?)).collect()
    }

    /// Returns where the enrolments of a user are, as far as the index knows.
    async fn enrolment_keys_of_user(&self, user: Guid) -> Result<HashSet<Key>, Error> {
        let query = self.query_by_school(enrolled_pk(user), SortKeys::All).projection_expression("pk, sk");
        let mut pages = query.into_paginator().items().send();
        let mut keys = HashSet::new();
        while let Some(item) = pages.next().await {
            let item = item?;
            keys.insert(Key::new(needed(&item, "pk")?, needed(&item, "sk")?));
        }
        Ok(keys)
    }

    async fn enrolment_items(&self, class: ClassGuid) -> Result<Vec<Item>, Error> {
        let query = self.query_pk(Key::enrolments_pk(class), SortKeys::All).consistent_read(true);
        Ok(query.into_paginator().items().send().collect::<Result<_, _>>().await?)
    }

    async fn enrolments_get(&self, keys: HashSet<Key>) -> Result<Vec<Enrolment>, Error> {
        let items: Vec<Item> = self.item_get_many(keys, &OF_ENROLMENT).await?;
        items.iter().map(enrolment_of).collect()
    }
}
