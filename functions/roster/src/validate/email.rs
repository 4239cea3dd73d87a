//! What counts as an e-mail address.

use email_address::{EmailAddress, Options};

/// Returns whether `text` is an address that mail can be sent to: one `name@host.domain`, with nothing around it.
///
/// The standard knows more: quoted names with spaces, bare host names, numbers for hosts, signs in domains. In a
/// roster all of these are typing errors.
pub(super) fn is_address(text: &str) -> bool {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    let Ok(address) = EmailAddress::parse_with_options(text, options) else { return false };
    is_name(address.local_part()) && is_domain(address.domain())
}

fn is_name(local: &str) -> bool {
    !local.starts_with('"') && local.chars().all(|c| c.is_ascii() || c.is_alphanumeric())
}

fn is_domain(domain: &str) -> bool {
    let letters = |label: &str| label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.split('.').all(letters) && top.chars().count() >= 2 && !top.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn tells_addresses_from_slips() {
        let check = |right: bool, texts: &[&str]| {
            for text in texts {
                assert_eq!(is_address(text), right, "{text}");
            }
        };
        check(true, &["ora.klein@contoso.example", "o'brien+sport@mail.k12.wa.us", "A_1-b@x-y.example"]);
        check(true, &["josé@schule.example", "k@münchen.example", "1@2.example", "x@xn--mnchen-3ya.example"]);
        check(false, &["", "ora", "ora@", "@contoso.example", "ora@contoso", "ora.klein@@contoso.example"]);
        check(false, &["ora klein@contoso.example", "ora@contoso .example", "ora@con\u{a0}toso.example"]);
        check(false, &[".ora@contoso.example", "ora.@contoso.example", "ora..k@contoso.example"]);
        check(
            false,
            &["ora@contoso..example", "ora@.example", "ora@contoso.example.", "ora@-c.example", "ora@c-.example"],
        );
        check(false, &["Ora <ora@contoso.example>", "<ora@contoso.example>", "mailto:ora@contoso.example"]);
        check(false, &["\"ora\"@contoso.example", "\"o k\"@contoso.example", "ora@[127.0.0.1]", "ora@10.0.0.1"]);
        check(false, &["a@x.example;b@x.example", "a@x.example,b@x.example", "ora@con_toso.example", "ora@c.e"]);
        check(
            false,
            &["ora\u{2019}s@contoso.example", "ora@contoso,example", "ora@conto\"so.example", "o\u{200b}ra@x.example"],
        );
    }
}
