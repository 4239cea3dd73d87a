//! The users and classes of a case, and what a plan makes of them when nothing stands in its way.

use std::collections::{HashMap, HashSet};

use roster::user::fold;
use roster::{
    Change, Class, ClassChange, ClassDirectory, ClassFields, ClassGuid, ClassPlan, ClassStatus, Column, Day, Directory,
    Enrolment, EnrolmentChange, EnrolmentFields, EnrolmentKind, Fields, Grade, Guid, Kind, PasswordSource, Plan,
    RekeyChoice, RemovalAction, Schools, SourceId, Status,
};
use roster::{Password, User};

/// The users of an organisation, the passwords that are known of them, and its classes.
#[derive(Clone, Default)]
pub struct World {
    pub users: Vec<User>,
    pub passwords: HashMap<Guid, String>,
    /// Those who set their password themselves.
    pub own_passwords: HashSet<Guid>,
    pub classes: Vec<Class>,
    /// Those that have ended, too.
    pub enrolments: Vec<Enrolment>,
}

impl World {
    /// Reads `directory.csv`: the columns of the users download, and where wanted `password` (the present one),
    /// `own_password` (where the user set it), `deleted`, `former_usernames` with spaces in between, and `source`.
    pub fn read(csv: &str, schools: &Schools) -> World {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().expect("directory.csv has headers").clone();
        let mut world = World::default();
        for record in reader.records() {
            let record = record.expect("directory.csv is well formed");
            let named = |name: &str| headers.iter().position(|h| h == name).map_or("", |i| &record[i]);
            let cell = |column: Column| named(column.header()).to_owned();
            let guid = Guid(cell(Column::UserGuid).parse().expect("directory.csv has good GUIDs"));
            let school = schools.by_external_id(&cell(Column::SchoolDistrictExternalId));
            world.users.push(User {
                guid,
                custom_id: Some(cell(Column::CustomId)).filter(|id| !id.is_empty()),
                first_name: cell(Column::FirstName),
                middle_name: cell(Column::MiddleName),
                last_name: cell(Column::LastName),
                email: cell(Column::Email),
                school: school.expect("directory.csv has schools that exist").id.clone(),
                user_type: cell(Column::UserType).parse().expect("directory.csv has good user types"),
                position: cell(Column::Position),
                grade: match cell(Column::Grade).as_str() {
                    "" => Grade::Unspecified,
                    grade => grade.parse().expect("directory.csv has good grades"),
                },
                status: cell(Column::Status).parse().expect("directory.csv has good statuses"),
                username: cell(Column::Username),
                version: 1,
                deleted_at: (!named("deleted").is_empty()).then_some(1),
                erase_at: None,
                roles: roster::Roles::default(),
                source: Some(named("source")).filter(|id| !id.is_empty()).map(|id| SourceId(id.to_owned())),
                former_usernames: named("former_usernames").split_whitespace().map(fold).collect(),
            });
            world.own_passwords.extend((!named("own_password").is_empty()).then_some(guid));
            let password = cell(Column::Password);
            if !password.is_empty() {
                world.passwords.insert(guid, password);
            }
        }
        world
    }

    /// Reads `classes.csv`, whose columns are those of rosters and `version`, and `enrolments.csv`: `class_guid`,
    /// `user_guid`, `role`, `starts`, `ends`, `ended` (where it has ended) and `version`.
    ///
    /// Either may be empty.
    pub fn read_classes(&mut self, classes: &str, enrolments: &str, schools: &Schools) {
        for cells in table(classes) {
            let cell = |column: Column| cells.get(column.header()).cloned().unwrap_or_default();
            let day = |column| day(&cell(column));
            let school = schools.by_external_id(&cell(Column::SchoolDistrictExternalId));
            let status = match cell(Column::ClassStatus).as_str() {
                "" => ClassStatus::Active,
                status => status.parse().expect("classes.csv has good statuses"),
            };
            let fields = ClassFields {
                class_id: cell(Column::ClassId),
                school: school.expect("classes.csv has schools that exist").id.clone(),
                name: cell(Column::ClassName),
                grade: match cell(Column::ClassGrade).as_str() {
                    "" => Grade::Unspecified,
                    grade => grade.parse().expect("classes.csv has good grades"),
                },
                course_code: cell(Column::CourseCode),
                subject: cell(Column::Subject),
                period: cell(Column::Period),
                term: cell(Column::Term),
                starts: day(Column::ClassStartDate),
                ends: day(Column::ClassEndDate),
                status,
            };
            self.classes.push(Class {
                guid: ClassGuid(cell(Column::ClassGuid).parse().expect("classes.csv has good GUIDs")),
                version: version(&cells),
                archived_at: (status == ClassStatus::Archived).then_some(1),
                fields,
            });
        }
        for cells in table(enrolments) {
            let cell = |name: &str| cells.get(name).cloned().unwrap_or_default();
            self.enrolments.push(Enrolment {
                class: ClassGuid(cell("class_guid").parse().expect("enrolments.csv has good GUIDs of classes")),
                user: Guid(cell("user_guid").parse().expect("enrolments.csv has good GUIDs of users")),
                version: version(&cells),
                fields: EnrolmentFields {
                    role: cell("role").parse().expect("enrolments.csv has good roles"),
                    starts: day(&cell("starts")),
                    ends: day(&cell("ends")),
                },
                ended_at: (!cell("ended").is_empty()).then_some(1),
            });
        }
    }

    /// Returns the classes as a directory.
    pub fn class_directory(&self) -> ClassDirectory {
        ClassDirectory::new(self.classes.clone(), self.enrolments.clone())
    }

    /// Returns the users as a directory.
    pub fn directory(&self) -> Directory {
        Directory::new(self.users.clone())
    }

    /// Returns whether the user has that password.
    pub fn has_password(&self, user: &User, password: &Password) -> bool {
        self.passwords.get(&user.guid).is_some_and(|p| p == password.reveal())
    }

    /// Returns the users after every change of the plan was carried out.
    pub fn after(&self, plan: &Plan, passwords: &HashMap<Guid, Password>) -> World {
        let mut after = self.clone();
        // As if every probable re-key were one.
        let changes = || plan.changes.iter().flat_map(|change| change.chosen(RekeyChoice::SamePerson));
        let fields = changes().filter_map(|change| change.after);
        let names: HashSet<String> = fields.map(|fields| fold(&fields.username)).collect();
        for change in changes() {
            after.carry_out(&change, plan.removal_action, &names);
            if change.password.is_some_and(PasswordSource::is_of_file) {
                let password =
                    passwords.get(&change.guid).expect("a password from the file is kept until it is hashed");
                after.passwords.insert(change.guid, password.reveal().to_owned());
            }
        }
        after
    }

    /// Returns the world after every change of classes was carried out, once those of users were.
    pub fn after_classes(mut self, plan: &ClassPlan) -> World {
        plan.classes.iter().for_each(|change| self.carry_out_class(change));
        // As if every probable re-key were one.
        let enrolments = plan.enrolments.iter().filter_map(|change| change.chosen(RekeyChoice::SamePerson));
        enrolments.for_each(|change| self.carry_out_enrolment(change));
        self
    }

    fn carry_out_class(&mut self, change: &ClassChange) {
        let place = self.classes.iter().position(|class| class.guid == change.class);
        let before = place.map(|i| self.classes[i].clone());
        assert_eq!(
            change.seen_version,
            before.as_ref().map(|class| class.version),
            "a change names the version it saw"
        );
        assert_eq!(change.before, before.as_ref().map(|class| class.fields.clone()), "and says how the class was");
        let namesake = |class: &Class| class.guid != change.class && class.fields.class_id == change.after.class_id;
        assert!(!self.classes.iter().any(namesake), "a class ID is unique");
        let class = Class {
            guid: change.class,
            version: before.map_or(1, |class| class.version + 1),
            archived_at: (change.after.status == ClassStatus::Archived).then_some(2),
            fields: change.after.clone(),
        };
        match place {
            Some(i) => self.classes[i] = class,
            None => self.classes.push(class),
        }
    }

    fn carry_out_enrolment(&mut self, change: EnrolmentChange) {
        let place = self.enrolments.iter().position(|e| (e.class, e.user) == (change.class, change.user));
        let before = place.map(|i| self.enrolments[i].clone());
        assert_eq!(change.seen_version, before.as_ref().map(|e| e.version), "a change names the version it saw");
        let active = before.as_ref().filter(|enrolment| enrolment.is_active()).map(|e| e.fields.clone());
        assert_eq!(change.before, active, "and says what the user was in the class");
        assert_eq!(change.kind == EnrolmentKind::Created, active.is_none(), "only who is not in the class is enrolled");
        assert_eq!(change.kind == EnrolmentKind::Ended, change.after.is_none());
        let fields = change.after.or(change.before).expect("a change has fields before or after");
        let enrolment = Enrolment {
            class: change.class,
            user: change.user,
            version: before.map_or(1, |enrolment| enrolment.version + 1),
            fields,
            ended_at: (change.kind == EnrolmentKind::Ended).then_some(2),
        };
        match place {
            Some(i) => self.enrolments[i] = enrolment,
            None => self.enrolments.push(enrolment),
        }
    }

    /// Carries out one change.
    ///
    /// `names` are the user names that are taken after the plan, so that a user who gives one up to another loses it.
    fn carry_out(&mut self, change: &Change, removal: RemovalAction, names: &HashSet<String>) {
        let place = self.users.iter().position(|u| u.guid == change.guid);
        let before = place.map(|i| &self.users[i]);
        assert_eq!(change.seen_version, before.map(|u| u.version), "a change names the version that it saw");
        assert_eq!(change.before, before.and_then(Fields::of), "a change says how the user was");
        assert_eq!(change.kind == Kind::Created, before.is_none(), "only users that are not there are created");
        match (&change.after, place) {
            (Some(fields), None) => self.users.push(fields.clone().into_user(change.guid, 1)),
            (Some(fields), Some(i)) => {
                let before = &self.users[i];
                let mut after = fields.clone().into_user(change.guid, before.version + 1);
                after.former_usernames.clone_from(&before.former_usernames);
                let name = fold(&before.username);
                if !after.is_named(&name) {
                    after.former_usernames.retain(|former| *former != name);
                    after.former_usernames.extend((!names.contains(&name)).then_some(name));
                }
                self.users[i] = after;
            }
            (None, Some(i)) => {
                assert_eq!((change.kind, removal), (Kind::Removed, RemovalAction::Delete));
                self.users[i].deleted_at = Some(2);
                self.users[i].version += 1;
            }
            (None, None) => panic!("a change of nobody"),
        }
        if change.kind == Kind::Removed && removal == RemovalAction::Disable {
            assert_eq!(change.after.as_ref().map(|f| f.status), Some(Status::Disabled));
        }
    }
}

/// Returns the cells of each row of a file by their headers.
fn table(csv: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().expect("the file has headers").clone();
    let cells = |record: csv::StringRecord| {
        headers.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect::<HashMap<_, _>>()
    };
    reader.records().map(|record| cells(record.expect("the file is well formed"))).collect()
}

fn version(cells: &HashMap<String, String>) -> u64 {
    cells.get("version").filter(|cell| !cell.is_empty()).map_or(1, |cell| cell.parse().expect("versions are numbers"))
}

fn day(cell: &str) -> Option<Day> {
    (!cell.is_empty()).then(|| cell.parse().expect("days are written like 2026-11-28"))
}
