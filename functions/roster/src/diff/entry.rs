//! One row on its way to a change.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::plan::{Change, Fields, Kind, PasswordSource, UnchangedRow};
use crate::user::{Directory, Grade, Guid, Status, User, UserType, fold};
use crate::valid::{Password, RejectedRow, ValidRow};
use crate::{Code, Column, Finding};

use super::claims::{Held, Unique, staff_email};
use super::target::Target;
use super::{Comparison, Unchanged};

/// A row, the user it is about, and what it would make of it.
pub(super) struct Entry<'d> {
    pub(super) row: ValidRow,
    pub(super) target: Target<'d>,
    pub(super) guid: Guid,
    pub(super) after: Fields,
    pub(super) rejected: bool,
    before: Option<Fields>,
    held: [Held; 2],
}

/// What an entry comes to.
pub(super) enum Outcome {
    Change(Change, Option<Password>),
    Unchanged(Unchanged),
}

impl<'d> Entry<'d> {
    pub(super) fn new(row: ValidRow, target: Target<'d>, directory: &Directory, c: &Comparison) -> Entry<'d> {
        let user = target.user();
        let guid = user.map_or_else(|| new_guid(&row.custom_id, directory, c), |u| u.guid);
        let after = fields_after(&row, target, c);
        let held = Unique::ALL.map(|unique| Held {
            before: user.and_then(|u| unique.of_user(u)),
            after: match unique {
                Unique::Username => Some(fold(&after.username)),
                Unique::StaffEmail => staff_email(after.user_type, &after.email),
            },
        });
        Entry { before: user.and_then(normal_fields), row, target, guid, after, rejected: false, held }
    }

    pub(super) fn held(&self, unique: Unique) -> &Held {
        &self.held[unique as usize]
    }

    /// A finding about the cell that holds the user name or the address. A user name that comes from the custom
    /// ID is found there.
    pub(super) fn finding(&self, code: Code, unique: Unique) -> Finding {
        let (column, value) = match unique {
            Unique::Username if self.row.username.is_none() => (Column::CustomId, &self.after.username),
            Unique::Username => (Column::Username, &self.after.username),
            Unique::StaffEmail => (Column::Email, &self.after.email),
        };
        Finding::at(code, self.row.row, column, value)
    }

    pub(super) fn outcome(self, c: &Comparison) -> Outcome {
        let password = self.new_password(c);
        if let Target::Existing(user) = self.target
            && self.before.as_ref() == Some(&self.after)
            && password.is_none()
        {
            let row = UnchangedRow { row: self.row.row, guid: user.guid, username: user.username.clone() };
            let (school, user_type) = (self.after.school, self.after.user_type);
            return Outcome::Unchanged(Unchanged { row, school, user_type });
        }
        let change = Change {
            kind: self.kind(),
            guid: self.guid,
            row: Some(self.row.row),
            seen_version: self.target.user().map(|u| u.version),
            restores: matches!(self.target, Target::Deleted(_)),
            exchange: None,
            password,
            before: self.before,
            after: Some(self.after),
        };
        Outcome::Change(change, self.row.password.filter(|_| password == Some(PasswordSource::File)))
    }

    fn kind(&self) -> Kind {
        match (&self.before, self.target) {
            (None, _) | (_, Target::New) => Kind::Created,
            (Some(before), _) if before.school != self.after.school => Kind::Moved,
            (Some(_), Target::Deleted(_)) => Kind::Reactivated,
            (Some(before), _) if before.status == Status::Disabled && self.after.status == Status::Active => {
                Kind::Reactivated
            }
            _ => Kind::Updated,
        }
    }

    fn new_password(&self, c: &Comparison) -> Option<PasswordSource> {
        match (self.target, &self.row.password) {
            (Target::Existing(user), Some(password)) => {
                let changes = c.settings.update_password && !(c.password_is_current)(user, password);
                changes.then_some(PasswordSource::File)
            }
            (Target::Existing(_), None) => None,
            (_, Some(_)) => Some(PasswordSource::File),
            (_, None) => Some(PasswordSource::Temporary),
        }
    }
}

impl RejectedRow {
    /// What is kept of a row that is rejected after all.
    pub(super) fn of(row: &ValidRow) -> RejectedRow {
        RejectedRow {
            row: row.row,
            custom_id: Some(row.custom_id.clone()),
            guid: row.guid,
            school: Some(row.school.clone()),
            user_type: Some(row.user_type),
            staff_email: row.user_type.is_staff().then(|| row.email.clone()),
            username: row.username.clone(),
            only_protects: false,
        }
    }
}

/// What the user will be. Names that people chose stay, unless the settings say otherwise or the user comes back
/// from deletion.
fn fields_after(row: &ValidRow, target: Target, c: &Comparison) -> Fields {
    let kept_names = match target {
        Target::Existing(user) if !c.settings.update_names => Some(user),
        _ => None,
    };
    let name = |of_user: fn(&User) -> &String, of_row: &String| kept_names.map_or(of_row, of_user).clone();
    let username = row.username.as_ref().or(target.user().map(|u| &u.username)).unwrap_or(&row.custom_id);
    Fields {
        custom_id: row.custom_id.clone(),
        first_name: name(|u| &u.first_name, &row.first_name),
        middle_name: name(|u| &u.middle_name, &row.middle_name),
        last_name: name(|u| &u.last_name, &row.last_name),
        email: row.email.clone(),
        school: row.school.clone(),
        user_type: row.user_type,
        position: row.position.clone(),
        grade: row.grade,
        status: row.status,
        username: username.clone(),
    }
}

/// The fields of a managed user, with no position for a student and no grade for anybody else.
pub(super) fn normal_fields(user: &User) -> Option<Fields> {
    let mut fields = Fields::of(user)?;
    match user.user_type {
        UserType::Student => fields.position.clear(),
        _ => fields.grade = Grade::Unspecified,
    }
    Some(fields)
}

/// The GUID that a new user gets, derived from its custom ID: the same whenever the same file is compared again,
/// and in whatever order its rows stand. A GUID that somebody has, whose custom ID was changed since, is passed
/// over.
fn new_guid(custom_id: &str, directory: &Directory, c: &Comparison) -> Guid {
    let derived = |attempt: u32| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&c.guid_seed).expect("a key of any length is fine");
        mac.update(b"guid");
        mac.update(&attempt.to_be_bytes());
        mac.update(custom_id.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut first = [0; 16];
        first.copy_from_slice(&bytes[..16]);
        Guid(uuid::Builder::from_custom_bytes(first).into_uuid())
    };
    (0..).map(derived).find(|guid| directory.by_guid(*guid).is_none()).expect("GUIDs do not run out")
}
