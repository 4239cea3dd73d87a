//! The data dictionary and the error reference as Markdown, made from the table of columns and the list of codes.
//!
//! They stand in `functions/roster/docs`. A test fails when they are not what this makes; `ROLLBOOK_WRITE_DOCS=1
//! cargo test --workspace --lib docs` writes them anew.

use std::fmt::Write;

use crate::file::words::SYNONYMS;
use crate::model::{Code, Column, Presence, Severity};

/// Returns `docs/columns.md`.
pub fn columns() -> String {
    let mut page = String::from(
        "# The columns of a roster\n\n\
         One row for each person, one column for each header below, in any order. White space around headers and cells, \
         and marks that can't be seen, do not count. A cell that starts like a formula may stand behind an apostrophe, as \
         the files of Rollbook write it, and so may what follows a semicolon, a tab or a line break within a cell; of a \
         cell that is `=\"00123\"` the text inside is read. (Neither for `password`, which is read as it is.)\n\n\
         With the setting *Strict format* headers are written exactly as here, and every row has as many cells as there \
         are headers. Without it these are understood, too, and said in a note:\n\n\
         - headers in other letters or words, such as `First Name`, `Surname`, `Student ID` or `Jahrgang`, as long as \
         they can mean only one column;\n\
         - other columns, which are left out, and empty ones without a header;\n\
         - empty cells too many at the end of a row, or too few where the last columns may be empty;\n\
         - titles above the headers, and below the last person lines that say that they are about the file, such as \
         `Total: 523`;\n\
         - whole lines in quotation marks, spaces before a quotation mark, and end marks and zeros after the last row.\n",
    );
    for (presence, title) in [
        (Presence::Required, "Headers that must be there"),
        (Presence::Optional, "Headers that may be absent"),
        (Presence::Class, "Headers about classes, all of which may be absent"),
        (Presence::Ours, "Headers that Rollbook writes"),
    ] {
        page += &format!("\n## {title}\n\n| header | rule | accepted values | example |\n| --- | --- | --- | --- |\n");
        for spec in Column::ALL.map(Column::spec).iter().filter(|spec| spec.presence == presence) {
            let example = if spec.example.is_empty() { String::new() } else { format!("`{}`", spec.example) };
            line(&mut page, &[&format!("`{}`", spec.header), spec.rule, spec.accepted, &example]);
        }
    }
    page
}

/// Returns `docs/words.md`.
pub fn words() -> String {
    let mut page = String::from(
        "# Other words that are read\n\n\
         Unless the setting Strict format is on, a cell may also say what stands on the right. Capitals, spaces, dots and \
         hyphens make no difference. A word that can mean two things is never read: `0` and `-1` are no grades, `1` and \
         `0` no statuses.\n",
    );
    for column in [Column::UserType, Column::Status, Column::Grade] {
        page += &format!("\n## `{}`\n\n| word | is also read from |\n| --- | --- |\n", column.header());
        for row in SYNONYMS.iter().filter(|row| row.column == column) {
            let words: Vec<String> = row.words().skip(1).collect();
            line(&mut page, &[row.value, &words.join(", ")]);
        }
    }
    page
}

/// Returns `docs/codes.md`.
pub fn codes() -> String {
    let mut page = String::from(
        "# What can be wrong with a roster\n\n\
         Every finding has a code. In the messages, \u{201c}\u{2026}\u{201d} stands for the cell, and *column* for its \
         header.\n",
    );
    for (severity, title, what) in [
        (Severity::File, "The file fails", "No row is processed, and nothing changes."),
        (
            Severity::Row,
            "The row is rejected",
            "The others go on. Its user is left as it is and counts as present, whatever else is wrong with the row: a full \
             roster does not remove whom a rejected row is about by its GUID, by its custom ID however that is written or \
             damaged, or, where these say nothing, by address, user name, or name and school. Where it can't be told \
             whose a rejected row is, removals wait until somebody has looked.",
        ),
        (
            Severity::Class,
            "What the row says of a class is left out",
            "Its user is processed, and the row is in the completed file and in the error file, which has the GUIDs. Who is \
             in the class already stays in it.",
        ),
        (Severity::Doubtful, "The plan waits", "The row is processed, but the plan waits until somebody has looked."),
        (Severity::Warning, "The row is processed", "Somebody should look."),
        (
            Severity::Note,
            "Something was read otherwise than written",
            "What was meant is certain. A note stands for all rows with the same cause.",
        ),
    ] {
        page += &format!("\n## {title}\n\n{what}\n");
        for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
            let text = code.text();
            let message = text.message.replace("{value}", "\u{201c}\u{2026}\u{201d}").replace("{column}", "*column*");
            page += &format!("\n### {code}\n\n{}\n\n", message.replace("{what}", "\u{2026}"));
            for (question, answer) in
                [("Expected", text.expected), ("How to fix it", text.fix), ("Example", text.example)]
            {
                page += &format!("- {question}: {answer}\n");
            }
        }
    }
    page
}

fn line(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(page, "| {} |", cells.join(" | ")).expect("a string takes every line");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::Finding;

    #[track_caller]
    fn check(name: &str, page: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        if std::env::var_os("ROLLBOOK_WRITE_DOCS").is_some() {
            std::fs::write(&path, page).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(
            written == page,
            "docs/{name} is out of date; ROLLBOOK_WRITE_DOCS=1 cargo test --workspace --lib docs writes it"
        );
    }

    #[test]
    fn pages_are_up_to_date() {
        check("columns.md", &columns());
        check("codes.md", &codes());
        check("words.md", &words());
    }

    #[test]
    fn every_code_answers_every_question() {
        for code in Code::ALL {
            let text = code.text();
            for sentence in [text.message, text.expected, text.fix] {
                assert!(sentence.ends_with('.'), "{code}: {sentence}");
                let first = sentence.chars().next().unwrap();
                assert!(first.is_uppercase() || first == '{', "{code}: {sentence}");
            }
            assert!(!text.example.is_empty() && !text.example.ends_with('.') || *code == Code::EmailInvalid, "{code}");
        }
    }

    #[test]
    fn every_column_has_its_rule() {
        for spec in Column::ALL.map(Column::spec) {
            assert!(spec.rule.ends_with('.'), "{}", spec.header);
            assert!(!spec.accepted.is_empty() && !spec.accepted.ends_with('.'), "{}", spec.header);
        }
    }

    #[test]
    fn findings_read_well() {
        let told = |finding: Finding| format!("{} {}", finding.message(), finding.hint());
        let findings = [
            Finding::at(Code::GradeUnknown, 2, Column::Grade, "09"),
            Finding::at(Code::CellMissing, 2, Column::LastName, ""),
            Finding::at(Code::CellTooLong, 2, Column::Password, "secret"),
            Finding { value: Some("a PDF document".to_owned()), ..Finding::file(Code::FileNotText) },
            Finding::row(Code::RowTooShort, 4).expecting("Expected 10 cells, one for each header; the row has 9."),
        ];
        insta::assert_snapshot!(findings.map(told).join("\n"), @"
        “09” is not a grade. Expected: Unspecified, PreK, K, 1 to 12 or Other; empty means Unspecified. Correct it.
        last_name is empty. Expected: A value. Fill the cell in.
        The value of password is too long. Expected: Text as long as the data dictionary allows. Shorten it, or look for a quotation mark in the wrong place.
        The file is a PDF document, not a CSV file or a workbook. Expected: A CSV file, or a workbook of Excel or LibreOffice (.xlsx, .xlsb, .xls, .ods). Open it in the program that made it, save it as CSV (in Excel: Save as, CSV UTF-8), and upload that.
        The row has fewer cells than there are headers. Expected 10 cells, one for each header; the row has 9. Compare the row with the headers and put the missing cells in.
        ");
    }
}
