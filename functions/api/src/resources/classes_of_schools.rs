//! The classes of schools, and who is in them, as files that upload again.

use std::collections::{HashMap, HashSet};

use roster::files::{self, Membership};
use roster::{Class, ClassGuid, Enrolment, FeedContents, FeedFormat, Guid, SchoolId, Schools, SentFile, User};

use crate::app::App;
use crate::error::Failure;

/// The active classes of schools, by school and name, and the enrolments that have not ended.
pub struct ClassesOfSchools {
    classes: Vec<Class>,
    enrolments: HashMap<ClassGuid, Vec<Enrolment>>,
}

impl ClassesOfSchools {
    /// Reads classes and enrolments.
    pub async fn read(app: &App, schools: &[SchoolId]) -> Result<ClassesOfSchools, Failure> {
        let classes = app.cloud.class_list_taught(schools).await?;
        let enrolments = app.cloud.enrolment_list_active(&classes).await?;
        Ok(ClassesOfSchools { classes, enrolments })
    }

    /// Reads classes only.
    pub async fn read_classes(app: &App, schools: &[SchoolId]) -> Result<ClassesOfSchools, Failure> {
        Ok(ClassesOfSchools { classes: app.cloud.class_list_taught(schools).await?, enrolments: HashMap::new() })
    }

    /// Returns the file of classes.
    pub fn file(&self, schools: &Schools) -> Vec<u8> {
        files::classes_file(&self.classes, schools)
    }

    /// Returns the directory in the format of another system.
    ///
    /// Of people in classes who are none of `users`, nothing is said.
    pub fn feed(&self, format: FeedFormat, users: &[User], schools: &Schools, now: u64) -> Vec<SentFile> {
        let ClassesOfSchools { classes, enrolments } = self;
        roster::feed(format, &FeedContents { schools, users, classes, enrolments, now })
    }

    /// Returns the file of users with their classes.
    pub fn with_users(&self, users: &[User], schools: &Schools) -> Vec<u8> {
        let mut of_user: HashMap<Guid, Vec<(&Class, &Enrolment)>> = HashMap::new();
        for class in &self.classes {
            for enrolment in self.enrolments.get(&class.guid).into_iter().flatten() {
                of_user.entry(enrolment.user).or_default().push((class, enrolment));
            }
        }
        files::flat_file(users.iter().map(|user| (user, of_user.remove(&user.guid).unwrap_or_default())), schools)
    }

    /// Returns the file of enrolments.
    ///
    /// `users` are those of the schools; others are looked up.
    pub async fn enrolments(&self, app: &App, users: Vec<User>) -> Result<Vec<u8>, Failure> {
        let mut known: HashMap<Guid, User> = users.into_iter().map(|user| (user.guid, user)).collect();
        let members = self.enrolments.values().flatten().map(|enrolment| enrolment.user);
        let others: HashSet<Guid> = members.filter(|user| !known.contains_key(user)).collect();
        let others = app.cloud.user_get_many(others).await?;
        known.extend(others.into_iter().filter(|user| user.deleted_at.is_none()).map(|user| (user.guid, user)));
        let places = self.classes.iter().flat_map(|class| {
            let enrolments = self.enrolments.get(&class.guid).into_iter().flatten();
            enrolments.filter_map(|enrolment| Some(Membership { class, user: known.get(&enrolment.user)?, enrolment }))
        });
        Ok(files::enrolments_file(places))
    }
}
