//! A connection to a bucket and a table at known addresses, made without the environment: a test may run several systems.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use cloud::Cloud;
use cloud::retry::{Patience, with_retries};

use crate::keys::Keys;
use crate::names::{BUCKET, REGION, TABLE};

/// Returns the table and the bucket at these addresses, as the functions use them.
pub fn cloud(s3: &str, dynamodb: &str, keys: &Keys) -> Cloud {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new(&keys.access_key, &keys.secret_key, None, None, "local");
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(credentials.clone())
        .http_client(http.clone())
        .endpoint_url(s3)
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .build();
    let dynamo = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(credentials)
        .http_client(http)
        .endpoint_url(dynamodb);
    Cloud {
        dynamo: aws_sdk_dynamodb::Client::from_conf(with_retries(dynamo, Patience::Working).build()),
        s3: aws_sdk_s3::Client::from_conf(s3),
        table: TABLE.to_owned(),
        bucket: BUCKET.to_owned(),
    }
}
