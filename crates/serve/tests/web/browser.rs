//! The page in a real browser.

use std::time::Duration;

use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_serve::logs::Part;
use serde_json::json;

use super::chromium::{Page, program};
use super::yard::{HOST, Yard, head, host, id};

const BADGE: &str = "document.querySelector('#env-ID .badge')?.textContent";

fn badge(branch: &str) -> String {
    BADGE.replace("ID", id("shop", branch).as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_see_and_do() {
    let Some(program) = program() else {
        println!("not run: there is no Chromium here");
        return;
    };
    let yard = Yard::new().await;
    let own = format!("http://{HOST}:{}", yard.address.port());
    yard.asleep(&["main", "feature/login", "#7"]).await;
    yard.hear(vec![head("blog", "main")]).await;
    yard.until(&id("blog", "main"), Phase::Asleep).await;
    let mut page = Page::open(program).await;

    the_list(&yard, &mut page, &own).await;
    logging_in(&mut page, &own).await;
    one_environment(&yard, &mut page, &own).await;
    queue_and_audit(&yard, &mut page, &own).await;
    back_and_forth(&mut page, &own).await;
    // Nobody complains: no error of a script, nothing that the policy of the page forbids.
    assert_eq!(page.complaints, Vec::<String>::new());
    waiting(&yard, &mut page).await;
}

/// A browser has six connections to a server, and keeps those of pages that somebody has left for a minute, if they do.
async fn back_and_forth(page: &mut Page, own: &str) {
    for number in 1..=8 {
        let one = async {
            page.go(own).await;
            page.until("events.readyState === EventSource.OPEN").await;
            page.leave().await;
        };
        let in_time = tokio::time::timeout(Duration::from_secs(40), one).await;
        assert!(
            in_time.is_ok(),
            "page {number} waits for those that were left"
        );
    }
}

/// What happens is seen while the list is looked at; search as one types.
async fn the_list(yard: &Yard, page: &mut Page, own: &str) {
    page.go(own).await;
    assert_eq!(
        page.is("document.querySelectorAll('#rows tr[id]').length")
            .await,
        4
    );
    page.is("window.mark = 1").await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(vec![head("shop", "just-pushed")]).await;
    page.until(&format!("{} === 'preparing'", badge("just-pushed")))
        .await;
    yard.keeper
        .ask(&id("shop", "#7"), Event::Use, "anne")
        .await
        .unwrap();
    page.until(&format!("{} === 'running'", badge("#7"))).await;
    page.until("document.getElementById('said').textContent.includes('acme/shop #7 is running')")
        .await;

    page.is("document.querySelector('[name=text]').focus()")
        .await;
    page.call("Input.insertText", json!({ "text": "login" }))
        .await;
    page.until("document.getElementById('count').textContent === '1 environment.'")
        .await;
    assert_eq!(page.is("location.search").await, "?text=login");
    page.is("document.querySelector('[name=text]').value = ''; document.querySelector('[data-search]').requestSubmit()").await;
    page.until("document.getElementById('count').textContent === '5 environments.'")
        .await;
    assert_eq!(page.is("window.mark").await, 1, "it was never loaded anew");
}

/// After a button is pressed the page stays, the row changes, and the focus is not lost.
async fn logging_in(page: &mut Page, own: &str) {
    page.go(&format!("{own}/login")).await;
    page.press("Tab").await;
    page.is("document.getElementById('token').focus()").await;
    page.call("Input.insertText", json!({ "text": "operate-token" }))
        .await;
    page.is("document.querySelector('form.login').requestSubmit()")
        .await;
    page.until("document.querySelector('.who')?.textContent.includes('operate')")
        .await;
    page.is("window.mark = 2").await;
    let button = format!("[data-key=\"{}-start\"]", id("shop", "main"));
    page.is(&format!(
        "document.querySelector('{button}').focus(); document.querySelector('{button}').click()"
    ))
    .await;
    page.until(&format!("{} === 'running'", badge("main")))
        .await;
    assert_eq!(page.is("window.mark").await, 2);
    page.until(&format!(
        "document.getElementById('env-{}').contains(document.activeElement)",
        id("shop", "main")
    ))
    .await;
    page.fits("list", 1280, "light").await;
    page.fits("list-dark", 1280, "dark").await;
    page.fits("list-narrow", 400, "light").await;
}

/// Its log grows, what happened grows.
async fn one_environment(yard: &Yard, page: &mut Page, own: &str) {
    let main = id("shop", "main");
    for line in [
        "Applying migration 0007_orders",
        "Listening at http://0.0.0.0:8000",
    ] {
        yard.logs.append(&main, Part::Run, line);
    }
    page.go(&format!("{own}/environments/{main}")).await;
    page.until("document.querySelector('pre.log').textContent.includes('0007_orders')")
        .await;
    yard.logs.append(
        &main,
        Part::Run,
        "\u{1b}[32mGET /orders\u{1b}[0m 200 <script>",
    );
    page.until(
        "document.querySelector('pre.log').textContent.endsWith('\\nGET /orders 200 <script>\\n')",
    )
    .await;
    let moments = page
        .is("document.querySelectorAll('#timeline li').length")
        .await
        .as_u64()
        .unwrap();
    yard.keeper
        .ask(&main, Event::Pin(true), "anne")
        .await
        .unwrap();
    page.until(&format!(
        "document.querySelectorAll('#timeline li').length === {}",
        moments + 1
    ))
    .await;
    page.until("document.querySelector('.facts').textContent.includes('yes, it is pinned')")
        .await;
    snapshots(page, &main.to_string()).await;
    page.fits("environment", 1280, "light").await;
    page.fits("environment-narrow", 400, "dark").await;
}

/// One is made and gone back to, and the page is never left.
async fn snapshots(page: &mut Page, main: &str) {
    page.is("window.mark = 3").await;
    let press =
        |what: &str| format!("document.querySelector('[data-key=\"{main}-{what}\"]').click()");
    page.is(&press("save")).await;
    page.until("document.querySelector('.snapshots tbody')?.textContent.includes('s1')")
        .await;
    page.until(&format!("{} === 'running'", badge("main")))
        .await;
    page.is(&press("restore-s1")).await;
    let happened =
        |what: &str| format!("document.getElementById('timeline').textContent.includes('{what}')");
    page.until(&happened("snapshot s1 to be restored (operate"))
        .await;
    page.until(&format!("{} === 'running'", badge("main")))
        .await;
    assert_eq!(page.is("window.mark").await, 3);
}

async fn queue_and_audit(yard: &Yard, page: &mut Page, own: &str) {
    page.go(&format!("{own}/queue")).await;
    yard.hear(["a", "b"].map(|name| head("shop", name)).into())
        .await;
    page.until("document.querySelector('main').textContent.includes('Number 1 in the queue')")
        .await;
    page.fits("queue", 1280, "light").await;
    page.go(&format!("{own}/audit")).await;
    page.fits("audit", 1280, "dark").await;
}

/// An environment that sleeps, until it answers.
async fn waiting(yard: &Yard, page: &mut Page) {
    yard.backend.hold(Effect::Start);
    let sleeps = format!(
        "http://{}:{}/orders",
        host("shop", "feature/login"),
        yard.address.port()
    );
    page.go(&sleeps).await;
    page.until("document.getElementById('state')?.textContent.includes('starts')")
        .await;
    page.fits("waiting", 1280, "light").await;
    yard.backend.release();
    page.until("document.body.textContent.includes('\"uri\":\"/orders\"')")
        .await;
}
