//! The users of a case, and what a plan makes of them when nothing stands in its way.

use std::collections::{HashMap, HashSet};

use roster::user::fold;
use roster::{
    Change, Column, Directory, Fields, Guid, Kind, PasswordSource, Plan, RekeyChoice, RemovalAction, Schools, SourceId,
    Status,
};
use roster::{Password, User};

/// The users of an organisation and the passwords that are known of them.
#[derive(Clone)]
pub struct World {
    pub users: Vec<User>,
    pub passwords: HashMap<Guid, String>,
    /// Those who set their password themselves.
    pub own_passwords: HashSet<Guid>,
}

impl World {
    /// Reads `directory.csv`: the columns of the users download, and where wanted `password` (the present one),
    /// `own_password` (where the user set it), `deleted`, `former_usernames` with spaces in between, and `source`.
    pub fn read(csv: &str, schools: &Schools) -> World {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().expect("directory.csv has headers").clone();
        let mut world = World { users: Vec::new(), passwords: HashMap::new(), own_passwords: HashSet::new() };
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
                    "" => roster::Grade::Unspecified,
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

    /// Returns the users as a directory.
    pub fn directory(&self) -> Directory {
        Directory::new(self.users.clone())
    }

    /// Whether the user has that password.
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

    /// Carries out one change; `names` are those that users have after the plan: who gives one up that somebody takes
    /// over has it no longer.
    fn carry_out(&mut self, change: &Change, removal: RemovalAction, names: &HashSet<String>) {
        let place = self.users.iter().position(|u| u.guid == change.guid);
        let before = place.map(|i| &self.users[i]);
        assert_eq!(change.seen_version, before.map(|u| u.version), "a change names the version that it saw");
        assert_eq!(change.before, before.and_then(Fields::of), "a change says how the user was");
        assert_eq!(change.kind == Kind::Created, before.is_none(), "only users that are not there are created");
        match (&change.after, place) {
            (Some(fields), None) => self.users.push(user(change.guid, fields, 1)),
            (Some(fields), Some(i)) => {
                let before = &self.users[i];
                let mut after = user(change.guid, fields, before.version + 1);
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

fn user(guid: Guid, fields: &Fields, version: u64) -> User {
    User {
        guid,
        custom_id: Some(fields.custom_id.clone()),
        first_name: fields.first_name.clone(),
        middle_name: fields.middle_name.clone(),
        last_name: fields.last_name.clone(),
        email: fields.email.clone(),
        school: fields.school.clone(),
        user_type: fields.user_type,
        position: fields.position.clone(),
        grade: fields.grade,
        status: fields.status,
        username: fields.username.clone(),
        version,
        deleted_at: None,
        erase_at: None,
        roles: fields.roles.clone(),
        source: fields.source.clone(),
        former_usernames: Vec::new(),
    }
}
