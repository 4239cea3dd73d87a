//! One row on its way to a change.

use super::change::{Change, KeptField, Kind, Removal, TwoPeople, Unchanged, UnchangedRow};
use crate::file::NoPlace;
use crate::model::finding::Person;
use crate::model::text::same;
use crate::model::{
    Code, Column, Directory, Fields, Finding, Grade, Guid, Roles, SchoolId, Status, User, UserType, derived_uuid, fold,
};
use crate::settings::accounts::{GiveRoles, Rename};
use crate::settings::{PasswordSource, RemovalAction};
use crate::username;
use crate::username::Maker;
use crate::validate::{Clues, OtherRow, Password, Placement, RejectedRow, Unsaid, ValidRow};

use super::comparison::Comparison;
use super::diffed::{CountedRow, Diff};
use super::exchanges::{Act, Exchanges};
use super::target::Target;
use super::unique::{Unique, staff_email};

/// A row, the user it is about, and what it would make of it.
pub(super) struct RowDiff<'d> {
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
    /// The fields in which the row differs from its user, who keeps them by the settings.
    not_updated: Vec<KeptField>,
    /// The user whose new custom ID the row probably has; see [`super::rekeys`].
    pub(super) rekey: Option<Rekey<'d>>,
    /// The user who has the row's name and user name, and whom no row is about: the row's user name is left to it.
    pub(super) left_username_to: Option<&'d User>,
    /// What the row does not say, so that the user keeps what it has.
    unsaid: Unsaid,
    /// The columns whose text may have been broken before it came.
    doubted: Vec<Column>,
    /// The GUID that the row has itself.
    guid_cell: Option<Guid>,
    /// What else the row says of whom it is about.
    pub(super) clues: Clues,
    password: Option<Password>,
    /// More rows about the same person.
    others: Vec<OtherRow>,
    /// Whom the row is about, for its findings.
    pub(super) person: Option<Person>,
    /// The row has one name, and its user two.
    name_emptied: bool,
}

/// A user whose new custom ID a row probably has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rekey<'d> {
    pub(super) user: &'d User,
    /// The place of its removal, in a full sync.
    pub(super) absent: Option<usize>,
}

impl<'d> RowDiff<'d> {
    /// Compares a row with its user. `no_place` says whom the row's format has no place for.
    pub(super) fn new(
        mut row: ValidRow,
        target: Target<'d>,
        no_place: &NoPlace,
        directory: &Directory,
        c: &Comparison,
    ) -> RowDiff<'d> {
        let is_kept = is_kept_administrator(target, no_place);
        row.username = row.username.filter(|_| follows_column(target, c));
        if let Some(user) = target.user() {
            row.settle_at(&user.school);
        }
        let name_emptied = !is_kept && target.user().is_some_and(|user| empties_name(&row, user));
        let (others, person, clues) = (std::mem::take(&mut row.others), row.person(), Clues::of(&row));
        let (number, guid_cell, password) = (row.row, row.guid, row.password.take().filter(|_| !is_kept));
        let (unsaid, doubted) = (row.unsaid, std::mem::take(&mut row.doubted));
        let (has_username, status) = (row.username.is_some(), row.status);
        let said = said(row, target);
        let after = fields_after(said.clone(), target, c);
        let mut entry = RowDiff {
            row: number,
            target,
            guid: target.user().map_or_else(|| new_guid(&said.custom_id, directory, c), |u| u.guid),
            rejected: false,
            has_username,
            takes_over: false,
            rests: status == Status::Disabled && target.user().is_some_and(User::is_archived),
            not_updated: Vec::new(),
            rekey: None,
            left_username_to: None,
            unsaid,
            doubted,
            guid_cell,
            clues,
            password,
            others,
            person,
            name_emptied,
            after,
        };
        let stays = entry.rests || is_kept || matches!(target, Target::Existing(_)) && !c.settings.overwrite;
        if let Some(present) = target.user().filter(|_| stays).and_then(normal_fields) {
            entry.has_username = false;
            // Who sends the user is no detail of it.
            let source =
                if entry.rests || is_kept { present.source.clone() } else { c.sender.source_after(target.user()) };
            entry.after = Fields { source, ..present };
        }
        if matches!(target, Target::Existing(_)) && !entry.rests {
            entry.not_updated = not_updated(&said, &entry.after, c);
        }
        entry
    }

    /// Returns first, middle and last name as the row says them.
    pub(super) fn names(&self) -> [&str; 3] {
        [&self.clues.first_name, &self.clues.middle_name, &self.clues.last_name]
    }

    /// Returns the schools where the row, or one more about the same person, says that the person is.
    pub(super) fn schools(&self) -> impl Iterator<Item = &SchoolId> {
        let others = self.others.iter().filter_map(|other| other.place.as_ref()).map(|place| &place.school);
        std::iter::once(&self.after.school).chain(others)
    }

    /// Returns whether the row says by its GUID, too, that it is about the user.
    pub(super) fn is_meant(&self, user: &User) -> bool {
        self.guid_cell.is_some() && user.custom_id.as_ref() == Some(&self.after.custom_id)
    }

    /// Returns what the user will hold.
    pub(super) fn holds(&self, unique: Unique) -> Option<String> {
        match unique {
            Unique::Username => Some(fold(&self.after.username)).filter(|name| !name.is_empty()),
            // Who is in the archive has let go of the address.
            Unique::StaffEmail => staff_email(self.after.user_type, &self.after.email).filter(|_| !self.rests),
        }
    }

    /// Returns what the user will hold and does not hold now.
    pub(super) fn claims(&self, unique: Unique) -> Option<String> {
        let now = self.target.user().and_then(|user| unique.of_user(user));
        self.holds(unique).filter(|after| now.as_ref() != Some(after))
    }

    /// Returns a finding about the cell that holds the user name or the address.
    pub(super) fn finding(&self, code: Code, unique: Unique) -> Finding {
        let (column, value) = match unique {
            Unique::Username => (Column::Username, &self.after.username),
            Unique::StaffEmail => (Column::Email, &self.after.email),
        };
        Finding::at(code, self.row, column, value)
    }

    /// Puts the row where it belongs. `exchanges` says which exchange an act is part of.
    pub(super) fn finish(mut self, place: usize, exchanges: &Exchanges, c: &Comparison, diff: &mut Diff) {
        for other in &self.others {
            self.count(other, diff);
        }
        if self.rejected {
            return diff.rejected.push(self.into_rejected());
        }
        if let Some(rekey) = self.rekey.take() {
            return self.finish_rekey(rekey, place, exchanges, c, diff);
        }
        let before = self.target.user().and_then(normal_fields);
        let password = self.new_password(self.target, c).filter(|_| !self.rests);
        let may_stay = self.rests || matches!(self.target, Target::Existing(_));
        if let Some(user) = self.target.user()
            && may_stay
            && before.as_ref() == Some(&self.after)
            && password.is_none()
        {
            let why = if self.not_updated.is_empty() { Unchanged::Same } else { Unchanged::Kept };
            let (guid, username, not_updated) = (Some(user.guid), user.username.clone(), self.not_updated);
            let row = UnchangedRow { row: self.row, guid, username, why, not_updated };
            return diff.unchanged.push(CountedRow { row, school: self.after.school, user_type: self.after.user_type });
        }
        if password.is_some_and(PasswordSource::is_of_file) {
            diff.passwords.extend(self.password.map(|password| (self.guid, password)));
        }
        let restores = matches!(self.target, Target::Deleted(_));
        diff.changes.push(Change {
            kind: before.as_ref().map_or(Kind::Created, |before| Kind::between(before, &self.after, restores)),
            guid: self.guid,
            row: Some(self.row),
            seen_version: self.target.user().map(|u| u.version),
            restores,
            exchange: exchanges.of(Act::Entry(place)),
            two_people: None,
            not_updated: self.not_updated,
            password,
            before,
            after: Some(self.after),
        });
    }

    /// Adds the row as a change of the user whose it probably is, with what happens if it is not.
    fn finish_rekey(self, rekey: Rekey<'d>, place: usize, exchanges: &Exchanges, c: &Comparison, diff: &mut Diff) {
        let Rekey { user, absent, .. } = rekey;
        let Some(before) = normal_fields(user) else { return };
        let after = self.rekeyed(user, &before, c);
        let (as_new, as_user) = (self.new_password(Target::New, c), self.new_password(Target::Existing(user), c));
        for (guid, source) in [(self.guid, as_new), (user.guid, as_user)] {
            if source.is_some_and(PasswordSource::is_of_file) {
                diff.passwords.extend(self.password.clone().map(|password| (guid, password)));
            }
        }
        let act = Act::Entry(place);
        let removal = absent.map(|absent| Removal {
            after: removed(&before, c.settings.removal_action),
            exchange: exchanges.of(Act::Absent(absent)),
        });
        let others = exchanges.with_others(act, absent.map(Act::Absent));
        diff.changes.push(Change {
            kind: Kind::Rekeyed,
            guid: user.guid,
            row: Some(self.row),
            seen_version: Some(user.version),
            restores: false,
            exchange: others,
            not_updated: not_updated(&self.said_of(user), &after, c),
            password: as_user,
            before: Some(before),
            after: Some(after),
            two_people: Some(Box::new(TwoPeople {
                guid: self.guid,
                fields: self.after,
                password: as_new,
                removal,
                exchange: exchanges.of(act),
            })),
        });
    }

    /// Returns what the user will be if the row is about it. It keeps its user name, unless the settings would rename
    /// it the next time.
    fn rekeyed(&self, user: &'d User, present: &Fields, c: &Comparison) -> Fields {
        let custom_id = self.after.custom_id.clone();
        if !c.settings.overwrite {
            return Fields { custom_id, ..present.clone() };
        }
        let names = Maker::new(&c.accounts.usernames, c.schools, c.now);
        let said = Fields { username: String::new(), ..self.said_of(user) };
        let mut after = fields_after(said, Target::Existing(user), c);
        let by_rule = || {
            let core = names.core(&username::NameSource::of_fields(&after));
            self.left_username_to.is_none() && core.is_some_and(|core| !names.could_have_given(&user.username, &core))
        };
        let renamed = match c.accounts.usernames.rename {
            Rename::Never => false,
            Rename::Column => self.has_username,
            Rename::Always => self.has_username || by_rule(),
        };
        if renamed {
            after.username.clone_from(&self.after.username);
        }
        after
    }

    /// Returns what the row of a new user says, should it be about this one.
    fn said_of(&self, user: &User) -> Fields {
        let mut said = self.after.clone();
        if let Some(Placement { school, position, grade }) =
            OtherRow::place_at(&self.others, (&said.school, said.grade), &user.school)
        {
            (said.school, said.position, said.grade) = (school, position, grade);
        }
        as_the_user_has_it(said, self.unsaid, user)
    }

    /// Returns how many texts that may be broken the row gives its user, who has others now.
    pub(super) fn doubtful_texts(&self) -> u64 {
        if self.rejected || self.doubted.is_empty() {
            return 0;
        }
        let before = self.target.user().and_then(normal_fields);
        let is_given = |column: &&Column| match &before {
            Some(before) => before.value(**column) != self.after.value(**column),
            None => true,
        };
        self.doubted.iter().filter(is_given).count() as u64
    }

    /// Returns the findings of a row that was compared, and of those that go with it.
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

    /// Returns what is kept of a row that is rejected after all.
    fn into_rejected(self) -> RejectedRow {
        RejectedRow {
            row: self.row,
            staff_email: self.after.user_type.is_staff().then_some(self.after.email),
            username: self.has_username.then_some(self.after.username),
            custom_id: Some(self.after.custom_id),
            guid: self.guid_cell,
            school: Some(self.after.school),
            user_type: Some(self.after.user_type),
            clues: self.clues,
            name: self.person.map(|person| person.name).unwrap_or_default(),
            ..RejectedRow::default()
        }
    }

    fn new_password(&self, target: Target, c: &Comparison) -> Option<PasswordSource> {
        match (target, &self.password) {
            (Target::Existing(user), Some(password)) => {
                let may_change = c.settings.overwrite && c.settings.update_password;
                let changes = may_change && !(c.password_is_current)(user, password);
                changes.then(|| c.accounts.passwords.of_file())
            }
            (Target::Existing(_), None) => None,
            (_, given) => Some(c.accounts.passwords.for_new(self.after.user_type, self.after.grade, given.is_some())),
        }
    }
}

impl RejectedRow {
    /// Returns what is kept of a row that is about nobody, and of those about the same person.
    pub(super) fn of(row: ValidRow) -> Vec<RejectedRow> {
        // Of somebody who is not there nobody said what they are, and where.
        let is_said = !row.unsaid.needs_user;
        let of_others = row.others.iter().map(|other| RejectedRow {
            row: other.row,
            custom_id: Some(row.custom_id.clone()),
            guid: row.guid,
            school: is_said.then(|| row.school.clone()),
            user_type: is_said.then_some(row.user_type),
            only_protects: true,
            ..RejectedRow::default()
        });
        let mut all: Vec<RejectedRow> = of_others.collect();
        all.push(RejectedRow {
            row: row.row,
            clues: Clues::of(&row),
            name: row.person().map(|person| person.name).unwrap_or_default(),
            custom_id: Some(row.custom_id),
            guid: row.guid,
            school: is_said.then_some(row.school),
            user_type: is_said.then_some(row.user_type),
            staff_email: row.user_type.is_staff().then_some(row.email),
            username: row.username,
            ..RejectedRow::default()
        });
        all
    }
}

impl Clues {
    /// Returns what a good row says beside its custom ID and GUID.
    pub(super) fn of(row: &ValidRow) -> Clues {
        Clues {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            email: row.email.clone(),
            username: row.username.clone().unwrap_or_default(),
            middle_name: row.middle_name.clone(),
            others: Some(row.position.clone()).filter(|text| !text.is_empty()).into_iter().collect(),
        }
    }
}

/// Returns the findings of rows that go with a rejected one about the same person.
pub(super) fn others_rejected(row: u32, others: &[OtherRow], person: Option<&Person>) -> impl Iterator<Item = Finding> {
    others.iter().map(move |other| {
        let finding = Finding::row(Code::OtherRowRejected, other.row).about(person.cloned());
        finding.expecting(format!("Row {row} without anything wrong."))
    })
}

/// Returns one more row about the same person, and where it is counted.
pub(super) fn counted(
    other: &OtherRow,
    guid: Option<Guid>,
    username: &str,
    school: SchoolId,
    user_type: UserType,
) -> CountedRow {
    let why = if other.for_class { Unchanged::FurtherClass } else { Unchanged::SamePerson };
    let (row, username) = (other.row, username.to_owned());
    CountedRow { row: UnchangedRow { row, guid, username, why, not_updated: Vec::new() }, school, user_type }
}

/// Returns whether the row leaves out one of the user's two names.
fn empties_name(row: &ValidRow, user: &User) -> bool {
    let has_two = |first: &str, last: &str| !first.is_empty() && !last.is_empty();
    has_two(&user.first_name, &user.last_name) && !has_two(&row.first_name, &row.last_name)
}

/// Returns whether a user name in the row counts, if there is one.
fn follows_column(target: Target, c: &Comparison) -> bool {
    matches!(target, Target::New) || c.accounts.usernames.rename != Rename::Never
}

/// Returns what the row says of its user, as fields; the user name is empty where it says none.
fn said(row: ValidRow, target: Target) -> Fields {
    let unsaid = row.unsaid;
    let said = Fields {
        roles: Roles::default(),
        source: None,
        username: row.username.unwrap_or_default(),
        first_name: row.first_name,
        middle_name: row.middle_name,
        last_name: row.last_name,
        custom_id: row.custom_id,
        email: row.email,
        school: row.school,
        user_type: row.user_type,
        position: row.position,
        grade: row.grade,
        status: row.status,
    };
    match target.user() {
        Some(user) => as_the_user_has_it(said, unsaid, user),
        None => said,
    }
}

/// Returns the fields as the row says them, but as the user has them where they differ only in ways that nobody can
/// see. What the row does not say is as the user has it, too.
fn as_the_user_has_it(mut said: Fields, unsaid: Unsaid, user: &User) -> Fields {
    if unsaid.user_type && user.deleted_at.is_none() {
        said.user_type = user.user_type;
    }
    if unsaid.school && user.deleted_at.is_none() {
        said.school.clone_from(&user.school);
    }
    let is_student = said.user_type == UserType::Student;
    if unsaid.email {
        said.email.clone_from(&user.email);
    }
    if unsaid.middle_name {
        said.middle_name.clone_from(&user.middle_name);
    }
    if unsaid.position && !is_student {
        said.position.clone_from(&user.position);
    }
    if unsaid.grade && is_student {
        said.grade = user.grade;
    }
    // Whoever is brought back is as the row says.
    if unsaid.status && user.deleted_at.is_none() {
        said.status = user.status;
    }
    let pairs = [
        (&mut said.username, &user.username),
        (&mut said.first_name, &user.first_name),
        (&mut said.middle_name, &user.middle_name),
        (&mut said.last_name, &user.last_name),
        (&mut said.email, &user.email),
        (&mut said.position, &user.position),
    ];
    for (own, present) in pairs {
        if same(own, present) {
            own.clone_from(present);
        }
    }
    said
}

/// Returns what the user will be; a new one that the rule has to name has no user name yet. Names that people chose
/// stay, unless the settings say otherwise or the user comes back from deletion.
fn fields_after(said: Fields, target: Target, c: &Comparison) -> Fields {
    let (roles, source) = (roles_after(&said, target, c), c.sender.source_after(target.user()));
    let mut after = Fields { roles, source, ..said };
    if let Target::Existing(user) = target
        && !c.settings.update_names
    {
        after.first_name.clone_from(&user.first_name);
        after.middle_name.clone_from(&user.middle_name);
        after.last_name.clone_from(&user.last_name);
    }
    if let Some(user) = target.user().filter(|_| after.username.is_empty()) {
        after.username.clone_from(&user.username);
    }
    after
}

/// Returns where the row differs from what the user will have, because the settings keep it.
fn not_updated(said: &Fields, after: &Fields, c: &Comparison) -> Vec<KeptField> {
    use Column::*;
    const COLUMNS: [Column; 10] =
        [FirstName, LastName, MiddleName, Email, CustomId, SchoolDistrictExternalId, UserType, Position, Grade, Status];
    let shown = |value: &str, column: Column| match column {
        SchoolDistrictExternalId => {
            c.schools.by_id(&SchoolId(value.to_owned())).map_or_else(String::new, |school| school.external_id.clone())
        }
        _ => value.to_owned(),
    };
    let differs = |column: Column| {
        let (said, kept) = (said.value(column)?, after.value(column)?);
        if said == kept {
            return None;
        }
        let [said, kept] = [said, kept].map(|value| shown(value, column));
        (!same(&said, &kept)).then_some(KeptField { column, said, kept })
    };
    COLUMNS.into_iter().filter_map(differs).collect()
}

/// Returns whether the target is an administrator, and the format has no place for those: whatever it calls them, it does
/// not say that they are administrators no more. Of other types it does: a member of staff may have become a teacher.
fn is_kept_administrator(target: Target, no_place: &NoPlace) -> bool {
    let administers = |user: &User| user.user_type == UserType::Administrator;
    no_place.user_types.contains(&UserType::Administrator)
        && matches!(target, Target::Existing(user) if administers(user))
}

/// Returns what is left of a user that a sync removes; `None` where it is deleted.
pub(super) fn removed(before: &Fields, action: RemovalAction) -> Option<Fields> {
    match action {
        RemovalAction::Delete => None,
        RemovalAction::Disable => Some(Fields { status: Status::Disabled, ..before.clone() }),
    }
}

/// Returns the roles that the settings give, or that the user has.
fn roles_after(said: &Fields, target: Target, c: &Comparison) -> Roles {
    let given = || c.accounts.roles.of(said.user_type, c.schools.is_district(&said.school));
    let same = |user: &User| {
        let administrator = said.user_type == UserType::Administrator;
        user.user_type == said.user_type
            && (!administrator || c.schools.is_district(&user.school) == c.schools.is_district(&said.school))
    };
    match target.user() {
        Some(user) if c.accounts.roles.when == GiveRoles::OnCreation && same(user) => user.roles.clone(),
        _ => given(),
    }
}

/// Returns the fields of a managed user, with no position for a student and no grade for anybody else.
pub(super) fn normal_fields(user: &User) -> Option<Fields> {
    let mut fields = Fields::of(user)?;
    match user.user_type {
        UserType::Student => fields.position.clear(),
        _ => fields.grade = Grade::Unspecified,
    }
    Some(fields)
}

/// Returns the GUID that a new user gets, derived from its custom ID: the same whenever the same file is compared
/// again, and in whatever order its rows stand. A GUID that somebody has, whose custom ID was changed since, is passed
/// over.
fn new_guid(custom_id: &str, directory: &Directory, c: &Comparison) -> Guid {
    let derived =
        |attempt: u32| Guid(derived_uuid(&c.guid_seed, &[b"guid", &attempt.to_be_bytes(), custom_id.as_bytes()]));
    (0..).map(derived).find(|guid| directory.by_guid(*guid).is_none()).expect("GUIDs do not run out")
}
