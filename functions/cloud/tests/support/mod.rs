//! A table and a bucket in the test's own process.

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation, SharedInterceptor};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use cloud::Cloud;

/// An organisation's table and bucket.
pub struct Servers {
    pub cloud: Cloud,
    _files: tempfile::TempDir,
}

/// Starts both servers, empty, on loopback ports of their own.
///
/// `line` sees every request of the cloud; none is sent a second time.
pub async fn start(line: Option<SharedInterceptor>) -> Servers {
    let files = tempfile::tempdir().unwrap();
    std::fs::create_dir(files.path().join("rollbook")).unwrap();
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(files.path()).unwrap());
    service.set_auth(s3s::auth::SimpleAuth::from_single("test", "secret"));
    let service = service.build();
    let answer = move |request: Request| {
        let service = service.clone();
        async move { service.call(request.map(s3s::Body::http_body_unsync)).await.unwrap().map(Body::new) }
    };
    let (listener, bucket) = listen().await;
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });

    let (listener, dynamo) = listen().await;
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));

    let cloud = connect(&bucket, &dynamo, line);
    cloud.table_create().await.unwrap();
    Servers { cloud, _files: files }
}

async fn listen() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn connect(bucket: &str, dynamo: &str, line: Option<SharedInterceptor>) -> Cloud {
    let credentials = Credentials::new("test", "secret", None, None, "test");
    let http = aws_smithy_http_client::Builder::new().build_http();
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials.clone())
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        .endpoint_url(bucket)
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    let dynamo = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(credentials)
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .endpoint_url(dynamo);
    let (s3, dynamo) = match line {
        Some(line) => (s3.interceptor(line.clone()), dynamo.interceptor(line)),
        None => (s3, dynamo),
    };
    Cloud {
        dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo.build()),
        s3: aws_sdk_s3::Client::from_conf(s3.build()),
        table: "rollbook".to_owned(),
        bucket: "rollbook".to_owned(),
    }
}
