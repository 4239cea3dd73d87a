//! What the handlers work with.

use std::sync::Arc;

use cloud::Cloud;
use cloud::retry::Patience;

/// The table and the bucket, the clock, and what the environment says.
#[derive(Clone)]
pub struct App {
    pub cloud: Cloud,
    /// Whether the session cookie is sent over HTTPS only.
    pub secure_cookie: bool,
    /// Whether every request comes through CloudFront, which then says whose it is; see
    /// [`Address`](crate::auth::address::Address).
    pub behind_cloudfront: bool,
    pub clock: Clock,
    pub sign_on: SignOnEnvironment,
    /// Whether this deployment sends e-mail.
    pub sends_email: bool,
}

/// Tells the time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What signing on at a provider needs of the environment.
#[derive(Clone, Default)]
pub struct SignOnEnvironment {
    /// The page's address as people type it, such as `https://rollbook.contoso.example`; where there is none, that of the
    /// settings.
    pub address: Option<String>,
    /// The only provider that the settings may name; `None` for any. Whoever may change settings can otherwise have people
    /// sign in at a provider of their own, as anybody.
    pub issuer: Option<String>,
    /// Of a confidential client. It stands in no setting, for settings can be read.
    pub client_secret: Option<String>,
    /// Passwords open accounts although single sign-on is on: the way back in when the provider is set up wrong.
    pub passwords_too: bool,
}

impl App {
    /// Reads `ROLLBOOK_INSECURE_COOKIE=1`, `ROLLBOOK_BEHIND_CLOUDFRONT=1`, `ROLLBOOK_MAIL_FROM`, and what [`Cloud`] and
    /// [`SignOnEnvironment`] read.
    ///
    /// # Errors
    ///
    /// Where a variable that names the table or the bucket is not set.
    pub async fn from_env() -> Result<App, cloud::Error> {
        let is_on = |name: &str| std::env::var(name).is_ok_and(|value| value == "1");
        Ok(App {
            cloud: Cloud::from_env(Patience::Answering).await?,
            secure_cookie: !is_on("ROLLBOOK_INSECURE_COOKIE"),
            behind_cloudfront: is_on("ROLLBOOK_BEHIND_CLOUDFRONT"),
            clock: Arc::new(runtime::now),
            sign_on: SignOnEnvironment::from_env(),
            sends_email: std::env::var("ROLLBOOK_MAIL_FROM").is_ok_and(|address| !address.is_empty()),
        })
    }

    /// Returns the time in milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }
}

impl SignOnEnvironment {
    /// Returns whether people may sign in at this provider.
    pub(crate) fn allows(&self, issuer: &str) -> bool {
        let plain = |issuer: &str| issuer.trim().trim_end_matches('/').to_owned();
        self.issuer.as_deref().is_none_or(|only| plain(only) == plain(issuer))
    }

    /// Reads `ROLLBOOK_ADDRESS`, `ROLLBOOK_SIGN_ON_ISSUER`, `ROLLBOOK_SIGN_ON_SECRET`, and `ROLLBOOK_PASSWORD_SIGN_IN=1`.
    pub fn from_env() -> SignOnEnvironment {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        SignOnEnvironment {
            address: variable("ROLLBOOK_ADDRESS").map(|address| address.trim_end_matches('/').to_owned()),
            issuer: variable("ROLLBOOK_SIGN_ON_ISSUER"),
            client_secret: variable("ROLLBOOK_SIGN_ON_SECRET"),
            passwords_too: variable("ROLLBOOK_PASSWORD_SIGN_IN").as_deref() == Some("1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SignOnEnvironment;

    #[test]
    fn only_the_provider_of_the_environment_is_allowed_where_it_names_one() {
        let only = |issuer: &str| SignOnEnvironment { issuer: Some(issuer.to_owned()), ..SignOnEnvironment::default() };
        assert!(SignOnEnvironment::default().allows("https://anywhere.example"));
        assert!(only("https://login.contoso.example/").allows(" https://login.contoso.example"));
        assert!(!only("https://login.contoso.example").allows("https://login.contoso.example.evil"));
    }
}
