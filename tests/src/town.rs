//! An organisation on a system of its own, and administrators who work in it over HTTP as the page does.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use cloud::Cloud;
use cloud::audit::Author;
use cloud::people::NewAdministrator;
use cloud::schools::SavedSchool;
use local::Options;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use roster::{Guid, Mode, School, Schools, Settings, User};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::http::{
    Approve, BODY_SHA256, NewUpload, Page, Problem, SettingsDocument, SignIn, UploadDetail, UploadTicket,
};
use wire::{FileKind, Status, Upload, UploadId};

use crate::tested_system::TestedSystem;

/// The password of every administrator of a town.
pub const PASSWORD: &str = "correct horse battery";

/// How long is waited for something that has to come.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running system with a district office (10000) and two schools (10001 and 10002).
pub struct Town {
    pub system: TestedSystem,
    pub cloud: Cloud,
}

impl Town {
    /// Starts a system with an organisation of a few schools.
    pub async fn build() -> Town {
        Town::found(TestedSystem::start().await).await
    }

    /// Starts such a system with the page.
    pub async fn build_with_page() -> Town {
        let town = Town::build().await;
        town.system.upload_page();
        town
    }

    /// Starts such a system on this machine, with options of the caller's.
    pub async fn build_on(options: Options) -> Town {
        Town::found(TestedSystem::embedded(options).await).await
    }

    async fn found(system: TestedSystem) -> Town {
        let cloud = system.cloud();
        cloud.district_create("Contoso District Office", "10000").await.unwrap();
        for (name, external_id) in [("Contoso High School", "10001"), ("Fabrikam High School", "10002")] {
            let saved = cloud.school_create(name, external_id, &Author { by: None, at: runtime::now() }).await.unwrap();
            assert!(matches!(saved, SavedSchool::Saved(_)), "no school has the external ID {external_id}");
        }
        Town { system, cloud }
    }

    /// Returns all schools.
    pub async fn schools(&self) -> Schools {
        self.cloud.school_list().await.unwrap()
    }

    /// Returns the school with this external ID.
    pub async fn school(&self, external_id: &str) -> School {
        self.schools().await.by_external_id(external_id).expect("the town has that school").clone()
    }

    /// Returns a new administrator without a custom ID, signed in.
    pub async fn administrator(&self, username: &str, school: &str) -> Admin {
        let school = self.school(school).await;
        let email = format!("{username}@town.example");
        let new = NewAdministrator {
            username,
            password_hash: &runtime::passwords::hash(PASSWORD).unwrap(),
            password_kind: cloud::changes::PasswordKind::Own,
            first_name: "Ada",
            last_name: "Min",
            email: &email,
            school: &school.id,
        };
        self.cloud.administrator_create(new, runtime::now()).await.unwrap().expect("the name is free");
        self.sign_in(username, PASSWORD).await
    }

    /// Signs in.
    pub async fn sign_in(&self, username: &str, password: &str) -> Admin {
        let admin = self.visitor();
        let answer = admin.try_sign_in(username, password).await;
        assert_eq!(answer.status(), StatusCode::OK, "{username} can sign in");
        admin
    }

    /// Returns somebody who has not signed in.
    pub fn visitor(&self) -> Admin {
        let client = Client::builder().cookie_store(true).timeout(PATIENCE).build().unwrap();
        Admin { client, address: self.system.address() }
    }

    /// Puts an object into the bucket, as anyone with rights on it may.
    pub async fn drop_file(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        self.cloud.object_put(key, bytes.into()).await.unwrap();
    }

    /// Returns all users that are not deleted and have a custom ID, by custom ID.
    pub async fn managed_users(&self) -> Vec<User> {
        let directory = self.cloud.directory_get().await.unwrap();
        let present = directory.iter().filter(|u| u.is_managed() && u.deleted_at.is_none());
        let mut users: Vec<User> = present.cloned().collect();
        users.sort_by(|a, b| a.custom_id.cmp(&b.custom_id));
        users
    }

    /// Returns the user with that custom ID, deleted or not.
    pub async fn user(&self, custom_id: &str) -> User {
        let directory = self.cloud.directory_get().await.unwrap();
        directory.by_custom_id(custom_id).unwrap_or_else(|| panic!("there is no user {custom_id}")).clone()
    }

    /// Has a partial roster carried out from beginning to end.
    pub async fn sync(&self, admin: &Admin, mode: Mode, roster: impl Into<Vec<u8>>) -> Upload {
        let id = admin.upload(mode, "roster.csv", roster).await;
        let planned = admin.wait(&id, |u| u.status == Status::AwaitingApproval || u.status.is_final()).await;
        if planned.status == Status::AwaitingApproval {
            admin.approve(&planned).await;
        }
        admin.wait_for_end(&id).await
    }
}

/// A browser with its cookies.
pub struct Admin {
    client: Client,
    address: String,
}

impl Admin {
    /// Returns a request to `/api/<path>` without a body.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/api/{path}", self.address))
    }

    /// Returns a request to `/api/<path>` with a body, which is sealed but not marked as what the page sends.
    pub fn sealed(&self, method: Method, path: &str, body: Vec<u8>) -> RequestBuilder {
        self.request(method, path).header(BODY_SHA256, cloud::bucket::digest(&body)).body(body)
    }

    /// Asks to sign in, and returns the answer.
    pub async fn try_sign_in(&self, username: &str, password: &str) -> Response {
        let asked = SignIn { username: username.to_owned(), password: password.to_owned() };
        self.send(Method::POST, "session", &asked).await
    }

    /// Sends a request with a body as the page does, and returns the answer.
    pub async fn send(&self, method: Method, path: &str, body: &impl Serialize) -> Response {
        let body = serde_json::to_vec(body).unwrap();
        self.sealed(method, path, body).header("content-type", "application/json").send().await.unwrap()
    }

    /// Returns what a request that must succeed answers.
    pub async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> T {
        read(self.send(method, path, body).await, path).await
    }

    /// Returns what a request that only reads answers.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        read(self.request(Method::GET, path).send().await.unwrap(), path).await
    }

    /// Returns the status and the word of a request that must fail.
    pub async fn refused(&self, method: Method, path: &str, body: &impl Serialize) -> (u16, String) {
        let answer = self.send(method, path, body).await;
        let status = answer.status();
        assert!(status.is_client_error(), "{path} answers {status}");
        (status.as_u16(), answer.json::<Problem>().await.unwrap().code)
    }

    /// Returns the status and the word of a request that only reads and must fail.
    pub async fn refused_get(&self, path: &str) -> (u16, String) {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_client_error(), "{path} answers {status}");
        (status.as_u16(), answer.json::<Problem>().await.unwrap().code)
    }

    /// Sends a file as the page does, and gives the upload's id.
    pub async fn upload(&self, mode: Mode, file_name: &str, roster: impl Into<Vec<u8>>) -> UploadId {
        let roster = roster.into();
        let ticket = self.ticket(mode, file_name, &roster).await;
        let answer = self.put(&ticket, roster).await;
        assert!(answer.status().is_success(), "the bucket takes the file: {}", answer.text().await.unwrap());
        ticket.id
    }

    /// Asks for a link to upload a roster.
    pub async fn ticket(&self, mode: Mode, file_name: &str, roster: &[u8]) -> UploadTicket {
        let (bytes, sha256) = (roster.len() as u64, cloud::bucket::digest(roster));
        let new = NewUpload {
            mode,
            file_name: file_name.to_owned(),
            bytes,
            sha256,
            encoding: None,
            sheet: None,
            checked: None,
            schools: BTreeSet::new(),
            of_source: None,
            by_hand: false,
            repeat: wire::http::Repeat::Never,
        };
        self.ask(Method::POST, "uploads", &new).await
    }

    /// Uploads bytes with a ticket's link.
    pub async fn put(&self, ticket: &UploadTicket, bytes: Vec<u8>) -> Response {
        let put = self.client.put(&ticket.url).body(bytes);
        let put = ticket.headers.iter().fold(put, |put, (name, value)| put.header(name, value));
        put.send().await.unwrap()
    }

    /// Returns an upload as the page shows it.
    pub async fn detail(&self, id: &UploadId) -> UploadDetail {
        self.get(&format!("uploads/{id}")).await
    }

    /// Returns the whole history, newest first.
    pub async fn uploads(&self) -> Vec<Upload> {
        self.get::<Page<Upload>>("uploads").await.items
    }

    /// Looks at the upload again and again until it is as it should be.
    pub async fn wait(&self, id: &UploadId, is_so: impl Fn(&Upload) -> bool) -> Upload {
        let start = Instant::now();
        loop {
            let upload = self.detail(id).await.upload;
            if is_so(&upload) {
                return upload;
            }
            assert!(start.elapsed() < PATIENCE, "the upload stays {upload:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the upload's plan awaits approval.
    pub async fn wait_for_plan(&self, id: &UploadId) -> Upload {
        let upload = self.wait(id, |u| u.status == Status::AwaitingApproval || u.status.is_final()).await;
        assert_eq!(upload.status, Status::AwaitingApproval, "{upload:#?}");
        upload
    }

    /// Waits until the upload is over.
    pub async fn wait_for_end(&self, id: &UploadId) -> Upload {
        self.wait(id, |u| u.status.is_final()).await
    }

    /// Approves the plan that was looked at.
    pub async fn approve(&self, seen: &Upload) -> Upload {
        self.ask(Method::POST, &format!("uploads/{}/approve", seen.id), &approval_of(seen)).await
    }

    /// Returns the bytes of one of the upload's files.
    pub async fn file(&self, id: &UploadId, kind: FileKind) -> Vec<u8> {
        let link: wire::http::Link = self.get(&format!("uploads/{id}/files/{}", kind.as_str())).await;
        self.fetch(&link.url).await
    }

    /// Returns what a link gives.
    pub async fn fetch(&self, url: &str) -> Vec<u8> {
        let answer = self.client.get(url).send().await.unwrap();
        assert!(answer.status().is_success(), "the link works: {}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }

    /// Changes the settings.
    pub async fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut document: SettingsDocument = self.get("settings").await;
        change(&mut document.settings);
        self.ask::<SettingsDocument>(Method::PUT, "settings", &document).await;
    }

    /// Returns a user as the page shows it.
    pub async fn user(&self, guid: Guid) -> wire::http::UserDetail {
        self.get(&format!("users/{guid}")).await
    }
}

/// Returns the approval of a plan by somebody who has seen it.
pub fn approval_of(seen: &Upload) -> Approve {
    let removals = seen.counts.expect("it was planned").removed;
    Approve { digest: seen.digest.clone().expect("it was planned"), removals, rekeys: None }
}

async fn read<T: DeserializeOwned>(answer: Response, path: &str) -> T {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path} answers {status}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path} answers {text}: {e}"))
}
