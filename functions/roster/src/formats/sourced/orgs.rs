//! Which school of the organisation an org is.

use std::borrow::Cow;

use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::formats::table::ColumnPlace;
use crate::formats::translation::Completeness;
use crate::model::Schools;

use super::lookup::Lookup;

/// The orgs of the files.
pub(super) struct Orgs<'k> {
    orgs: Lookup<'k>,
    schools: &'k Schools,
    identifier: ColumnPlace,
    org_type: ColumnPlace,
    /// The files hold only what has changed, so that an org which is in no row is one as before.
    only_changes: bool,
}

/// An org, as a roster calls it.
pub(super) struct OrgSchool<'k> {
    pub external_id: Cow<'k, str>,
    pub kind: OrgKind,
}

/// What an org is to the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrgKind {
    School,
    DistrictOffice,
    /// Neither a school nor an office of the organisation, by its type: a district, a department.
    NoSchool,
    Unknown,
}

impl<'k> Orgs<'k> {
    /// Reads `orgs.csv`, where it is there.
    pub fn read(known: &FormatFiles<'k>, completeness: &Completeness, report: &mut FormatReport) -> Orgs<'k> {
        let orgs = Lookup::read(known.tables.get("orgs"), report);
        let place = |key: &str| orgs.table().map_or(ColumnPlace::NOWHERE, |table| table.place(&[key]));
        let (identifier, org_type) = (place("identifier"), place("type"));
        let only_changes = *completeness != Completeness::Everybody;
        Orgs { schools: known.schools, identifier, org_type, only_changes, orgs }
    }

    /// Returns whether an org is a school of the organisation, or its office.
    pub fn is_school(&self, id: &str) -> bool {
        matches!(self.school(id).kind, OrgKind::School | OrgKind::DistrictOffice)
    }

    /// Returns whether `orgs.csv` is there and lacks an org, because only what has changed is there.
    pub fn is_as_before(&self, id: &str) -> bool {
        self.only_changes
            && !id.is_empty()
            && self.orgs.table().is_some()
            && self.orgs.find(id).is_none()
            && !self.is_school(id)
    }

    /// Returns the school that an org is.
    ///
    /// It is known by its identifier, or else by its `sourcedId`, whichever is the external ID of a school of the
    /// organisation. It has no ID where it can't be told because only what has changed is there.
    pub fn school<'i: 'o, 'o>(&'o self, id: &'i str) -> OrgSchool<'o> {
        let identifier = self.orgs.find(id).map_or("", |row| row.get(self.identifier));
        let known = [identifier, id].into_iter().find_map(|id| self.schools.by_external_id(id));
        match known {
            Some(school) => {
                let kind = if school.is_district() { OrgKind::DistrictOffice } else { OrgKind::School };
                OrgSchool { external_id: Cow::Borrowed(&school.external_id), kind }
            }
            None if self.only_changes && self.orgs.find(id).is_none() => {
                OrgSchool { external_id: Cow::Borrowed(""), kind: OrgKind::Unknown }
            }
            None => {
                let external_id = if identifier.is_empty() { id } else { identifier };
                let org_type = self.orgs.find(id).map_or("", |row| row.get(self.org_type));
                let may_be_school = org_type.is_empty() || org_type.eq_ignore_ascii_case("school");
                let kind = if may_be_school { OrgKind::Unknown } else { OrgKind::NoSchool };
                OrgSchool { external_id: Cow::Borrowed(external_id), kind }
            }
        }
    }

    /// Returns how many schools the files have.
    pub fn count(&self) -> usize {
        let Some(table) = self.orgs.table().filter(|_| self.org_type.is_there()) else { return self.orgs.count() };
        let schools = table.rows.iter().filter(|row| row.get(self.org_type).eq_ignore_ascii_case("school"));
        schools.count()
    }
}
