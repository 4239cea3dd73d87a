//! Headers that say the same as ours in other letters or words.

use super::*;

/// How alike a header and a right one must be to be read as that one.
const READ: f64 = 0.8;
/// How many columns that are left out are named.
const LISTED: usize = 20;

/// What stands in one place of every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceContent {
    Of(Column),
    /// A column that a profile reads, and that is a part of one of ours, or belongs to several.
    Part,
    /// A column that is none of ours, and is not read.
    LeftOut,
    /// A column without a header, which must have no values.
    Nameless,
}

impl PlaceContent {
    /// Returns the column that stands here, if it is one of ours.
    pub fn column(self) -> Option<Column> {
        match self {
            PlaceContent::Of(column) => Some(column),
            PlaceContent::Part | PlaceContent::LeftOut | PlaceContent::Nameless => None,
        }
    }
}

/// Returns the place of each column, or all that is wrong with the headers; where the format is strict they have to be
/// exactly ours.
pub(crate) fn places(header: &[String], strict: bool) -> Result<Understood, Vec<Finding>> {
    if strict {
        columns(header).map(|columns| Understood {
            places: columns.into_iter().map(PlaceContent::Of).collect(),
            notes: Vec::new(),
        })
    } else {
        understand(header)
    }
}

/// What headers were understood as.
pub(crate) struct Understood {
    /// Up to the last one that has a header.
    pub places: Vec<PlaceContent>,
    /// What was read otherwise than written.
    pub notes: Vec<Finding>,
}

/// Reads headers by what they mean. One that can mean several columns is not guessed, and where two mean the same
/// column, nobody knows which holds it.
pub(crate) fn understand(header: &[String]) -> Result<Understood, Vec<Finding>> {
    let claims: Vec<Claim> = header.iter().enumerate().map(|(place, header)| Claim::of(place, header)).collect();
    let shown = shown(header);
    let mut reader =
        HeaderReader { header, shown: &shown, places: vec![PlaceContent::LeftOut; header.len()], findings: Vec::new() };
    for strength in [Strength::Exact, Strength::Own, Strength::Sure, Strength::Misspelt, Strength::Alone] {
        reader.take(&claims, strength);
    }
    for claim in claims.iter().filter(|claim| claim.empty) {
        reader.places[claim.place] = PlaceContent::Nameless;
    }
    reader.missing();
    if !reader.findings.is_empty() {
        return Err(reader.findings);
    }
    let notes = reader.notes();
    let mut places = reader.places;
    while places.last() == Some(&PlaceContent::Nameless) {
        places.pop();
    }
    Ok(Understood { places, notes })
}

/// How a header means a column; the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Exact,
    Own,
    Sure,
    Misspelt,
    Alone,
}

/// What a header may be.
struct Claim {
    place: usize,
    meant: Option<(Column, Strength)>,
    empty: bool,
}

impl Claim {
    fn of(place: usize, header: &str) -> Claim {
        let header = cell::trim(header);
        let column = Column::from_header(header).map(|column| (column, Strength::Exact));
        let meant = column.or_else(|| match meaning(header) {
            _ if place >= COMPARED => None,
            Some((column, Certainty::Own)) => Some((column, Strength::Own)),
            Some((column, Certainty::Sure)) => Some((column, Strength::Sure)),
            Some((column, Certainty::Alone)) => Some((column, Strength::Alone)),
            Some((_, Certainty::Several)) => None,
            None => match recognise(header) {
                Recognised::Nearly(column, score) if score >= READ => Some((column, Strength::Misspelt)),
                _ => None,
            },
        });
        Claim { place, meant, empty: header.is_empty() }
    }
}

struct HeaderReader<'h> {
    header: &'h [String],
    shown: &'h [bool],
    places: Vec<PlaceContent>,
    findings: Vec<Finding>,
}

impl HeaderReader<'_> {
    /// Gives columns that no surer header has to the headers of this strength.
    fn take(&mut self, claims: &[Claim], strength: Strength) {
        for column in Column::ALL {
            let own = claims.iter().filter(|claim| claim.meant == Some((column, strength)));
            let mut places: Vec<usize> = own.map(|claim| claim.place).collect();
            if strength == Strength::Own {
                places.extend(self.place_of(column));
                places.sort_unstable();
            }
            match places[..] {
                [] => {}
                _ if strength > Strength::Own && self.place_of(column).is_some() => {}
                [place] => self.places[place] = PlaceContent::Of(column),
                [place, ..] => {
                    self.places[place] = PlaceContent::Of(column);
                    self.repeated(column, &places);
                }
            }
        }
    }

    fn place_of(&self, column: Column) -> Option<usize> {
        self.places.iter().position(|place| *place == PlaceContent::Of(column))
    }

    fn repeated(&mut self, column: Column, places: &[usize]) {
        let name = column.header().to_owned();
        if self.findings.iter().any(|finding| finding.column.as_ref() == Some(&name)) {
            return;
        }
        let expected = format!("Expected one column for it; {} can be it.", at_columns(places));
        self.findings.push(Finding { column: Some(name), ..Finding::file(Code::HeaderRepeated).expecting(expected) });
    }

    fn missing(&mut self) {
        let missing: Vec<Column> = required().filter(|column| self.place_of(*column).is_none()).collect();
        for &column in &missing {
            let finding = Finding { column: Some(column.header().to_owned()), ..Finding::file(Code::HeaderMissing) };
            let finding = match self.perhaps(column) {
                Some(expected) => finding.expecting(expected),
                None => finding,
            };
            self.findings.push(finding);
        }
    }

    /// Returns the header that may stand for a missing one.
    fn perhaps(&self, column: Column) -> Option<String> {
        let open =
            (0..self.header.len().min(COMPARED)).filter(|&i| self.shown[i] && self.places[i] == PlaceContent::LeftOut);
        let scored = open.map(|i| {
            let header = cell::trim(&self.header[i]);
            let several = match meaning(header) {
                Some((Column::LastName, Certainty::Several)) => [Column::FirstName, Column::LastName].contains(&column),
                meaning => meaning == Some((column, Certainty::Several)),
            };
            (i, if several { 1.0 } else { alike(&letters(header), column) })
        });
        let (place, _) = scored.filter(|(_, score)| *score >= PERHAPS).max_by(|a, b| a.1.total_cmp(&b.1))?;
        let header = shorten(cell::trim(&self.header[place]));
        Some(format!("Perhaps it is \u{201c}{header}\u{201d} above {}: rename it if so.", at_columns(&[place])))
    }

    fn notes(&self) -> Vec<Finding> {
        let with = |i: usize, column: Column| format!("{} as {}", self.named(i), column.header());
        let read = |i: usize| match self.places[i] {
            PlaceContent::Of(column) if cell::trim(&self.header[i]) != column.header() => Some(with(i, column)),
            _ => None,
        };
        let read: Vec<String> = (0..self.header.len()).filter_map(read).collect();
        let of_kind =
            |kind: PlaceContent| -> Vec<usize> { (0..self.places.len()).filter(|&i| self.places[i] == kind).collect() };
        let (left_out, nameless) = (of_kind(PlaceContent::LeftOut), of_kind(PlaceContent::Nameless));
        let note = |code: Code, what: String| Finding { value: Some(what), ..Finding::file(code) };
        let mut notes = Vec::new();
        if !read.is_empty() {
            notes.push(note(Code::HeadersUnderstood, read.join(", ")));
        }
        if !left_out.is_empty() {
            let mut names: Vec<String> = left_out.iter().take(LISTED).map(|&i| self.named(i)).collect();
            if left_out.len() > LISTED {
                names.push(format!("{} more", left_out.len() - LISTED));
            }
            notes.push(note(Code::ColumnsLeftOut, names.join(", ")));
        }
        if !nameless.is_empty() {
            notes.push(note(Code::ColumnsEmpty, at_columns(&nameless)));
        }
        notes
    }

    /// Returns the header in quotation marks, or where it stands if it may hold a password.
    fn named(&self, place: usize) -> String {
        if self.shown[place] {
            format!("\u{201c}{}\u{201d}", shorten(cell::trim(&self.header[place])))
        } else {
            at_columns(&[place])
        }
    }
}

/// Returns the finding that columns without a header have values.
pub(crate) fn nameless(places: &[usize]) -> Finding {
    let expected =
        format!("Expected a header of the data dictionary above {}, or no values below.", at_columns(places));
    Finding::file(Code::HeaderEmpty).expecting(expected)
}
