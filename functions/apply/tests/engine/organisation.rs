//! An organisation with the two functions, and somebody who tells them of new objects.

use aws_sdk_s3::config::SharedInterceptor;
use cloud::Cloud;
use cloud::audit::Author;
use cloud::bucket::keys;
use cloud::people::NewAdministrator;
use cloud::uploads::Decided;
use roster::{Guid, RekeyChoices, Settings, User};
use serde_json::{Value, json};
use wire::http::SettingsDocument;
use wire::upload::Decider;
use wire::{Decision, FileKind, Status, Upload, UploadId, Verdict};

use crate::servers::{self, Servers};

/// The header of a roster.
pub const HEADER: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,\
                          position,grade,status";

/// On nobody's behalf.
const SETUP: Author = Author { by: None, at: 1 };

pub struct Organisation {
    servers: Servers,
    pub admin: User,
    pub now: u64,
}

impl Organisation {
    /// What is stored in `fixture`, with the functions as they are now.
    pub async fn restored(fixture: &crate::stored::Fixture) -> Organisation {
        let servers = servers::start(None).await;
        fixture.restore(&servers.cloud).await;
        let admin = servers.cloud.account_get_by_username("admin").await.unwrap().unwrap().user;
        Organisation { servers, admin, now: fixture.at }
    }

    /// A district, two schools and an administrator.
    pub async fn new(line: Option<SharedInterceptor>) -> Organisation {
        let servers = servers::start(line).await;
        let cloud = &servers.cloud;
        let district = cloud.district_create("District", "D").await.unwrap();
        for school in ["A", "B"] {
            let _ = cloud.school_create(&format!("School {school}"), school, &SETUP).await.unwrap();
        }
        let admin = NewAdministrator {
            username: "admin",
            password_hash: &runtime::passwords::hash("a long passphrase").unwrap(),
            password_kind: cloud::changes::PasswordKind::Own,
            first_name: "Ada",
            last_name: "Min",
            email: "admin@district.example",
            school: &district.id,
        };
        let admin = cloud.administrator_create(admin, 1).await.unwrap().unwrap();
        let organisation = Organisation { servers, admin, now: runtime::now() };
        organisation.settings(r#"{"partial":{"requires_approval":false},"full":{"limits":{"overall":{},"per_school":{},"per_user_type":{}}}}"#).await;
        organisation
    }

    pub fn cloud(&self) -> &Cloud {
        &self.servers.cloud
    }

    pub async fn settings(&self, settings: &str) {
        let version = self.cloud().settings_get().await.unwrap().version;
        let settings: Settings = serde_json::from_str(settings).unwrap();
        let document = SettingsDocument { version, settings, has_default_password: false };
        self.cloud().settings_save(document, &SETUP).await.unwrap().unwrap();
    }

    pub async fn drop(&self, key: &str, rows: &[&str]) {
        let roster = format!("{HEADER}\n{}\n", rows.join("\n"));
        self.cloud().object_put(key, roster).await.unwrap();
    }

    /// Tells the functions of every object that waits, once; whether they could do their work.
    pub async fn tell(&self) -> bool {
        let mut worked = true;
        for prefix in [keys::INBOX, keys::APPROVALS, keys::CHUNKS] {
            let Ok(objects) = self.cloud().object_list(prefix).await else { return false };
            for object in objects {
                worked &= self.tell_of(&object.key).await;
            }
        }
        worked
    }

    /// Tells the function that listens of the object under `key`.
    pub async fn tell_of(&self, key: &str) -> bool {
        let event = created(key);
        // What a function keeps while it waits is large, and a test that calls some of them would keep it for each: the
        // stack of a test's thread is 2 MiB.
        if key.starts_with(keys::INBOX) {
            Box::pin(validate::handle(self.cloud(), event, self.now)).await.is_ok()
        } else {
            Box::pin(apply::handle(self.cloud(), event, self.now)).await.is_ok()
        }
    }

    /// Tells of new objects until there are none.
    pub async fn settle(&self) {
        for _ in 0..20 {
            if self.waiting().await.is_empty() {
                return;
            }
            assert!(self.tell().await);
        }
        panic!("the work does not end");
    }

    pub async fn waiting(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        for prefix in [keys::INBOX, keys::APPROVALS, keys::CHUNKS] {
            waiting.extend(self.cloud().object_list(prefix).await.unwrap().into_iter().map(|object| object.key));
        }
        waiting
    }

    /// Every upload, oldest first.
    pub async fn uploads(&self) -> Vec<Upload> {
        let mut uploads = self.cloud().upload_list(100, None).await.unwrap().items;
        // Dropped objects are as old as the bucket says, in whole seconds; the functions were told the time.
        uploads.sort_by_key(|upload| upload.created_at);
        uploads
    }

    pub async fn upload(&self, id: &UploadId) -> Upload {
        self.cloud().upload_get(id).await.unwrap().unwrap().upload
    }

    pub async fn approve(&self, upload: &Upload) -> Decided {
        self.approve_with(upload, None).await
    }

    /// Approves with what is decided about re-keys.
    pub async fn approve_with(&self, upload: &Upload, rekeys: Option<RekeyChoices>) -> Decided {
        let by = Decider { guid: self.admin.guid, username: self.admin.username.clone(), key: None };
        let digest = upload.digest.clone().unwrap();
        let decision = Decision { verdict: Verdict::Approved, by: Some(by), at: self.now, digest, rekeys };
        self.cloud().upload_decide(&upload.id, decision).await.unwrap()
    }

    /// A file of an upload as text.
    pub async fn file(&self, upload: &Upload, kind: FileKind) -> String {
        let key = keys::file(upload, kind).expect("the upload has the file");
        String::from_utf8(self.cloud().object_get(&key).await.unwrap().unwrap().to_vec()).unwrap()
    }

    /// The completed file with the temporary passwords, while it is there.
    pub async fn credentials(&self, upload: &Upload) -> Option<String> {
        let bytes = self.cloud().object_get(&keys::credentials(&upload.id)).await.unwrap()?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// The users without the administrator and without what differs between organisations, by custom ID.
    pub async fn users(&self) -> Vec<(String, User)> {
        let directory = self.cloud().directory_get().await.unwrap();
        let managed = directory.iter().filter(|user| user.is_managed()).cloned();
        let mut users: Vec<_> = managed.map(|user| (user.custom_id.clone().unwrap_or_default(), user)).collect();
        users.sort_by(|a, b| a.0.cmp(&b.0));
        users
    }

    pub async fn user(&self, custom_id: &str) -> Option<User> {
        self.users()
            .await
            .into_iter()
            .find(|(id, user)| id == custom_id && user.deleted_at.is_none())
            .map(|(_, user)| user)
    }

    pub async fn guid(&self, custom_id: &str) -> Guid {
        self.user(custom_id).await.expect("the user is there").guid
    }

    /// That nothing is under way and no secret is kept.
    pub async fn assert_at_rest(&self) {
        assert_eq!(self.waiting().await, Vec::<String>::new());
        assert_eq!(self.cloud().lease_holder().await.unwrap(), None);
        assert_eq!(self.cloud().lease_waiters().await.unwrap(), []);
        for upload in self.uploads().await.iter().filter(|upload| upload.status.is_final()) {
            assert!(self.cloud().seeds_get(&upload.id).await.unwrap().is_none());
            assert_eq!(self.cloud().object_list(&keys::all_passwords(&upload.id)).await.unwrap(), []);
        }
        let open = self.uploads().await.iter().filter(|upload| upload.status == Status::AwaitingApproval).count();
        assert_eq!(self.cloud().upload_list_open().await.unwrap().len(), open);
    }
}

/// What S3 sends of a new object.
pub fn created(key: &str) -> Value {
    let encoded = key.replace('+', "%2B").replace(' ', "+");
    json!({ "Records": [{
        "eventTime": "1970-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {},
        "requestParameters": {},
        "s3": { "bucket": {}, "object": { "key": encoded, "size": 1 } },
    }] })
}
