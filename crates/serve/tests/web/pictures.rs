//! Every page as somebody sees it who comes for the first time: each is looked at by the checks of [`Page::fits`], and is kept as a
//! picture for the documentation where `BOATYARD_TEST_PICTURES` names a folder (`just pictures`).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use boatyard_preview::news::News;
use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_serve::forge::Secrets;
use boatyard_serve::login::Provider;
use boatyard_serve::logs::Part;

use super::chromium::{Page, program};
use super::yard::{HOST, Yard, head, host, id, stranger_head};

const LOGIN: &str = r#"
[forge.test]
kind = "generic"
url = "https://git.test"
unsigned = true

[[repository]]
forge = "test"
name = "acme/shop"

[access.login.work]
issuer = "https://login.test"
client = "boatyard"
secret = { value = "the secret" }

[[access.role]]
login = "work"
group = "developers"
scopes = ["operate"]
"#;

/// Branches and pull requests of shop, what they are about, and who wrote them.
const PREPARED: [(&str, &str, &str); 4] = [
    ("main", "Release 4.2", "anne"),
    ("release/4.1", "Release 4.1.7", "anne"),
    ("#7", "Let people log in with their work account", "ben"),
    (
        "#11",
        "Orders can be had as CSV, with the column names that the accountants of the shop have asked for since spring",
        "chiara",
    ),
];
const FAILS: (&str, &str, &str) = ("#13", "Payments by instalment", "ben");
const STRANGER: (&str, &str, &str) = ("#14", "Fix a typo in the imprint", "passer-by");
const WAIT: [(&str, &str, &str); 3] = [
    ("#15", "Search finds what is spelled otherwise", "chiara"),
    ("#16", "Python 3.13", "dependabot"),
    ("wip/images", "Try smaller images", "anne"),
];

/// How wide pictures are, and how high at most: each is less than 150 kB.
const WIDE: (u32, u64) = (1080, 820);
const FLAT: (u32, u64) = (1080, 560);
const SMALL: (u32, u64) = (760, 400);
const NARROW: (u32, u64) = (400, 900);

const BUILD: [&str; 6] = [
    "clone https://git.test/acme/shop at this commit",
    "build app: 7 of 9 steps were done before",
    "job migrate: flask db upgrade",
    "job migrate │ INFO  [alembic] Running upgrade 3a1f -> 9c2e, instalments",
    "job migrate │ sqlalchemy.exc.ProgrammingError: column \"due\" of relation \"orders\" already exists",
    "job migrate: ended with 1",
];
const RUN: [&str; 5] = [
    "web │ [2026-11-29 09:12:04 +0000] [7] [INFO] Starting gunicorn 23.0.0",
    "web │ [2026-11-29 09:12:04 +0000] [7] [INFO] Listening at: http://0.0.0.0:8080 (7)",
    "worker │ celery@shop ready.",
    "web │ 127.0.0.1 - - \"GET /orders HTTP/1.1\" 200 5123",
    "web │ 127.0.0.1 - - \"POST /orders/17/pay HTTP/1.1\" 302 0",
];

fn told((branch, title, author): (&str, &str, &str), from: impl Fn(&str, &str) -> News) -> News {
    let mut news = from("shop", branch);
    if let News::Head { about, .. } = &mut news {
        title.clone_into(&mut about.title);
        author.clone_into(&mut about.author);
        about.url = match branch.strip_prefix('#') {
            Some(number) => format!("https://git.test/acme/shop/pulls/{number}"),
            None => format!("https://git.test/acme/shop/src/branch/{branch}"),
        };
    }
    news
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_read() {
    let Some(program) = program() else {
        println!("not run: there is no Chromium here");
        return;
    };
    let yard = Yard::with(|settings, policy| {
        let config = boatyard_preview::config::parse(LOGIN).unwrap();
        let secrets = Secrets::read(&config, Path::new("/"), &|_| None).unwrap();
        let logins = Provider::all(&config, Path::new("/"), |name| secrets.login(name));
        settings.logins = Arc::new(logins);
        policy.limits.running = 2;
        policy.limits.kept = 8;
        policy.limits.preparing = 1;
        policy.times.residence = Duration::ZERO;
        policy.times.back_off = Duration::from_secs(60 * 60);
        policy.times.lifetime = Some(Duration::from_secs(14 * 24 * 60 * 60));
    })
    .await;
    life(&yard).await;
    let own = format!("http://{HOST}:{}", yard.address.port());
    let mut page = Page::open(program).await;
    enter(&yard, &mut page, &own).await;
    lists(&mut page, &own).await;
    some(&mut page, &own).await;
    // Nobody complains; that what sleeps answers 503 is one of a browser's.
    assert_eq!(page.complaints, Vec::<String>::new());
    wake(&yard, &mut page).await;
    yard.backend.release();
}

/// Environments come to be in most phases.
async fn life(yard: &Yard) {
    let blog = told(("main", "What November brought", "dora"), |_, branch| {
        head("blog", branch)
    });
    yard.hear(vec![blog]).await;
    yard.hear(PREPARED.map(|one| told(one, head)).into()).await;
    for (branch, ..) in PREPARED {
        yard.until(&id("shop", branch), Phase::Asleep).await;
    }
    yard.until(&id("blog", "main"), Phase::Asleep).await;

    let main = id("shop", "main");
    yard.keeper.ask(&main, Event::Use, "anne").await.unwrap();
    yard.until(&main, Phase::Running).await;
    for line in &BUILD[..3] {
        yard.logs.append(&main, Part::Prepare, line);
    }
    for line in RUN {
        yard.logs.append(&main, Part::Run, line);
    }
    for name in ["before-import", "s1"] {
        let save = Event::Save(name.into());
        yard.keeper.ask(&main, save, "anne").await.unwrap();
        yard.until(&main, Phase::Running).await;
    }
    yard.keeper
        .ask(&main, Event::Pin(true), "anne")
        .await
        .unwrap();
    let seven = id("shop", "#7");
    yard.keeper.ask(&seven, Event::Use, "ben").await.unwrap();
    yard.until(&seven, Phase::Running).await;

    let fails = id("shop", FAILS.0);
    yard.backend.fail("the job migrate ended with 1: column \"due\" of relation \"orders\" already exists\nhelp: \"boatyard run migrate\" runs it here");
    yard.hear(vec![told(FAILS, head)]).await;
    yard.until(&fails, Phase::Failed).await;
    yard.backend.mend();
    for line in BUILD {
        yard.logs.append(&fails, Part::Prepare, line);
    }
    yard.hear(vec![told(STRANGER, stranger_head)]).await;
    yard.until(&id("shop", STRANGER.0), Phase::Unapproved).await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(WAIT.map(|one| told(one, head)).into()).await;
    yard.until(&id("shop", WAIT[2].0), Phase::Queued).await;
}

/// Somebody who may not, then somebody who may; others have been there.
async fn enter(yard: &Yard, page: &mut Page, own: &str) {
    let form = "content-type: application/x-www-form-urlencoded";
    let body = "token=read-token&to=/";
    let entered = yard.ask(Method::POST, HOST, "/login", &[form], body).await;
    assert_eq!(entered.status, 303);
    let left = ["cookie: boatyard=read-token", "sec-fetch-site: same-origin"];
    assert_eq!(yard.post("/logout", &left).await.status, 303);

    page.go(&format!("{own}/login")).await;
    page.picture("previews-login", SMALL, "light").await;
    page.is("document.getElementById('token').value = 'operate-token'")
        .await;
    page.is("document.querySelector('form.login').requestSubmit()")
        .await;
    page.until("document.querySelector('.who')?.textContent.includes('operate')")
        .await;
}

async fn lists(page: &mut Page, own: &str) {
    page.go(own).await;
    // With the keyboard: first a way past the menu, then the menu in its order.
    for reached in [
        "Skip to the content",
        "Boatyard",
        "Environments",
        "Queue and limits",
    ] {
        page.press("Tab").await;
        let shown = "document.activeElement.getBoundingClientRect().left >= 0 && document.activeElement.textContent";
        assert_eq!(page.is(shown).await, reached);
    }
    page.is("document.activeElement.blur()").await;
    page.picture("previews-list", WIDE, "light").await;
    page.picture("previews-list-dark", WIDE, "dark").await;
    page.picture("previews-list-narrow", NARROW, "light").await;
    page.go(&format!("{own}/?text=nobody")).await;
    page.fits("nothing found", WIDE.0, "light").await;
    page.go(&format!("{own}/queue")).await;
    page.picture("previews-queue", WIDE, "light").await;
    page.fits("queue", NARROW.0, "dark").await;
    page.go(&format!("{own}/audit")).await;
    page.picture("previews-audit", FLAT, "light").await;
    page.fits("audit", NARROW.0, "dark").await;
    // What is below it, as if it were all.
    page.is("document.querySelector('main > table').remove()")
        .await;
    page.picture("previews-logins", WIDE, "light").await;
}

/// One that runs, one that failed, one that waits for somebody to read it.
async fn some(page: &mut Page, own: &str) {
    for (branch, name) in [
        ("main", "environment"),
        (FAILS.0, "failed"),
        (STRANGER.0, "approval"),
    ] {
        let one = id("shop", branch);
        page.go(&format!("{own}/environments/{one}")).await;
        page.picture(&format!("previews-{name}"), WIDE, "light")
            .await;
        page.fits(name, NARROW.0, "dark").await;
    }
    page.go(&format!("{own}/environments/{}", id("shop", "main")))
        .await;
    page.picture("previews-narrow", NARROW, "dark").await;
}

/// What a visitor sees until it answers.
async fn wake(yard: &Yard, page: &mut Page) {
    yard.backend.hold(Effect::Start);
    let blog = format!("http://{}:{}/", host("blog", "main"), yard.address.port());
    page.go(&blog).await;
    page.until("document.getElementById('state')?.textContent.includes('starts')")
        .await;
    yard.logs.append(
        &id("blog", "main"),
        Part::Run,
        "web │ Listening at: http://0.0.0.0:8080 (7)",
    );
    page.go(&blog).await;
    page.picture("previews-wake", SMALL, "light").await;
    page.fits("wake", NARROW.0, "dark").await;
}
