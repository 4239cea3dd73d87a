//! The attributes of a user's item in the table, and what holds for each. `functions/cloud/docs/data.md` is made from it.
//!
//! Every question is a `match` without a default: an attribute that is added has to answer all of them.

use roster::Permission;

/// What becomes of an attribute when its user is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnErasure {
    /// It stays: it tells nothing of the person, or keeps a GUID or a user name from being given to somebody else.
    Stays,
    /// It is there, and says nothing.
    Emptied,
    /// It is gone.
    Removed,
}

macro_rules! attributes {
    ($($variant:ident $name:literal)+) => {
        /// An attribute of a user's item, without the keys of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attribute { $($variant),+ }

        impl Attribute {
            /// All of them, in the order of the list.
            pub const ALL: [Attribute; [$($name),+].len()] = [$(Attribute::$variant),+];

            /// Returns the name of the attribute in the table.
            pub fn name(self) -> &'static str {
                match self { $(Attribute::$variant => $name),+ }
            }

            /// Returns the attribute with this name.
            pub fn from_name(name: &str) -> Option<Attribute> {
                match name { $($name => Some(Attribute::$variant),)+ _ => None }
            }
        }
    };
}

attributes! {
    Guid "guid"
    CustomId "custom_id"
    FirstName "first_name"
    MiddleName "middle_name"
    LastName "last_name"
    Email "email"
    School "school"
    UserType "user_type"
    Position "position"
    Grade "grade"
    Status "status"
    Username "username"
    Version "version"
    DeletedAt "deleted_at"
    EraseAt "erase_at"
    Roles "roles"
    Source "of_source"
    FormerUsernames "former_usernames"
    EmailKey "email_key"
    SchoolPartition "gsi_pk"
    SchoolPlace "gsi_sk"
    PasswordHash "password_hash"
    TemporaryPassword "temporary_password"
    OwnPassword "own_password"
    TemporarySince "temporary_since"
    TemporaryUsedAt "temporary_used_at"
    PasswordPower "password_power"
    SignedOutAt "signed_out_at"
    DisabledSince "disabled_since"
    LastUpload "last_upload"
}

use Attribute::*;

impl Attribute {
    /// Whether it is a part of [`roster::User`]: what a comparison reads.
    pub fn is_of_user(self) -> bool {
        match self {
            Guid | CustomId | FirstName | MiddleName | LastName | Email | School | UserType | Position | Grade
            | Status | Username | Version | DeletedAt | EraseAt | Roles | Source | FormerUsernames => true,
            EmailKey | SchoolPartition | SchoolPlace | PasswordHash | TemporaryPassword | OwnPassword
            | TemporarySince | TemporaryUsedAt | PasswordPower | SignedOutAt | DisabledSince | LastUpload => false,
        }
    }

    /// Whether it tells who the person is, so that the audit log, which is kept for ever, does not have it.
    pub fn is_personal(self) -> bool {
        match self {
            FirstName | MiddleName | LastName | Email | Username | EmailKey | FormerUsernames | SchoolPlace => true,
            Guid | CustomId | School | UserType | Position | Grade | Status | Version | DeletedAt | EraseAt | Roles
            | Source | SchoolPartition | PasswordHash | TemporaryPassword | OwnPassword | TemporarySince
            | TemporaryUsedAt | PasswordPower | SignedOutAt | DisabledSince | LastUpload => false,
        }
    }

    /// Returns what it says, in words for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Guid => "the identifier that Rollbook gave the user",
            CustomId => "the Employee ID or Student ID",
            FirstName => "the first name",
            MiddleName => "the middle name",
            LastName => "the last name",
            Email => "the e-mail address",
            School => "the school",
            UserType => "student, teacher, staff or administrator",
            Position => "the position",
            Grade => "the grade",
            Status => "active or disabled",
            Username => "the user name",
            Version => "how often the user was written",
            DeletedAt => "when the user was deleted or archived",
            EraseAt => "when an archived user is to be erased",
            Roles => "the roles that were given",
            Source => "the source that the user came from",
            FormerUsernames => "the user names that the user had before",
            EmailKey => "the address once more, to be found by",
            SchoolPartition => "the school once more, to be listed by",
            SchoolPlace => "the names once more, to be listed by",
            PasswordHash => "the password's Argon2id hash",
            TemporaryPassword => "whether the password is a temporary one",
            OwnPassword => "whether the user chose the password",
            TemporarySince => "when the temporary password was given",
            TemporaryUsedAt => "when somebody signed in with the temporary password",
            PasswordPower => "what the user could do when the password was given",
            SignedOutAt => "when the user was last disabled or deleted, or no longer an administrator",
            DisabledSince => "since when the user is disabled",
            LastUpload => "the upload that changed the user last",
        }
    }

    /// Returns what it takes to read it; `None` where the API gives it to nobody.
    pub fn read_with(self) -> Option<Permission> {
        match self {
            Guid | CustomId | FirstName | MiddleName | LastName | Email | School | UserType | Position | Grade
            | Status | Username | Version | DeletedAt | EraseAt | Roles | Source => Some(Permission::SeeUsers),
            // By the download of everything about a person.
            FormerUsernames | TemporaryPassword | OwnPassword | TemporarySince | TemporaryUsedAt | PasswordPower
            | SignedOutAt | DisabledSince | LastUpload => Some(Permission::ManageRoles),
            EmailKey | SchoolPartition | SchoolPlace | PasswordHash => None,
        }
    }

    /// Returns what becomes of it when the user is erased.
    ///
    /// User names stay, so that nobody else gets them.
    pub fn on_erasure(self) -> OnErasure {
        match self {
            FirstName | MiddleName | LastName | Email | Position => OnErasure::Emptied,
            EmailKey | PasswordHash | TemporaryPassword | OwnPassword | TemporarySince | TemporaryUsedAt
            | PasswordPower => OnErasure::Removed,
            // The user leaves the list of its school, where it stands by name, when all else is done.
            Guid | CustomId | School | UserType | Grade | Status | Username | Version | DeletedAt | EraseAt | Roles
            | Source | FormerUsernames | SchoolPartition | SchoolPlace | SignedOutAt | DisabledSince | LastUpload => {
                OnErasure::Stays
            }
        }
    }

    /// Whether not every user has it, so that a write without it takes it away.
    pub fn may_be_missing(self) -> bool {
        match self {
            CustomId | DeletedAt | EraseAt | Source | EmailKey | SchoolPartition | SchoolPlace => true,
            // The rest of those is no part of every write, and stays as it is.
            Guid | FirstName | MiddleName | LastName | Email | School | UserType | Position | Grade | Status
            | Username | Version | Roles | FormerUsernames | PasswordHash | TemporaryPassword | OwnPassword
            | TemporarySince | TemporaryUsedAt | PasswordPower | SignedOutAt | DisabledSince | LastUpload => false,
        }
    }

    /// Whether it goes with the password that it tells of, because others gave that.
    pub fn is_of_given_password(self) -> bool {
        match self {
            TemporarySince | TemporaryUsedAt | PasswordPower => true,
            Guid | CustomId | FirstName | MiddleName | LastName | Email | School | UserType | Position | Grade
            | Status | Username | Version | DeletedAt | EraseAt | Roles | Source | FormerUsernames | EmailKey
            | SchoolPartition | SchoolPlace | PasswordHash | TemporaryPassword | OwnPassword | SignedOutAt
            | DisabledSince | LastUpload => false,
        }
    }

    /// Whether the index by school has it. What an index of a table has can't be changed once the table is there, so a part
    /// of a user that was added later is in none: who is read through the index lacks it.
    fn is_in_index(self) -> bool {
        self.is_of_user() && self != Source
    }

    /// Returns the attributes that the index by school has.
    pub fn in_index() -> impl Iterator<Item = Attribute> {
        Attribute::ALL.into_iter().filter(|attribute| attribute.is_in_index())
    }

    /// Returns the attributes that are a part of [`roster::User`].
    pub fn of_user() -> impl Iterator<Item = Attribute> {
        Attribute::ALL.into_iter().filter(|attribute| attribute.is_of_user())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(are: impl Fn(Attribute) -> bool) -> Vec<&'static str> {
        Attribute::ALL.into_iter().filter(|attribute| are(*attribute)).map(Attribute::name).collect()
    }

    #[test]
    fn every_name_is_that_of_its_attribute() {
        for attribute in Attribute::ALL {
            assert_eq!(Attribute::from_name(attribute.name()), Some(attribute));
        }
        assert_eq!(Attribute::from_name("pk"), None);
    }

    #[test]
    fn what_is_personal_goes_but_for_names_that_stay_reserved() {
        let stays = |a: Attribute| a.is_personal() && a.on_erasure() == OnErasure::Stays;
        assert_eq!(names(stays), ["username", "former_usernames", "gsi_sk"]);
        let emptied = ["first_name", "middle_name", "last_name", "email", "position"];
        assert_eq!(names(|a| a.on_erasure() == OnErasure::Emptied), emptied);
    }

    #[test]
    fn all_that_is_known_of_a_password_goes_with_the_person() {
        let of_password = |a: Attribute| a.name().contains("password") || a.name().starts_with("temporary");
        assert_eq!(names(|a| a.on_erasure() == OnErasure::Removed && a != EmailKey), names(of_password));
    }
}
