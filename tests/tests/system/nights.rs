//! Many schools that send rosters at the same moment, as every night.

use std::collections::BTreeMap;

use cloud::schools::SavedSchool;
use local::Options;
use roster::Scope;
use tests::town::Town;
use wire::Status;

use super::HEADERS;

/// How many schools there are beside the two that every town has.
const SCHOOLS: usize = 40;

/// How many students each has on the first night. One of them leaves, which is within the safety limits.
const STUDENTS: usize = 12;

/// Returns the roster of a school: a teacher and students, who have the same names in every school, and are in a class of
/// it.
fn roster(school: usize, students: usize) -> String {
    let row =
        |n: usize| format!("Nia{n},Klein,,,S{school}-{n},{},Student,,4,Active,C{school},Art", external_id(school));
    let teacher = format!(
        "Tom,Okafor,,t{school}@contoso.example,T{school},{},Teacher,,,Active,C{school},Art",
        external_id(school)
    );
    let rows: Vec<String> = (0..students).map(row).chain([teacher]).collect();
    format!("{HEADERS},class_id,class_name\r\n{}\r\n", rows.join("\r\n"))
}

fn external_id(school: usize) -> String {
    (20_000 + school).to_string()
}

#[tokio::test]
async fn forty_schools_import_their_own_in_one_night() {
    // On this machine alone: emulators take minutes to start so many functions.
    let town = Town::build_on(Options::temporary()).await;
    let head = town.administrator("head", "10000").await;
    for school in 0..SCHOOLS {
        let (name, id) = (format!("School {school}"), external_id(school));
        let author = cloud::audit::Author { by: None, at: runtime::now() };
        let saved = town.cloud.school_create(&name, &id, &author).await.unwrap();
        assert!(matches!(saved, SavedSchool::Saved(_)), "no school has the external ID {id}");
    }
    head.change_settings(|settings| settings.full.requires_approval = false).await;
    for (night, students) in [(1, STUDENTS), (2, STUDENTS - 1)] {
        for school in 0..SCHOOLS {
            let key = format!("inbox/full/schools/{}/night-{night}.csv", external_id(school));
            town.drop_file(&key, roster(school, students)).await;
        }
        town.system.settled().await;
        let name = format!("night-{night}.csv");
        let uploads: Vec<_> = head.uploads().await.into_iter().filter(|upload| upload.file_name == name).collect();
        assert_eq!(uploads.len(), SCHOOLS);
        for upload in uploads {
            let upload = head.wait_for_end(&upload.id).await;
            assert_eq!(upload.status, Status::Completed, "night {night}: {upload:#?}");
            assert!(matches!(upload.scope, Scope::School(_)));
            let counts = upload.counts_done().unwrap();
            let expected = if night == 1 { (STUDENTS as u64 + 1, 0, 0) } else { (0, 1, STUDENTS as u64) };
            assert_eq!((counts.created, counts.removed, counts.unchanged), expected, "night {night}: {upload:#?}");
        }
        let mut of_schools: BTreeMap<_, usize> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for user in town.managed_users().await {
            *of_schools.entry(user.school).or_default() += 1;
            assert_eq!(names.insert(user.username.clone(), user.guid), None, "two are called {}", user.username);
        }
        assert_eq!(of_schools.len(), SCHOOLS);
        assert!(of_schools.values().all(|count| *count == students + 1), "night {night}: {of_schools:?}");
    }
}
