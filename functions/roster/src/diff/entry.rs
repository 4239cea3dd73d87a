//! One row on its way to a change.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::accounts::{GiveRoles, Rename};
use crate::plan::{Change, Fields, Kind, PasswordSource, Unchanged, UnchangedRow};
use crate::role::Roles;
use crate::user::{Directory, Grade, Guid, SchoolId, SchoolKind, Status, User, UserType, fold};
use crate::valid::{Password, RejectedRow, ValidRow};
use crate::{Code, Column, Finding};

use super::target::Target;
use super::unique::{Unique, staff_email};
use super::{Comparison, CountedRow, Diff};

/// A row, the user it is about, and what it would make of it.
pub(super) struct Entry<'d> {
    pub(super) row: u32,
    pub(super) target: Target<'d>,
    pub(super) guid: Guid,
    pub(super) after: Fields,
    pub(super) rejected: bool,
    /// The row has a user name that counts.
    pub(super) has_username: bool,
    /// The user takes over the user name of somebody who gets another one in exchange.
    pub(super) takes_over: bool,
    /// The user is archived because it was disabled for long, and stays so: the row says Disabled, too.
    pub(super) rests: bool,
    /// The row differs from its user, who keeps every detail all the same.
    kept: bool,
    /// The GUID that the row has itself.
    guid_cell: Option<Guid>,
    password: Option<Password>,
}

impl<'d> Entry<'d> {
    pub(super) fn new(mut row: ValidRow, target: Target<'d>, directory: &Directory, c: &Comparison) -> Entry<'d> {
        row.username = row.username.filter(|_| follows_column(target, c));
        let mut entry = Entry {
            row: row.row,
            target,
            guid: target.user().map_or_else(|| new_guid(&row.custom_id, directory, c), |u| u.guid),
            rejected: false,
            has_username: row.username.is_some(),
            takes_over: false,
            rests: row.status == Status::Disabled && target.user().is_some_and(User::is_archived),
            kept: false,
            guid_cell: row.guid,
            password: row.password.take(),
            after: fields_after(row, target, c),
        };
        let stays = entry.rests || matches!(target, Target::Existing(_)) && !c.settings.overwrite;
        if let Some(present) = target.user().filter(|_| stays).and_then(normal_fields) {
            entry.kept = !entry.rests && present != entry.after;
            entry.has_username = false;
            entry.after = present;
        }
        entry
    }

    /// What the user will hold.
    pub(super) fn holds(&self, unique: Unique) -> Option<String> {
        match unique {
            Unique::Username => Some(fold(&self.after.username)).filter(|name| !name.is_empty()),
            // Who is in the archive has let go of the address.
            Unique::StaffEmail => staff_email(self.after.user_type, &self.after.email).filter(|_| !self.rests),
        }
    }

    /// What the user will hold and does not hold now.
    pub(super) fn claims(&self, unique: Unique) -> Option<String> {
        let now = self.target.user().and_then(|user| unique.of_user(user));
        self.holds(unique).filter(|after| now.as_ref() != Some(after))
    }

    /// A finding about the cell that holds the user name or the address.
    pub(super) fn finding(&self, code: Code, unique: Unique) -> Finding {
        let (column, value) = match unique {
            Unique::Username => (Column::Username, &self.after.username),
            Unique::StaffEmail => (Column::Email, &self.after.email),
        };
        Finding::at(code, self.row, column, value)
    }

    /// Puts the row where it belongs.
    pub(super) fn finish(self, exchange: Option<u32>, c: &Comparison, diff: &mut Diff) {
        if self.rejected {
            return diff.rejected.push(self.into_rejected());
        }
        let before = self.target.user().and_then(normal_fields);
        let password = self.new_password(c).filter(|_| !self.rests);
        let may_stay = self.rests || matches!(self.target, Target::Existing(_));
        if let Some(user) = self.target.user()
            && may_stay
            && before.as_ref() == Some(&self.after)
            && password.is_none()
        {
            let why = if self.kept { Unchanged::Kept } else { Unchanged::Same };
            let row = UnchangedRow {
                row: self.row,
                guid: Some(user.guid),
                username: user.username.clone(),
                why,
                not_updated: Vec::new(),
            };
            return diff.unchanged.push(CountedRow { row, school: self.after.school, user_type: self.after.user_type });
        }
        if password == Some(PasswordSource::File) {
            diff.passwords.extend(self.password.map(|password| (self.guid, password)));
        }
        let restores = matches!(self.target, Target::Deleted(_));
        diff.changes.push(Change {
            kind: before.as_ref().map_or(Kind::Created, |before| kind(before, &self.after, restores)),
            guid: self.guid,
            row: Some(self.row),
            seen_version: self.target.user().map(|u| u.version),
            restores,
            exchange,
            two_people: None,
            not_updated: Vec::new(),
            password,
            before,
            after: Some(self.after),
        });
    }

    /// What is kept of a row that is rejected after all.
    fn into_rejected(self) -> RejectedRow {
        RejectedRow {
            row: self.row,
            staff_email: self.after.user_type.is_staff().then_some(self.after.email),
            username: self.has_username.then_some(self.after.username),
            custom_id: Some(self.after.custom_id),
            guid: self.guid_cell,
            school: Some(self.after.school),
            user_type: Some(self.after.user_type),
            only_protects: false,
            without_owner: false,
        }
    }

    fn new_password(&self, c: &Comparison) -> Option<PasswordSource> {
        match (self.target, &self.password) {
            (Target::Existing(user), Some(password)) => {
                let may_change = c.settings.overwrite && c.settings.update_password;
                let changes = may_change && !(c.password_is_current)(user, password);
                changes.then_some(PasswordSource::File)
            }
            (Target::Existing(_), None) => None,
            (_, given) => Some(c.accounts.passwords.for_new(self.after.user_type, self.after.grade, given.is_some())),
        }
    }
}

impl RejectedRow {
    /// What is kept of a row that is about nobody.
    pub(super) fn of(row: ValidRow) -> RejectedRow {
        RejectedRow {
            row: row.row,
            custom_id: Some(row.custom_id),
            guid: row.guid,
            school: Some(row.school),
            user_type: Some(row.user_type),
            staff_email: row.user_type.is_staff().then_some(row.email),
            username: row.username,
            only_protects: false,
            without_owner: false,
        }
    }
}

/// Whether a user name in the row counts, if there is one.
fn follows_column(target: Target, c: &Comparison) -> bool {
    matches!(target, Target::New) || c.accounts.usernames.rename != Rename::Never
}

fn kind(before: &Fields, after: &Fields, restores: bool) -> Kind {
    let activates = before.status == Status::Disabled && after.status == Status::Active;
    match before.school == after.school {
        _ if fold(&before.username) != fold(&after.username) => Kind::Renamed,
        false => Kind::Moved,
        true if restores || activates => Kind::Reactivated,
        true => Kind::Updated,
    }
}

/// What the user will be; a new one that the rule has to name has no user name yet. Names that people chose stay,
/// unless the settings say otherwise or the user comes back from deletion.
fn fields_after(row: ValidRow, target: Target, c: &Comparison) -> Fields {
    let kept = match target {
        Target::Existing(user) if !c.settings.update_names => Some(user),
        _ => None,
    };
    let name = |of_user: fn(&User) -> &String, of_row: String| kept.map_or(of_row, |user| of_user(user).clone());
    let present = target.user().map(|user| user.username.clone());
    Fields {
        roles: roles_after(&row, target, c),
        username: row.username.or(present).unwrap_or_default(),
        first_name: name(|u| &u.first_name, row.first_name),
        middle_name: name(|u| &u.middle_name, row.middle_name),
        last_name: name(|u| &u.last_name, row.last_name),
        custom_id: row.custom_id,
        email: row.email,
        school: row.school,
        user_type: row.user_type,
        position: row.position,
        grade: row.grade,
        status: row.status,
    }
}

/// The roles that the settings give, or that the user has.
fn roles_after(row: &ValidRow, target: Target, c: &Comparison) -> Roles {
    let at_district = |school: &SchoolId| c.schools.by_id(school).is_some_and(|s| s.kind == SchoolKind::District);
    let given = || c.accounts.roles.of(row.user_type, at_district(&row.school));
    let same = |user: &User| {
        let administrator = row.user_type == UserType::Administrator;
        user.user_type == row.user_type && (!administrator || at_district(&user.school) == at_district(&row.school))
    };
    match target.user() {
        Some(user) if c.accounts.roles.when == GiveRoles::OnCreation && same(user) => user.roles.clone(),
        _ => given(),
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
