//! Amazon SES, which sends e-mail where Rollbook runs in AWS.

use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};

use crate::{Error, http_client};

/// What sends e-mail of one sender.
#[derive(Debug, Clone)]
pub struct Ses {
    client: aws_sdk_sesv2::Client,
    from: String,
}

impl Ses {
    /// Connects as the environment says, for a sender whose identity the account has verified.
    pub async fn from_env(from: String) -> Ses {
        let shared =
            aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client(true)).load().await;
        Ses { client: aws_sdk_sesv2::Client::new(&shared), from }
    }

    /// Hands a plain text to SES.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where SES does not take it, such as in a sandbox.
    pub async fn email_send(&self, to: &str, subject: &str, text: &str) -> Result<(), Error> {
        let content = |text: &str| Content::builder().data(text).charset("UTF-8").build();
        let message = Message::builder().subject(content(subject)?).body(Body::builder().text(content(text)?).build());
        let request = self.client.send_email().from_email_address(&self.from);
        let request = request.destination(Destination::builder().to_addresses(to).build());
        request.content(EmailContent::builder().simple(message.build()).build()).send().await?;
        Ok(())
    }
}
