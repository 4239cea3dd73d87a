//! The directory as all feeds take it: whoever can be in one, in order.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::model::school_year::{end_of_school_year, school_year_of};
use crate::model::{
    Class, ClassGuid, ClassRole, Day, Enrolment, Grade, Guid, School, SchoolId, Schools, User, derived_uuid,
};

/// What a feed is made of.
#[derive(Debug, Clone, Copy)]
pub struct FeedContents<'a> {
    /// All schools of the organisation.
    pub schools: &'a Schools,
    pub users: &'a [User],
    pub classes: &'a [Class],
    pub enrolments: &'a HashMap<ClassGuid, Vec<Enrolment>>,
    /// In milliseconds since 1970; it says which school year it is.
    pub now: u64,
}

/// The directory as feeds take it.
pub(super) struct FeedDirectory<'a> {
    /// By external ID.
    pub schools: Vec<&'a School>,
    /// The managed users who are at a school, by custom ID.
    pub users: Vec<FeedUser<'a>>,
    /// The classes that are taught, by class ID.
    pub classes: Vec<FeedClass<'a>>,
    /// The year in which the present school year ends.
    pub school_year: i32,
}

/// A user of a feed.
#[derive(Clone, Copy)]
pub(super) struct FeedUser<'a> {
    pub user: &'a User,
    pub custom_id: &'a str,
    pub school: &'a School,
}

/// A class of a feed, and who is in it.
pub(super) struct FeedClass<'a> {
    pub class: &'a Class,
    pub school: &'a School,
    /// The primary teacher first, then by custom ID.
    pub members: Vec<FeedMember<'a>>,
}

/// Somebody in a class.
#[derive(Clone, Copy)]
pub(super) struct FeedMember<'a> {
    pub who: FeedUser<'a>,
    pub enrolment: &'a Enrolment,
}

impl FeedMember<'_> {
    /// Returns what somebody is in the class.
    pub fn role(&self) -> ClassRole {
        self.enrolment.fields.role
    }
}

impl<'a> FeedDirectory<'a> {
    /// Takes whoever and whatever can be in a feed.
    ///
    /// Without a custom ID nobody can be found again.
    pub fn of(contents: &FeedContents<'a>) -> FeedDirectory<'a> {
        let mut schools: Vec<&School> = contents.schools.iter().collect();
        schools.sort_by(|a, b| a.external_id.cmp(&b.external_id));
        let mut users: Vec<FeedUser> = contents.users.iter().filter_map(|user| feed_user(user, contents)).collect();
        users.sort_by_key(|of| (of.custom_id, of.user.guid));
        let by_guid: HashMap<Guid, FeedUser> = users.iter().map(|of| (of.user.guid, *of)).collect();
        let class = |class: &'a Class| {
            let school = contents.schools.by_id(&class.fields.school)?;
            let enrolments = contents.enrolments.get(&class.guid).into_iter().flatten();
            Some(FeedClass { class, school, members: members(enrolments, &by_guid) })
        };
        let mut classes: Vec<FeedClass> =
            contents.classes.iter().filter(|class| class.is_active()).filter_map(class).collect();
        classes.sort_by_key(|of| (of.class.fields.class_id.as_str(), of.class.guid));
        FeedDirectory { schools, users, classes, school_year: end_of_school_year(contents.now) }
    }

    /// Returns the office of the district, where there is one.
    pub fn district(&self) -> Option<&'a School> {
        let mut districts = self.schools.iter().copied().filter(|school| school.is_district());
        let only = districts.next();
        only.filter(|_| districts.next().is_none())
    }

    /// Returns the schools besides their own at which people are in classes.
    ///
    /// Whoever is at the office of the district is nowhere else.
    pub fn further_schools(&self) -> HashMap<Guid, BTreeSet<SchoolId>> {
        let mut further: HashMap<Guid, BTreeSet<SchoolId>> = HashMap::new();
        for class in self.classes.iter().filter(|class| !class.school.is_district()) {
            for member in &class.members {
                if member.who.school.id != class.school.id && !member.who.school.is_district() {
                    further.entry(member.who.user.guid).or_default().insert(class.school.id.clone());
                }
            }
        }
        further
    }

    /// Returns the year in which a school year ends: that of a day, or else the present one.
    pub fn school_year_of(&self, day: Option<&Day>) -> i32 {
        day.map_or(self.school_year, |day| school_year_of(day.date()))
    }
}

impl FeedDirectory<'_> {
    /// Keeps only people who can sign in, for a format that can't say that somebody can't.
    pub fn without_disabled(mut self) -> Self {
        self.users.retain(|of| of.user.can_sign_in());
        for class in &mut self.classes {
            class.members.retain(|member| member.who.user.can_sign_in());
        }
        self
    }
}

fn feed_user<'a>(user: &'a User, contents: &FeedContents<'a>) -> Option<FeedUser<'a>> {
    let custom_id = user.custom_id.as_deref().filter(|_| user.deleted_at.is_none())?;
    Some(FeedUser { user, custom_id, school: contents.schools.by_id(&user.school)? })
}

fn members<'a>(
    enrolments: impl Iterator<Item = &'a Enrolment>,
    by_guid: &HashMap<Guid, FeedUser<'a>>,
) -> Vec<FeedMember<'a>> {
    let active = enrolments.filter(|enrolment| enrolment.is_active());
    let mut members: Vec<FeedMember> =
        active.filter_map(|enrolment| Some(FeedMember { who: *by_guid.get(&enrolment.user)?, enrolment })).collect();
    members.sort_by_key(|member| (member.role() != ClassRole::Primary, member.who.custom_id));
    members
}

/// Returns an ID for something that has none of its own in the directory, such as a place in a class: the same every time.
pub(super) fn id_of(kind: &str, parts: &[&str]) -> String {
    /// No secret: who knows what an ID is made of may know the ID.
    const SEED: [u8; 32] = *b"Rollbook: what feeds call things";
    let mut all = vec![kind.as_bytes()];
    for part in parts {
        // Between parts, so that they can't run together.
        all.extend([b"\0".as_slice(), part.as_bytes()]);
    }
    derived_uuid(&SEED, &all).to_string()
}

/// Returns the ID of somebody's place in a class.
pub(super) fn enrolment_id(class: ClassGuid, user: Guid) -> String {
    let ids: [Uuid; 2] = [class.0, user.0];
    id_of("enrolment", &ids.map(|id| id.to_string()).each_ref().map(String::as_str))
}

/// Returns a grade as OneRoster and School Data Sync write it; empty where none is known.
pub(super) fn two_letter_grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Unspecified => "",
        Grade::PreK => "PK",
        Grade::K => "KG",
        Grade::G1 => "01",
        Grade::G2 => "02",
        Grade::G3 => "03",
        Grade::G4 => "04",
        Grade::G5 => "05",
        Grade::G6 => "06",
        Grade::G7 => "07",
        Grade::G8 => "08",
        Grade::G9 => "09",
        Grade::G10 => "10",
        Grade::G11 => "11",
        Grade::G12 => "12",
        Grade::Other => "Other",
    }
}
