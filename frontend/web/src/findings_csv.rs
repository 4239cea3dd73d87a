//! Findings as a CSV file that a spreadsheet opens.

use wire::http::FindingRow;

use crate::words;

/// Returns a CSV file with one line per finding.
///
/// It is in UTF-8 with a byte order mark so that Excel reads it right.
pub fn findings_csv(findings: &[FindingRow]) -> String {
    let mut out = String::from("\u{feff}row,custom_id,name,column,severity,code,problem,how to fix\r\n");
    for finding in findings {
        let cells = [
            finding.row.map(|row| row.to_string()).unwrap_or_default().as_str(),
            finding.person.as_ref().map_or("", |person| person.custom_id.as_str()),
            finding.person.as_ref().map_or("", |person| person.name.as_str()),
            finding.column.as_deref().unwrap_or(""),
            words::severity(finding.severity),
            finding.code.as_str(),
            message(finding).as_str(),
            &finding.hint,
        ]
        .map(cell);
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// Returns what is wrong, in which rows where it is a note of several, and where that is in the file that was sent.
fn message(finding: &FindingRow) -> String {
    let message = match &finding.rows {
        Some(rows) => format!("{} ({rows})", finding.message),
        None => finding.message.clone(),
    };
    match &finding.place {
        Some(place) => format!("{message} It is {place}."),
        None => message,
    }
}

/// Returns a cell that is quoted where it must be, and that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = roster::protect(text);
    if text.contains(['"', ',', '\r', '\n', ';', '\t']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster::{Code, Person, Severity};

    #[test]
    fn a_line_names_place_problem_and_remedy() {
        let finding = FindingRow {
            row: Some(7),
            column: Some("grade".to_owned()),
            code: Code::RowTooShort,
            severity: Severity::Row,
            message: "\u{201c}12a\u{201d} is \"no\" grade.".to_owned(),
            hint: "Use 12, or Other.".to_owned(),
            person: Some(Box::new(Person { name: "Ora Klein".to_owned(), custom_id: "0013".to_owned() })),
            rows: None,
            place: Some("row 5 of students.csv".to_owned()),
        };
        let csv = findings_csv(&[finding]);
        assert_eq!(
            csv.lines().nth(1).unwrap(),
            "7,0013,Ora Klein,grade,Error,ROW_TOO_SHORT,\"\u{201c}12a\u{201d} is \"\"no\"\" grade. It is row 5 of students.csv.\",\"Use 12, or Other.\""
        );
    }

    #[test]
    fn no_cell_starts_a_formula() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("'=1+1"), "''=1+1");
        assert_eq!(cell("it's"), "it's");
        assert_eq!(cell("x;=1+1"), "\"x;'=1+1\"");
        assert_eq!(cell("x\n\"@A1"), "\"x\n'\"\"@A1\"");
    }
}
