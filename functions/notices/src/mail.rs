//! E-mail: by Amazon SES, or, on one's own machine, by a server there or into a folder.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use cloud::email::Ses;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::fault::NoticesFault;

/// What sends e-mail.
pub(crate) struct Mailer {
    from: Mailbox,
    transport: MailTransport,
}

enum MailTransport {
    Ses(Ses),
    /// A server on this machine: what goes there is not encrypted.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

const TIMEOUT: Duration = Duration::from_secs(10);

impl Mailer {
    /// Reads `ROLLBOOK_MAIL_FROM`, the address of the sender, without which no e-mail is sent. On one's own machine
    /// `ROLLBOOK_SMTP` is the address and the port of a server there, or `ROLLBOOK_MAIL_FOLDER` a folder for files.
    pub(crate) async fn from_env(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<Mailer>, NoticesFault> {
        let Some(address) = variable("ROLLBOOK_MAIL_FROM") else { return Ok(None) };
        let sender = |problem: &dyn std::fmt::Display| NoticesFault::Sender(problem.to_string());
        let from: Mailbox = address.parse().map_err(|error| sender(&error))?;
        let transport = match (variable("ROLLBOOK_SMTP"), variable("ROLLBOOK_MAIL_FOLDER")) {
            (Some(server), _) => MailTransport::Smtp(smtp(&server)?),
            (None, Some(folder)) => MailTransport::Folder(folder.into()),
            (None, None) => MailTransport::Ses(Ses::from_env(address).await),
        };
        Ok(Some(Mailer { from, transport }))
    }

    /// Sends a plain text. `message_id` is the same for the same notice to the same person. Fails with a reason that names
    /// no address.
    pub(crate) async fn send(&self, to: &str, message_id: &str, subject: &str, text: &str) -> Result<(), String> {
        if let MailTransport::Ses(ses) = &self.transport {
            return ses
                .email_send(to, subject, text)
                .await
                .map_err(|error| format!("SES: {}", error.code().unwrap_or("no answer")));
        }
        let to: Mailbox = to.parse().map_err(|_| "the address can't be written to".to_owned())?;
        let message_id = format!("<{message_id}@{}>", self.from.email.domain());
        let message = Message::builder().from(self.from.clone()).to(to).message_id(Some(message_id.clone()));
        let message = message.subject(subject).header(ContentType::TEXT_PLAIN).body(text.to_owned());
        let message = message.map_err(|_| "the e-mail can't be written".to_owned())?;
        match &self.transport {
            MailTransport::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(error.status().map_or("SMTP: no answer".to_owned(), |code| format!("SMTP: {code}"))),
            },
            MailTransport::Folder(folder) => {
                let name: String =
                    message_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
                let written = async {
                    tokio::fs::create_dir_all(folder).await?;
                    tokio::fs::write(folder.join(format!("{}.eml", name.trim_matches('_'))), message.formatted()).await
                };
                written.await.map_err(|error| format!("the folder for e-mail: {}", error.kind()))
            }
            MailTransport::Ses(_) => Ok(()),
        }
    }
}

fn smtp(server: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, NoticesFault> {
    let address: Option<SocketAddr> = server.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback());
    let Some(address) = address else {
        let problem = "ROLLBOOK_SMTP is no address of this machine with a port, such as 127.0.0.1:2525";
        return Err(NoticesFault::Sender(problem.to_owned()));
    };
    let host: IpAddr = address.ip();
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.to_string());
    Ok(builder.port(address.port()).timeout(Some(TIMEOUT)).build())
}
