//! The lines of a roster, grouped by the class that they are about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::classes::lines::ClassLine;
use crate::model::{ClassGuid, Code, Guid, SchoolId};

use super::differ::Differ;

/// A class that lines are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ClassKey {
    Known(ClassGuid),
    New(String),
}

/// All lines about one class, by file and row.
pub(super) type ClassGroup<'l> = Vec<&'l ClassLine>;

/// Which IDs the lines give to classes that they name by GUID.
#[derive(Default)]
struct GivenIds<'l> {
    classes: HashMap<&'l str, IdOwner>,
}

/// Which class gets an ID.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IdOwner {
    One(ClassGuid),
    Several,
}

impl<'p> Differ<'p> {
    /// Groups the lines by class, sorted; those of which nobody knows which class they are about are rejected.
    pub(super) fn groups(&mut self) -> BTreeMap<ClassKey, ClassGroup<'p>> {
        let mut lines: Vec<&ClassLine> = self.lines.lines.iter().collect();
        lines.sort_by_key(|line| (line.part, line.row));
        let given = self.given_ids();
        let has_class: HashSet<&str> =
            lines.iter().filter(|line| line.cells.is_some()).map(|line| line.class_id.as_str()).collect();
        let mut groups: BTreeMap<ClassKey, ClassGroup> = BTreeMap::new();
        let mut rejected: BTreeSet<(Option<ClassGuid>, &str, Option<u32>)> = BTreeSet::new();
        for line in lines {
            match self.key(line, &given, &has_class) {
                Ok(key) => groups.entry(key).or_default().push(line),
                Err(code) => {
                    self.reject(line, code);
                    // In a file of classes each row is a class, in others one that is named.
                    let is_named = line.guid.is_some() || !line.class_id.is_empty();
                    if line.cells.is_some() && (is_named || line.member.is_none()) {
                        rejected.insert((line.guid, &line.class_id, (!is_named).then_some(line.row)));
                    }
                }
            }
        }
        self.diff.rejected_classes.extend(rejected.iter().map(|_| None));
        groups
    }

    fn given_ids(&self) -> GivenIds<'p> {
        let mut given = GivenIds::default();
        for line in self.lines.lines.iter().filter(|line| line.cells.is_some() && !line.class_id.is_empty()) {
            let Some(class) = line.guid.and_then(|guid| self.classes.by_guid(guid)) else { continue };
            let of_id = given.classes.entry(&line.class_id).or_insert(IdOwner::One(class.guid));
            if *of_id != IdOwner::One(class.guid) {
                *of_id = IdOwner::Several;
            }
        }
        given
    }

    /// Returns which class a line is about, or why that can't be told. Of a line that has its finding any code will do.
    fn key(&self, line: &ClassLine, given: &GivenIds, has_class: &HashSet<&str>) -> Result<ClassKey, Code> {
        let id = line.class_id.as_str();
        let of_id = self.classes.by_id(id).map(|class| class.guid);
        if let Some(guid) = line.guid {
            let class = self.classes.by_guid(guid).ok_or(Code::ClassGuidUnknown)?.guid;
            let is_given = given.classes.get(id);
            // A file of enrolments may still have the ID from before, but not that of another class of the set.
            let in_file = line.cells.is_none() && has_class.contains(id) && of_id.is_none();
            let others = of_id.is_some_and(|other| other != class)
                || is_given == Some(&IdOwner::Several)
                || (in_file && is_given != Some(&IdOwner::One(class)));
            return if others { Err(Code::ClassIdTaken) } else { Ok(ClassKey::Known(class)) };
        }
        match of_id.map(IdOwner::One).or_else(|| given.classes.get(id).copied()) {
            _ if id.is_empty() => Err(Code::ClassIdMissing),
            Some(IdOwner::One(guid)) => Ok(ClassKey::Known(guid)),
            Some(IdOwner::Several) => Err(Code::ClassIdTaken),
            None if line.cells.is_some() || has_class.contains(id) => Ok(ClassKey::New(id.to_owned())),
            None if self.lines.set.is_some_and(|set| !set.classes) => Err(Code::ClassFileMissing),
            None => Err(Code::ClassUnknown),
        }
    }

    /// Returns at which schools the file has each user.
    pub(super) fn further_schools(&self, groups: &BTreeMap<ClassKey, ClassGroup>) -> HashMap<Guid, BTreeSet<SchoolId>> {
        let mut schools: HashMap<Guid, BTreeSet<SchoolId>> = HashMap::new();
        for line in groups.values().flatten() {
            let (Some(cells), Some(member)) = (&line.cells, &line.member) else { continue };
            if let (Some(school), Some(guid)) = (&cells.school, self.members.may_mean(&member.user)) {
                schools.entry(guid).or_default().insert(school.clone());
            }
        }
        schools
    }
}
