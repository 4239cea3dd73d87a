//! Users as administrators see them: listed by school and name, found by what is theirs alone, with their history.

use roster::{Grade, Guid, Named, SchoolId, Status, User, UserType};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::stored::{HistoryEntry, Outcome};

use crate::changes::{NewPassword, PasswordKind};
use crate::table::{Item, Key, SortKeys, from_json, needed, number, s};
use crate::users::{Listing, user_of};
use crate::{Cloud, Error};

/// How many entries of a user's history are read at once, and shown.
const HISTORY_ENTRIES: i32 = 100;

/// A user of a list, and the place from which the list goes on after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub user: User,
    pub place: SchoolUsersCursor,
}

/// A place in the list of a school's users: after a certain one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolUsersCursor {
    pk: String,
    sk: String,
    gsi_sk: String,
}

/// A place in a user's history: after a certain entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryCursor(Key);

/// The first administrator of an organisation.
pub struct NewAdministrator<'a> {
    pub username: &'a str,
    pub password_hash: &'a str,
    pub password_kind: PasswordKind,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: &'a str,
    pub school: &'a SchoolId,
}

impl Cloud {
    /// Returns up to `limit` users of a school in the order of the list.
    ///
    /// They are fewer only where the list or a read of 1 MB ends.
    ///
    /// The place is where to go on, `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_list_by_school(
        &self,
        school: &SchoolId,
        listing: Listing,
        after: Option<&SchoolUsersCursor>,
        limit: u16,
    ) -> Result<(Vec<Listed>, Option<SchoolUsersCursor>), Error> {
        let partition = listing.partition(school);
        let answer = self
            .query_by_school(&partition, SortKeys::All)
            .limit(limit.into())
            .set_exclusive_start_key(after.map(|place| place.key(&partition)))
            .send()
            .await?;
        let listed = answer
            .items()
            .iter()
            .map(|item| Ok(Listed { user: user_of(item)?, place: SchoolUsersCursor::from_item(item)? }));
        let next = answer.last_evaluated_key().map(SchoolUsersCursor::from_item).transpose()?;
        Ok((listed.collect::<Result<_, Error>>()?, next))
    }

    /// Returns the users whose custom ID, user name or staff e-mail address is exactly `text`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_list_known_as(&self, text: &str) -> Result<Vec<User>, Error> {
        let text = || [text.to_owned()].into();
        let named = Named { custom_ids: text(), usernames: text(), staff_emails: text(), guids: [].into() };
        let directory = self.directory_get_named(&named).await?;
        Ok(directory.iter().filter(|user| user.deleted_at.is_none()).cloned().collect())
    }

    /// Returns what happened to a user, newest first, as much of it as is shown.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn history_list(&self, user: Guid) -> Result<Vec<HistoryEntry>, Error> {
        Ok(self.history_list_part(user, None).await?.0)
    }

    /// Returns a part of what happened to a user, newest first, and where to go on; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn history_list_part(
        &self,
        user: Guid,
        after: Option<&HistoryCursor>,
    ) -> Result<(Vec<HistoryEntry>, Option<HistoryCursor>), Error> {
        let answer = self
            .query_pk(Key::user_log_pk(user), SortKeys::All)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(HISTORY_ENTRIES)
            .set_exclusive_start_key(after.map(|place| place.0.item()))
            .send()
            .await?;
        let entries = answer.items().iter().map(|item| from_json(item, "entry"));
        let place = |key: &Item| Ok::<_, Error>(HistoryCursor(Key::new(needed(key, "pk")?, needed(key, "sk")?)));
        let next = answer.last_evaluated_key().map(place).transpose()?;
        Ok((entries.collect::<Result<_, Error>>()?, next))
    }

    /// Makes an administrator without a custom ID, whom no sync can touch.
    ///
    /// `None` where the user name or the e-mail address belongs to somebody.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Contended`] where others write the same items
    /// again and again.
    pub async fn administrator_create(&self, new: NewAdministrator<'_>, at: u64) -> Result<Option<User>, Error> {
        let user = User {
            guid: Guid(Uuid::new_v4()),
            custom_id: None,
            first_name: new.first_name.to_owned(),
            middle_name: String::new(),
            last_name: new.last_name.to_owned(),
            email: new.email.to_owned(),
            school: new.school.clone(),
            user_type: UserType::Administrator,
            position: String::new(),
            grade: Grade::Unspecified,
            status: Status::Active,
            username: new.username.to_owned(),
            version: 1,
            deleted_at: None,
            erase_at: None,
            roles: roster::Roles::default(),
            source: None,
            former_usernames: Vec::new(),
        };
        let password = NewPassword { hash: new.password_hash.to_owned(), kind: new.password_kind, power: None };
        let outcomes = self.user_create_by_hand(vec![(user.clone(), Some(password))], at).await?;
        Ok((outcomes == [Outcome::Done]).then_some(user))
    }

    /// Returns how many active administrators the district office has.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn administrator_count(&self) -> Result<u64, Error> {
        let item = self.item_get(&Key::administrators()).await?;
        Ok(item.and_then(|item| number(&item, "active")).unwrap_or_default())
    }
}

impl SchoolUsersCursor {
    fn from_item(item: &Item) -> Result<SchoolUsersCursor, Error> {
        let text = |name| needed(item, name).map(str::to_owned);
        Ok(SchoolUsersCursor { pk: text("pk")?, sk: text("sk")?, gsi_sk: text("gsi_sk")? })
    }

    /// Returns whether it can be a place: the table takes no key that is empty or longer than 1,024 bytes.
    pub fn is_place(&self) -> bool {
        [&self.pk, &self.sk, &self.gsi_sk].into_iter().all(|part| (1..=1024).contains(&part.len()))
    }

    fn key(&self, partition: &str) -> Item {
        let mut key = Key::new(&self.pk, &self.sk).item();
        key.insert("gsi_pk".to_owned(), s(partition));
        key.insert("gsi_sk".to_owned(), s(&self.gsi_sk));
        key
    }
}
