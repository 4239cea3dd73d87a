//! What AWS asks of a request that changes something: CloudFront signs what it hands to the function's address without
//! reading the body, so whoever sends it has to say what the body is.

use axum::http::Method;
use axum::http::request::Parts;
use wire::http::BODY_SHA256;

/// What AWS answers to a request whose signature is not right.
pub(crate) const REFUSAL: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
     and signing method. Consult the service documentation for details.";

/// Why CloudFront's signature of a request would not be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyUnknown {
    #[error("the header {BODY_SHA256}, the SHA-256 of the body, is missing")]
    Missing,
    #[error("the header {BODY_SHA256} is not the SHA-256 of the body in lower-case hexadecimal")]
    Other,
}

/// Checks that a request says what its body is, if it has a method with one.
pub(crate) fn check(parts: &Parts, body: &[u8]) -> Result<(), BodyUnknown> {
    if ![Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(&parts.method) {
        return Ok(());
    }
    let mut said = parts.headers.get_all(BODY_SHA256).iter().peekable();
    said.peek().ok_or(BodyUnknown::Missing)?;
    let digest = cloud::bucket::digest(body);
    if said.all(|value| value.as_bytes() == digest.as_bytes()) { Ok(()) } else { Err(BodyUnknown::Other) }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn checked(method: Method, said: &[&str], body: &str) -> Result<(), BodyUnknown> {
        let request = Request::builder().method(method);
        let request = said.iter().fold(request, |request, value| request.header("X-Amz-Content-Sha256", *value));
        check(&request.body(()).expect("a request").into_parts().0, body.as_bytes())
    }

    #[test]
    fn what_has_a_body_says_its_digest() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(checked(method.clone(), &[OF_ABC], "abc"), Ok(()));
            assert_eq!(checked(method.clone(), &[OF_NOTHING], ""), Ok(()));
            assert_eq!(checked(method.clone(), &[], "abc"), Err(BodyUnknown::Missing));
            assert_eq!(checked(method.clone(), &[], ""), Err(BodyUnknown::Missing), "also where there is none");
            for said in [OF_NOTHING, "UNSIGNED-PAYLOAD", "", &OF_ABC.to_uppercase()] {
                assert_eq!(checked(method.clone(), &[said], "abc"), Err(BodyUnknown::Other), "{said}");
            }
            assert_eq!(checked(method, &[OF_ABC, OF_NOTHING], "abc"), Err(BodyUnknown::Other), "both");
        }
    }

    #[test]
    fn what_only_reads_says_nothing() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert_eq!(checked(method, &[], ""), Ok(()));
        }
    }
}
