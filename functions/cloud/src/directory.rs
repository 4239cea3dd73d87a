//! The users, classes and enrolments of schools as a whole, for files that have all of them.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use roster::{Class, ClassGuid, Enrolment, SchoolId, User};

use crate::users::Listing;
use crate::{Cloud, Error};

/// How many users or classes are read at once.
const READ: u16 = 1000;
/// Of how many classes the enrolments are read side by side.
const SIDE_BY_SIDE: usize = 32;

impl Cloud {
    /// Returns the managed users of schools who are asked for.
    ///
    /// One without a custom ID could not be found again.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn user_list_managed(
        &self,
        schools: &[SchoolId],
        is_asked_for: impl Fn(&User) -> bool,
    ) -> Result<Vec<User>, Error> {
        let mut users = Vec::new();
        for school in schools {
            let mut after = None;
            loop {
                let (listed, next) = self.user_list_by_school(school, Listing::Present, after.as_ref(), READ).await?;
                let asked_for =
                    listed.into_iter().map(|one| one.user).filter(|user| user.is_managed() && is_asked_for(user));
                users.extend(asked_for);
                match next {
                    Some(place) => after = Some(place),
                    None => break,
                }
            }
        }
        Ok(users)
    }

    /// Returns the active classes of schools, by school and name.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_list_taught(&self, schools: &[SchoolId]) -> Result<Vec<Class>, Error> {
        let mut classes = Vec::new();
        for school in schools {
            let mut after = None;
            loop {
                let page = self.class_list_of_school(school, false, after, READ).await?;
                classes.extend(page.classes);
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(classes)
    }

    /// Returns the enrolments of classes that have not ended.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn enrolment_list_active(&self, classes: &[Class]) -> Result<HashMap<ClassGuid, Vec<Enrolment>>, Error> {
        let of_class =
            |class: ClassGuid| async move { Ok::<_, Error>((class, self.enrolment_list_of_class(class).await?)) };
        let guids: Vec<ClassGuid> = classes.iter().map(|class| class.guid).collect();
        let all: Vec<_> = stream::iter(guids).map(of_class).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        let active = |list: Vec<Enrolment>| list.into_iter().filter(Enrolment::is_active).collect();
        Ok(all.into_iter().map(|(class, list)| (class, active(list))).collect())
    }
}
