//! One row on its way to a change.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::accounts::{GiveRoles, Rename};
use crate::finding::Person;
use crate::plan::{Change, Fields, Kind, PasswordSource, Unchanged, UnchangedRow};
use crate::role::Roles;
use crate::text::same;
use crate::user::{Directory, Grade, Guid, SchoolId, SchoolKind, Status, User, UserType, fold};
use crate::valid::{OtherRow, Password, RejectedRow, ValidRow};
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
    /// More rows about the same person.
    others: Vec<OtherRow>,
    /// Whom the row is about, for its findings.
    pub(super) person: Option<Person>,
    /// The row has one name, and its user two.
    name_emptied: bool,
}

impl<'d> Entry<'d> {
    pub(super) fn new(mut row: ValidRow, target: Target<'d>, directory: &Directory, c: &Comparison) -> Entry<'d> {
        row.username = row.username.filter(|_| follows_column(target, c));
        if let Some(user) = target.user() {
            row.settle_at(&user.school);
        }
        let name_emptied = target.user().is_some_and(|user| empties_name(&row, user));
        let (others, person) = (std::mem::take(&mut row.others), row.person());
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
            others,
            person,
            name_emptied,
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
        for other in &self.others {
            self.count(other, diff);
        }
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
            let row = UnchangedRow { row: self.row, guid: Some(user.guid), username: user.username.clone(), why };
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
            password,
            before,
            after: Some(self.after),
        });
    }

    /// What is to be said of a row that was compared, and of those that go with it.
    pub(super) fn findings(&self, c: &Comparison) -> Vec<Finding> {
        if self.rejected {
            return others_rejected(self.row, &self.others, self.person.as_ref()).collect();
        }
        let takes_names = self.name_emptied && c.settings.overwrite && c.settings.update_names && !self.rests;
        let emptied = takes_names.then(|| Finding::row(Code::NameEmptied, self.row).about(self.person.clone()));
        emptied.into_iter().collect()
    }

    /// Counts one more row about the same person where this one is counted.
    fn count(&self, other: &OtherRow, diff: &mut Diff) {
        let (school, user_type) = (self.after.school.clone(), self.after.user_type);
        if self.rejected {
            diff.rejected.push(RejectedRow {
                row: other.row,
                custom_id: Some(self.after.custom_id.clone()),
                guid: self.guid_cell,
                school: Some(school),
                user_type: Some(user_type),
                only_protects: true,
                ..RejectedRow::default()
            });
        } else {
            diff.unchanged.push(counted(other, Some(self.guid), &self.after.username, school, user_type));
        }
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
            name: self.person.map(|person| person.name).unwrap_or_default(),
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
    /// What is kept of a row that is about nobody, and of those about the same person.
    pub(super) fn of(row: ValidRow) -> Vec<RejectedRow> {
        let of_others = row.others.iter().map(|other| RejectedRow {
            row: other.row,
            custom_id: Some(row.custom_id.clone()),
            guid: row.guid,
            school: Some(row.school.clone()),
            user_type: Some(row.user_type),
            only_protects: true,
            ..RejectedRow::default()
        });
        let mut all: Vec<RejectedRow> = of_others.collect();
        all.push(RejectedRow {
            row: row.row,
            name: row.person().map(|person| person.name).unwrap_or_default(),
            custom_id: Some(row.custom_id),
            guid: row.guid,
            school: Some(row.school),
            user_type: Some(row.user_type),
            staff_email: row.user_type.is_staff().then_some(row.email),
            username: row.username,
            only_protects: false,
            without_owner: false,
        });
        all
    }
}

/// The findings of rows that go with a rejected one about the same person.
pub(super) fn others_rejected(row: u32, others: &[OtherRow], person: Option<&Person>) -> impl Iterator<Item = Finding> {
    others.iter().map(move |other| {
        let finding = Finding::row(Code::OtherRowRejected, other.row).about(person.cloned());
        finding.expecting(format!("Row {row} without anything wrong."))
    })
}

/// One more row about the same person, and where it is counted.
pub(super) fn counted(
    other: &OtherRow,
    guid: Option<Guid>,
    username: &str,
    school: SchoolId,
    user_type: UserType,
) -> CountedRow {
    let (row, username, why) = (other.row, username.to_owned(), Unchanged::SamePerson);
    CountedRow { row: UnchangedRow { row, guid, username, why }, school, user_type }
}

/// Whether the row leaves out one of the user's two names.
fn empties_name(row: &ValidRow, user: &User) -> bool {
    let has_two = |first: &str, last: &str| !first.is_empty() && !last.is_empty();
    has_two(&user.first_name, &user.last_name) && !has_two(&row.first_name, &row.last_name)
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
    let roles = roles_after(&row, target, c);
    // What differs only in ways that nobody can see stays as it is.
    let unseen = |of_user: fn(&User) -> &String, of_row: String| {
        let present = target.user().map(of_user).filter(|present| same(present, &of_row)).cloned();
        present.unwrap_or(of_row)
    };
    let name = |of_user: fn(&User) -> &String, of_row: String| match kept {
        Some(user) => of_user(user).clone(),
        None => unseen(of_user, of_row),
    };
    let present = target.user().map(|user| user.username.clone());
    let username = row.username.map(|username| unseen(|u| &u.username, username));
    let email = match target.user() {
        Some(user) if row.keeps_email => user.email.clone(),
        _ => unseen(|u| &u.email, row.email),
    };
    Fields {
        roles,
        username: username.or(present).unwrap_or_default(),
        first_name: name(|u| &u.first_name, row.first_name),
        middle_name: name(|u| &u.middle_name, row.middle_name),
        last_name: name(|u| &u.last_name, row.last_name),
        custom_id: row.custom_id,
        email,
        school: row.school,
        user_type: row.user_type,
        position: unseen(|u| &u.position, row.position),
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
