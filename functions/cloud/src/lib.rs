//! The table and the bucket: the only crate that knows a key, an item or a type of the SDK.
//!
//! # The table and its access patterns
//!
//! One DynamoDB table with the string keys `pk` and `sk`, an index [`BY_SCHOOL`](table::BY_SCHOOL) with `gsi_pk`
//! and `gsi_sk`, one [`BY_EMAIL`](table::BY_EMAIL) with `email_key`, and the time to live `expires` (seconds). No request scans.
//!
//! | what is asked | key that serves it |
//! | --- | --- |
//! | a managed user by custom ID | `USER#<shard>` / `C#<custom ID>`; the shard is cut from the ID's hash |
//! | a user without a custom ID | `USER#<shard>` / `G#<guid>` |
//! | every user, for a large comparison | query the 64 shards side by side |
//! | where a user of a GUID is | `GUID#<guid>` / `GUID`, then the user |
//! | whose a user name is | `NAME#<folded user name>` / `NAME` → GUID; kept when the user is deleted |
//! | whose a staff e-mail address is | `MAIL#<folded address>` / `MAIL` → GUID; given up when the user is deleted |
//! | whose an e-mail address is, students too | index: `<folded address>`, of users that are not deleted |
//! | the users of a school by name | index: `SCHOOL#<school>` / `<last name>#<first name>#<guid>` |
//! | the deleted users of a school, earliest first | index: `DELETED#<school>` / `<deleted at>#<guid>`; erased ones are in no list |
//! | the archived users of a school, the one that is erased next first | index: `ARCHIVED#<school>` / `<erase at>#<guid>` |
//! | which users have been disabled for long | `DISABLED#<shard>` / `<since>#<guid>`: a marker item, which counts only if the user is still disabled since then |
//! | what happened to a user, newest first | `USERLOG#<guid>` / `<time>#<upload or hand>` |
//! | whether another administrator can sign in | `ADMINS` / `ADMINS`: the number of active administrators of the district office |
//! | all schools | `SCHOOLS` / `SCHOOL#<id>` |
//! | whose an external ID is | `XID#<external ID>` / `XID` → school |
//! | a class | `CLASSES#<shard>` / `<class guid>`; the shard is cut from the GUID |
//! | whose a class ID is | `CLASSID#<class ID>` / `CLASSID` → class; kept while the class is archived |
//! | the classes of a school by name | index: `CLASSES#<school>` / `<name>#<class guid>` |
//! | the archived classes of a school by name | index: `ARCHIVEDCLASSES#<school>` / `<name>#<class guid>` |
//! | who is in a class, and who was of late | `CLASS#<class guid>` / `USER#<guid>`: an enrolment (expires when it can't come back any more) |
//! | the classes of a user, and those it left of late | index: `ENROLLED#<guid>` / `<class guid>` |
//! | what happened to a class, newest first | `CLASSLOG#<class guid>` / `<time>#<upload or hand>`, of enrolments with `#<random>` for each transaction |
//! | the settings | `SETTINGS` / `SYNC` |
//! | the hash of the default password, and nothing else of it | `SETTINGS` / `DEFAULT_PASSWORD` |
//! | the roles | `SETTINGS` / `ROLES` |
//! | what was done in a month, newest first | `AUDIT#<yyyy-mm>#<0..3>` / `<time>#<random>`; only ever added |
//! | what was done to an upload, or by hand to a user | `AUDITOF#<upload or GUID>` / `<time>#<random>`; only ever added |
//! | the months in which something was done | `AUDIT` / `<yyyy-mm>` |
//! | the history of uploads, newest first; an upload | `UPLOADS` / `<upload>`; the ids sort by time |
//! | the uploads that are not over | `OPEN` / `<upload>` |
//! | the uploads that have files, oldest first, and up to when erased users are out of them | `KEPT` / `<upload>` |
//! | the erased users who may still stand in files, the earliest first | `ERASED` / `<erased at>#<guid>` |
//! | who asked for an upload link | `TICKET#<upload>` / `TICKET` (expires) |
//! | the secret seeds of an upload | `UPLOAD#<upload>` / `SEED`; deleted when the upload ends |
//! | which chunks are carried out, how many and when the last one was | `UPLOAD#<upload>` / `CHUNK#<n>`: a marker item for each; asked of uploads that are being applied only |
//! | which plan is being applied | `TURN` / `TURN` → upload |
//! | which upload was the last one to change anything, and when | `TURN` / `LAST` → upload |
//! | which plans wait for the lease, by approval | `TURN` / `WAIT#<approved at>#<upload>` |
//! | the size of the last roster that removed who was absent | `FULL` / `<source, mode and scope>` |
//! | the resets of passwords, newest first; a reset | `RESETS` / `<reset>`; the ids sort by time |
//! | a session | `SESSION#<SHA-256 of the token>` / `SESSION` (expires) |
//! | when sessions of a user began | `SESSIONOF#<guid>` / `<began at>#<SHA-256 of the token>` (expires) |
//! | failed sign-ins of a user name | `SIGNIN#<folded user name>` / `SIGNIN` (expires) |
//! | those on a device that the user is known on, or on all of them | `SIGNIN#<folded user name>` / `DEVICE#<device>` (expires) |
//! | wrong present passwords of somebody who sets another | `SIGNIN#<folded user name>` / `PRESENT` (expires) |
//! | failed sign-ins from an address in five minutes | `SIGNINFROM#<address>#<window>` / `SIGNIN` (expires) |
//! | failed sign-ins of everybody in five minutes | `SIGNINALL#<shard>#<window>` / `SIGNIN` (expires) |
//! | all API keys; one of them | `APIKEYS` / `<key>`; it has the SHA-256 of the secret (expires 30 days after it ended) |
//! | which upload the same contents became, sent with the same key | `SENT#<key>` / `<mode>#<SHA-256 of the contents>` (expires) |
//! | the last roster of a program, of the same source, mode and scope | `LAST#<mode>#<source, mode and scope>` / `<upload>` (expires) |
//! | which notices were told of late | `NOTICES` / `<notice>` (expires) |
//! | which notices are on their way, or were given up | `OUTBOX` / `<notice>#<channel>`; deleted when it arrived |
//! | since when notices are told, and who does it now | `WATCH` / `RUN` |
//! | who wants to hear of what by e-mail | `HEARS` / `<guid>` |
//! | all webhooks; one of them with its secret | `WEBHOOKS` / `<webhook>` |
//! | the key with which known devices are signed | `SETTINGS` / `DEVICE_KEY` |
//!
//! What must be unique (GUIDs, user names, staff e-mail addresses, external IDs) is held by those reservation
//! items, which are written in one transaction with the user or school; every write of a user is conditional on
//! its version. Whatever somebody changes is written in one transaction with its entry of the audit log.
//!
//! No partition is hot with 1,000,000 enrolments: those of a class are a partition of some dozens of items, in the index
//! those of a user one of fewer than ten, and plans are carried out class by class. Nothing counts enrolments in one place.
//! The classes themselves are spread over shards; an index by school has a line of each class, which is written when the
//! class is and not when somebody enters it.
//!
//! The objects of the bucket are listed in [`bucket::keys`], and what is personal in all of it in [`inventory`].
//!
//! # The names of methods
//!
//! All of them are methods of [`Cloud`], and a name has the resource first, then the verb: `upload_get`, `school_list`,
//! `lease_acquire`, so that what can be done with a resource stands together in every list. `get` reads one or a
//! document of its own, `list` reads many, `put` writes whatever was there, `save` only where nobody wrote in between.

#![warn(clippy::missing_errors_doc)]

pub mod api_keys;
mod archive;
pub mod arrivals;
pub mod audit;
pub mod bucket;
pub mod changes;
mod chunks;
pub mod classes;
pub mod credentials;
mod devices;
mod directory;
pub mod email;
mod erase;
mod error;
pub mod full_rows;
pub mod inventory;
pub mod kept;
mod last_applied;
pub mod lease;
pub mod notices;
pub mod pauses;
pub mod people;
pub mod plans;
pub mod retry;
pub mod roles;
mod schema;
pub mod schools;
pub mod sessions;
pub mod settings;
pub mod sign_in_failures;
pub mod table;
pub mod tickets;
pub mod transact;
pub mod uploads;
pub mod users;
pub mod webhooks;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};

pub use error::Error;
use retry::{Patience, with_retries};

/// The organisation's table and bucket.
#[derive(Debug, Clone)]
pub struct Cloud {
    pub dynamo: aws_sdk_dynamodb::Client,
    pub s3: aws_sdk_s3::Client,
    pub table: String,
    pub bucket: String,
}

impl Cloud {
    /// Connects as the environment says.
    ///
    /// It reads `ROLLBOOK_TABLE`, `ROLLBOOK_BUCKET`, and what every AWS SDK reads (`AWS_REGION`, the credentials,
    /// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_DYNAMODB`).
    ///
    /// `patience` is for the table.
    ///
    /// # Errors
    ///
    /// [`Error::Environment`] where a variable is not set.
    pub async fn from_env(patience: Patience) -> Result<Cloud, Error> {
        let variable = |name: &'static str| std::env::var(name).map_err(|_| Error::Environment(name));
        let (table, bucket) = (variable("ROLLBOOK_TABLE")?, variable("ROLLBOOK_BUCKET")?);
        let endpoint = |name| std::env::var(name).or_else(|_| std::env::var("AWS_ENDPOINT_URL")).ok();
        let endpoints = [endpoint("AWS_ENDPOINT_URL_S3"), endpoint("AWS_ENDPOINT_URL_DYNAMODB")];
        let encrypted = endpoints.iter().any(|url| url.as_ref().is_none_or(|url| url.starts_with("https:")));
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).build();
        let shared = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(http_client(encrypted))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(8))
            .load()
            .await;
        let s3 = s3(&shared, endpoints[0].is_some());
        Ok(Cloud { dynamo: dynamo(&shared, patience), s3, table, bucket })
    }
}

/// Returns the client for all requests. Where nothing is encrypted, the machine's certificates need not be there, nor
/// be read at every start.
pub(crate) fn http_client(encrypted: bool) -> SharedHttpClient {
    let trusted = if encrypted { TrustStore::default() } else { TrustStore::empty() };
    let context = TlsContext::builder().with_trust_store(trusted).build().expect("a context of known parts");
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build_https()
}

/// Returns the client of the table. A request to it is small: one that has no answer after ten seconds is sent again.
fn dynamo(shared: &aws_config::SdkConfig, patience: Patience) -> aws_sdk_dynamodb::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(10))
        .build();
    let config = aws_sdk_dynamodb::config::Builder::from(shared).timeout_config(timeouts);
    aws_sdk_dynamodb::Client::from_conf(with_retries(config, patience).build())
}

/// Returns the client of the bucket. Only AWS itself serves buckets as host names. Checksums beyond what S3 requires
/// are left out: a link that is signed for a browser can't carry those of a content that is not there yet, and what
/// must be intact is compared with a digest of our own.
fn s3(shared: &aws_config::SdkConfig, own_endpoint: bool) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(shared)
        .force_path_style(own_endpoint)
        .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}
