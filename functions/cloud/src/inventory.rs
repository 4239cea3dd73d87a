//! Where something about people is kept: what, for how long, who reads it, and what becomes of it when its user is erased.
//!
//! `functions/cloud/docs/data.md` is made from it; `ROLLBOOK_WRITE_DOCS=1 cargo test --workspace --lib inventory` writes it anew.
//! What the table has of a user itself is said by [`Attribute`].

use std::fmt::Write;

use roster::Permission::{self, ManageRoles, ReadAudit, SeePasswords, SeeSettings, SeeUploads, SeeUsers};
use wire::attribute::{Attribute, OnErasure};

use crate::bucket::keys::Part;

/// A kind of item or object.
pub struct Holding {
    /// Its keys, as at the top of this crate and of [`keys`](crate::bucket::keys).
    pub keys: &'static str,
    /// What it says of people; `None` where it says nothing of anybody.
    pub personal: Option<Personal>,
}

/// What a kind of item or object says of people.
pub struct Personal {
    pub what: &'static str,
    pub kept: &'static str,
    /// Each of these is enough to read it; empty where the API gives it to nobody.
    pub readers: &'static [Permission],
    pub on_erasure: &'static str,
}

const fn holding(keys: &'static str, personal: Personal) -> Holding {
    Holding { keys, personal: Some(personal) }
}

const fn nothing(keys: &'static str) -> Holding {
    Holding { keys, personal: None }
}

const RESERVED: &str = "stays, so that nobody else is ever given it";
const OF_ACTOR: &str = "stays: it says who did something, by user name";
const LINES_GO: &str = "the lines of the user go";
const WITH_UPLOAD: &str = "as long as the settings say that files of uploads are kept";

/// Returns every kind of item but the user itself.
pub fn items() -> Vec<Holding> {
    let of = |what, kept, readers, on_erasure| Personal { what, kept, readers, on_erasure };
    vec![
        holding("`GUID#<guid>` / `GUID`", of("GUID, where the user is", "for ever", &[], RESERVED)),
        holding("`NAME#<folded user name>` / `NAME`", of("user name, GUID", "for ever", &[], RESERVED)),
        holding(
            "`MAIL#<folded address>` / `MAIL`",
            of("e-mail address of staff, GUID", "until the user is deleted or has another", &[], "is gone since then"),
        ),
        holding(
            "`DISABLED#<shard>` / `<since>#<guid>`",
            of("GUID, since when it is disabled", "until it is archived, or would be", &[], "goes, or is gone by then"),
        ),
        holding(
            "`USERLOG#<guid>` / `<time>#<upload or hand>`",
            of(
                "each field before and after, upload, row, who approved",
                "until the user is erased",
                &[SeeUsers],
                "goes",
            ),
        ),
        holding(
            "`AUDIT#<yyyy-mm>#<0..3>`, `AUDITOF#<upload or GUID>`",
            of(
                "GUID and custom ID of the user, user name of who acted, names of files",
                "for ever",
                &[ReadAudit],
                "stays: it has no name, address or password of the user",
            ),
        ),
        holding(
            "`UPLOADS` / `<upload>`",
            of(
                "GUID and user name of who sent it and of who decided, name of the file (of an edit by hand with the \
                 custom ID), reason of a rejection, why it failed (which may name a cell)",
                "for ever",
                &[SeeUploads],
                OF_ACTOR,
            ),
        ),
        holding(
            "`TICKET#<upload>` / `TICKET`",
            of("GUID and user name of who asks to upload, name of the file", "a day", &[], "expires"),
        ),
        holding(
            "`ERASED` / `<erased at>#<guid>`",
            of(
                "GUID and custom IDs of a user that was erased, when it left the lists",
                "until no file has lines of the user",
                &[],
                "is made by it, and goes when all is done",
            ),
        ),
        holding(
            "`RESETS` / `<reset>`",
            of("user name of who reset, GUID where it was one user", "for ever", &[SeePasswords], OF_ACTOR),
        ),
        holding(
            "`SESSION#<SHA-256 of the token>` / `SESSION`",
            of("GUID, when it began and was used", "12 hours at most", &[ManageRoles], "is over since the deletion"),
        ),
        holding(
            "`SESSIONOF#<guid>` / `<began at>#<SHA-256 of the token>`",
            of("GUID, when sessions began", "12 hours", &[ManageRoles], "is gone since the deletion"),
        ),
        holding(
            "`SIGNIN#<folded user name>` / `SIGNIN`, `DEVICE#<device>`, `PRESENT`",
            of(
                "user name that was typed, number of failures, network addresses, mark of a known device",
                "a day after the last failure",
                &[ManageRoles],
                "expires",
            ),
        ),
        holding(
            "`SIGNINFROM#<address>#<window>` / `SIGNIN`",
            of("network address, number of failures", "10 minutes", &[], "expires"),
        ),
        holding(
            "`CLASS#<class guid>` / `USER#<guid>`",
            of(
                "GUID, class, role and days of an enrolment, when and by which upload it ended",
                "until 30 days after it ended",
                &[SeeUsers],
                "goes",
            ),
        ),
        holding(
            "`CLASSLOG#<class guid>` / `<time>#<upload or hand>`",
            of("user name of who approved or did it, how many were enrolled", "for ever", &[SeeUsers], OF_ACTOR),
        ),
        holding(
            "`APIKEYS` / `<key>`",
            of(
                "GUID and user name of who made the API key, user name of who ended it",
                "until 30 days after it ended or expired",
                &[SeeSettings],
                OF_ACTOR,
            ),
        ),
        holding(
            "`HEARS` / `<guid>`",
            of(
                "GUID, of what the user wants to hear",
                "until the user wants to hear of nothing, or is erased",
                &[],
                "goes",
            ),
        ),
        holding(
            "`OUTBOX` / `<notice>#<channel>`",
            of(
                "GUID of who is told, counts",
                "until it arrived, or 60 days after it was given up",
                &[SeeSettings],
                "expires",
            ),
        ),
        holding(
            "`WEBHOOKS` / `<webhook>`",
            of("user name of who made the webhook", "until it is removed", &[SeeSettings], OF_ACTOR),
        ),
        nothing("`LAST#<mode>#<source, mode and scope>` / `<upload>`"),
        nothing("`NOTICES` / `<notice>`"),
        nothing("`WATCH` / `RUN`"),
        nothing("`SENT#<key>` / `<mode>#<SHA-256 of the contents>`"),
        nothing("`CLASSES#<shard>` / `<class guid>`"),
        nothing("`CLASSID#<class ID>` / `CLASSID`"),
        nothing("`SIGNINALL#<shard>#<window>` / `SIGNIN`"),
        nothing("`ADMINS` / `ADMINS`"),
        nothing("`SCHOOLS` / `SCHOOL#<id>`"),
        nothing("`XID#<external ID>` / `XID`"),
        nothing("`SETTINGS` / `SYNC`, `DEFAULT_PASSWORD`, `ROLES`, `DEVICE_KEY`"),
        nothing("`AUDIT` / `<yyyy-mm>`"),
        nothing("`OPEN` / `<upload>`"),
        nothing("`KEPT` / `<upload>`"),
        nothing("`UPLOAD#<upload>` / `SEED`, `CHUNK#<n>`"),
        nothing("`TURN` / `TURN`, `LAST`, `WAIT#<approved at>#<upload>`"),
        nothing("`FULL` / `<source, mode and scope>`"),
    ]
}

/// Returns every kind of object that is no part of an upload.
pub fn objects() -> Vec<Holding> {
    let of = |what, kept, readers, on_erasure| Personal { what, kept, readers, on_erasure };
    let passwords = "the days that the settings say, 14 by default";
    vec![
        holding(
            "`inbox/`",
            of(
                "a roster as it was sent, passwords and all",
                "until it is checked; what a program sends during a pause at most for 120 days",
                &[],
                "is checked before, but for what waits for the end of a pause: that stays until it is",
            ),
        ),
        nothing("`inbox/look/<upload>`"),
        nothing("`approvals/`"),
        nothing("`chunks/`"),
        holding(
            "`credentials/<upload>.csv`, `credentials/reset-<reset>.csv`",
            of("rows or users with their temporary passwords", passwords, &[SeePasswords], LINES_GO),
        ),
        holding(
            "`credentials/copies/<random>.csv`",
            of("the same, without those of some users", "an hour", &[SeePasswords], "is gone after an hour"),
        ),
        holding(
            "`downloads/<random>`",
            of(
                "users, a part of the audit log, or everything about one person",
                "a day",
                &[SeeUsers, ReadAudit, ManageRoles],
                "is gone after a day",
            ),
        ),
        holding(
            "`feeds/<format>.zip`",
            of(
                "the users of all schools with names, addresses, IDs and classes, without passwords; whom the district lets \
                 fetch it reads it, too",
                "until the settings name the format no more",
                &[],
                "is gone a day after the deletion at most",
            ),
        ),
        nothing("`feeds/mark`, `feeds/written.json`"),
    ]
}

/// Returns what a part of an upload is.
pub fn part(part: Part) -> Holding {
    let lines =
        |keys, what, readers| holding(keys, Personal { what, kept: WITH_UPLOAD, readers, on_erasure: LINES_GO });
    let seen: &[Permission] = &[SeeUploads];
    // Whoever sees users sees on the page of each the change that waits, and what the row of the newest file would do.
    let seen_of_user: &[Permission] = &[SeeUploads, SeeUsers];
    match part {
        Part::Uploaded => holding(
            "`uploads/<upload>/uploaded.csv`",
            Personal {
                what: "the file as it was sent, without passwords",
                kept: WITH_UPLOAD,
                readers: seen_of_user,
                on_erasure: "the rows of the user become blank lines",
            },
        ),
        Part::Plan => nothing("`uploads/<upload>/<plan digest>/plan.json`"),
        Part::PlanFile => lines("`uploads/<upload>/<plan digest>/plan.csv`", "each field before and after", seen),
        Part::Changes => lines("`uploads/<upload>/changes/…`", "each field before and after", seen_of_user),
        Part::RowsFile => {
            lines("`completed.csv`, `errors.csv` of `uploads/<upload>/`", "rows as they were sent, user names", seen)
        }
        Part::Unchanged => lines(
            "`uploads/<upload>/<plan digest>/unchanged.jsonl`",
            "row, GUID and user name of who stays as they are",
            &[],
        ),
        Part::Results => lines("`uploads/<upload>/results/…`", "row and GUID, what became of the change", seen),
        Part::Findings => lines("`findings/<n>.jsonl` of `uploads/<upload>/`", "row, one cell of it", seen),
        Part::EnrolmentsFile => lines(
            "`uploaded-`, `completed-` and `errors-enrolments.csv` of `uploads/<upload>/`",
            "custom ID or GUID, the class, role and dates",
            seen,
        ),
        Part::ClassResults => lines(
            "`uploads/<upload>/class_results/…`",
            "GUIDs of user and class, what became of the change of an enrolment",
            &[],
        ),
        Part::Enrolments => lines(
            "`uploads/<upload>/enrolments/…`",
            "GUID, custom ID and names, the class, the enrolment before and after",
            seen,
        ),
        Part::Classes => nothing("`classes/…` and `class_rows.jsonl` of `uploads/<upload>/`"),
        Part::CutFindings => lines("`findings/cut.jsonl` of `uploads/<upload>/`", "row, what is wrong with it", &[]),
        Part::Passwords => holding(
            "`uploads/<upload>/passwords/…`",
            Personal {
                what: "GUID, hash of a password",
                kept: "until the upload ends",
                readers: &[],
                on_erasure: "is gone since then",
            },
        ),
    }
}

/// Returns `docs/data.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# What is kept of people\n\n\
         Everything that Rollbook stores stands in one table and one bucket. A user that was deleted can be brought back for \
         30 days, an archived one as long as the settings say; then it is erased, at the next sweep, and its lines go out of \
         the kept files after that. Who may read something may do so for the own school only, unless they are of the \
         district office. Who runs the AWS account can read all of it. The log has ids and counts. Erased items are in the \
         table's backups for as long as these reach back: 35 days where point-in-time recovery is on, as the template has \
         it.\n\n\
         Whoever has *Manage roles* for the whole organisation can download everything about one person.\n",
    );
    section(&mut page, "A user", "attribute", "`USER#<shard>` / `C#<custom ID>` or `G#<guid>`, an item each.");
    for attribute in Attribute::ALL {
        let (kept, on_erasure) = match attribute.on_erasure() {
            OnErasure::Stays if attribute == Attribute::SchoolPartition || attribute == Attribute::SchoolPlace => {
                ("until the user is erased", "goes, last of all")
            }
            OnErasure::Stays => ("for ever", "stays"),
            OnErasure::Emptied => ("until the user is erased", "is emptied"),
            OnErasure::Removed => ("until the user is erased", "goes"),
        };
        let name = format!("`{}`", attribute.name());
        line(&mut page, [&name, attribute.meaning(), kept, &readers(attribute.read_with().as_slice()), on_erasure]);
    }
    let parts = Part::ALL.map(part);
    for (title, what, holdings) in [
        ("Other items of the table", "key", items()),
        ("Objects of an upload", "key", parts.into()),
        ("Other objects of the bucket", "key", objects()),
    ] {
        section(&mut page, title, what, "");
        let personal = holdings.iter().filter_map(|holding| Some((holding.keys, holding.personal.as_ref()?)));
        for (keys, Personal { what, kept, readers: may, on_erasure }) in personal {
            line(&mut page, [keys, what, kept, &readers(may), on_erasure]);
        }
        let others: Vec<&str> =
            holdings.iter().filter(|holding| holding.personal.is_none()).map(|holding| holding.keys).collect();
        if !others.is_empty() {
            write!(page, "\nNothing of anybody is in {}.\n", others.join("; ")).expect("a string takes every line");
        }
    }
    page
}

fn section(page: &mut String, title: &str, what: &str, about: &str) {
    let about = if about.is_empty() { String::new() } else { format!("{about}\n\n") };
    *page += &format!(
        "\n## {title}\n\n{about}| {what} | what it says | how long it is kept | who reads it | when the user is erased |\n\
         | --- | --- | --- | --- | --- |\n"
    );
}

fn readers(permissions: &[Permission]) -> String {
    match permissions {
        [] => "nobody".to_owned(),
        some => some.iter().map(|permission| format!("*{}*", permission.label())).collect::<Vec<_>>().join(", "),
    }
}

fn line(page: &mut String, cells: [&str; 5]) {
    writeln!(page, "| {} |", cells.join(" | ")).expect("a string takes every line");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_page_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/data.md");
        if std::env::var_os("ROLLBOOK_WRITE_DOCS").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        let how = "docs/data.md is out of date; ROLLBOOK_WRITE_DOCS=1 cargo test --workspace --lib inventory writes it";
        assert!(written == page(), "{how}");
    }

    #[test]
    fn no_kind_of_item_is_missing() {
        let keys = include_str!("table/key.rs").split_once("impl Key {").and_then(|(_, keys)| keys.split_once("\n}\n"));
        let words: Vec<&str> = keys.expect("the keys of items").0.split('"').skip(1).step_by(2).collect();
        let words = words.iter().map(|word| word.split('#').next().unwrap_or_default());
        let words: Vec<&str> = words.filter(|word| word.len() > 1 && *word == word.to_uppercase()).collect();
        assert!(words.len() > 30, "{words:?}");
        let known = items();
        for word in words {
            let named = |holding: &Holding| holding.keys.contains(&format!("`{word}"));
            assert!(known.iter().any(named), "{word} is a key and in no line of the inventory");
        }
    }

    #[test]
    fn no_kind_of_object_is_missing() {
        let text = include_str!("bucket/keys.rs");
        let folders = text.lines().filter_map(|line| line.split_once(r#"&str = ""#)?.1.strip_suffix(r#"";"#));
        let folders: Vec<&str> = folders.collect();
        assert!(folders.contains(&"inbox/") && folders.len() >= 6, "{folders:?}");
        for folder in folders {
            let named = |holding: &Holding| holding.keys.contains(&format!("`{folder}"));
            assert!(objects().iter().any(named), "{folder} is in no line of the inventory");
        }
        assert!(Part::ALL.map(part).iter().all(|holding| holding.keys.contains("`uploads/<upload>/")));
    }

    #[test]
    fn what_nobody_reads_is_what_secrets_and_indexes_are() {
        let unread = Attribute::ALL.into_iter().filter(|attribute| attribute.read_with().is_none());
        let unread: Vec<&str> = unread.map(Attribute::name).collect();
        assert_eq!(unread, ["email_key", "gsi_pk", "gsi_sk", "password_hash"]);
    }
}
