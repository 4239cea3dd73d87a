//! Tells people what became of rosters, and which did not come: by e-mail, and programs by signed requests.
//!
//! A schedule wakes it. What is due is computed from the settings and the uploads (`roster::watching`), entered in the table
//! with everybody who is told, and sent from there. Everything may happen twice: a notice has the same ID each time, and
//! what was sent when the function was stopped is sent once more under that ID, by which a receiver knows it.

#![warn(clippy::missing_errors_doc)]

mod address;
mod collect;
mod enter;
mod fault;
mod mail;
mod messenger;
mod send;
mod webhook;

use cloud::Cloud;
use cloud::retry::Patience;
use roster::durations::MINUTE;
use runtime::Event;
use serde_json::Value;

pub use fault::NoticesFault;
pub use messenger::Messenger;

/// How long one run may take, in milliseconds; nobody else tells until then.
const RUN: u64 = 5 * MINUTE;

/// Serves events until Lambda ends the process.
///
/// # Errors
///
/// Where the environment does not name the table and the bucket, or the Lambda runtime fails.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let cloud = Cloud::from_env(Patience::Working).await?;
    let messenger = Messenger::from_env().await?;
    runtime::serve(async |event, now| handle(&cloud, &messenger, event, now).await).await
}

/// Does what the event asks for.
///
/// An error means that it should be sent again.
///
/// # Errors
///
/// Where the event is none, or the table did not answer. What one receiver does not take is no error.
pub async fn handle(cloud: &Cloud, messenger: &Messenger, event: Value, now: u64) -> Result<(), NoticesFault> {
    match Event::read(&event)? {
        Event::Sweep(_) => Box::pin(tell(cloud, messenger, now)).await,
        Event::Created(_) | Event::Other => Ok(()),
    }
}

async fn tell(cloud: &Cloud, messenger: &Messenger, now: u64) -> Result<(), NoticesFault> {
    let settings = cloud.settings_get().await?.settings;
    if !settings.watch.enabled {
        cloud.notices_forget().await?;
        // A test is asked for by somebody who is about to switch it on.
        return send::send(cloud, messenger, &settings, now).await;
    }
    let mut run = [0; 16];
    getrandom::fill(&mut run).map_err(NoticesFault::Random)?;
    let run = hex::encode(run);
    let Some(memory) = cloud.notices_begin(&run, now, now + RUN).await? else {
        tracing::info!("another run tells");
        return Ok(());
    };
    let seen = collect::collect(cloud, &memory, now).await?;
    let sent = cloud.notice_list_ids().await?;
    let due = roster::watching::due(now, memory.since, &settings.watch, &seen.arrivals, &sent)?;
    enter::enter(cloud, messenger, &due, &seen, now).await?;
    let all_sent = send::send(cloud, messenger, &settings, now).await;
    // The uploads that are open now are looked at by the next run, also where something could not be sent.
    cloud.notices_end(&run, &seen.open).await?;
    all_sent
}
