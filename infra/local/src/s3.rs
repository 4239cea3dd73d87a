//! The bucket: S3 over files, with the events and the atomic conditional writes that the file store lacks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use cloud::bucket::HEADERS_OF_A_LINK;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CopyObjectInput, CopyObjectOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
    DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, ETag, GetBucketLocationInput, GetBucketLocationOutput,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListBucketsInput, ListBucketsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    ListPartsInput, ListPartsOutput, PutObjectInput, PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::service::S3ServiceBuilder;
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::Mutex;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::SystemFault;
use crate::event::{Created, Events};
use crate::keys::Keys;
use crate::names::BUCKET;

/// The longest key that fits into a file name of the store, in bytes; S3 itself takes 1024.
const LONGEST_KEY: usize = 150;

/// Returns the service that answers on the bucket's port, for requests that are signed with the system's secret. Only
/// the page may use it from a browser.
pub(crate) fn router(folder: &Path, events: Arc<Events>, page: &[String], keys: &Keys) -> Result<Router, SystemFault> {
    let bucket = folder.join(BUCKET);
    std::fs::create_dir_all(&bucket).map_err(SystemFault::file(&bucket))?;
    let files = FileSystem::new(folder).map_err(|error| SystemFault::Bucket(format!("{error:?}")))?;
    let mut builder = S3ServiceBuilder::new(Bucket { files, folder: bucket, events, conditional: Mutex::new(()) });
    builder.set_auth(SimpleAuth::from_single(keys.access_key.clone(), keys.secret_key.clone()));
    let service = builder.build();
    let origins = page.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect::<Vec<_>>();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers(HEADERS_OF_A_LINK.map(HeaderName::from_static))
        .expose_headers([header::ETAG]);
    let answer = move |request: Request| {
        let service = service.clone();
        async move {
            let is_empty = is_empty(request.headers());
            let mut response = match service.call(request.map(s3s::Body::http_body_unsync)).await {
                Ok(response) => response.map(Body::new),
                Err(error) => {
                    tracing::error!(?error, "the bucket failed");
                    let mut response = Response::new(Body::empty());
                    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                    response
                }
            };
            if is_empty {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    };
    Ok(Router::new().fallback(answer).layer(cors))
}

/// Returns whether an object of no bytes is sent. Of such a request the store reads nothing, and what a client sends
/// beside the bytes (a checksum after them) would be taken for the next request of the connection.
fn is_empty(headers: &header::HeaderMap) -> bool {
    [header::CONTENT_LENGTH.as_str(), "x-amz-decoded-content-length"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| value == "0"))
}

struct Bucket {
    files: FileSystem,
    /// Where the store keeps the objects of the bucket.
    folder: PathBuf,
    events: Arc<Events>,
    /// Held by a write with a condition: the store looks at the file and then writes it, in two steps.
    conditional: Mutex<()>,
}

impl Bucket {
    async fn tell(&self, key: String, e_tag: Option<ETag>, how: &'static str) {
        // The sender needn't have said how large the object is.
        let size = match tokio::fs::metadata(self.folder.join(&key)).await {
            Ok(file) => file.len(),
            // It was deleted again; the function will find out the same way.
            Err(_) => 0,
        };
        let e_tag = e_tag.map(ETag::into_value).unwrap_or_default();
        self.events.object_created(&Created { key, size, e_tag, how });
    }
}

/// Implements operations that the store does as they are.
macro_rules! as_they_are {
    ($($operation:ident: $input:ty => $output:ty;)*) => {
        $(fn $operation<'a, 'b>(
            &'a self,
            request: S3Request<$input>,
        ) -> std::pin::Pin<Box<dyn Future<Output = S3Result<S3Response<$output>>> + Send + 'b>>
        where
            'a: 'b,
            Self: 'b,
        {
            self.files.$operation(request)
        })*
    };
}

#[async_trait::async_trait]
impl S3 for Bucket {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let key = checked(&request.input.key)?;
        let conditional = request.input.if_match.is_some() || request.input.if_none_match.is_some();
        let response = if conditional {
            let _alone = self.conditional.lock().await;
            let was_nothing = request.input.if_none_match.is_some();
            let put = self.files.put_object(request).await;
            if was_nothing && put.as_ref().is_err_and(|error| *error.code() == S3ErrorCode::BadDigest) {
                // The store has written it before it looked whether it is what was signed; S3 keeps nothing of it. What is
                // left if that fails is refused by its digest later on.
                let _ = tokio::fs::remove_file(self.folder.join(&key)).await;
            }
            put?
        } else {
            self.files.put_object(request).await?
        };
        self.tell(key, response.output.e_tag.clone(), "Put").await;
        Ok(response)
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let key = checked(&request.input.key)?;
        let response = self.files.copy_object(request).await?;
        let e_tag = response.output.copy_object_result.as_ref().and_then(|result| result.e_tag.clone());
        self.tell(key, e_tag, "Copy").await;
        Ok(response)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let key = checked(&request.input.key)?;
        let response = self.files.complete_multipart_upload(request).await?;
        self.tell(key, response.output.e_tag.clone(), "CompleteMultipartUpload").await;
        Ok(response)
    }

    as_they_are! {
        abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput;
        create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput;
        delete_object: DeleteObjectInput => DeleteObjectOutput;
        delete_objects: DeleteObjectsInput => DeleteObjectsOutput;
        get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput;
        get_object: GetObjectInput => GetObjectOutput;
        head_bucket: HeadBucketInput => HeadBucketOutput;
        head_object: HeadObjectInput => HeadObjectOutput;
        list_buckets: ListBucketsInput => ListBucketsOutput;
        list_objects: ListObjectsInput => ListObjectsOutput;
        list_objects_v2: ListObjectsV2Input => ListObjectsV2Output;
        list_parts: ListPartsInput => ListPartsOutput;
        upload_part: UploadPartInput => UploadPartOutput;
    }
}

fn checked(key: &str) -> S3Result<String> {
    if key.len() > LONGEST_KEY {
        return Err(s3_error!(KeyTooLongError, "The local bucket takes keys of up to 150 bytes."));
    }
    Ok(key.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::connect;

    #[tokio::test]
    async fn the_bucket_answers_only_who_has_the_keys() {
        let folders = [(); 3].map(|()| tempfile::tempdir().expect("a folder"));
        let keys = |i: usize| Keys::kept(folders[i].path()).expect("keys");
        let (ours, others) = (keys(0), keys(1));
        let events = Events::new(Vec::new(), [Duration::ZERO; 2]);
        let router = router(folders[2].path(), events, &[], &ours).expect("a bucket");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(axum::serve(listener, router).into_future());
        let as_who = |keys: &Keys| connect::cloud(&format!("http://{address}"), "http://127.0.0.1:1", keys);
        as_who(&ours).object_put("a.csv", "here").await.expect("it is written");
        assert!(as_who(&others).object_get("a.csv").await.is_err());
        let guessed = Keys { access_key: ours.access_key.clone(), ..others };
        assert!(as_who(&guessed).object_get("a.csv").await.is_err());
        assert_eq!(as_who(&ours).object_get("a.csv").await.expect("an answer").as_deref(), Some(&b"here"[..]));

        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let request = format!("GET /{BUCKET}/a.csv HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.ends_with("here"), "{answer}");
    }
}
