//! Putting one person into a class, and taking one out: each is an upload of one row, whose plan is shown first.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use roster::{Class, ClassRole, Column, Guid, UserType};
use wire::UploadId;
use wire::http::{ClassMember, UserRow, UsersQuery};

use crate::api::{Api, CallFailure, use_api};
use crate::browser::focus;
use crate::components::{SelectField, TextField};
use crate::pages::by_hand;
use crate::pages::upload::send;
use crate::session::{PageSession, use_session};
use crate::tasks::Latest;

/// The columns of the row: the IDs that people know beside the GUIDs, by which it is meant.
const COLUMNS: [Column; 6] = [
    Column::ClassGuid,
    Column::ClassId,
    Column::UserGuid,
    Column::CustomId,
    Column::ClassRole,
    Column::EnrolmentStatus,
];

const CUSTOM_ID: &str = "enrol-id";
const ROLE: &str = "enrol-role";

/// Asks whom to put into the class, and as what.
#[component]
pub(super) fn EnrolPanel(members: Vec<ClassMember>, by_hand: ClassByHand) -> impl IntoView {
    let (custom_id, role) = (RwSignal::new(String::new()), RwSignal::new(ClassRole::Student.as_str().to_owned()));
    let wrong = RwSignal::new(None::<WrongField>);
    let members = StoredValue::new(members);
    let at = move |field: &'static str| {
        Signal::derive(move || wrong.get().filter(|wrong| wrong.field == field).map(|wrong| wrong.text))
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = custom_id.get_untracked().trim().to_owned();
        let Ok(asked) = role.get_untracked().parse::<ClassRole>() else { return };
        by_hand.run(async move {
            wrong.set(None);
            let refused = |why: WrongField| {
                focus(why.field);
                wrong.set(Some(why));
            };
            if typed.is_empty() {
                refused(WrongField::at(CUSTOM_ID, "This is empty. Type the Employee ID or Student ID."));
                return Ok(());
            }
            let found = user_with(by_hand.api, &typed).await?;
            match checked(found, asked, &members.get_value()) {
                Ok(user) => by_hand.send(&user, asked, PlaceEdit::Join).await,
                Err(why) => {
                    refused(why);
                    Ok(())
                }
            }
        });
    };
    let roles: Vec<(String, String)> =
        ClassRole::ALL.iter().map(|role| (role.as_str().to_owned(), role.as_str().to_owned())).collect();
    view! {
        <section class="panel" aria-labelledby="enrol-title">
            <h2 id="enrol-title">"Add somebody"</h2>
            <form novalidate on:submit=submit>
                <TextField id=CUSTOM_ID label="Custom ID" value=custom_id hint="The Employee ID or Student ID." error=at(CUSTOM_ID)/>
                <SelectField id=ROLE label="Role in the class" value=role options=roles error=at(ROLE)/>
                <div class="actions">
                    <button type="submit" class="button" id="enrol" disabled=by_hand.busy>
                        {move || if by_hand.busy.get() { "Sending\u{2026}" } else { "Show the plan" }}
                    </button>
                </div>
                <p class="muted small">"Nothing changes before the plan is approved."</p>
            </form>
        </section>
    }
}

/// Offers to take somebody out of the class, by a plan that is approved or rejected.
#[component]
pub(super) fn TakeOut(member: ClassMember, by_hand: ClassByHand) -> impl IntoView {
    let label = format!("Take {} {} out of the class", member.first_name, member.last_name);
    let take_out = move |_| {
        let member = member.clone();
        by_hand.run(async move {
            let custom_id = member.custom_id.unwrap_or_default();
            by_hand.send(&NamedUser { guid: member.user, custom_id }, member.role, PlaceEdit::Leave).await
        });
    };
    view! {
        <button type="button" class="button small" aria-label=label disabled=by_hand.busy on:click=take_out>"Take out\u{2026}"</button>
    }
}

/// A class whose members are changed by hand, one at a time.
#[derive(Clone, Copy)]
pub(super) struct ClassByHand {
    class: StoredValue<Class>,
    api: Api,
    session: PageSession,
    task: Latest,
    busy: RwSignal<bool>,
    pub(super) failure: RwSignal<Option<CallFailure>>,
    opened: Callback<UploadId>,
}

impl ClassByHand {
    /// Returns the sender of the part of the page that is being built now.
    pub(super) fn here(class: Class) -> ClassByHand {
        let navigate = use_navigate();
        let opened = Callback::new(move |id: UploadId| {
            navigate(&format!("/uploads/{id}?sent=1"), NavigateOptions::default());
        });
        ClassByHand {
            class: StoredValue::new(class),
            api: use_api(),
            session: use_session(),
            task: Latest::here(),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            opened,
        }
    }

    fn run(self, work: impl Future<Output = Result<(), CallFailure>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        self.task.run(async move {
            let done = work.await;
            self.busy.set(false);
            self.failure.set(done.err());
        });
    }

    /// Sends the row, and opens its upload.
    async fn send(self, user: &NamedUser, role: ClassRole, edit: PlaceEdit) -> Result<(), CallFailure> {
        let file = by_hand::file(&self.class.with_value(|class| row(class, user, role, edit)), &user.custom_id);
        let id = by_hand::send_file(self.api, &file.map_err(|_| send::not_sent(0))?).await?;
        self.session.say("The edit was sent.");
        self.opened.run(id);
        Ok(())
    }
}

/// What is done with somebody's place in a class.
#[derive(Debug, Clone, Copy)]
enum PlaceEdit {
    Join,
    Leave,
}

/// Whom a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedUser {
    guid: Guid,
    custom_id: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct WrongField {
    field: &'static str,
    text: String,
}

impl WrongField {
    fn at(field: &'static str, text: impl Into<String>) -> WrongField {
        WrongField { field, text: text.into() }
    }
}

/// Returns the user who has the custom ID, of those whom one may see.
async fn user_with(api: Api, custom_id: &str) -> Result<Option<UserRow>, CallFailure> {
    let query = UsersQuery { search: Some(custom_id.to_owned()), ..UsersQuery::default() };
    let found = api.users(&query).await?;
    Ok(found.items.into_iter().find(|user| user.custom_id.as_deref() == Some(custom_id)))
}

/// Returns whom the row is to mean, or what is wrong with what was filled in.
fn checked(found: Option<UserRow>, role: ClassRole, members: &[ClassMember]) -> Result<NamedUser, WrongField> {
    let Some(UserRow { guid, custom_id: Some(custom_id), first_name, last_name, user_type, .. }) = found else {
        let text = "No user whom you may see has this custom ID. Correct it, or look the user up on the page Users.";
        return Err(WrongField::at(CUSTOM_ID, text));
    };
    let name = format!("{first_name} {last_name}");
    if members.iter().any(|member| member.user == guid && member.role == role) {
        let text = format!("{} is in this class with this role already.", name.trim());
        return Err(WrongField::at(CUSTOM_ID, text));
    }
    if !role.suits(user_type) {
        let text = match user_type {
            UserType::Student => format!("{} is a student. Choose Student.", name.trim()),
            _ => format!("{} is no student. Choose another role.", name.trim()),
        };
        return Err(WrongField::at(ROLE, text));
    }
    Ok(NamedUser { guid, custom_id })
}

/// Returns the file of enrolments with this one row.
fn row(class: &Class, user: &NamedUser, role: ClassRole, edit: PlaceEdit) -> Vec<u8> {
    let (class_guid, user_guid) = (class.guid.to_string(), user.guid.to_string());
    let status = match edit {
        PlaceEdit::Join => "Active",
        PlaceEdit::Leave => "Ended",
    };
    let cells = [&class_guid, &class.fields.class_id, &user_guid, &user.custom_id, role.as_str(), status];
    roster::files::rows_file(&COLUMNS.map(Column::header), [cells.to_vec()])
}

#[cfg(test)]
mod tests {
    use roster::{ClassFields, ClassGuid, ClassStatus, Grade, Reading, Roles, SchoolId, Schools, Sent, Status};

    use super::*;

    fn guid() -> Guid {
        Guid("00000000-0000-4000-8000-000000000007".parse().unwrap())
    }

    fn class() -> Class {
        let text = |text: &str| text.to_owned();
        let fields = ClassFields {
            class_id: text("=M,1"),
            school: SchoolId(text("north")),
            name: text("Mathematics"),
            grade: Grade::Unspecified,
            course_code: text(""),
            subject: text(""),
            period: text(""),
            term: text(""),
            starts: None,
            ends: None,
            status: ClassStatus::Active,
        };
        Class { guid: ClassGuid(guid().0), version: 1, fields, archived_at: None }
    }

    fn nia(user_type: UserType) -> UserRow {
        let text = |text: &str| text.to_owned();
        UserRow {
            guid: guid(),
            custom_id: Some(text("00123")),
            first_name: text("Nia"),
            middle_name: text(""),
            last_name: text("Moss"),
            email: text(""),
            school: SchoolId(text("north")),
            user_type,
            position: text(""),
            grade: Grade::Unspecified,
            status: Status::Active,
            username: text("nia"),
            version: 1,
            deleted_at: None,
            archived: false,
            recoverable_until: None,
            roles: Roles::default(),
            source: None,
        }
    }

    #[test]
    fn the_row_is_read_as_it_was_meant() {
        let user = NamedUser { guid: guid(), custom_id: "00123".to_owned() };
        for (edit, status) in [(PlaceEdit::Join, "Active"), (PlaceEdit::Leave, "Ended")] {
            let file = row(&class(), &user, ClassRole::CoTeacher, edit);
            let sent = Sent::read(&file, &Reading::default(), &Schools::default()).expect("a set");
            let enrolments = sent.set.expect("a set").enrolments.expect("enrolments");
            let read = COLUMNS.map(|column| enrolments.cell(&enrolments.rows[0], column).unwrap_or_default());
            let (class_guid, user_guid) = (class().guid.to_string(), guid().to_string());
            assert_eq!(read, [&class_guid, "=M,1", &user_guid, "00123", "Co-teacher", status]);
        }
    }

    #[test]
    fn what_is_filled_in_wrong_is_told_at_its_field() {
        let check = |found, role, members: &[ClassMember]| checked(found, role, members).map_err(|wrong| wrong.field);
        let named = NamedUser { guid: guid(), custom_id: "00123".to_owned() };
        assert_eq!(check(Some(nia(UserType::Student)), ClassRole::Student, &[]), Ok(named.clone()));
        assert_eq!(check(Some(nia(UserType::Teacher)), ClassRole::Aide, &[]), Ok(named.clone()));
        assert_eq!(check(None, ClassRole::Student, &[]), Err(CUSTOM_ID));
        assert_eq!(check(Some(nia(UserType::Student)), ClassRole::Primary, &[]), Err(ROLE));
        assert_eq!(check(Some(nia(UserType::Staff)), ClassRole::Student, &[]), Err(ROLE));
        let aide = ClassMember {
            user: guid(),
            first_name: "Nia".to_owned(),
            last_name: "Moss".to_owned(),
            custom_id: Some("00123".to_owned()),
            user_type: UserType::Staff,
            grade: Grade::Unspecified,
            status: Status::Active,
            role: ClassRole::Aide,
            starts: None,
            ends: None,
            ended_at: None,
            visible: true,
        };
        assert_eq!(check(Some(nia(UserType::Staff)), ClassRole::Aide, std::slice::from_ref(&aide)), Err(CUSTOM_ID));
        assert_eq!(check(Some(nia(UserType::Staff)), ClassRole::CoTeacher, &[aide]), Ok(named), "another role");
    }
}
