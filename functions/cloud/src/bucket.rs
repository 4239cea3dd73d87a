//! The bucket: how its objects are read, written and linked to; where they stand is said by [`keys`].

pub mod keys;

use std::time::Duration;

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::error::unreadable_place;
use crate::table::WriteOutcome;
use crate::{Cloud, Error};

/// The headers that go with a link to `PUT`.
///
/// They are those that are signed, without the ones that every client sends by itself.
///
/// The bucket has to let the page send them.
pub const HEADERS_OF_A_LINK: [&str; 3] = ["content-type", "if-none-match", "x-amz-checksum-sha256"];

/// An object without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub key: String,
    pub bytes: u64,
    pub etag: String,
    /// Milliseconds since 1970.
    pub modified_at: u64,
}

/// A link by which a file is put into the bucket without any key of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkToPut {
    pub url: String,
    /// Names and values of the headers that the request must have: those of [`HEADERS_OF_A_LINK`].
    pub headers: Vec<(String, String)>,
}

/// Returns the SHA-256 of `bytes` in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Returns a digest in hexadecimal as S3 writes it.
fn as_checksum(digest: &str) -> String {
    let byte = |at| u8::from_str_radix(digest.get(at..at + 2)?, 16).ok();
    BASE64_STANDARD.encode((0..digest.len()).step_by(2).map_while(byte).collect::<Vec<u8>>())
}

/// Returns values as JSON lines.
pub fn lines<T: Serialize>(values: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        serde_json::to_writer(&mut bytes, &value).expect("our own types are JSON");
        bytes.push(b'\n');
    }
    bytes
}

/// Returns the values of JSON lines; `key` is for the error.
///
/// # Errors
///
/// [`Error::Object`] where a line is no such value.
pub fn from_lines<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<Vec<T>, Error> {
    let unreadable = |e: serde_json::Error| Error::Object { key: key.to_owned(), reason: unreadable_place(&e) };
    serde_json::Deserializer::from_slice(bytes).into_iter().map(|value| value.map_err(unreadable)).collect()
}

impl Cloud {
    /// Returns the object's size and age; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_head(&self, key: &str) -> Result<Option<Head>, Error> {
        let answer = self.s3.head_object().bucket(&self.bucket).key(key).send().await;
        let Some(head) = found(answer)? else { return Ok(None) };
        Ok(Some(Head {
            key: key.to_owned(),
            bytes: head.content_length.unwrap_or_default().try_into().unwrap_or_default(),
            etag: head.e_tag.unwrap_or_default(),
            modified_at: millis(head.last_modified),
        }))
    }

    /// Returns the object's bytes; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object can't be read.
    pub async fn object_get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let answer = self.s3.get_object().bucket(&self.bucket).key(key).send().await;
        read(key, found(answer)?).await
    }

    /// Returns the bytes of an object as it was when it was looked at.
    ///
    /// `None` where it is gone, or another stands in its place.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object can't be read.
    pub async fn object_get_same(&self, seen: &Head) -> Result<Option<Bytes>, Error> {
        let request = self.s3.get_object().bucket(&self.bucket).key(&seen.key).if_match(&seen.etag);
        match request.send().await {
            Err(error) if status(&error) == Some(412) => Ok(None),
            answer => read(&seen.key, found(answer)?).await,
        }
    }

    /// Returns the bytes of an object that must be there.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer, and [`Error::Object`] where the object is not there or
    /// can't be read.
    pub async fn object_get_needed(&self, key: &str) -> Result<Bytes, Error> {
        let missing = || Error::Object { key: key.to_owned(), reason: "it is not there".to_owned() };
        self.object_get(key).await?.ok_or_else(missing)
    }

    /// Writes the object, whatever was there.
    ///
    /// The type of its content follows from the name.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<(), Error> {
        self.object_put_tagged(key, bytes).await.map(drop)
    }

    /// Writes the object, whatever was there, and returns its entity tag.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_put_tagged(&self, key: &str, bytes: impl Into<Bytes>) -> Result<String, Error> {
        let answer = self.put_request(key, bytes.into()).send().await?;
        Ok(answer.e_tag.unwrap_or_default())
    }

    /// Writes the object again, if it is still the one that was looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_put_in_place(&self, seen: &Head, bytes: impl Into<Bytes>) -> Result<WriteOutcome, Error> {
        match self.put_request(&seen.key, bytes.into()).if_match(&seen.etag).send().await {
            Ok(_) => Ok(WriteOutcome::Written),
            Err(error) if matches!(status(&error), Some(404 | 412)) => Ok(WriteOutcome::ConditionFailed),
            Err(error) => Err(error.into()),
        }
    }

    fn put_request(&self, key: &str, bytes: Bytes) -> PutObjectFluentBuilder {
        let content_type = match key.rsplit_once('.') {
            Some((_, "csv")) => "text/csv; charset=utf-8",
            Some((_, "zip")) => "application/zip",
            Some((_, "xlsx")) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _ => "application/json",
        };
        let request = self.s3.put_object().bucket(&self.bucket).key(key).content_type(content_type);
        request.body(ByteStream::from(bytes))
    }

    /// Deletes the object, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_delete(&self, key: &str) -> Result<(), Error> {
        self.s3.delete_object().bucket(&self.bucket).key(key).send().await?;
        Ok(())
    }

    /// Returns every object whose key begins with `prefix`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the bucket does not answer.
    pub async fn object_list(&self, prefix: &str) -> Result<Vec<Head>, Error> {
        let mut pages = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page?.contents.unwrap_or_default().into_iter().map(|object| Head {
                key: object.key.unwrap_or_default(),
                bytes: object.size.unwrap_or_default().try_into().unwrap_or_default(),
                etag: object.e_tag.unwrap_or_default(),
                modified_at: millis(object.last_modified),
            }));
        }
        Ok(found)
    }

    /// Returns a link, good for five minutes, that downloads the object under `file_name`.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the link can't be signed.
    pub async fn object_link_to_get(&self, key: &str, file_name: &str) -> Result<String, Error> {
        let plain: String =
            file_name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
        let request = self.s3.get_object().bucket(&self.bucket).key(key);
        let whole =
            if plain == file_name { String::new() } else { format!("; filename*=UTF-8''{}", in_header(file_name)) };
        let request = request.response_content_disposition(format!("attachment; filename=\"{plain}\"{whole}"));
        let signed = request.presigned(valid_for(Duration::from_mins(5))?).await?;
        Ok(signed.uri().to_owned())
    }

    /// Returns a link, good for 15 minutes, to `PUT` a file under `key`.
    ///
    /// It takes exactly `bytes` bytes with this SHA-256, in hexadecimal, and only while nothing is there.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the link can't be signed.
    pub async fn object_link_to_put(&self, key: &str, bytes: u64, sha256: &str) -> Result<LinkToPut, Error> {
        let length = i64::try_from(bytes).unwrap_or(i64::MAX);
        let request = self.s3.put_object().bucket(&self.bucket).key(key).content_length(length);
        let request = request.checksum_sha256(as_checksum(sha256));
        let request = request.content_type("text/csv").if_none_match("*");
        let signed = request.presigned(valid_for(Duration::from_mins(15))?).await?;
        // On Lambda there is one more, which traces the function's own requests and is not signed.
        let needed = signed_headers(signed.uri());
        let headers = signed.headers().filter(|(name, _)| needed.iter().any(|needed| needed == name));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(LinkToPut { url: signed.uri().to_owned(), headers })
    }
}

async fn read(
    key: &str,
    object: Option<aws_sdk_s3::operation::get_object::GetObjectOutput>,
) -> Result<Option<Bytes>, Error> {
    let Some(object) = object else { return Ok(None) };
    let unreadable =
        |e: aws_sdk_s3::primitives::ByteStreamError| Error::Object { key: key.to_owned(), reason: e.to_string() };
    Ok(Some(object.body.collect().await.map_err(unreadable)?.into_bytes()))
}

/// Returns the headers without which a link does not hold, but for those that every client sends by itself.
fn signed_headers(link: &str) -> Vec<String> {
    let names = link.split(['?', '&']).find_map(|field| field.strip_prefix("X-Amz-SignedHeaders=")).unwrap_or_default();
    let names = percent_decode_str(names).decode_utf8_lossy().into_owned();
    names.split(';').filter(|name| !["host", "content-length"].contains(name)).map(str::to_owned).collect()
}

/// Returns a name in the form of RFC 5987, which keeps letters that ASCII does not have.
fn in_header(name: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    utf8_percent_encode(name, ENCODED).to_string()
}

fn valid_for(time: Duration) -> Result<PresigningConfig, Error> {
    PresigningConfig::expires_in(time).map_err(|e| Error::Request { code: None, message: e.to_string() })
}

/// Returns a time in milliseconds since 1970; 0 for one that can't be read, so that such an object counts as old.
fn millis(time: Option<aws_sdk_s3::primitives::DateTime>) -> u64 {
    time.and_then(|time| time.to_millis().ok()).and_then(|millis| millis.try_into().ok()).unwrap_or_default()
}

/// Turns "no such object" into `None`. A `HEAD` has no body that could say it, only the status.
fn found<T, E>(answer: Result<T, aws_sdk_s3::error::SdkError<E>>) -> Result<Option<T>, Error>
where
    Error: From<aws_sdk_s3::error::SdkError<E>>,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if status(&error) == Some(404) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn status<E>(error: &aws_sdk_s3::error::SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
