//! What holds of feeds for other systems, whatever is in the directory: read again, they change nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;
use proptest::sample::select;
use roster::{
    Accounts, Class, ClassComparison, ClassDirectory, ClassFields, ClassGuid, ClassPlan, ClassRole, ClassRules,
    ClassStatus, Column, Comparison, Delivery, Directory, Enrolment, EnrolmentFields, FeedContents, FeedFormat,
    Finding, Findings, Grade, Guid, Inputs, Mode, ModeSettings, PlannedRoster, Reading, RemovalAction, Roles, SchoolId,
    Scope, Sender, Sent, SentFile, Status, Unplanned, User, UserType, feed, plan_classes, plan_roster, set_lines,
    typed_id,
};

use crate::config;
use crate::organisation::{NOW, guid, schools};

/// An organisation whose directory goes out.
#[derive(Debug, Clone)]
pub struct Town {
    users: Vec<User>,
    classes: Vec<Class>,
    enrolments: Vec<Enrolment>,
}

/// What a feed that comes back would change.
pub struct ComesBack {
    pub users: PlannedRoster,
    pub classes: ClassPlan,
    pub findings: Findings,
    /// What is to be said of the files.
    pub notes: Vec<Finding>,
}

impl Town {
    /// Returns the files of a feed.
    pub fn feed(&self, format: FeedFormat) -> Vec<SentFile> {
        let mut enrolments: HashMap<ClassGuid, Vec<Enrolment>> = HashMap::new();
        for enrolment in &self.enrolments {
            enrolments.entry(enrolment.class).or_default().push(enrolment.clone());
        }
        let schools = schools();
        let contents = FeedContents {
            schools: &schools,
            users: &self.users,
            classes: &self.classes,
            enrolments: &enrolments,
            now: NOW,
        };
        feed(format, &contents)
    }

    fn read_back(&self, format: FeedFormat, mode: Mode) -> Result<Option<ComesBack>, Findings> {
        self.read(self.feed(format), mode)
    }

    /// Reads files into the organisation.
    ///
    /// `None` where they say nothing of users.
    ///
    /// # Errors
    ///
    /// The findings where they fail as a whole.
    pub fn read(&self, files: Vec<SentFile>, mode: Mode) -> Result<Option<ComesBack>, Findings> {
        let (schools, scope, settings) = (schools(), Scope::Organisation, settings());
        let (accounts, reading) = (Accounts::default(), Reading::default());
        let delivery = Delivery { files, unread: Vec::new() };
        let sent = Sent::of_delivery(delivery, &reading, &schools)?.for_mode(mode)?;
        let notes = sent.notes.clone();
        let reading = sent.reading(&reading);
        let sender = Sender { source: None, rules: None, is_by_hand: false };
        let comparison = Comparison {
            mode,
            sender,
            scope: scope.clone(),
            settings: &settings,
            accounts: &accounts,
            now: NOW,
            schools: &schools,
            max_exchange_writes: 99,
            guid_seed: [7; 32],
            password_is_current: &|_, _| false,
        };
        let directory = Directory::new(self.users.clone());
        let inputs = Inputs { reading: &reading, directory: &directory, comparison: &comparison, previous_rows: None };
        // Where nobody is in the feed, it says nothing of users.
        let Some(users) = sent.users.as_deref() else { return Ok(None) };
        let users = match plan_roster(users, &inputs) {
            Ok(users) => users,
            Err(Unplanned::Failed(findings)) => return Err(findings),
            Err(Unplanned::NeedsWholeDirectory) => panic!("the directory is whole"),
        };
        let set = sent.set.expect("a set");
        let (lines, mut findings) = set_lines(true, set.classes.as_ref(), set.enrolments.as_ref(), &schools, &scope);
        let id = |row| typed_id(Column::CustomId, users.parsed.cell(row, Column::CustomId)?);
        let sent_ids: HashSet<String> = users.parsed.rows.iter().filter_map(id).collect();
        let rules = ClassRules::default();
        let comparison = ClassComparison {
            mode,
            scope: &scope,
            rules: &rules,
            accounts: &accounts,
            sender,
            guid_seed: [7; 32],
            sent_ids: &sent_ids,
        };
        let classes = ClassDirectory::new(self.classes.clone(), self.enrolments.clone());
        let (classes, of_classes) = plan_classes(&lines, &users.plan, &directory, &classes, &comparison);
        findings.append(set.findings);
        findings.append(of_classes);
        Ok(Some(ComesBack { users, classes, findings, notes }))
    }

    fn user(&self, guid: Guid) -> &User {
        self.users.iter().find(|user| user.guid == guid).expect("a user of the directory")
    }
}

/// Whatever a file says is taken.
fn settings() -> ModeSettings {
    ModeSettings {
        overwrite: true,
        update_names: true,
        removal_action: RemovalAction::Delete,
        ..ModeSettings::default()
    }
}

/// Whether the format has a place for the user, and says of users whether they can sign in.
fn carries(format: FeedFormat, user: &User) -> bool {
    let is_administrator = user.user_type == UserType::Administrator;
    match format {
        FeedFormat::OneRoster12 => true,
        FeedFormat::SdsV21 => user.can_sign_in(),
        FeedFormat::Clever => user.can_sign_in() && !is_administrator,
        FeedFormat::Canvas => !is_administrator,
    }
}

const SYLLABLES: [&str; 12] =
    ["Baro", "Chev", "Dim", "Fahr", "Gung", "Hald", "Jeppe", "Kilo", "Lomm", "Mund", "Narv", "Pell"];

fn user() -> impl Strategy<Value = User> {
    let words = (select(UserType::ALL), select(Grade::ALL), select(&["id-10", "id-20", "id-D"][..]));
    let odd = select(&["", "", "\u{e9}, \"Jr\"", " O'Dea", "-=+"][..]);
    (words, odd, any::<bool>(), prop::bool::weighted(0.8), 0..8u8).prop_map(
        |((user_type, grade, school), odd, has_more, active, rare)| User {
            guid: guid(0),
            custom_id: (rare != 0).then(String::new),
            first_name: "First".to_owned(),
            middle_name: if has_more { "von".to_owned() } else { String::new() },
            last_name: format!("Last{odd}"),
            email: String::new(),
            school: SchoolId(school.to_owned()),
            user_type,
            position: if has_more && user_type.is_staff() { "Head, of it".to_owned() } else { String::new() },
            grade: if user_type == UserType::Student { grade } else { Grade::Unspecified },
            status: if active { Status::Active } else { Status::Disabled },
            username: String::new(),
            version: 1,
            deleted_at: (rare == 1).then_some(1),
            erase_at: None,
            roles: Roles::default(),
            source: None,
            former_usernames: Vec::new(),
        },
    )
}

/// Gives each user what nobody else has.
fn told_apart(users: Vec<User>) -> Vec<User> {
    let named = |(i, user): (usize, User)| User {
        guid: guid(i),
        custom_id: user.custom_id.map(|_| format!("00{}-{i}", SYLLABLES[i])),
        first_name: SYLLABLES[i].to_owned() + SYLLABLES[(i * 5 + 3) % 12],
        last_name: SYLLABLES[(i * 7 + 2) % 12].to_owned() + &user.last_name,
        email: format!("{}@town.example", SYLLABLES[i].to_lowercase()),
        username: format!("{}{i}", SYLLABLES[i].to_lowercase()),
        ..user
    };
    users.into_iter().enumerate().map(named).collect()
}

fn class() -> impl Strategy<Value = Class> {
    let texts = (select(&["", "MA-1", "ENG"][..]), select(&["", "Maths", "Art, Music"][..]), select(&["", "3"][..]));
    let term = (select(&["", "Fall", "S1, late"][..]), any::<[bool; 2]>());
    let rest = (select(&["id-10", "id-20", "id-D"][..]), select(Grade::ALL), prop::bool::weighted(0.85));
    (texts, term, rest).prop_map(|((code, subject, period), (term, [starts, ends]), (school, grade, active))| {
        let day = |has: bool, day: &str| has.then(|| day.parse().expect("a day"));
        Class {
            guid: ClassGuid(guid(0).0),
            version: 1,
            fields: ClassFields {
                class_id: String::new(),
                school: SchoolId(school.to_owned()),
                name: "Class; \"all\" of it".to_owned(),
                grade,
                course_code: code.to_owned(),
                subject: subject.to_owned(),
                period: period.to_owned(),
                term: term.to_owned(),
                starts: day(starts, "2026-08-31"),
                ends: day(ends, "2026-12-31"),
                status: if active { ClassStatus::Active } else { ClassStatus::Archived },
            },
            archived_at: (!active).then_some(1),
        }
    })
}

/// Returns any organisation.
pub fn town() -> impl Strategy<Value = Town> {
    const CLASS_IDS: [&str; 4] = ["M 1/\u{e4}", "0042", "C,3", "x@y"];
    let users = prop::collection::vec(user(), 1..12).prop_map(told_apart);
    let classes = prop::collection::vec(class(), 0..5).prop_map(|classes| {
        let named = |(i, mut class): (usize, Class)| {
            class.guid = ClassGuid(uuid::Uuid::from_u128(0x2000 + i as u128));
            class.fields.class_id = CLASS_IDS[i].to_owned();
            class
        };
        classes.into_iter().take(CLASS_IDS.len()).enumerate().map(named).collect::<Vec<_>>()
    });
    let places = prop::collection::vec((0..4usize, 0..12usize, 0..6u8), 0..30);
    (users, classes, places).prop_map(|(users, classes, places)| {
        let enrolments = members(&users, &classes, &places);
        Town { users, classes, enrolments }
    })
}

/// Puts users into classes. Where several teach, one of them is the primary teacher.
fn members(users: &[User], classes: &[Class], places: &[(usize, usize, u8)]) -> Vec<Enrolment> {
    let mut enrolments: Vec<Enrolment> = Vec::new();
    let mut seen = HashSet::new();
    for (class, user, turn) in places {
        let (Some(class), Some(user)) = (classes.get(*class), users.get(*user)) else { continue };
        let is_there = class.is_active() && user.deleted_at.is_none() && user.custom_id.is_some();
        if !is_there || !seen.insert((class.guid, user.guid)) {
            continue;
        }
        let mine = enrolments.iter().filter(|other| other.class == class.guid);
        let has_primary = mine.clone().any(|other| other.fields.role == ClassRole::Primary);
        let role = match user.user_type {
            UserType::Student => ClassRole::Student,
            _ if turn % 3 == 0 => ClassRole::Aide,
            UserType::Teacher if !has_primary && user.can_sign_in() => ClassRole::Primary,
            _ if !has_primary => ClassRole::Aide,
            _ => ClassRole::CoTeacher,
        };
        let day = |has: bool, day: &str| has.then(|| day.parse().expect("a day"));
        let fields =
            EnrolmentFields { role, starts: day(turn % 2 == 0, "2026-09-01"), ends: day(*turn > 3, "2026-11-30") };
        enrolments.push(Enrolment { class: class.guid, user: user.guid, version: 1, fields, ended_at: None });
    }
    enrolments
}

/// Returns any format of a feed.
pub fn format() -> impl Strategy<Value = FeedFormat> {
    select(&FeedFormat::ALL[..])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_feed_that_comes_back_changes_nothing(town in town(), format in format(), full in any::<bool>()) {
        let mode = if full { Mode::Full } else { Mode::Partial };
        let carried = town.users.iter().filter(|u| u.is_managed() && u.deleted_at.is_none() && carries(format, u));
        let carried: BTreeSet<Guid> = carried.map(|user| user.guid).collect();
        let back = match town.read_back(format, mode) {
            Ok(Some(back)) => back,
            Ok(None) => {
                prop_assert_eq!(carried, BTreeSet::new());
                return Ok(());
            }
            // A file of people without anybody in it can't say that everybody is gone.
            Err(refused) => {
                prop_assert!(full, "{refused:?}");
                return Ok(());
            }
        };
        prop_assert_eq!(&back.users.plan.changes, &vec![]);
        prop_assert_eq!(&back.classes.classes, &vec![]);
        for change in &back.classes.enrolments {
            let user = town.user(change.user);
            let role = change.before.as_ref().expect("an enrolment that is there").role;
            let teaches_otherwise = format == FeedFormat::Clever && role.teaches() && user.user_type == UserType::Staff;
            prop_assert!(full && change.after.is_none() && teaches_otherwise, "{change:#?}");
        }
        let unchanged: BTreeSet<Guid> = back.users.plan.unchanged.iter().filter_map(|row| row.guid).collect();
        prop_assert_eq!(unchanged, carried, "{:#?}", back.users.findings);
        prop_assert_eq!(back.users.plan.counts.rejected, 0);
        // Of a student in a class of another school Clever does not say that the student is there, too.
        let rejected = back.classes.counts.classes.rejected + back.classes.counts.enrolments.rejected;
        prop_assert!(format == FeedFormat::Clever || rejected == 0, "{:#?}", back.findings);
    }

    #[test]
    fn the_order_of_the_directory_decides_nothing_in_a_feed(
        (town, shuffled) in town().prop_flat_map(|town| {
            let parts = (Just(town.users.clone()).prop_shuffle(), Just(town.classes.clone()).prop_shuffle());
            let enrolments = Just(town.enrolments.clone()).prop_shuffle();
            (Just(town), (parts, enrolments).prop_map(|((users, classes), enrolments)| Town { users, classes, enrolments }))
        }),
        format in format(),
    ) {
        prop_assert_eq!(town.feed(format), shuffled.feed(format));
    }
}
