//! The classes of schools, and who is in them, as files that upload again.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use roster::files::{self, Membership};
use roster::{Class, ClassGuid, Enrolment, FeedContents, FeedFormat, Guid, SchoolId, Schools, SentFile, User};

use crate::app::App;
use crate::error::Failure;

/// How many classes are read at once.
const READ: u16 = 1000;
/// Of how many classes the enrolments are read side by side.
const SIDE_BY_SIDE: usize = 32;

/// The active classes of schools, by school and name, and the enrolments that have not ended.
pub struct ClassesOfSchools {
    classes: Vec<Class>,
    enrolments: HashMap<ClassGuid, Vec<Enrolment>>,
}

impl ClassesOfSchools {
    /// Reads classes and enrolments.
    pub async fn read(app: &App, schools: &[SchoolId]) -> Result<ClassesOfSchools, Failure> {
        let mut read = ClassesOfSchools::read_classes(app, schools).await?;
        let of_class = |class: ClassGuid| async move {
            Ok::<_, Failure>((class, app.cloud.enrolment_list_of_class(class).await?))
        };
        let guids: Vec<ClassGuid> = read.classes.iter().map(|class| class.guid).collect();
        let all: Vec<_> = stream::iter(guids).map(of_class).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        let active = |list: Vec<Enrolment>| list.into_iter().filter(Enrolment::is_active).collect();
        read.enrolments = all.into_iter().map(|(class, list)| (class, active(list))).collect();
        Ok(read)
    }

    /// Reads classes only.
    pub async fn read_classes(app: &App, schools: &[SchoolId]) -> Result<ClassesOfSchools, Failure> {
        let mut classes = Vec::new();
        for school in schools {
            let mut after = None;
            loop {
                let page = app.cloud.class_list_of_school(school, false, after, READ).await?;
                classes.extend(page.classes);
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(ClassesOfSchools { classes, enrolments: HashMap::new() })
    }

    /// Returns the file of classes.
    pub fn file(&self, schools: &Schools) -> Vec<u8> {
        files::classes_file(&self.classes, schools)
    }

    /// Returns the directory in the format of another system. Of people in classes who are none of `users`, nothing is
    /// said.
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

    /// Returns the file of enrolments. `users` are those of the schools; others are looked up.
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
