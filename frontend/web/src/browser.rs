//! The few things that pages ask of the browser.

use js_sys::{Array, Date, Intl, Object, Reflect, Uint8Array};
use leptos::web_sys::{self, Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, Url};
use wasm_bindgen::{JsCast, JsValue};

/// Sets the title of the window.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(&format!("{title} \u{b7} Rollbook"));
    }
}

/// Moves the focus to the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        // Focus is a courtesy: an element that can't take it changes nothing.
        let _ = element.focus();
    }
}

/// Brings the element with this id into view.
pub fn scroll_to(id: &str) {
    if let Some(element) = element(id) {
        element.scroll_into_view();
    }
}

/// Goes to the heading with this id: it comes into view, and the next press of Tab leads on from there.
pub fn go_to(id: &str) {
    if let Some(element) = element(id) {
        element.set_tab_index(-1);
        scroll_to(id);
        focus(id);
    }
}

/// Saves `bytes` as a file.
pub fn save(file_name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("text/csv;charset=utf-8");
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    follow(&url, Some(file_name));
    Url::revoke_object_url(&url)
}

/// Follows a link to a file that the browser saves.
pub fn follow(url: &str, file_name: Option<&str>) {
    let Some(document) = document() else { return };
    let Some(link) = document.create_element("a").ok().and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok()) else {
        return;
    };
    link.set_href(url);
    link.set_download(file_name.unwrap_or_default());
    // The router leaves links alone that say they lead elsewhere.
    link.set_rel("external");
    if let Some(body) = document.body()
        && body.append_child(&link).is_ok()
    {
        link.click();
        link.remove();
    }
}

/// Returns a time in the reader's own zone and language.
pub fn local_time(milliseconds: u64) -> String {
    thread_local! {
        static FORMAT: Intl::DateTimeFormat = date_format(&[("dateStyle", "medium"), ("timeStyle", "short")]);
    }
    FORMAT.with(|format| formatted(format, milliseconds))
}

/// Returns the day of a time in the reader's own zone and language.
pub fn local_day(milliseconds: u64) -> String {
    thread_local! {
        static FORMAT: Intl::DateTimeFormat = date_format(&[("dateStyle", "medium")]);
    }
    FORMAT.with(|format| formatted(format, milliseconds))
}

fn date_format(options: &[(&str, &str)]) -> Intl::DateTimeFormat {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a new object can't fail.
        let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    Intl::DateTimeFormat::new(&Array::new(), &object)
}

fn formatted(format: &Intl::DateTimeFormat, milliseconds: u64) -> String {
    let date = Date::new(&JsValue::from_f64(milliseconds as f64));
    format.format().call1(&JsValue::UNDEFINED, &date).ok().and_then(|s| s.as_string()).unwrap_or_default()
}

/// Returns what stands after `name=` in the query of the page's address.
pub fn query_value(name: &str) -> Option<String> {
    let query = web_sys::window()?.location().search().ok()?;
    let mut pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

/// Returns when a day begins for the reader, in milliseconds since 1970.
///
/// `day` is what a date field has, such as `2026-11-22`.
pub fn midnight_of(day: &str) -> Option<u64> {
    midnight(day, 0)
}

/// Returns when the day after `day` begins for the reader, in milliseconds since 1970.
pub fn midnight_after(day: &str) -> Option<u64> {
    midnight(day, 1)
}

fn midnight(day: &str, later: u32) -> Option<u64> {
    let date = Date::new(&format!("{day}T00:00").into());
    date.set_date(date.get_date() + later);
    let at = date.get_time();
    // What is no day gives no number.
    (at >= 0.0).then_some(at as u64)
}

/// Returns the time in milliseconds since 1970.
pub fn now() -> u64 {
    Date::now() as u64
}

/// Returns a time as programs read it, such as `2026-11-22T08:30:00.000Z`.
pub fn iso_time(milliseconds: u64) -> String {
    Date::new(&JsValue::from_f64(milliseconds as f64)).to_iso_string().into()
}

/// Returns the name of the time zone that the machine is set to, such as `America/Chicago`.
pub fn time_zone() -> Option<String> {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &JsValue::from_str("timeZone")).ok()?.as_string()
}

fn element(id: &str) -> Option<HtmlElement> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}
