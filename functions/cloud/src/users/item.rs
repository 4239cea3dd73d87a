//! How a user stands in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use roster::role::Power;
use roster::user::fold;
use roster::{Guid, Roles, SchoolId, SourceId, User};
use wire::attribute::Attribute;

use crate::Error;
use crate::table::{Item, Key, flag, from_json, n, needed, number, s, string};

/// A user and what signing in needs.
#[derive(Clone)]
pub struct Account {
    pub user: User,
    /// Argon2id in PHC format.
    pub password_hash: Option<String>,
    pub temporary_password: bool,
    /// The user chose it, so nobody else knows it.
    pub own_password: bool,
    /// What the user could do who was given the password; not known of own ones and those from long ago.
    pub password_power: Option<Power>,
    /// When the temporary password was given, in milliseconds since 1970; not known of those from long ago.
    pub temporary_since: Option<u64>,
    /// When somebody signed in with it, which works once.
    pub temporary_used_at: Option<u64>,
    /// When it was last disabled or deleted, or no longer an administrator: sessions from before that stay over when it comes back.
    pub signed_out_at: Option<u64>,
    /// Since when it is disabled, in milliseconds since 1970.
    pub disabled_since: Option<u64>,
}

/// Returns the account of an item.
pub(super) fn account_of(item: &Item) -> Result<Account, Error> {
    let at = |attribute: Attribute| number(item, attribute.name());
    let power = Attribute::PasswordPower.name();
    Ok(Account {
        user: user_of(item)?,
        password_hash: string(item, Attribute::PasswordHash.name()).map(str::to_owned),
        temporary_password: flag(item, Attribute::TemporaryPassword.name()),
        own_password: flag(item, Attribute::OwnPassword.name()),
        password_power: string(item, power).map(|_| from_json(item, power)).transpose()?,
        temporary_since: at(Attribute::TemporarySince),
        temporary_used_at: at(Attribute::TemporaryUsedAt),
        signed_out_at: at(Attribute::SignedOutAt),
        disabled_since: at(Attribute::DisabledSince),
    })
}

/// Returns the user of an item.
///
/// Also of one that came through the index, which does not have the source.
///
/// # Errors
///
/// [`Error::Item`] where an attribute is missing or can't be read.
pub fn user_of(item: &Item) -> Result<User, Error> {
    let text = |attribute: Attribute| needed(item, attribute.name()).map(str::to_owned);
    let at = |attribute: Attribute| number(item, attribute.name());
    let former = item.get(Attribute::FormerUsernames.name()).and_then(|names| names.as_ss().ok());
    Ok(User {
        guid: guid_of(needed(item, Attribute::Guid.name())?)?,
        custom_id: string(item, Attribute::CustomId.name()).map(str::to_owned),
        first_name: text(Attribute::FirstName)?,
        middle_name: text(Attribute::MiddleName)?,
        last_name: text(Attribute::LastName)?,
        email: text(Attribute::Email)?,
        school: SchoolId(text(Attribute::School)?),
        user_type: word(item, Attribute::UserType)?,
        position: text(Attribute::Position)?,
        grade: word(item, Attribute::Grade)?,
        status: word(item, Attribute::Status)?,
        username: text(Attribute::Username)?,
        version: at(Attribute::Version).ok_or_else(|| Error::Item("the version is missing".to_owned()))?,
        deleted_at: at(Attribute::DeletedAt),
        erase_at: at(Attribute::EraseAt),
        roles: Roles::read(string(item, Attribute::Roles.name()).unwrap_or_default()),
        source: string(item, Attribute::Source.name()).map(|source| SourceId(source.to_owned())),
        former_usernames: former.cloned().unwrap_or_default(),
    })
}

/// Returns the item of a user without a password, with its key.
///
/// It is as it is written when the user is created.
///
/// The items that reserve GUID, user name and address are not part of it.
pub fn item_of(user: &User) -> Item {
    let key = Key::user(user.custom_id.as_deref(), user.guid);
    key.item().into_iter().chain(named(attributes(user))).collect()
}

/// Returns the attributes of a user that every write sets. Former user names are added and taken away one by one.
pub(crate) fn attributes(user: &User) -> Vec<(Attribute, AttributeValue)> {
    let mut attributes = vec![
        (Attribute::Guid, s(user.guid.to_string())),
        (Attribute::FirstName, s(&user.first_name)),
        (Attribute::MiddleName, s(&user.middle_name)),
        (Attribute::LastName, s(&user.last_name)),
        (Attribute::Email, s(&user.email)),
        (Attribute::School, s(&user.school.0)),
        (Attribute::UserType, s(user.user_type.as_str())),
        (Attribute::Position, s(&user.position)),
        (Attribute::Grade, s(user.grade.as_str())),
        (Attribute::Status, s(user.status.as_str())),
        (Attribute::Username, s(&user.username)),
        (Attribute::Version, n(user.version)),
        (Attribute::Roles, s(user.roles.as_str())),
    ];
    attributes.extend(user.custom_id.as_ref().map(|id| (Attribute::CustomId, s(id))));
    attributes.extend(user.source.as_ref().map(|source| (Attribute::Source, s(&source.0))));
    let place = match user.deleted_at {
        Some(at) => deletion_order(user.erase_at.unwrap_or(at), Some(user.guid)),
        None => format!("{}#{}#{}", fold(&user.last_name), fold(&user.first_name), user.guid),
    };
    let reachable = user.deleted_at.is_none() && !user.email.is_empty();
    attributes.extend(reachable.then(|| (Attribute::EmailKey, s(fold(&user.email)))));
    attributes.push((Attribute::SchoolPartition, s(Listing::containing(user).partition(&user.school))));
    attributes.push((Attribute::SchoolPlace, s(place)));
    attributes.extend(user.deleted_at.map(|at| (Attribute::DeletedAt, n(at))));
    attributes.extend(user.erase_at.map(|at| (Attribute::EraseAt, n(at))));
    attributes
}

/// Returns the attributes as they stand in an item.
pub(crate) fn named(attributes: Vec<(Attribute, AttributeValue)>) -> impl Iterator<Item = (String, AttributeValue)> {
    attributes.into_iter().map(|(attribute, value)| (attribute.name().to_owned(), value))
}

/// Which of a school's users a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// The users that are not deleted, by name.
    Present,
    /// The users that were deleted and are not erased yet, the earliest first.
    Deleted,
    /// The users that were archived and are not erased yet, the one that is erased next first.
    Archived,
}

impl Listing {
    fn containing(user: &User) -> Listing {
        match user.deleted_at {
            None => Listing::Present,
            Some(_) if user.is_archived() => Listing::Archived,
            Some(_) => Listing::Deleted,
        }
    }

    /// Returns the partition of the index in which the list of a school is.
    pub(crate) fn partition(self, school: &SchoolId) -> String {
        match self {
            Listing::Present => format!("SCHOOL#{}", school.0),
            Listing::Deleted => format!("DELETED#{}", school.0),
            Listing::Archived => format!("ARCHIVED#{}", school.0),
        }
    }
}

/// Returns where a user that was deleted at `at` (or, archived, is to be erased then) stands among those of its school;
/// before all of that moment where no user is named.
pub(crate) fn deletion_order(at: u64, guid: Option<Guid>) -> String {
    guid.map_or_else(|| format!("{at:013}"), |guid| format!("{at:013}#{guid}"))
}

fn word<T: std::str::FromStr<Err = ()>>(item: &Item, attribute: Attribute) -> Result<T, Error> {
    let name = attribute.name();
    needed(item, name)?.parse().map_err(|()| Error::Item(format!("{name} is not a word that is known")))
}

/// Reads a GUID.
pub(super) fn guid_of(text: &str) -> Result<Guid, Error> {
    uuid::Uuid::parse_str(text).map(Guid).map_err(|e| Error::Item(format!("guid: {e}")))
}

#[cfg(test)]
mod tests {
    use roster::{Grade, Status, UserType};

    use super::*;

    const GUID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn user() -> User {
        User {
            guid: guid_of(GUID).unwrap(),
            custom_id: Some("00123".to_owned()),
            first_name: "Ora".to_owned(),
            middle_name: "M".to_owned(),
            last_name: "Klein".to_owned(),
            email: "Ora.Klein@x.example".to_owned(),
            school: SchoolId("s1".to_owned()),
            user_type: UserType::Student,
            position: String::new(),
            grade: Grade::G9,
            status: Status::Active,
            username: "Ora.Klein".to_owned(),
            version: 7,
            deleted_at: None,
            erase_at: None,
            roles: Roles::read("teacher;staff"),
            source: None,
            former_usernames: Vec::new(),
        }
    }

    /// The item of a user as it has always been.
    fn item<const N: usize>(more: [(&str, AttributeValue); N]) -> Item {
        let text = [
            ("guid", GUID),
            ("first_name", "Ora"),
            ("middle_name", "M"),
            ("last_name", "Klein"),
            ("email", "Ora.Klein@x.example"),
            ("school", "s1"),
            ("user_type", "Student"),
            ("position", ""),
            ("grade", "9"),
            ("status", "Active"),
            ("username", "Ora.Klein"),
            ("roles", "staff;teacher"),
        ];
        let text = text.map(|(name, value)| (name, AttributeValue::S(value.to_owned())));
        let version = ("version", AttributeValue::N("7".to_owned()));
        text.into_iter().chain([version]).chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[track_caller]
    fn check(user: &User, item: Item) {
        assert_eq!(named(attributes(user)).collect::<Item>(), item);
        assert_eq!(user_of(&item).unwrap(), *user);
    }

    #[test]
    fn a_user_stands_in_the_table_as_it_always_did() {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let number = |value: &str| AttributeValue::N(value.to_owned());
        let place = format!("klein#ora#{GUID}");
        check(
            &user(),
            item([
                ("custom_id", text("00123")),
                ("email_key", text("ora.klein@x.example")),
                ("gsi_pk", text("SCHOOL#s1")),
                ("gsi_sk", text(&place)),
            ]),
        );
        let unmanaged = User { custom_id: None, email: String::new(), ..user() };
        let mut expected = item([("gsi_pk", text("SCHOOL#s1")), ("gsi_sk", text(&place))]);
        expected.insert("email".to_owned(), text(""));
        check(&unmanaged, expected);
        let archived = User { deleted_at: Some(5), erase_at: Some(1_700_000_000_000), ..user() };
        check(
            &archived,
            item([
                ("custom_id", text("00123")),
                ("gsi_pk", text("ARCHIVED#s1")),
                ("gsi_sk", text(&format!("1700000000000#{GUID}"))),
                ("deleted_at", number("5")),
                ("erase_at", number("1700000000000")),
            ]),
        );
    }

    #[test]
    fn former_user_names_are_a_set() {
        let names = vec!["ok".to_owned(), "ora".to_owned()];
        let read = user_of(&item([("former_usernames", AttributeValue::Ss(names.clone()))])).unwrap();
        assert_eq!(read.former_usernames, names);
    }
}
