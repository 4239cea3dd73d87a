//! A pause that somebody sets on the page, what waits for its end, and a program that is told.

use tests::town::PASSWORD;

use crate::chrome::Chrome;
use crate::{CLASS, approve_in, sign_in, town_with_page};

/// The key, as WebDriver writes it.
const ENTER: &str = "\u{e007}";

#[tokio::test]
async fn a_pause_is_set_and_a_file_that_waits_for_its_end_is_checked_on_the_page() {
    let town = town_with_page().await;
    town.administrator("head", "10000").await;
    let chrome = Chrome::start().await;
    let address = town.system.address();
    chrome.goto(&format!("{address}/settings")).await;
    sign_in(&chrome, "head", PASSWORD).await;
    chrome.click("#watch-enabled").await;
    // With the keyboard: the bar with the button that saves may lie above it.
    chrome.type_into("#add-pause", ENTER).await;
    chrome.type_into("[id^='pause-'][id$='-name']", "Snow").await;
    chrome.click("#save-settings").await;
    chrome.text_when("#save-bar", |text| text.contains("Saved.")).await;

    town.drop_file("inbox/partial/night.csv", CLASS).await;
    town.system.settled().await;
    chrome.goto(&address).await;
    chrome
        .text_when("main", |text| text.contains("Pause: Snow") && text.contains("Waits for the end of a pause"))
        .await;
    chrome.click_link("night.csv").await;
    chrome.text_when("main", |text| text.contains("It came during the pause Snow.")).await;
    chrome.click("#check-now").await;
    approve_in(&chrome, "Approving will create 3 users, create 1 class and add 2 enrolments.").await;
    chrome.stop().await;
}

#[tokio::test]
async fn a_webhook_is_made_with_a_secret_that_is_shown_once_tried_and_removed() {
    let town = town_with_page().await;
    town.administrator("head", "10000").await;
    let chrome = Chrome::start().await;
    let webhooks = format!("{}/settings/webhooks", town.system.address());
    chrome.goto(&webhooks).await;
    sign_in(&chrome, "head", PASSWORD).await;
    chrome.text_when("main", |text| text.contains("There is no webhook.")).await;
    chrome.click("#make-webhook").await;
    chrome.type_into("#webhook-name", "Chat").await;
    chrome.type_into("#webhook-url", "https://hooks.invalid/services/hidden").await;
    chrome.click("#webhook-form button[type=submit]").await;
    let secret = chrome.text_when("#made-secret code", |text| text.starts_with("whsec_")).await;
    chrome.present("#made-secret:focus").await;
    chrome.goto(&webhooks).await;
    let page = chrome.text_when("main", |text| text.contains("Chat")).await;
    assert!(!page.contains(&secret) && !page.contains("hidden"), "{page}");

    chrome.click("[aria-label='Test the webhook Chat']").await;
    chrome.text_when("body", |text| text.contains("A test is on its way")).await;
    town.system.look();
    town.system.settled().await;
    chrome.goto(&webhooks).await;
    chrome.text_when("main", |text| text.contains("Not told yet") && text.contains("A test")).await;
    chrome.click("[aria-label='Remove the webhook Chat']").await;
    chrome.click("[aria-label='Remove the webhook Chat?'] button.danger").await;
    chrome.text_when("main", |text| text.contains("There is no webhook.")).await;
    chrome.stop().await;
}
