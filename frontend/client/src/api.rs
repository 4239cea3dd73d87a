//! Requests to Rollbook.

use std::fmt;
use std::io::{Cursor, Read};
use std::time::Duration;

use reqwest::blocking::{Body, Client, RequestBuilder, Response};
use reqwest::{Method, StatusCode};
use roster::Change;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use wire::http::{
    API_KEY, Approve, BODY_SHA256, ClientFacts, FindingRow, Link, NewUpload, Page, PlannedClassChange, Problem,
    UploadDetail, UploadTicket,
};
use wire::{FileKind, Upload};

use crate::exit::Exit;
use crate::trouble::Trouble;

/// How long a request may take that sends no file.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long sending or fetching a file may take: the link holds for 15 minutes.
const FILE_PATIENCE: Duration = Duration::from_mins(15);

/// An API key.
///
/// It is shown nowhere, also not by mistake.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(an API key)")
    }
}

/// How many items of a list are wanted at most; all of them without a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListLimit(pub Option<usize>);

/// Whether a list may have more than was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRest {
    Nothing,
    More,
}

/// Rollbook at an address, asked with a key.
#[derive(Debug)]
pub struct RollbookApi {
    client: Client,
    server: String,
    key: Secret,
}

impl RollbookApi {
    /// Makes the client of an address without a slash at its end.
    pub fn new(server: &str, key: Secret) -> Result<RollbookApi, Trouble> {
        let agent = concat!("rollbook/", env!("CARGO_PKG_VERSION"));
        // A key goes to the address that was written down, and to no other that this one may lead to.
        let client = Client::builder().user_agent(agent).redirect(reqwest::redirect::Policy::none());
        // Without encryption the key stays on this machine, and goes through no proxy.
        let client = if server.starts_with("https://") { client } else { client.no_proxy() };
        let client = client.build().map_err(|error| {
            Trouble::usage(format!("No connection can be made: {error}."), "Check the proxy in the environment.")
        })?;
        Ok(RollbookApi { client, server: server.to_owned(), key })
    }

    /// Returns the address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Returns what files are checked with.
    pub fn facts(&self) -> Result<ClientFacts, Trouble> {
        self.get("key")
    }

    /// Asks for a link to send a file to.
    pub fn ticket(&self, new: &NewUpload) -> Result<UploadTicket, Trouble> {
        self.post("uploads", new)
    }

    /// Returns an upload with its counts.
    pub fn upload(&self, id: &str) -> Result<UploadDetail, Trouble> {
        self.get(&format!("uploads/{id}"))
    }

    /// Returns the newest uploads that the key may see.
    pub fn uploads(&self) -> Result<Page<Upload>, Trouble> {
        self.get("uploads")
    }

    /// Goes through the changes of users of a plan.
    pub fn changes(&self, id: &str, limit: ListLimit, take: impl FnMut(Change)) -> Result<ListRest, Trouble> {
        self.list(&format!("uploads/{id}/changes"), limit, take)
    }

    /// Goes through the changes of classes of a plan, and after them those of enrolments.
    pub fn class_changes(
        &self,
        id: &str,
        limit: ListLimit,
        take: impl FnMut(PlannedClassChange),
    ) -> Result<ListRest, Trouble> {
        self.list(&format!("uploads/{id}/plan/classes"), limit, take)
    }

    /// Goes through the findings of an upload.
    pub fn findings(&self, id: &str, limit: ListLimit, take: impl FnMut(FindingRow)) -> Result<ListRest, Trouble> {
        self.list(&format!("uploads/{id}/findings"), limit, take)
    }

    /// Returns the address at which people open the page of an upload.
    pub fn page_of(&self, id: &str) -> String {
        format!("{}/uploads/{id}", self.server)
    }

    /// Approves a plan.
    pub fn approve(&self, id: &str, approve: &Approve) -> Result<Upload, Trouble> {
        self.post(&format!("uploads/{id}/approve"), approve)
    }

    /// Fetches a file of an upload.
    pub fn file(&self, id: &str, kind: FileKind) -> Result<Vec<u8>, Trouble> {
        let link: Link = self.get(&format!("uploads/{id}/files/{}", kind.as_str()))?;
        let answer = self.client.get(&link.url).timeout(FILE_PATIENCE).send().map_err(|error| unreachable(&error))?;
        if !answer.status().is_success() {
            return Err(refused_by_store(answer.status()));
        }
        Ok(answer.bytes().map_err(|error| unreachable(&error))?.to_vec())
    }

    /// Sends a file to its link; `sent` hears of every part how many bytes it has.
    ///
    /// It is no fault where the file is there already, from an attempt that was cut off.
    pub fn put(
        &self,
        ticket: &UploadTicket,
        bytes: Vec<u8>,
        sent: impl FnMut(u64) + Send + 'static,
    ) -> Result<(), Trouble> {
        let length = bytes.len() as u64;
        let body = Body::sized(ReadCounter { bytes: Cursor::new(bytes), sent }, length);
        let request = self.client.put(&ticket.url).timeout(FILE_PATIENCE).body(body);
        let request = ticket.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send().map_err(|error| unreachable(&error))?;
        match answer.status() {
            status if status.is_success() || status == StatusCode::PRECONDITION_FAILED => Ok(()),
            status => Err(refused_by_store(status)),
        }
    }

    /// Goes through a list to its end, page by page, or to the limit. A page may be empty and have a next one.
    fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        limit: ListLimit,
        mut take: impl FnMut(T),
    ) -> Result<ListRest, Trouble> {
        let (mut cursor, mut left) = (None::<String>, limit.0.unwrap_or(usize::MAX));
        while left > 0 {
            let request = self.request(Method::GET, path).query(&cursor.map(|cursor| [("cursor", cursor)]));
            let page: Page<T> = self.answer(request)?;
            let more = page.items.len() > left;
            let items = page.items.into_iter().take(left);
            left -= items.len();
            items.for_each(&mut take);
            if more {
                return Ok(ListRest::More);
            }
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(ListRest::Nothing),
            }
        }
        Ok(ListRest::More)
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        self.answer(self.request(Method::GET, path))
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Trouble> {
        let body = serde_json::to_vec(body).map_err(|error| not_understood(&error))?;
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        self.answer(request.header(BODY_SHA256, digest(&body)).body(body))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/api/{path}", self.server)).timeout(PATIENCE);
        request.header(API_KEY, &self.key.0)
    }

    fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Trouble> {
        let answer = request.send().map_err(|error| unreachable(&error))?;
        if !answer.status().is_success() {
            return Err(refused(answer));
        }
        answer.json().map_err(|error| not_understood(&error))
    }
}

/// Returns the SHA-256 of bytes in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Bytes that say how many of them were read.
struct ReadCounter<F> {
    bytes: Cursor<Vec<u8>>,
    sent: F,
}

impl<F: FnMut(u64)> Read for ReadCounter<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        (self.sent)(read as u64);
        Ok(read)
    }
}

/// Says that nobody answers. The text of the error would have the address with its signature, so it is left out.
fn unreachable(error: &reqwest::Error) -> Trouble {
    if let Some(certificate) = wrong_certificate(error) {
        return Trouble {
            code: "certificate".to_owned(),
            message: format!("What answers has no certificate that this machine trusts: {certificate}."),
            hint: "Check the clock of this machine. Where a proxy of the district opens connections, have its root \
                   certificate installed on this machine, or name its file in the variable SSL_CERT_FILE."
                .to_owned(),
            exit: Exit::Refused,
        };
    }
    let why = if error.is_timeout() { "it does not answer in time" } else { "no connection can be made" };
    Trouble {
        code: "unreachable".to_owned(),
        message: format!("Rollbook can't be reached: {why}."),
        hint: "Check the address `server` of the configuration, and whether a firewall or proxy lets this machine out."
            .to_owned(),
        exit: Exit::Refused,
    }
}

/// Returns what is wrong with the certificate, where that is why no connection was made.
fn wrong_certificate(error: &reqwest::Error) -> Option<String> {
    let mut cause = std::error::Error::source(error);
    while let Some(this) = cause {
        let inner = this.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let of_tls = this.downcast_ref::<rustls::Error>().or_else(|| inner.and_then(|inner| inner.downcast_ref()));
        if let Some(rustls::Error::InvalidCertificate(why)) = of_tls {
            return Some(why.to_string());
        }
        // The source of an error of input and output is that of what it wraps, and leaves that out.
        cause = inner.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| this.source());
    }
    None
}

/// Says what Rollbook said.
fn refused(answer: Response) -> Trouble {
    let status = answer.status();
    match answer.json::<Problem>() {
        Ok(problem) => Trouble::refused(problem),
        Err(_) => Trouble {
            code: if status.is_server_error() { "fault" } else { "not_rollbook" }.to_owned(),
            message: format!("The answer is {status}, and not one of Rollbook."),
            hint: "Check that the address `server` of the configuration is the one at which people open Rollbook."
                .to_owned(),
            exit: Exit::Refused,
        },
    }
}

fn refused_by_store(status: StatusCode) -> Trouble {
    Trouble {
        code: if status.is_server_error() { "fault" } else { "link_refused" }.to_owned(),
        message: format!("The bucket answers {status}."),
        hint: "Try again: a link holds for 15 minutes. Check that the clock of this machine is right.".to_owned(),
        exit: Exit::Refused,
    }
}

fn not_understood(error: &dyn fmt::Display) -> Trouble {
    Trouble {
        code: "not_understood".to_owned(),
        message: format!("What Rollbook answers is not understood: {error}."),
        hint: "Get the rollbook of the release that is deployed.".to_owned(),
        exit: Exit::Refused,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::thread::spawn;

    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection, StreamOwned};

    use super::*;

    /// Starts a server whose certificate is nobody's, and returns its address.
    fn impostor() -> String {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![cert.der().clone()], key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut read = [0; 1];
                let got = StreamOwned::new(connection, stream).read(&mut read);
                assert!(got.is_err(), "nothing was sent to somebody who is not trusted");
            }
        });
        address
    }

    #[test]
    fn a_certificate_that_nobody_trusts_is_told_as_such() {
        let api = RollbookApi::new(&impostor(), Secret("rb_x".to_owned())).unwrap();
        let trouble = api.facts().unwrap_err();
        assert_eq!((trouble.code.as_str(), trouble.exit), ("certificate", Exit::Refused), "{trouble}");
        assert!(
            trouble.is_of_all() && trouble.message.contains("no certificate that this machine trusts"),
            "{trouble}"
        );
    }
}
