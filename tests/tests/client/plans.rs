//! What is said of a plan before somebody approves it with the program.

use roster::Mode;
use tests::town::Town;
use wire::Status;
use wire::stored::KeyDecisions;

use crate::machine::Machine;

const HEADERS: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,\
                       grade,status,class_id,class_name,class_role\n";

/// Returns rows of students in a class, each with a last name of its own.
fn pupils(numbers: impl IntoIterator<Item = usize>, prefix: &str, class: &str) -> String {
    let row = |n: usize| format!("Sam,Pupil{n},,,{prefix}{n},10001,Student,,9,Active,{class},The {class},\n");
    numbers.into_iter().map(row).collect()
}

/// Returns the row of the teacher of a class.
fn teacher(class: &str) -> String {
    format!("Tom,Vogel,,tom@town.example,T1,10001,Teacher,,,Active,{class},The {class},\n")
}

#[tokio::test]
async fn a_plan_says_what_the_page_says() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let machine = Machine::set_up(&head, &town.system.address(), KeyDecisions::Approve).await;
    let teachers = teacher("MATH") + &teacher("ART");
    let before = [HEADERS, &teachers, &pupils(1..=240, "S", "MATH"), &pupils(1..=3, "S", "ART")].concat();
    town.sync(&head, Mode::Full, before).await;

    // Forty go, one has a new ID, two leave a class that they were in, and somebody is in a school that there is not.
    let rows = [pupils(1..=199, "S", "MATH"), pupils([200], "N", "MATH"), pupils([1], "S", "ART")].concat();
    let lost = pupils([999], "X", "MATH").replace("10001", "10009");
    machine.write("night.csv", &[HEADERS, &teachers, &rows, &lost].concat());
    let sent = machine.run(&["send", "--mode", "full", "--wait", "night.csv"]).await;
    let reason = "The plan removes 16.6 % of the users of Contoso High School, more than the limit of 10 %.";
    assert!(sent.exit == 1 && sent.said.contains(reason), "{sent:?}");
    let id = head.uploads().await[0].id.0.clone();

    let status = machine.run(&["status", &id]).await;
    assert!(status.exit == 4 && status.said.contains(reason), "{status:?}");
    assert!(status.said.contains("Look at who is removed: if the file lacks people, reject the plan"), "{status:?}");
    let listed = machine.run(&["status"]).await.said;
    assert!(listed.contains(&format!("`rollbook plan {id}` says which")), "{listed}");

    let plan = machine.run(&["plan", &id]).await;
    for words in [
        "users       1 with a new ID, 40 to remove",
        "other rows  200 unchanged, 2 of a user once more, for a further class, 1 rejected",
        "enrolments  42 to end, 203 unchanged, 1 rejected",
        reason,
        "  removals  40",
        "  new IDs   1; whether they are the same people is said on the page",
        "/uploads/",
        "To remove: Sam Pupil201 (S201), Student, Contoso High School",
        "The account is deleted, and recoverable for 30 days.",
        "… and more users; --limit shows more, and --json all",
        "… and more classes and enrolments;",
        "row 205: school_district_external_id:",
    ] {
        assert!(plan.said.contains(words), "{words} is missing: {}", plan.said);
    }
    let few = machine.run(&["plan", &id, "--limit", "60"]).await.said;
    assert!(few.contains("Because not in the class by the file.") && !few.contains("more users"), "{few}");
    assert!(few.contains("custom_id: S200 -> N200"), "{few}");
    let summary = machine.run(&["plan", &id, "--limit", "0"]).await.said;
    assert!(summary.contains(reason) && !summary.contains("To remove: "), "{summary}");

    let all = machine.run(&["plan", &id, "--json"]).await.values();
    let of = |kind: &str| all.iter().filter(|value| value.get(kind).is_some()).count();
    assert_eq!(all[0]["upload"]["digest"].as_str().unwrap().len(), 64);
    assert!(all[0]["reasons"].as_array().unwrap().iter().any(|why| why["reason"] == reason), "{}", all[0]);
    let detail = head.detail(&wire::UploadId(id.clone())).await;
    let (users, classes) = (detail.upload.counts.unwrap(), detail.upload.class_counts.unwrap());
    assert_eq!(of("user") as u64, users.changes());
    // What happens only if the new ID is another person's is not counted before somebody says so.
    let undecided = all.iter().filter(|value| value["enrolment"]["only_two_people"] == true).count();
    assert_eq!((of("class") + of("enrolment") - undecided) as u64, classes.changes());
    assert_eq!(of("finding") as u64, detail.upload.findings.values().sum::<u64>());
    assert_eq!(of("left_out"), 0);
    assert_eq!(1 + of("user") + of("class") + of("enrolment") + of("finding"), all.len());

    // Another one is carried out meanwhile, and whoever looks at this one hears of it.
    assert!(!plan.said.contains("Another upload was carried out"), "{}", plan.said);
    town.sync(&head, Mode::Partial, [HEADERS, &pupils([5], "S", "MATH").replace(",9,", ",10,")].concat()).await;
    let [status, plan] = [machine.run(&["status", &id]).await, machine.run(&["plan", &id, "--limit", "0"]).await];
    for said in [status.said, plan.said] {
        assert!(
            said.contains("  Another upload was carried out after this plan was made.\n      Where it changed"),
            "{said}"
        );
    }
    assert!(machine.run(&["status", &id, "--json"]).await.values()[0]["overtaken_at"].is_u64());

    // Somebody has to say whether they are the same people, which no program does.
    let digest = all[0]["upload"]["digest"].as_str().unwrap();
    let refused = machine.run(&["approve", &id, "--digest", digest, "--removals", "40"]).await;
    assert!(refused.exit == 3 && refused.said.contains(reason), "{refused:?}");
    assert!(refused.trouble.contains("/uploads/") && refused.trouble.contains("same people"), "{refused:?}");
    assert_eq!(head.detail(&wire::UploadId(id)).await.upload.status, Status::AwaitingApproval);
}

#[tokio::test]
async fn a_long_plan_is_fetched_to_its_end_and_approved_only_as_it_was_shown() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    let machine = Machine::set_up(&head, &town.system.address(), KeyDecisions::Approve).await;
    machine.write("first.csv", &[HEADERS, &teacher("MATH"), &pupils(1..=250, "S", "MATH")].concat());
    machine.run(&["send", "--mode", "full", "--wait", "first.csv"]).await;
    let id = head.uploads().await[0].id.0.clone();
    let all = machine.run(&["plan", &id, "--json"]).await.values();
    let of = |kind: &str| all.iter().filter(|value| value.get(kind).is_some()).count();
    assert_eq!((of("user"), of("class"), of("enrolment")), (251, 1, 251));
    let some = machine.run(&["plan", &id, "--json", "--limit", "120"]).await.values();
    let of = |kind: &str| some.iter().filter(|value| value.get(kind).is_some()).count();
    assert_eq!((of("user"), of("class") + of("enrolment"), of("left_out")), (120, 120, 2));

    let other = "0".repeat(64);
    let refused = machine.run(&["approve", &id, "--digest", &other, "--removals", "0"]).await;
    assert!(refused.exit == 3 && refused.trouble.contains("not the one that the digest names"), "{refused:?}");
    assert!(refused.said.contains("users       251 to create"), "it says what it is asked to approve: {refused:?}");
    assert_eq!(head.uploads().await[0].status, Status::AwaitingApproval);

    let digest = all[0]["upload"]["digest"].as_str().unwrap();
    let approved = machine.run(&["approve", &id, "--digest", digest, "--removals", "0"]).await;
    assert!(approved.exit == 0 && approved.said.contains("Approved."), "{approved:?}");
    let ended = head.wait_for_end(&wire::UploadId(id.clone())).await;
    assert_eq!(ended.status, Status::Completed, "{ended:#?}");
    let said = machine.run(&["plan", &id]).await.said;
    assert!(said.contains("users       251 created") && said.contains("Created: Sam Pupil1 (S1)"), "{said}");
}
