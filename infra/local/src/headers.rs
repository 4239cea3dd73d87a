//! The headers that the page and the API are served with, as `cargo local` and the template of the deployment give them.

/// The headers that are always the same.
pub const SECURITY_HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS_POLICY),
];

/// The header that keeps browsers from ever asking without encryption.
///
/// Deployed only, for without encryption nothing comes of it.
///
/// It says nothing of subdomains, which may be somebody else's.
pub const STRICT_TRANSPORT_SECURITY: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// What the page may not ask of a browser, for it never does.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(), \
     display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-create=(), \
     publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Returns the value of `content-security-policy`.
///
/// `bucket` is the origin of the bucket with the rosters, such as `https://bucket.s3.us-east-1.amazonaws.com`.
///
/// The page needs its own scripts, stylesheet, icon, worker and addresses, to compile WebAssembly, and to send files to
/// the bucket and read them. Whatever is not named is refused: scripts and styles in the text of a page, frames, fonts,
/// forms that lead anywhere.
pub fn content_security_policy(bucket: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self' {bucket}; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_text_of_a_page_is_run() {
        let policy = content_security_policy("https://bucket.example");
        assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'") && !policy.contains('*'));
        assert!(
            policy.starts_with("default-src 'none';") && policy.contains("connect-src 'self' https://bucket.example;")
        );
    }
}
