//! The one list of finding codes: the error reference, the error file and the page read it.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file fails as a whole; no row is processed.
    File,
    /// The row is rejected and left as it is; the others go on.
    Row,
    /// What the row says of a class is left out; its user is processed.
    Class,
    /// The row is processed, and the plan waits until somebody has looked: it may not mean what it says.
    Doubtful,
    /// The row is processed; somebody should look.
    Warning,
    /// Something was read otherwise than written, and its meaning is certain.
    Note,
}

impl Severity {
    /// Returns whether something that a row says is not processed, so that the row is in the error file.
    pub fn rejects(self) -> bool {
        matches!(self, Severity::Row | Severity::Class)
    }
}

/// What the error reference says of a code, the same questions in the same order for each.
///
/// `{value}` in the message stands for the cell (in quotation marks), `{what}` for the value where it is in words of
/// ours, `{column}` for the header.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// What is wrong.
    pub message: &'static str,
    /// What was expected.
    pub expected: &'static str,
    /// How to fix it.
    pub fix: &'static str,
    pub example: &'static str,
}

macro_rules! codes {
    ($($variant:ident $severity:ident $code:literal {
        wrong: $message:literal, expected: $expected:literal, fix: $fix:literal, example: $example:literal $(,)?
    })+) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $(#[serde(rename = $code)] $variant),+ }

        impl Code {
            /// Every code, in the order of their severities.
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            /// Returns the code as files, pages and the API write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),+ }
            }

            /// Returns how bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),+ }
            }

            /// Returns the entry of the error reference.
            pub fn text(self) -> Text {
                match self {
                    $(Code::$variant => Text { message: $message, expected: $expected, fix: $fix, example: $example }),+
                }
            }
        }
    };
}

codes! {
    FileEmpty File "FILE_EMPTY" {
        wrong: "The file is empty.",
        expected: "A header row and at least one row below it.",
        fix: "Export the roster again and upload the new file.",
        example: "a file of 0 bytes, or of blank lines only",
    }
    FileOnlyHeaders File "FILE_ONLY_HEADERS" {
        wrong: "The file has headers and no rows.",
        expected: "At least one row below the headers.",
        fix: "Check the filter of the export, and upload the new file.",
        example: "a template that was not filled in",
    }
    FileTooLarge File "FILE_TOO_LARGE" {
        wrong: "The file is too large to be a roster.",
        expected: "A file of at most 256 MiB, a workbook or an archive also once it is unpacked, and 2,000,000 rows.",
        fix: "Check that it is the right file; split a larger roster by school and upload the parts as partial syncs.",
        example: "a database backup",
    }
    FileNotText File "FILE_NOT_TEXT" {
        wrong: "The file is {what}, not a CSV file or a workbook.",
        expected: "A CSV file, or a workbook of Excel or LibreOffice (.xlsx, .xlsb, .xls, .ods).",
        fix: "Open it in the program that made it, save it as CSV (in Excel: Save as, CSV UTF-8), and upload that.",
        example: "a PDF, a Word document or a zip archive of pictures",
    }
    WorkbookEncrypted File "WORKBOOK_ENCRYPTED" {
        wrong: "The workbook is protected with a password, so that nobody can read it without.",
        expected: "A workbook that opens without a password.",
        fix: "Open it, take the password off (in Excel: File, Info, Protect Workbook, Encrypt with Password, and empty the field), save it, and upload that.",
        example: "a workbook that asks for a password when it is opened",
    }
    WorkbookUnreadable File "WORKBOOK_UNREADABLE" {
        wrong: "The workbook can't be read: {what}.",
        expected: "A workbook as Excel or LibreOffice saves it.",
        fix: "Open it in the program that made it, save it anew as .xlsx or as CSV, and upload that.",
        example: "a workbook whose download broke off",
    }
    SheetUnclear File "SHEET_UNCLEAR" {
        wrong: "The workbook does not show which sheet is the roster: {what}.",
        expected: "One visible sheet with the headers of a roster. Hidden and empty sheets do not count.",
        fix: "Hide or delete the other sheets, save the workbook, and upload that. On the page the sheet can be chosen, too.",
        example: "a workbook with the sheets 2025 and 2026, both full of users",
    }
    SetIncomplete File "SET_INCOMPLETE" {
        wrong: "The set is not whole: {what}.",
        expected: "All the files that the manifest names.",
        fix: "Put the missing file beside the others, and the manifest last.",
        example: "a manifest that names classes.csv, which never came",
    }
    SetUnknown File "SET_UNKNOWN" {
        wrong: "The archive holds no file of a set: {what}.",
        expected: "The files users.csv, classes.csv and enrolments.csv, or some of them.",
        fix: "Name the files so, and pack them again.",
        example: "a zip archive of pictures",
    }
    ArchiveUnreadable File "ARCHIVE_UNREADABLE" {
        wrong: "The archive can't be read: {what}.",
        expected: "A zip archive without a password, with each file in it once.",
        fix: "Pack the files anew, and upload that.",
        example: "a zip archive that asks for a password",
    }
    FormatIncomplete File "FORMAT_INCOMPLETE" {
        wrong: "The files can't be read together: {what}.",
        expected: "All the files that the format needs, with the columns that it names.",
        fix: "Export them all again, and send them together.",
        example: "enrollments.csv of OneRoster without users.csv, so that nobody can tell who is enrolled",
    }
    DeltaInFullSync File "DELTA_IN_FULL_SYNC" {
        wrong: "The files hold only what has changed ({what}), and a full sync would remove everybody else.",
        expected: "Files with everybody (bulk), or a partial sync.",
        fix: "Send these files as a partial sync, or export all of them as bulk.",
        example: "a OneRoster export whose manifest says file.users,delta",
    }
    RowTooLarge File "ROW_TOO_LARGE" {
        wrong: "A row is longer than 1 MiB.",
        expected: "Rows of a few hundred characters.",
        fix: "Look for a quotation mark that is opened and never closed at this row, or check that it is the right file.",
        example: "a file without line breaks",
    }
    HeadersNotFound File "HEADERS_NOT_FOUND" {
        wrong: "No row holds the headers.",
        expected: "The ten headers in the first row, with commas, semicolons or tabs between them.",
        fix: "Put the headers above the rows, or save the file as CSV anew; the blank template shows them.",
        example: "an export without a header row",
    }
    FileOtherQuotes File "FILE_OTHER_QUOTES" {
        wrong: "The cells of the file stand in {what}.",
        expected: "Cells in straight double quotation marks (\"…\"), or in none.",
        fix: "Export the file with double quotation marks, or replace the others by them.",
        example: "'Ora','Klein' as some databases write it",
    }
    HeaderMissing File "HEADER_MISSING" {
        wrong: "The header {column} is missing.",
        expected: "All ten required headers, also those whose cells may be empty.",
        fix: "Add the header; the blank template has them all.",
        example: "a file without middle_name",
    }
    HeaderMisspelled File "HEADER_MISSPELLED" {
        wrong: "{value} is not a header.",
        expected: "A header of the data dictionary.",
        fix: "Rename it in the first row.",
        example: "frist_name instead of first_name",
    }
    HeaderCapitals File "HEADER_CAPITALS" {
        wrong: "The header {value} has the wrong capital letters.",
        expected: "Headers exactly as the data dictionary writes them.",
        fix: "Rename it in the first row.",
        example: "First_Name instead of first_name",
    }
    HeaderRepeated File "HEADER_REPEATED" {
        wrong: "The header {column} stands more than once.",
        expected: "Each header once.",
        fix: "Delete the column that does not belong.",
        example: "two columns named email",
    }
    MappingMisfit File "MAPPING_MISFIT" {
        wrong: "The file no longer fits the mapping {value}.",
        expected: "All the headers that the mapping reads.",
        fix: "Bring the headers back in the export, or map the file anew and save the mapping. Nothing was read, for without these columns people would be read otherwise than before.",
        example: "an export in which Student_Number is called Student ID since an update",
    }
    HeaderUnknown File "HEADER_UNKNOWN" {
        wrong: "{value} is not a header.",
        expected: "Only headers of the data dictionary.",
        fix: "Delete the column, or rename it if it is one of the missing ones.",
        example: "a column named phone",
    }
    HeaderEmpty File "HEADER_EMPTY" {
        wrong: "A column has no header.",
        expected: "A header of the data dictionary above every column.",
        fix: "Delete the empty column, or give it its header.",
        example: "commas at the end of the first row",
    }

    RowUnreadable Row "ROW_UNREADABLE" {
        wrong: "The row has characters that can't be read.",
        expected: "Text in one encoding throughout, best in UTF-8.",
        fix: "Type the damaged characters again and save the file as CSV UTF-8; if many rows have this, choose another encoding.",
        example: "a row pasted from a file with another encoding",
    }
    RowTooShort Row "ROW_TOO_SHORT" {
        wrong: "The row has fewer cells than there are headers.",
        expected: "As many cells as headers.",
        fix: "Compare the row with the headers and put the missing cells in.",
        example: "a comma that was deleted",
    }
    RowTooLong Row "ROW_TOO_LONG" {
        wrong: "The row has more cells than there are headers.",
        expected: "As many cells as headers.",
        fix: "Look for a comma inside a cell, and put that cell into quotation marks.",
        example: "Smith, Jr. without quotation marks",
    }
    RowOtherQuotes Row "ROW_OTHER_QUOTES" {
        wrong: "The cells of this row stand in {what}.",
        expected: "Cells in straight double quotation marks (\"…\"), or in none.",
        fix: "Replace the quotation marks by double ones, or delete them.",
        example: "a row that was pasted from a text program",
    }
    RowCutOff Row "ROW_CUT_OFF" {
        wrong: "The file ends in the middle of this row.",
        expected: "A file that was saved or sent to its end.",
        fix: "Export the roster again: rows after this one may be missing, too.",
        example: "a transfer that was interrupted",
    }
    QuoteNotClosed Row "QUOTE_NOT_CLOSED" {
        wrong: "A quotation mark in this row is never closed, or closed where it should not be.",
        expected: "A closing quotation mark at the end of the cell; one inside a cell is written twice.",
        fix: "Correct it, and look at the rows below: they were read as rows, and may have been lines of this cell.",
        example: "\"Smith",
    }
    RowRepeated Row "ROW_REPEATED" {
        wrong: "The row repeats another one in every cell.",
        expected: "One row for each person.",
        fix: "Delete the row; one of them is enough.",
        example: "a block that was pasted twice",
    }
    CellMissing Row "CELL_MISSING" {
        wrong: "{column} is empty.",
        expected: "A value.",
        fix: "Fill the cell in.",
        example: "a row without a last name",
    }
    CellTooLong Row "CELL_TOO_LONG" {
        wrong: "The value of {column} is too long.",
        expected: "Text as long as the data dictionary allows.",
        fix: "Shorten it, or look for a quotation mark in the wrong place.",
        example: "a comment in a name column",
    }
    CellControlCharacter Row "CELL_CONTROL_CHARACTER" {
        wrong: "The value of {column} has a character that can't be printed.",
        expected: "Letters, digits and punctuation.",
        fix: "Type the value again.",
        example: "a name with a NUL or an escape character",
    }
    CellExcelError Row "CELL_EXCEL_ERROR" {
        wrong: "{value} in {column} is an error that a spreadsheet wrote.",
        expected: "The value itself.",
        fix: "Repair the formula in the spreadsheet, or type the value.",
        example: "#N/A",
    }
    CustomIdScientific Row "CUSTOM_ID_SCIENTIFIC" {
        wrong: "{value} is an ID that a spreadsheet turned into a number.",
        expected: "The ID as the student information system has it.",
        fix: "Export again and do not open the file in Excel, or format the column as text before you paste.",
        example: "1.2E+11, 20,007 or 205.0",
    }
    CustomIdMarked Row "CUSTOM_ID_MARKED" {
        wrong: "{value} has a mark around it that is no part of an ID.",
        expected: "The ID without it.",
        fix: "Take the mark off; the whole cell may be =\"…\" with the ID between the quotation marks.",
        example: "'00123, =00123, +00123 or “00123”",
    }
    CustomIdAlike Row "CUSTOM_ID_ALIKE" {
        wrong: "There is no user {value}, but there is one whose custom ID is the same but for how it is written.",
        expected: "The ID as the user has it.",
        fix: "Write it like that. If it is a new person, send the row of the other one along, or give an ID that can be told apart where both look the same; to correct an ID, add the column user_guid with the GUID of its user.",
        example: "s-ab12 where the directory has S-AB12, 12-Oct for 10-12, or АВ-07 in Cyrillic letters for AB-07",
    }
    CustomIdZerosLost Row "CUSTOM_ID_ZEROS_LOST" {
        wrong: "There is no user {value}, but there is one with more zeros in front.",
        expected: "The ID with its leading zeros.",
        fix: "Put the zeros back: a spreadsheet took them off. Format the column as text before you paste.",
        example: "123 where the directory has 00123",
    }
    CustomIdRepeated Row "CUSTOM_ID_REPEATED" {
        wrong: "Several rows have the custom ID {value}; none of them can be trusted.",
        expected: "One row for each custom ID.",
        fix: "Find out which row is right, and delete or correct the others.",
        example: "two people with the same ID",
    }
    UserCellsDiffer Row "USER_CELLS_DIFFER" {
        wrong: "Rows about the user with the custom ID {value} disagree.",
        expected: "The same details of a user in all rows, which differ only in the class.",
        fix: "Make the rows agree.",
        example: "one student with two last names in the rows of two classes",
    }
    PersonIsAnother Row "PERSON_IS_ANOTHER" {
        wrong: "The names in the row of the custom ID {value} are not those of the user who has it.",
        expected: "The first or the last name of the user who has the ID.",
        fix: "If the ID was given to another person, give that person an ID of their own; if it is the same person, add the column user_guid.",
        example: "Lionel Voss under the ID of Eli Fir, who left, where the settings reject such rows",
    }
    EmailInvalid Row "EMAIL_INVALID" {
        wrong: "{value} is not an e-mail address.",
        expected: "An address like ora.klein@contoso.example.",
        fix: "Correct it; a student's may be left empty.",
        example: "ora.klein@",
    }
    EmailRepeated Row "EMAIL_REPEATED" {
        wrong: "Several teachers, staff or administrators have the e-mail address {value}.",
        expected: "An address of one's own for each of them.",
        fix: "Correct the rows that are wrong.",
        example: "office@contoso.example for two teachers",
    }
    EmailTaken Row "EMAIL_TAKEN" {
        wrong: "The e-mail address {value} belongs to another teacher, staff member or administrator.",
        expected: "An address of one's own.",
        fix: "Correct it, or correct the other user first.",
        example: "a new teacher with the address of a predecessor",
    }
    SchoolUnknown Row "SCHOOL_UNKNOWN" {
        wrong: "{value} is not the external ID of a school.",
        expected: "The external ID of a school or of the district.",
        fix: "Correct it, or create the school on the page Schools first.",
        example: "10003 where only 10001 and 10002 exist",
    }
    SchoolOutOfScope Row "SCHOOL_OUT_OF_SCOPE" {
        wrong: "The school {value} is not one that this file is for.",
        expected: "Rows of your own school, or of the schools that were chosen.",
        fix: "Take the row out of the file. A district administrator can upload it, or send the file for that school, too.",
        example: "a school administrator's file with a pupil of another school",
    }
    UserOutOfScope Row "USER_OUT_OF_SCOPE" {
        wrong: "The user with the {column} {value} belongs to another school.",
        expected: "Users of your own school, or of the schools that were chosen.",
        fix: "Correct the cell, choose that school, too, or ask a district administrator to move the user.",
        example: "a pupil who changes schools in a school administrator's file",
    }
    UserTypeOutOfScope Row "USER_TYPE_OUT_OF_SCOPE" {
        wrong: "The user with the {column} {value} is of a type that this sync leaves alone.",
        expected: "In a sync of students only, users who are students; in one of staff only, users who are none.",
        fix: "Correct the cell, or send this row in a partial or a full sync, which may change the type of a user.",
        example: "a student's row with the custom ID of a teacher, in a sync of students only",
    }
    UserOfOtherSource Row "USER_OF_OTHER_SOURCE" {
        wrong: "The user with the {column} {value} comes from another source.",
        expected: "Users of the source that the file is from, of none, or who were added by hand.",
        fix: "Correct the cell, leave the row out, or let rosters take users over (Settings, Sources).",
        example: "a row of the HR system with the custom ID of a pupil, who comes from the SIS",
    }
    TypeOfOtherSource Row "TYPE_OF_OTHER_SOURCE" {
        wrong: "Users of the type {value} come from another source only.",
        expected: "User types that no other source is set as the only one for.",
        fix: "Leave the row out: send it with the roster of that source, or change the settings (Settings, Sources).",
        example: "a pupil in an upload of staff, where all students come from the SIS",
    }
    UserTypeUnknown Row "USER_TYPE_UNKNOWN" {
        wrong: "{value} is not a user type.",
        expected: "Teacher, Staff, Administrator or Student.",
        fix: "Correct it.",
        example: "Parent",
    }
    GradeUnknown Row "GRADE_UNKNOWN" {
        wrong: "{value} is not a grade.",
        expected: "Unspecified, PreK, K, 1 to 12 or Other; empty means Unspecified.",
        fix: "Correct it.",
        example: "0, which is Kindergarten for some",
    }
    StatusUnknown Row "STATUS_UNKNOWN" {
        wrong: "{value} is not a status.",
        expected: "Active or Disabled.",
        fix: "Correct it.",
        example: "tobedeleted",
    }
    CustomIdMixed Row "CUSTOM_ID_MIXED_ALPHABETS" {
        wrong: "{value} has letters of several alphabets that look alike.",
        expected: "An ID in one alphabet, without characters that can't be seen.",
        fix: "Type the ID again.",
        example: "AB-12 with a Cyrillic letter for the B",
    }
    GuidInvalid Row "GUID_INVALID" {
        wrong: "{value} is not a GUID.",
        expected: "The GUID that Rollbook gave this user, as a download has it, or an empty cell.",
        fix: "Copy it from a new download, or empty the cell.",
        example: "6f1c2a34",
    }
    GuidUnknown Row "GUID_UNKNOWN" {
        wrong: "The GUID {value} belongs to no user whom this row could change.",
        expected: "The GUID that Rollbook gave this user, as a download has it, or an empty cell.",
        fix: "Copy it from a new download, or empty the cell.",
        example: "a GUID of another system",
    }
    GuidSwapped Row "GUID_SWAPPED" {
        wrong: "The GUID {value} belongs to one user and the custom ID to another.",
        expected: "A GUID and a custom ID of the same user.",
        fix: "Copy both from a new download.",
        example: "a column that was sorted by itself",
    }
    GuidRepeated Row "GUID_REPEATED" {
        wrong: "Several rows have the GUID {value}; none of them can be trusted.",
        expected: "One row for each user.",
        fix: "Find out which row is right, and delete or correct the others.",
        example: "a row that was copied to make a new one",
    }
    UserRepeated Row "USER_REPEATED" {
        wrong: "Several rows are about the user whose custom ID is {value}; none of them can be trusted.",
        expected: "One row for each user.",
        fix: "Find out which row is right, and delete or correct the others.",
        example: "a row that changes a custom ID by its GUID, and another one with the old custom ID",
    }
    UsernameInvalid Row "USERNAME_INVALID" {
        wrong: "{value} can't be a user name.",
        expected: "Text on one line.",
        fix: "Correct it, or empty the cell.",
        example: "a user name on two lines",
    }
    UsernameEmpty Row "USERNAME_EMPTY" {
        wrong: "The rule for user names gives the user {value} no name.",
        expected: "What the rule is made of: names with letters, or an e-mail address, or the column username.",
        fix: "Fill in what is missing, or write a user name into the column username; or choose another rule in the settings.",
        example: "a pupil without an e-mail address, where user names are made of it",
    }
    UsernameRepeated Row "USERNAME_REPEATED" {
        wrong: "Several rows would give the user name {value}.",
        expected: "A user name of one's own for each user.",
        fix: "Write other user names into the column username.",
        example: "oklein and OKlein",
    }
    UsernameTaken Row "USERNAME_TAKEN" {
        wrong: "The user name {value} belongs to another user.",
        expected: "A user name of one's own.",
        fix: "Write another one into the column username.",
        example: "a teacher who is to get the user name of a predecessor",
    }
    TooManyExchanged Row "TOO_MANY_EXCHANGED" {
        wrong: "The user {value} is part of an exchange of user names or e-mail addresses among too many users.",
        expected: "At most 20 users that take over names or addresses from one another, 16 where their custom IDs change, too.",
        fix: "Give some of them new ones in a first upload, and the exchanged ones in a second.",
        example: "a list of addresses that slipped by one row",
    }
    LastAdministrator Row "LAST_ADMINISTRATOR" {
        wrong: "The user {value} is one of the last administrators who can run the organisation and would no longer be one, so the user is left as it is.",
        expected: "At least one active administrator of the district office stays.",
        fix: "Make somebody else an administrator of the district office first.",
        example: "a full roster without any administrator",
    }
    OtherRowRejected Row "OTHER_ROW_REJECTED" {
        wrong: "Another row about the same person is rejected, and this one goes with it.",
        expected: "A row about the same person that has nothing wrong.",
        fix: "Correct the other row, and upload both.",
        example: "a teacher of two schools, one row for each, whose e-mail address belongs to somebody else",
    }
    UserDrifted Row "USER_DRIFTED" {
        wrong: "The user {value} was changed after the plan was made, and was left alone.",
        expected: "A user that is still as the plan saw it.",
        fix: "Upload the row again: it is compared with the user as it is now.",
        example: "an administrator gave the user another custom ID while the plan waited for approval",
    }
    TakenMeanwhile Row "TAKEN_MEANWHILE" {
        wrong: "A user name, e-mail address or custom ID that the user {value} was to get went to somebody else after the plan was made.",
        expected: "Values that are still free when the plan is applied.",
        fix: "Upload the row again: it says then which value is taken.",
        example: "two plans that were approved one after the other and give the same user name",
    }
    UserProtected Row "USER_PROTECTED" {
        wrong: "The user {value} is the administrator who approved the plan, or the last one who can run the organisation, and was left alone.",
        expected: "Another active administrator of the district office.",
        fix: "Let another administrator approve such a plan, or make one first.",
        example: "an administrator who approves the removal of their own account",
    }

    // What a row says of a class is left out.
    ActionUnknown Class "ACTION_UNKNOWN" {
        wrong: "{value} is not an action.",
        expected: "REMOVE-CLASS, or an empty cell.",
        fix: "Correct it, or empty the cell.",
        example: "DELETE in action",
    }
    ClassIdMissing Class "CLASS_ID_MISSING" {
        wrong: "The row speaks of a class, and does not say which.",
        expected: "A class_id, or the class_guid of a class that exists.",
        fix: "Fill class_id in, or empty the other cells about the class.",
        example: "a class_name and no class_id",
    }
    ClassIdInvalid Class "CLASS_ID_INVALID" {
        wrong: "{value} can't be the ID of a class.",
        expected: "The class ID as the student information system has it, on one line.",
        fix: "Export the file again with the column formatted as text.",
        example: "1.2E+05, which a spreadsheet made of a number",
    }
    ClassGuidInvalid Class "CLASS_GUID_INVALID" {
        wrong: "{value} is not a GUID.",
        expected: "The class_guid as a download has it, or an empty cell.",
        fix: "Copy it from a download, or empty the cell.",
        example: "a class ID in class_guid",
    }
    ClassGuidUnknown Class "CLASS_GUID_UNKNOWN" {
        wrong: "No class has the GUID {value}.",
        expected: "The class_guid of a class of this organisation.",
        fix: "Copy it from a download, or empty the cell and let class_id decide.",
        example: "the GUID of a class of another organisation",
    }
    ClassIdTaken Class "CLASS_ID_TAKEN" {
        wrong: "The ID {value} belongs to another class than the class_guid beside it.",
        expected: "A class_id that no other class has.",
        fix: "Correct class_id, or empty class_guid.",
        example: "two classes whose GUIDs were exchanged",
    }
    ClassCellsDiffer Class "CLASS_CELLS_DIFFER" {
        wrong: "Rows about the class {value} disagree.",
        expected: "The same name, school and other details of a class in all of its rows.",
        fix: "Make the rows agree.",
        example: "one class_id with two names",
    }
    ClassCellInvalid Class "CLASS_CELL_INVALID" {
        wrong: "{value} can't be read in {column}.",
        expected: "What the data dictionary says of the column.",
        fix: "Correct it.",
        example: "a name of more than 100 characters",
    }
    ClassNameMissing Class "CLASS_NAME_MISSING" {
        wrong: "The class has no name.",
        expected: "A class_name: people know a class by it.",
        fix: "Fill class_name in.",
        example: "a new class_id and no name beside it",
    }
    ClassDateInvalid Class "CLASS_DATE_INVALID" {
        wrong: "{value} is not a date.",
        expected: "A date like 2026-08-31: year, month and day.",
        fix: "Correct it, or format the column so.",
        example: "8/31/26, which is another day elsewhere",
    }
    ClassDatesReversed Class "CLASS_DATES_REVERSED" {
        wrong: "{column} comes before the start.",
        expected: "An end on or after the day of the start.",
        fix: "Correct one of both dates.",
        example: "a class from 2026-08-31 to 2026-06-30",
    }
    ClassRoleUnknown Class "CLASS_ROLE_UNKNOWN" {
        wrong: "{value} is not a role in a class.",
        expected: "Student, Primary teacher, Co-teacher or Aide; empty means what the user type says.",
        fix: "Correct it.",
        example: "Proctor in class_role",
    }
    ClassRoleWrong Class "CLASS_ROLE_WRONG" {
        wrong: "The user can't be {value} in a class.",
        expected: "Student for students, and a role of teachers or aides for everybody else.",
        fix: "Correct class_role or user_type.",
        example: "a student as Primary teacher",
    }
    ClassOutOfScope Class "CLASS_OUT_OF_SCOPE" {
        wrong: "The class {value} belongs to a school that this upload does not touch.",
        expected: "Classes of the schools that were chosen.",
        fix: "Upload the row for the school of the class.",
        example: "a class of another school in an upload for one school",
    }
    ClassWithoutTeacher Class "CLASS_WITHOUT_TEACHER" {
        wrong: "The new class {value} has no teacher.",
        expected: "A row of a teacher for each new class.",
        fix: "Add the row of its teacher, or let classes without a teacher pass (Settings, Classes).",
        example: "a new class with students only",
    }
    ClassRejected Class "CLASS_REJECTED" {
        wrong: "The class {value} was rejected, so nobody is enrolled in it.",
        expected: "A class without errors in its own file.",
        fix: "Correct the row of the class, and upload both again.",
        example: "an enrolment in a class whose name is missing",
    }
    ClassUnknown Class "CLASS_UNKNOWN" {
        wrong: "No class has the ID {value}.",
        expected: "A class of the set, or one that exists.",
        fix: "Correct class_id, or add the class to the file of classes.",
        example: "an enrolment in a class that was left out of the export",
    }
    ClassFileMissing Class "CLASS_FILE_MISSING" {
        wrong: "The set has no file of classes, and there is no class {value}.",
        expected: "A file classes.csv beside the enrolments.",
        fix: "Add the file of classes to the set.",
        example: "enrolments.csv alone, before the classes were ever sent",
    }
    EnrolmentUserUnknown Class "ENROLMENT_USER_UNKNOWN" {
        wrong: "There is no user {value}.",
        expected: "A user of the set, or one that exists.",
        fix: "Correct custom_id or user_guid, or add the user to the file of users.",
        example: "an enrolment of somebody who was left out of the export",
    }
    EnrolmentFileMissing Class "USER_FILE_MISSING" {
        wrong: "The set has no file of users, and there is no user {value}.",
        expected: "A file users.csv beside the enrolments.",
        fix: "Add the file of users to the set.",
        example: "enrolments.csv alone, before the users were ever sent",
    }
    EnrolmentUserRejected Class "ENROLMENT_USER_REJECTED" {
        wrong: "The row of the user {value} was rejected, so that the user is enrolled in nothing.",
        expected: "A user without errors in the file of users.",
        fix: "Correct the row of the user, and upload both again.",
        example: "an enrolment of a new student whose school is not known",
    }
    EnrolmentRepeated Class "ENROLMENT_REPEATED" {
        wrong: "Several rows put the user into the class {value}.",
        expected: "One row for each user and class.",
        fix: "Delete the rows that are too many.",
        example: "a student twice in one class, with two start dates",
    }
    EnrolmentOtherSchool Class "ENROLMENT_OTHER_SCHOOL" {
        wrong: "The class {value} belongs to another school than the student.",
        expected: "Classes of a school where the file has the student.",
        fix: "Correct the school or the class, add a row of the student at that school, or let students be in classes of \
              other schools (Settings, Classes).",
        example: "a student of one high school in a class of another",
    }
    ClassDrifted Class "CLASS_DRIFTED" {
        wrong: "The class was changed after the plan was made.",
        expected: "A class that is as the plan saw it.",
        fix: "Upload the row again; the new plan sees the class as it is now.",
        example: "somebody archived the class on the page in between",
    }
    EnrolmentDrifted Class "ENROLMENT_DRIFTED" {
        wrong: "The user or the class was changed after the plan was made, so that the enrolment was left alone.",
        expected: "A user and a class that are as the plan saw them.",
        fix: "Upload the row again; the new plan sees both as they are now.",
        example: "the user was removed on the page in between",
    }

    // Doubts about the file.
    EncodingDoubtful Doubtful "ENCODING_DOUBTFUL" {
        wrong: "The file does not say how its letters are written; read as {what}, some of them may be wrong.",
        expected: "CSV in UTF-8.",
        fix: "Look at the names; if they are wrong, choose the encoding of the file, or save it as CSV UTF-8.",
        example: "£ukasz where £ is no letter of a name",
    }

    MappingFixedDoubtful Doubtful "MAPPING_FIXED_DOUBTFUL" {
        wrong: "The mapping {value} gives every row the same {column}, and the file has new columns that may say otherwise.",
        expected: "The headers that the mapping was made for.",
        fix: "Check that the file is of the kind that the mapping is for, students or staff, and approve; else reject the plan and map the file by itself.",
        example: "a mapping for staff, and an export of students with a column Grade",
    }
    // Doubts about rows and cells.
    TextDoubtful Doubtful "TEXT_DOUBTFUL" {
        wrong: "{value} in {column} seems to have been broken before it came.",
        expected: "The value as the student information system has it.",
        fix: "Compare it, and export again as CSV UTF-8; if it is right as it is, approve the plan.",
        example: "M?ller, which was Müller",
    }
    NameEmptied Doubtful "NAME_EMPTIED" {
        wrong: "The row has one name only, where the user has a first and a last name.",
        expected: "Both names, of a person who has two.",
        fix: "Fill the name in; if the person has one name now, approve the plan.",
        example: "a row without the last name of Ora Klein",
    }

    // Doubts about whose a row is.
    PersonDiffers Doubtful "PERSON_DIFFERS" {
        wrong: "The names in the row of the custom ID {value} are not those of the user who has it.",
        expected: "The first or the last name of the user who has the ID.",
        fix: "If the ID was given to another person, give that person an ID of their own; if it is the same person, add the column user_guid.",
        example: "Lionel Voss under the ID of Eli Fir, who left",
    }
    ProbableRekey Doubtful "PROBABLE_REKEY" {
        wrong: "The custom ID {value} is new, and the rest of the row is that of a user who exists.",
        expected: "The custom ID that the user has.",
        fix: "Decide with the approval whether it is the same person under a new ID or another one.",
        example: "a pupil to whom a new student information system gave a new ID",
    }
    RekeyUnclear Doubtful "REKEY_UNCLEAR" {
        wrong: "The custom ID {value} is new, and the row may be about a user who exists.",
        expected: "The custom ID that the user has.",
        fix: "If it is the same person, write the GUID of the user into the column user_guid, which corrects the ID.",
        example: "a new ID for one of two pupils of the same name",
    }

    SourcedIdRepeated Doubtful "SOURCED_ID_REPEATED" {
        wrong: "An ID stands in several rows that say different things: {what}.",
        expected: "One row for each ID.",
        fix: "Look at both rows in the system that they come from. Where it can't be told which one is meant, none is used.",
        example: "two rows of users.csv with one sourcedId and two identifiers",
    }
    ManifestDiffers Doubtful "MANIFEST_DIFFERS" {
        wrong: "The manifest and the files do not agree: {what}.",
        expected: "A manifest that says of each file whether it is there.",
        fix: "Check that these are the files of one export. They were read as they are.",
        example: "a manifest that says file.users,absent beside a users.csv",
    }
    DeletedInBulk Doubtful "DELETED_IN_BULK" {
        wrong: "Rows are marked as deleted, and no manifest says that the files hold only what has changed: {what}.",
        expected: "Such rows only in files that a manifest calls delta.",
        fix: "If the files hold only what has changed, reject this upload and send them as a partial sync.",
        example: "a row with the status tobedeleted, and no manifest.csv",
    }
    FormatRowDamaged Doubtful "FORMAT_ROW_DAMAGED" {
        wrong: "A row that others need is damaged, and was not read: {what}.",
        expected: "Rows with as many cells as the file has headers.",
        fix: "Export the file again. Whoever needs the row is rejected, or keeps what the row would say.",
        example: "a row of orgs.csv that ends after two of five cells",
    }
    PersonOnlyInClasses Doubtful "PERSON_ONLY_IN_CLASSES" {
        wrong: "Somebody is in a class and not among the people of the files, who may not all be there: {what}.",
        expected: "A row about everybody whom the other files name.",
        fix: "Export the files again and compare how many people there are. Whoever is missing is absent.",
        example: "a users.csv that lacks its last 100 rows, beside an enrollments.csv that is whole",
    }
    EncodingGuessed Warning "ENCODING_GUESSED" {
        wrong: "The file does not say how its letters are written; it was read as {what}.",
        expected: "CSV in UTF-8.",
        fix: "Look at names with accents before you approve. In Excel: Save as, CSV UTF-8.",
        example: "an old export in Windows-1252",
    }
    EmailShared Warning "EMAIL_SHARED" {
        wrong: "Several students have the e-mail address {value}.",
        expected: "An address of one's own, or one that a family shares.",
        fix: "Nothing to do if they are a family.",
        example: "the address of a parent",
    }
    CustomIdZerosAlike Warning "CUSTOM_ID_ZEROS_ALIKE" {
        wrong: "The custom ID {value} differs from another one only by zeros in front or by how it is written.",
        expected: "IDs that can't be confused.",
        fix: "Check that they are two people.",
        example: "123 and 00123, or ab1 and AB1, in one file",
    }
    LineBreakInCell Warning "LINE_BREAK_IN_CELL" {
        wrong: "The value of {column} has a line break, which was read as a space.",
        expected: "A value on one line.",
        fix: "Nothing to do if it reads well.",
        example: "a position on two lines",
    }
    PasswordWeak Warning "PASSWORD_WEAK" {
        wrong: "The password in this row can't be used, and is left out.",
        expected: "From 8 to 128 characters, none of the first that anybody would try, and nothing by which the user is known.",
        fix: "Nothing to do if a new user may get a random temporary password and one that exists may keep the present one; else write a better one.",
        example: "12345678, or the pupil's own name",
    }

    EmailDropped Warning "EMAIL_DROPPED" {
        wrong: "{value} is not an e-mail address, so the student's row is taken without it.",
        expected: "An address like ora.klein@contoso.example, or an empty cell.",
        fix: "Correct it in the student information system, or empty the cell.",
        example: "ora.klein@ for a student",
    }
    SeveralSchools Warning "SEVERAL_SCHOOLS" {
        wrong: "The person stands at several schools, among them {value}, and an account has one.",
        expected: "One row for each person.",
        fix: "Nothing to do if the account is at the right school; else delete the other rows.",
        example: "a teacher of two schools, with a row for each",
    }
    FormatFileMissing Warning "FORMAT_FILE_MISSING" {
        wrong: "A file is not there: {what}.",
        expected: "All the files of the format.",
        fix: "Send it along if it exists; what it says stays as it is.",
        example: "a OneRoster export without academicSessions.csv, so that classes have no dates",
    }
    ReferenceUnknown Warning "REFERENCE_UNKNOWN" {
        wrong: "A row names something that is in no row: {what}.",
        expected: "A row for each ID that other rows name.",
        fix: "Look in the system that the files come from. The row was read without it.",
        example: "a class whose course is not in courses.csv",
    }
    ClassHasNoTeacher Warning "CLASS_HAS_NO_TEACHER" {
        wrong: "The new class {value} has no teacher.",
        expected: "A row of a teacher for each new class.",
        fix: "Add its teacher when there is one; by the settings the class is made without.",
        example: "a new class with students only",
    }
    StudentAtOtherSchool Warning "STUDENT_AT_OTHER_SCHOOL" {
        wrong: "The class {value} belongs to another school than the student.",
        expected: "Classes of a school where the file has the student.",
        fix: "Look whether the student is meant to be in it; by the settings that is allowed.",
        example: "a student of one high school in a class of another",
    }
    ClassLarge Warning "CLASS_LARGE" {
        wrong: "The class {value} is very large.",
        expected: "As many students as the settings say, or fewer (Settings, Classes).",
        fix: "Look whether several classes have the same class_id.",
        example: "90 students in one class",
    }
    PrimaryKept Warning "PRIMARY_KEPT" {
        wrong: "The class {value} has another primary teacher, who stays; this one is a co-teacher.",
        expected: "One primary teacher for each class.",
        fix: "To replace the primary teacher, let files do so (Settings, Classes) and upload the row again.",
        example: "a second teacher with the role Primary teacher",
    }
    NameMixedAlphabets Warning "NAME_MIXED_ALPHABETS" {
        wrong: "{value} has letters of several alphabets in one word.",
        expected: "Words in one alphabet.",
        fix: "Type the name again, if letters only look like the right ones.",
        example: "Anna with a Cyrillic letter for the A",
    }

    // Notes on the file.
    HeadersUnderstood Note "HEADERS_UNDERSTOOD" {
        wrong: "Headers were read by what they mean: {what}.",
        expected: "Headers exactly as the data dictionary writes them.",
        fix: "Nothing to do if the columns are right.",
        example: "Surname instead of last_name",
    }
    MappingUsed Note "MAPPING_USED" {
        wrong: "The file was read by the mapping {value}.",
        expected: "A file of the kind that the mapping was made for.",
        fix: "Nothing to do if it is; else change the mapping in the settings.",
        example: "an export of the student information system",
    }
    MappingHeadersChanged Note "MAPPING_HEADERS_CHANGED" {
        wrong: "Headers have changed since the mapping {value} was made; all that it reads are there.",
        expected: "The headers that the mapping was made for.",
        fix: "Nothing to do if the new columns need not be read; else map the file anew.",
        example: "a column Locker that the export did not have before",
    }
    RowLeftOut Note "ROW_LEFT_OUT" {
        wrong: "The mapping leaves this row out: {what}.",
        expected: "Rows of people to be synced.",
        fix: "Nothing to do if it says so rightly: whoever is in the row stays as is, and is not removed as absent.",
        example: "Enroll_Status is 3 in the row of somebody who has graduated",
    }
    ColumnsLeftOut Note "COLUMNS_LEFT_OUT" {
        wrong: "Columns that are none of ours were not read: {what}.",
        expected: "Only headers of the data dictionary.",
        fix: "Nothing to do if they need not be read; else rename them.",
        example: "a column named phone",
    }
    ColumnsEmpty Note "COLUMNS_EMPTY" {
        wrong: "Columns without a header and without values were not read: {what}.",
        expected: "A header of the data dictionary above every column.",
        fix: "Nothing to do.",
        example: "commas at the end of every line",
    }
    FileFilledUp Note "FILE_FILLED_UP" {
        wrong: "After the last row stand characters that are no text; they were not read.",
        expected: "A file that ends with its last row.",
        fix: "Nothing to do.",
        example: "the end mark of DOS (Ctrl-Z), or zeros",
    }

    SheetsLeftOut Note "SHEETS_LEFT_OUT" {
        wrong: "Other sheets of the workbook were not read: {what}.",
        expected: "A workbook with one sheet.",
        fix: "Nothing to do if the roster is in the sheet that was read.",
        example: "an empty Sheet2, or a hidden sheet with lists",
    }
    FormatRead Note "FORMAT_READ" {
        wrong: "Read as {what}.",
        expected: "Files of this format.",
        fix: "Nothing to do if they are.",
        example: "OneRoster 1.1: 3 schools, 120 users, 40 classes, 1,900 enrolments",
    }
    FilesLeftOut Note "FILES_LEFT_OUT" {
        wrong: "Files were not read: {what}.",
        expected: "Only files that Rollbook has a use for.",
        fix: "Nothing to do; what is kept of each format stands in the README.",
        example: "lineItems.csv and results.csv of OneRoster",
    }
    DemographicsNotRead Note "DEMOGRAPHICS_NOT_READ" {
        wrong: "Rollbook reads no demographics, and keeps none: {what}.",
        expected: "Files without demographics.",
        fix: "Nothing to do; better still, leave them out of the export.",
        example: "demographics.csv of OneRoster",
    }
    PeopleLeftOut Note "PEOPLE_LEFT_OUT" {
        wrong: "People whom Rollbook does not keep were left out: {what}.",
        expected: "Students, teachers, staff and administrators.",
        fix: "Nothing to do.",
        example: "guardians in users.csv of OneRoster",
    }
    StatusUnexpected Note "STATUS_UNEXPECTED" {
        wrong: "The column status is not filled in as the format says: {what}.",
        expected: "An empty status in files with everybody (bulk), and one in every row of those with changes (delta).",
        fix: "Nothing to do: an empty status was read as active.",
        example: "the status active in a bulk file",
    }
    RoleNotNow Note "ROLE_NOT_NOW" {
        wrong: "Roles count from their first to their last day: {what}.",
        expected: "Roles that somebody has now.",
        fix: "Nothing to do. Whoever has no other role is rejected, and stays as before.",
        example: "a row of roles.csv with an endDate of last year",
    }

    // Notes on rows and cells.
    RowHidden Note "ROW_HIDDEN" {
        wrong: "The row is hidden in the sheet, and was read like the others.",
        expected: "A sheet that shows all its rows.",
        fix: "Nothing to do if these people belong in the roster; else delete their rows, for hiding leaves them in the file.",
        example: "a sheet with a filter on the grade",
    }
    CellMerged Note "CELL_MERGED" {
        wrong: "A cell of the sheet is merged with cells of the rows above, and was read as what it shows.",
        expected: "A sheet in which each row has its own cells.",
        fix: "Nothing to do if the value belongs to each of these rows; else take the merging off (in Excel: Merge & Center), and fill the cells.",
        example: "a class that stands once beside all its students",
    }
    LineLeftOut Note "LINE_LEFT_OUT" {
        wrong: "A line that is no row of a person was not read: {what}.",
        expected: "Headers, and below them a row for each person.",
        fix: "Nothing to do.",
        example: "a title above the headers, or Total: 523 below the last row",
    }
    RowLacksCells Note "ROW_LACKS_CELLS" {
        wrong: "The row ends before the last columns, which may be empty, and was read as if they were.",
        expected: "As many cells as headers.",
        fix: "Nothing to do.",
        example: "Excel leaves out the delimiters of empty last cells",
    }
    RowSurplusCells Note "ROW_SURPLUS_CELLS" {
        wrong: "The row has empty cells to the right of the last column, which were not read.",
        expected: "As many cells as headers.",
        fix: "Nothing to do.",
        example: "a comma at the end of every line",
    }
    QuotesAfterSpace Note "QUOTES_AFTER_SPACE" {
        wrong: "The row has spaces between a delimiter and a quotation mark, which were not read.",
        expected: "Quotation marks right after the delimiter.",
        fix: "Nothing to do.",
        example: "Ora, \"Klein\"",
    }
    CellOtherQuotes Note "CELL_OTHER_QUOTES" {
        wrong: "The quotation marks around {value} in {column} were not read.",
        expected: "Values without quotation marks.",
        fix: "Nothing to do.",
        example: "a name that was pasted from a text program",
    }
    RowInOneCell Note "ROW_IN_ONE_CELL" {
        wrong: "The whole row stood in one pair of quotation marks, and was read as what stands in it.",
        expected: "Cells with delimiters between them.",
        fix: "Nothing to do.",
        example: "\"Ora,Klein,,,0013,10001,Student,,9,Active\"",
    }
    WordUnderstood Note "WORD_UNDERSTOOD" {
        wrong: "{value} in {column} is not written as in the data dictionary, but its meaning is certain.",
        expected: "One of the words of the data dictionary.",
        fix: "Nothing to do if that is what was meant.",
        example: "09, which is grade 9",
    }
    TextRepaired Note "TEXT_REPAIRED" {
        wrong: "{value} in {column} was broken before it came, and what it was is certain.",
        expected: "The value as the student information system has it.",
        fix: "Nothing to do if that reads well; an export as CSV UTF-8 keeps its letters.",
        example: "MÃ¼ller, which was Müller, or O&#039;Brien",
    }
    NullReadAsEmpty Note "NULL_READ_AS_EMPTY" {
        wrong: "{value} in {column} stands for nothing, and was read as an empty cell.",
        expected: "An empty cell where there is no value.",
        fix: "Nothing to do.",
        example: "NULL, which a database writes for no value",
    }
    GuidUnderstood Note "GUID_UNDERSTOOD" {
        wrong: "{value} is a GUID in another form.",
        expected: "A GUID as a download has it.",
        fix: "Nothing to do.",
        example: "a GUID in braces",
    }
    SingleName Note "SINGLE_NAME" {
        wrong: "The person has one name only.",
        expected: "A first and a last name, of a person who has two.",
        fix: "Nothing to do if the person has no other name; the settings say where it stands.",
        example: "a pupil from Indonesia who is called Suharto",
    }
    SamePerson Note "SAME_PERSON" {
        wrong: "The row is about the same person as another one, and says nothing more.",
        expected: "One row for each person.",
        fix: "Nothing to do.",
        example: "the row of the school that a pupil has left, Disabled, beside one of the new school",
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
