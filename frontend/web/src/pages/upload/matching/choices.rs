//! What a column can be read from, and how that is said.

use roster::{CellSource, Column, MappingProposal, NameOrder, NamePart, Schools, header_key};

use super::edit::MappingEdit;
use crate::format::list;

/// Something that a column can be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceChoice {
    /// `None` where the file does not have the column.
    pub(crate) from: Option<CellSource>,
    pub(crate) words: String,
}

/// Returns what a column can be read from, in groups with a title each.
pub(crate) fn choices(edit: &MappingEdit, column: Column) -> Vec<(&'static str, Vec<SourceChoice>)> {
    let schools = edit.schools();
    let choice = |from: CellSource| SourceChoice { words: source_words(&from, schools), from: Some(from) };
    let proposed = edit.proposed(column);
    let first = proposed.into_iter().flat_map(|proposed| {
        let headers = proposed.others.iter().map(|header| CellSource::Header(header.clone()));
        std::iter::once(proposed.from.clone()).chain(headers)
    });
    let mut likely: Vec<CellSource> = first.filter(|from| !matches!(from, CellSource::Fixed(_))).collect();
    likely.extend(other_parts(proposed.map(|proposed| &proposed.from)));
    likely.extend(
        edit.source(column).filter(|from| !matches!(from, CellSource::Header(_) | CellSource::Fixed(_))).cloned(),
    );
    let mut groups: Vec<(&str, Vec<SourceChoice>)> = Vec::new();
    let mut known: Vec<CellSource> = Vec::new();
    let headers = readable(edit.proposal()).map(|header| CellSource::Header(header.to_owned()));
    let mut fixed: Vec<CellSource> =
        accepted_words(column, schools).into_iter().map(|(value, _)| CellSource::Fixed(value)).collect();
    fixed.extend(edit.source(column).filter(|from| matches!(from, CellSource::Fixed(_))).cloned());
    for (title, sources) in
        [("Proposed", likely), ("Headers of the file", headers.collect()), ("One value for all rows", fixed)]
    {
        let mut group = Vec::new();
        for from in sources {
            if !known.contains(&from) {
                known.push(from.clone());
                group.push(choice(from));
            }
        }
        groups.push((title, group));
    }
    groups.retain(|(_, group)| !group.is_empty());
    groups
}

/// Returns the same part of the name by the other orders that a name can have.
fn other_parts(proposed: Option<&CellSource>) -> Vec<CellSource> {
    let Some(CellSource::NamePart { header, part, .. }) = proposed else { return Vec::new() };
    let orders = [NameOrder::LastCommaFirst, NameOrder::LastFirst, NameOrder::FirstLast];
    orders.map(|order| CellSource::NamePart { header: header.clone(), order, part: *part }).into()
}

/// Returns the headers that can be read: those that stand there once.
fn readable(proposal: &MappingProposal) -> impl Iterator<Item = &str> {
    let is_once = |header: &&str| {
        proposal.headers.iter().filter(|other| header_key(&other.header) == header_key(header)).count() == 1
    };
    proposal.headers.iter().map(|seen| seen.header.as_str()).filter(is_once)
}

/// Returns the values that a column takes, with what each is called, where it takes one of a few.
pub(crate) fn accepted_words(column: Column, schools: &Schools) -> Vec<(String, String)> {
    match column {
        Column::SchoolDistrictExternalId => {
            let named = |school: &roster::School| {
                (school.external_id.clone(), format!("{} ({})", school.name, school.external_id))
            };
            let mut named: Vec<_> = schools.iter().map(named).collect();
            named.sort_by(|(_, one), (_, other)| one.cmp(other));
            named
        }
        Column::UserType
        | Column::Grade
        | Column::Status
        | Column::ClassGrade
        | Column::ClassStatus
        | Column::ClassRole
        | Column::EnrolmentStatus => {
            column.spec().accepted.split(", ").map(|word| (word.to_owned(), word.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns in words where cells come from.
pub(crate) fn source_words(from: &CellSource, schools: &Schools) -> String {
    match from {
        CellSource::Header(header) => header.clone(),
        CellSource::FirstOf(headers) => {
            let (first, others) = headers.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let others: Vec<String> = others.iter().map(|header| quoted(header)).collect();
            format!("{}, or {} where that is empty", quoted(first), others.join(", "))
        }
        CellSource::Joined { headers, .. } => {
            let headers: Vec<String> = headers.iter().map(|header| quoted(header)).collect();
            format!("{} in one", list(&headers))
        }
        CellSource::NamePart { header, order, part } => {
            let part = match part {
                NamePart::Last => "last name",
                NamePart::First => "first name",
                NamePart::Middle => "middle names",
            };
            let order = match order {
                NameOrder::LastCommaFirst => "Klein, Ora M",
                NameOrder::LastFirst => "Klein Ora M",
                NameOrder::FirstLast => "Ora M Klein",
            };
            format!("{header}: the {part}, of cells like \u{201c}{order}\u{201d}")
        }
        CellSource::Fixed(value) => match schools.by_external_id(value) {
            Some(school) => format!("{} ({value}), in every row", school.name),
            None => format!("{value}, in every row"),
        },
    }
}

fn quoted(text: &str) -> String {
    format!("\u{201c}{text}\u{201d}")
}

/// Returns the first values of a column as the file has them.
pub(crate) fn samples(edit: &MappingEdit, column: Column) -> Vec<String> {
    let below = |header: &str| {
        let seen = edit.proposal().headers.iter().find(|seen| header_key(&seen.header) == header_key(header));
        seen.map(|seen| seen.samples.clone()).unwrap_or_default()
    };
    match edit.source(column) {
        None | Some(CellSource::Fixed(_)) => Vec::new(),
        Some(CellSource::NamePart { header, order, part }) => {
            below(header).iter().map(|name| order.part(name, *part)).filter(|part| !part.is_empty()).collect()
        }
        Some(from) => from.headers().map(below).find(|samples| !samples.is_empty()).unwrap_or_default(),
    }
}

/// Returns the rule of a column in a few words.
pub(crate) fn short_rule(column: Column) -> &'static str {
    let spec = column.spec();
    let is_told_by_its_rule =
        matches!(column, Column::CustomId | Column::SchoolDistrictExternalId | Column::Username | Column::UserGuid);
    if !is_told_by_its_rule {
        return spec.accepted;
    }
    let rule = spec.rule.strip_prefix("Required. ").unwrap_or(spec.rule);
    rule.split_inclusive(['.', ':']).next().unwrap_or(rule).trim_end_matches(['.', ':'])
}
