//! Where a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use crate::app::App;

/// What CloudFront calls the address and port of whoever asks it. It overwrites what they send under this name.
const VIEWER_ADDRESS: &str = "cloudfront-viewer-address";

/// The network address of whoever asks.
///
/// Of an address of version 6 only the network counts, for one person has as many addresses in it as they like.
///
/// API Gateway or the function URL says it, and no header can claim another one. Behind CloudFront that would be
/// CloudFront's own, for everybody; there CloudFront's header says it, which is believed only where the environment
/// says that nothing but CloudFront reaches the function.
pub struct Address(pub String);

impl FromRequestParts<App> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let said = if app.behind_cloudfront { viewer(parts) } else { source(parts) };
        Ok(Address(network(said)))
    }
}

/// Returns who reached the function, as API Gateway or the function URL says it.
fn source(parts: &Parts) -> Option<&str> {
    match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    }
}

/// Returns who reached CloudFront. The port stands after the last colon, also of version 6: `2001:db8::1:46532`.
fn viewer(parts: &Parts) -> Option<&str> {
    let said = parts.headers.get(VIEWER_ADDRESS)?.to_str().ok()?;
    said.rsplit_once(':').map(|(address, _)| address)
}

/// Returns the network of an address. Requests that do not say where they come from count as coming from one place.
fn network(said: Option<&str>) -> String {
    match said.and_then(|text| text.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::from([a, b, c, d, 0, 0, 0, 0]))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::{network, viewer};

    #[test]
    fn an_address_of_version_6_is_its_network() {
        for (said, expected) in [
            (Some("203.0.113.7"), "203.0.113.7"),
            (Some("::ffff:203.0.113.7"), "203.0.113.7"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
            (Some("somewhere"), "unknown"),
            (None, "unknown"),
        ] {
            assert_eq!(network(said), expected, "{said:?}");
        }
    }

    #[test]
    fn the_port_is_no_part_of_the_address() {
        let of = |said: &str| {
            let request = Request::builder().header("CloudFront-Viewer-Address", said).body(()).expect("a request");
            network(viewer(&request.into_parts().0))
        };
        for (said, expected) in [
            ("203.0.113.7:46532", "203.0.113.7"),
            ("2001:db8::1:46532", "2001:db8::/64"),
            ("2001:0db8:0001:0002:0003:0004:0005:0006:46532", "2001:db8:1:2::/64"),
            ("203.0.113.7", "unknown"),
            // What several headers of that name would be.
            ("203.0.113.7:46532,198.51.100.1:46532", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(of(said), expected, "{said:?}");
        }
    }
}
