//! The program that Lambda starts.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    notices::run().await
}
