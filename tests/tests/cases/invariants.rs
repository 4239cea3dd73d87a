//! What holds for every roster that could be read.

use std::collections::BTreeSet;

use roster::{
    Code, Column, Counts, Fields, Finding, Guid, Kind, Mode, ModeSettings, Scope, Sender, Severity, Unchanged,
};
use tests::case::Case;
use tests::outcome::{CaseOutcome, CaseTerms, Planned, UploadFiles, run};

pub fn hold(case: &Case, planned: &Planned, files: &UploadFiles) {
    every_row_is_counted_once(planned);
    tallies_add_up(planned);
    only_whom_a_sync_may_touch(case, planned);
    a_second_time_changes_nothing(case, planned);
    if case.set.as_ref().is_none_or(|set| set.users) {
        the_kept_copy_reads_the_same(case, planned);
    }
    our_files_upload_again(case, planned, files);
    an_uncorrected_error_file_is_rejected_again(case, planned, files);
    a_download_changes_nothing(case, planned);
    no_file_holds_a_password_or_a_formula(case, files);
}

fn every_row_is_counted_once(planned: &Planned) {
    let mut rows: Vec<u32> = planned.plan.changes.iter().filter_map(|c| c.row).collect();
    rows.extend(planned.plan.unchanged.iter().map(|u| u.row));
    rows.extend(planned.rejected());
    rows.sort();
    let sent: Vec<u32> = planned.parsed.rows.iter().map(|r| r.number).collect();
    assert_eq!(rows, sent, "every row is changed, unchanged or rejected, and only one of them");
    let counts = planned.plan.counts;
    assert_eq!(counts.rows(), sent.len() as u64);
    let removed = planned.plan.changes.iter().filter(|c| c.kind == Kind::Removed);
    assert_eq!(counts.removed, removed.inspect(|c| assert_eq!(c.row, None)).count() as u64);
}

fn tallies_add_up(planned: &Planned) {
    let tallies = planned.plan.tallies.iter();
    let sum = tallies.fold(Counts::default(), |sum, tally| sum.plus(&tally.counts));
    assert_eq!(sum, planned.plan.counts, "the tallies add up to the counts");
}

fn only_whom_a_sync_may_touch(case: &Case, planned: &Planned) {
    let unmanaged: BTreeSet<Guid> = case.world.users.iter().filter(|u| !u.is_managed()).map(|u| u.guid).collect();
    for change in &planned.plan.changes {
        assert!(!unmanaged.contains(&change.guid), "a user without a custom ID is changed");
        let mode = case.about.mode;
        assert!(mode.removes_absent() || change.kind != Kind::Removed, "a partial sync removes");
        let of_another_type = |fields: &Option<Fields>| fields.as_ref().is_some_and(|f| !mode.covers(f.user_type));
        assert!(!of_another_type(&change.before) && !of_another_type(&change.after), "another user type is touched");
        if let Scope::School(school) = case.scope() {
            let elsewhere = |fields: &Option<Fields>| fields.as_ref().is_some_and(|f| f.school != school);
            assert!(!elsewhere(&change.before) && !elsewhere(&change.after), "a user of another school is changed");
        }
    }
}

fn a_second_time_changes_nothing(case: &Case, planned: &Planned) {
    let again = expect_planned(run(&case.roster, &planned.after, &case.terms()));
    assert_eq!(again.plan.changes, [], "the same file again changes nothing");
    assert_eq!(again.rejected(), planned.rejected(), "the same rows are rejected");
}

fn the_kept_copy_reads_the_same(case: &Case, planned: &Planned) {
    let kept = roster::without_secrets(&case.roster, &case.reading);
    let kept = expect_planned(run(&kept, &case.world, &case.terms()));
    let shape = |p: &Planned| p.parsed.rows.iter().map(|r| (r.number, r.cells.len())).collect::<Vec<_>>();
    assert_eq!(shape(&kept), shape(planned), "the kept copy has the same rows");
    for (kept, sent) in kept.parsed.rows.iter().zip(&planned.parsed.rows).filter(|(r, _)| r.damage.is_none()) {
        for column in Column::ALL.into_iter().filter(|c| !c.spec().secret) {
            assert_eq!(planned.parsed.cell(kept, column), planned.parsed.cell(sent, column));
        }
    }
}

fn our_files_upload_again(case: &Case, planned: &Planned, files: &UploadFiles) {
    let readable = |bytes: &[u8], rows: usize, what: &str| {
        if rows == 0 {
            return;
        }
        let (parsed, findings) = roster::parse(bytes, &case.reading);
        let parsed = parsed.unwrap_or_else(|| panic!("the {what} file fails: {findings:#?}"));
        assert!(findings.iter().all(|f| f.severity() != Severity::File));
        assert_eq!(parsed.rows.len(), rows, "rows of the {what} file");
    };
    let rejected = planned.rejected().len();
    let wrong = planned.rejected_in(None).len();
    readable(&files.errors, wrong, "error");
    readable(&files.completed, planned.parsed.rows.len() - rejected, "completed");
    if wrong > 0 {
        let (errors, _) = roster::parse(&files.errors, &case.reading);
        let errors = errors.expect("it was read before");
        assert_eq!(errors.columns.last(), Some(&Column::Error), "Error stands at the far right");
        for row in errors.rows.iter().filter(|r| r.damage.is_none()) {
            assert_ne!(errors.cell(row, Column::Error).unwrap_or_default(), "", "every row says what is wrong");
        }
    }
    // A partial sync would take the rows that a sync of some user types leaves alone.
    if planned.parsed.rows.len() > rejected && planned.plan.unchanged.iter().all(|row| row.why != Unchanged::OtherType)
    {
        let again = expect_planned(run(&files.completed, &planned.after, &partial(case)));
        assert_eq!(again.plan.changes, [], "the completed file changes nothing more");
        assert_eq!(again.rejected(), BTreeSet::new(), "and no row of it is rejected");
    }
}

/// Rows that are wrong by themselves stay wrong; those that only clash with others may be right without them, and a
/// partial sync may change user types.
fn an_uncorrected_error_file_is_rejected_again(case: &Case, planned: &Planned, files: &UploadFiles) {
    use Code::*;
    let clashes = [
        RowRepeated,
        OtherRowRejected,
        CustomIdRepeated,
        GuidRepeated,
        UserRepeated,
        EmailRepeated,
        EmailTaken,
        UsernameRepeated,
        UsernameTaken,
        TooManyExchanged,
        LastAdministrator,
        UserTypeOutOfScope,
    ];
    let own = |f: &&Finding| f.severity() == Severity::Row && f.part.is_none() && !clashes.contains(&f.code);
    let wrong: BTreeSet<u32> = planned.findings.iter().filter(own).filter_map(|f| f.row).collect();
    if wrong.is_empty() {
        return;
    }
    let again = expect_planned(run(&files.errors, &planned.after, &partial(case)));
    let rejected = again.rejected();
    // The rows of the error file are the rejected ones in their order, and those of which only the class is.
    for (sent, line) in planned.rejected_in(None).into_iter().zip(&again.parsed.rows) {
        let passes = wrong.contains(&sent) && !rejected.contains(&line.number);
        assert!(!passes, "row {sent} passes uncorrected in the error file: {:#?}", again.plan.changes);
    }
}

/// The download of all users, uploaded in a full sync as it is.
fn a_download_changes_nothing(case: &Case, planned: &Planned) {
    let users: Vec<_> =
        planned.after.users.iter().filter(|u| u.is_managed() && u.deleted_at.is_none()).cloned().collect();
    if users.is_empty() {
        return;
    }
    let file = roster::users_file(users.iter(), &case.schools);
    let settings = ModeSettings { update_names: true, ..ModeSettings::default() };
    // As whoever may say something of everybody, of whatever source.
    let sender = Sender { is_by_hand: true, ..Sender::default() };
    let terms = CaseTerms {
        mode: Mode::Full,
        scope: Scope::Organisation,
        sender,
        settings: &settings,
        set: None,
        translation: None,
        ..case.terms()
    };
    let again = expect_planned(run(&file, &planned.after, &terms));
    assert_eq!(again.plan.changes, [], "a download that comes back changes nothing");
    let own = again.findings.iter().filter(|f| f.severity() == Severity::Row).collect::<Vec<_>>();
    assert!(own.is_empty(), "a download that comes back has no errors: {own:#?}");
}

fn no_file_holds_a_password_or_a_formula(case: &Case, files: &UploadFiles) {
    let kept = roster::without_secrets(&case.roster, &case.reading);
    for bytes in [&files.plan, &files.completed, &files.errors, &*kept] {
        assert!(!bytes.windows(7).any(|w| w == b"PLANTED"), "a file holds a password");
    }
    for bytes in [&files.plan, &files.completed, &files.errors] {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").expect("our files say that they are UTF-8");
        assert!(text.ends_with(b"\r\n"), "our lines end as spreadsheets end them");
        // Wherever a spreadsheet cuts it.
        for delimiter in *b",;\t" {
            let mut builder = csv::ReaderBuilder::new();
            let builder = builder.delimiter(delimiter).has_headers(false).flexible(true);
            for record in builder.from_reader(text).into_records() {
                for cell in record.unwrap().iter() {
                    let start = cell.trim_start_matches([' ', '\t', '\r', '\n']);
                    let starts_formula = start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
                    assert!(!starts_formula, "a spreadsheet would run {cell:?}");
                }
            }
        }
    }
}

fn partial(case: &Case) -> CaseTerms<'_> {
    CaseTerms { mode: Mode::Partial, ..case.terms() }
}

fn expect_planned(outcome: CaseOutcome) -> Box<Planned> {
    match outcome {
        CaseOutcome::Planned(planned) => planned,
        CaseOutcome::Failed(findings) => panic!("the file fails: {findings:#?}"),
    }
}
