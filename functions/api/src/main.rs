//! The function `api` on Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    api::run().await
}
