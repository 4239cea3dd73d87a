//! Cookies, which all are for this host alone.

use std::time::Duration;

use axum::http::{HeaderMap, header};

use crate::app::App;

/// A cookie that the request carries.
pub fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// A cookie for this host alone, which neither other sites nor scripts get at.
pub fn host_cookie(app: &App, name: &str, value: &str, lifetime: Duration) -> String {
    cookie(app, name, value, lifetime, "Strict")
}

/// A cookie for this host alone; `same_site` is whether it goes along when another site leads here.
pub fn cookie(app: &App, name: &str, value: &str, lifetime: Duration, same_site: &str) -> String {
    let (name, secure) = (name_of(app, name), if app.secure_cookie { "; Secure" } else { "" });
    format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite={same_site}{secure}", lifetime.as_secs())
}

/// The whole name of a cookie. Over HTTPS a browser takes one of that name from this very host only, so that no other
/// host of the domain can plant one.
pub fn name_of(app: &App, name: &str) -> String {
    if app.secure_cookie { format!("__Host-{name}") } else { name.to_owned() }
}
