//! Requests to programs, signed as [Standard Webhooks](https://www.standardwebhooks.com) says.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloud::audit::iso_time;
use cloud::webhooks::WebhookRecord;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use reqwest::redirect::Policy;
use roster::watching::{Notice, NoticeKind};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::address::{PublicNames, Reach, check};
use crate::fault::NoticesFault;

/// How a secret begins, by which programs know what it is.
const SECRET: &str = "whsec_";

const TIMEOUT: Duration = Duration::from_secs(10);

/// What sends the requests.
pub(crate) struct HookClient {
    client: reqwest::Client,
    reach: Reach,
}

impl HookClient {
    pub(crate) fn new(reach: Reach) -> Result<HookClient, NoticesFault> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // Another address would have to be looked at, too.
            .redirect(Policy::none())
            // One would look up the name, and reach what this must not.
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(PublicNames { reach }))
            .build();
        Ok(HookClient { client: client.map_err(NoticesFault::Client)?, reach })
    }

    /// Tells a program. Fails with the status of its answer, or why there was none.
    pub(crate) async fn call(
        &self,
        record: &WebhookRecord,
        notice: &Notice,
        link: &str,
        at: u64,
    ) -> Result<(), String> {
        let url = Url::parse(&record.webhook.url).map_err(|_| "the address can't be read".to_owned())?;
        check(&url, self.reach).map_err(|problem| problem.to_string())?;
        let body = body(notice, link).to_string();
        let timestamp = at / 1000;
        let signature = signature(&record.secret, &notice.id, timestamp, &body)?;
        let request = self.client.post(url).header("content-type", "application/json");
        let request = request.header("webhook-id", &notice.id).header("webhook-timestamp", timestamp);
        let answer = request.header("webhook-signature", signature).body(body).send().await;
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("status {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err("no answer within ten seconds".to_owned()),
            Err(error) if error.is_connect() => Err("no connection".to_owned()),
            Err(_) => Err("no answer that can be read".to_owned()),
        }
    }
}

/// Returns what is sent: counts and a link.
fn body(notice: &Notice, link: &str) -> Value {
    let kind = notice.kind().map_or("test", NoticeKind::as_str);
    json!({
        "type": format!("rollbook.{kind}"),
        "timestamp": iso_time(notice.at),
        "data": { "about": notice.about, "link": link },
    })
}

fn signature(secret: &str, id: &str, timestamp: u64, body: &str) -> Result<String, String> {
    let unusable = || "its secret can't be used".to_owned();
    let key = BASE64_STANDARD.decode(secret.strip_prefix(SECRET).unwrap_or(secret)).map_err(|_| unusable())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| unusable())?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the specification's reference libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert!(signature("whsec_?", "a", 1, "{}").is_err());
    }
}
