//! Cookies, which all are for this host alone, and which no script gets at.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use cookie::{Cookie, SameSite};

use crate::app::App;

/// A cookie of Rollbook: its name, and whether it goes along when another site leads here.
pub struct CookieKind {
    pub name: &'static str,
    pub same_site: SameSite,
}

impl CookieKind {
    /// Returns the value of the cookie that the request carries.
    pub fn read<'h>(&self, app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
        let name = self.full_name(app);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
        cookies.find(|cookie| cookie.name() == name).and_then(|cookie| cookie.value_raw())
    }

    /// Returns the header that has a browser keep the cookie.
    pub fn set(&self, app: &App, value: &str, lifetime: Duration) -> String {
        Cookie::build((self.full_name(app), value))
            .path("/")
            .max_age(cookie::time::Duration::seconds(lifetime.as_secs().cast_signed()))
            .http_only(true)
            .same_site(self.same_site)
            .secure(app.secure_cookie)
            .to_string()
    }

    /// Returns the header that has a browser forget the cookie.
    pub fn remove(&self, app: &App) -> String {
        self.set(app, "", Duration::ZERO)
    }

    /// Returns the whole name. Over HTTPS a browser takes a cookie of such a name from this very host only, so that no
    /// other host of the domain can plant one.
    fn full_name(&self, app: &App) -> String {
        if app.secure_cookie { format!("__Host-{}", self.name) } else { self.name.to_owned() }
    }
}
