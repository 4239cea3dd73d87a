//! Whether a request is signed with the system's secret (AWS Signature Version 4): it is signed again, by the library
//! that signs the requests of the AWS SDK, and both signatures must be the same.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::http::header;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;

use crate::keys::Keys;
use crate::names::REGION;

/// How far the time of a signature may be from now.
const LATEST: Duration = Duration::from_mins(15);

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// There is no signature of this version with a time and a scope.
    Missing,
    /// It is made with another access key.
    OtherKey,
    /// It is another one than the secret gives, or too old.
    Wrong,
}

/// What a signature says of itself.
struct Said<'a> {
    access_key: &'a str,
    scope: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
    date: &'a str,
}

/// Holds the signature of a request against the keys.
pub(crate) fn check(parts: &Parts, body: &[u8], service: &str, keys: &Keys, now: SystemTime) -> Result<(), Unsigned> {
    let said = Said::read(parts).ok_or(Unsigned::Missing)?;
    if said.access_key != keys.access_key {
        return Err(Unsigned::OtherKey);
    }
    let time = time_of(said.date).ok_or(Unsigned::Missing)?;
    let apart = now.duration_since(time).unwrap_or_else(|later| later.duration());
    let scope = format!("{}/{REGION}/{service}/aws4_request", said.date.get(..8).unwrap_or_default());
    let names_host = ["host", "x-amz-date"].iter().all(|name| said.headers.contains(name));
    if apart > LATEST || said.scope != scope || !names_host {
        return Err(Unsigned::Wrong);
    }
    let made = signature_of(parts, body, service, keys, &said, time).ok_or(Unsigned::Wrong)?;
    if bool::from(made.as_bytes().ct_eq(said.signature.as_bytes())) { Ok(()) } else { Err(Unsigned::Wrong) }
}

impl<'a> Said<'a> {
    /// Reads `AWS4-HMAC-SHA256 Credential=<key>/<scope>, SignedHeaders=<a;b>, Signature=<hex>`.
    fn read(parts: &'a Parts) -> Option<Said<'a>> {
        let written = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256")?;
        let value = |name: &str| written.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let (access_key, scope) = value("Credential")?.split_once('/')?;
        Some(Said {
            access_key,
            scope,
            headers: value("SignedHeaders")?.split(';').collect(),
            signature: value("Signature")?,
            date: parts.headers.get("x-amz-date")?.to_str().ok()?,
        })
    }
}

/// Returns the signature that the secret gives.
fn signature_of(
    parts: &Parts,
    body: &[u8],
    service: &str,
    keys: &Keys,
    said: &Said,
    time: SystemTime,
) -> Option<String> {
    let identity = Credentials::new(&keys.access_key, &keys.secret_key, None, None, "local").into();
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let parameters = v4::SigningParams::builder().identity(&identity).region(REGION).name(service);
    let parameters = parameters.time(time).settings(settings).build().ok()?.into();
    // The library adds the time itself.
    let names = said.headers.iter().filter(|name| **name != "x-amz-date");
    let headers = names.map(|name| Some((*name, parts.headers.get(*name)?.to_str().ok()?)));
    let headers: Vec<(&str, &str)> = headers.collect::<Option<_>>()?;
    let host = parts.headers.get(header::HOST)?.to_str().ok()?;
    let uri = format!("http://{host}{}", parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(parts.method.as_str(), uri, headers.into_iter(), body).ok()?;
    Some(sign(request, &parameters).ok()?.signature().to_owned())
}

/// Reads a time such as `20260131T235959Z`.
fn time_of(date: &str) -> Option<SystemTime> {
    let part = |from: usize, to: usize| date.get(from..to);
    let [year, month, day] = [part(0, 4)?, part(4, 6)?, part(6, 8)?];
    let [hour, minute, second] = [part(9, 11)?, part(11, 13)?, part(13, 15)?];
    let written = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let time = DateTime::from_str(&written, DateTimeFormat::DateTime).ok()?;
    SystemTime::try_from(time).ok().filter(|_| u64::from_str(year).is_ok())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn keys(secret_key: &str) -> Keys {
        Keys { access_key: "RBA".to_owned(), secret_key: secret_key.to_owned() }
    }

    /// A request as an SDK signs it.
    fn signed(keys: &Keys, time: SystemTime) -> Parts {
        let identity = Credentials::new(&keys.access_key, &keys.secret_key, None, None, "test").into();
        let parameters = v4::SigningParams::builder().identity(&identity).region(REGION).name("dynamodb");
        let parameters = parameters.time(time).settings(SigningSettings::default()).build().expect("parameters").into();
        let headers =
            [("host", "127.0.0.1:8002"), ("x-amz-target", "DynamoDB_20120810.ListTables"), ("user-agent", "x")];
        let uri = "http://127.0.0.1:8002/";
        let request = SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(b"{}"));
        let (made, _) = sign(request.expect("a request"), &parameters).expect("a signature").into_parts();
        let mut request = Request::builder().method("POST").uri("/").body(()).expect("a request");
        let put = |request: &mut Request<()>, name: &str, value: &str| {
            let name = axum::http::HeaderName::from_bytes(name.as_bytes()).expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a value"));
        };
        headers.iter().for_each(|(name, value)| put(&mut request, name, value));
        made.headers().for_each(|(name, value)| put(&mut request, name, value));
        request.into_parts().0
    }

    #[test]
    fn only_the_very_request_that_was_signed_with_the_secret_passes() {
        let now = SystemTime::now();
        let check = |parts: &Parts, body: &[u8], now| check(parts, body, "dynamodb", &keys("s"), now);
        let good = signed(&keys("s"), now);
        assert_eq!(check(&good, b"{}", now), Ok(()));
        assert_eq!(check(&good, b"{ }", now), Err(Unsigned::Wrong), "another body");
        assert_eq!(check(&good, b"{}", now + LATEST * 2), Err(Unsigned::Wrong), "too late");
        assert_eq!(check(&good, b"{}", now - LATEST * 2), Err(Unsigned::Wrong), "too early");
        assert_eq!(check(&signed(&keys("t"), now), b"{}", now), Err(Unsigned::Wrong), "another secret");
        let other = Keys { access_key: "RBB".to_owned(), ..keys("s") };
        assert_eq!(check(&signed(&other, now), b"{}", now), Err(Unsigned::OtherKey));
        let changed = |name: &'static str, value: &str| {
            let mut parts = signed(&keys("s"), now);
            parts.headers.insert(name, value.parse().expect("a value"));
            check(&parts, b"{}", now)
        };
        assert_eq!(changed("x-amz-target", "DynamoDB_20120810.Scan"), Err(Unsigned::Wrong));
        assert_eq!(changed("host", "attacker.example"), Err(Unsigned::Wrong));
        assert_eq!(changed("authorization", "AWS4-HMAC-SHA256 Credential=RBA"), Err(Unsigned::Missing));
        assert_eq!(changed("user-agent", "y"), Ok(()), "which is not signed");
        let mut unsigned = signed(&keys("s"), now);
        unsigned.headers.remove(header::AUTHORIZATION);
        assert_eq!(check(&unsigned, b"{}", now), Err(Unsigned::Missing));
    }
}
