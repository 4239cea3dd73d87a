//! An administrator's session with the API, for what `cargo local` does on one's behalf.

use std::collections::BTreeSet;

use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use local::System;
use roster::{Counts, RekeyChoice, RekeyChoices};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::Upload;
use wire::http::{Approve, BODY_SHA256, Page, Problem, SignIn};

use build::problem::ProblemText;

/// A signed-in administrator.
pub struct AdminSession<'a> {
    system: &'a System,
    cookie: String,
}

impl<'a> AdminSession<'a> {
    /// Signs in.
    pub async fn sign_in(system: &'a System, sign_in: &SignIn) -> Result<AdminSession<'a>, ProblemText> {
        let session = AdminSession { system, cookie: String::new() };
        let response = session.send(Method::POST, "/api/session", Some(sign_in)).await?;
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default().to_owned();
        Ok(AdminSession { system, cookie })
    }

    /// Returns the newest uploads.
    pub async fn uploads(&self) -> Result<Vec<Upload>, ProblemText> {
        let page: Page<Upload> = self.ask(Method::GET, "/api/uploads", None::<&()>).await?;
        Ok(page.items)
    }

    /// Approves the plan of an upload, whatever it removes.
    ///
    /// Whoever looks like somebody under another custom ID is them.
    pub async fn approve(&self, upload: &Upload) -> Result<(), ProblemText> {
        let digest = upload.digest.clone().unwrap_or_default();
        let Counts { removed: removals, rekeyed, .. } = upload.counts.unwrap_or_default();
        let rekeys = (rekeyed > 0).then(|| RekeyChoices { all: RekeyChoice::SamePerson, except: BTreeSet::new() });
        let path = format!("/api/uploads/{}/approve", upload.id);
        self.ask::<Upload>(Method::POST, &path, Some(&Approve { digest, removals, rekeys })).await?;
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ProblemText> {
        let response = self.send(method, path, body).await?;
        serde_json::from_slice(response.body())
            .map_err(|error| ProblemText::new(format!("The API's answer to {path} could not be read: {error}")))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<axum::http::Response<Bytes>, ProblemText> {
        let unsendable =
            |error: &dyn std::fmt::Display| ProblemText::new(format!("{path} could not be asked for: {error}"));
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| unsendable(&error))?.unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.system.address().trim_start_matches("http://"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, &self.cookie)
            .header(BODY_SHA256, cloud::bucket::digest(&body))
            .body(Bytes::from(body))
            .map_err(|error| unsendable(&error))?;
        let response = self.system.request(request).await;
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(refused(path, status, response.body())),
        }
    }
}

fn refused(path: &str, status: StatusCode, body: &[u8]) -> ProblemText {
    let message = match serde_json::from_slice::<Problem>(body) {
        Ok(refusal) => refusal.message,
        Err(_) => "see .local/logs/api.log".to_owned(),
    };
    ProblemText::new(format!("The API refused {path} ({status}): {message}"))
}
