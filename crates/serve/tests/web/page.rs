//! Pages, as a browser without scripts has them.

use axum::http::Method;
use boatyard_preview::config::Anonymous;
use boatyard_preview::news::{About, News};
use boatyard_preview::phase::{Effect, Phase};
use boatyard_serve::trouble::Work;

use super::yard::{HOST, Yard, head, id, repository, revision, stranger_head};

const COOKIE: &str = "cookie: other=1; boatyard=operate-token";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

#[tokio::test]
async fn every_page_is_whole_and_loads_nothing_from_elsewhere() {
    let yard = Yard::new().await;
    yard.asleep(&["main", "feature/login"]).await;
    let main = format!("/environments/{}", id("shop", "main"));
    for (path, expected) in [
        ("/", "All about feature/login"),
        ("/?text=login", "1 environment."),
        ("/?phase=running", "No environment."),
        ("/queue", "Nobody waits."),
        ("/audit", "the forge has this commit"),
        ("/login", "Who runs this server gives you one."),
        (&main, "This commit"),
    ] {
        let page = yard.own(path, &[]).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.text.contains(expected),
            "{expected} in {path}: {}",
            page.text
        );
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        for mark in [
            "<main",
            "<nav aria-label",
            "aria-live=\"polite\"",
            "lang=\"en\"",
            "name=\"viewport\"",
            "class=\"skip\"",
        ] {
            assert!(page.text.contains(mark), "{mark} in {path}");
        }
        assert!(
            !page.text.contains("<script>") && !page.text.contains("style=\""),
            "{path}"
        );
        assert!(!page.text.contains("src=\"http"), "{path}");
    }
    let script = yard.own("/page.js", &[]).await;
    assert_eq!(script.header("content-type"), "text/javascript");
    assert_eq!(
        yard.own("/style.css", &[]).await.header("content-type"),
        "text/css"
    );
    assert_eq!(yard.own("/nothing", &[]).await.status, 404);
    assert_eq!(yard.own("/environments/nothing", &[]).await.status, 404);
    assert_eq!(yard.own("/?phase=dancing", &[]).await.status, 400);
}

#[tokio::test]
async fn what_strangers_write_is_text() {
    let yard = Yard::new().await;
    let evil = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";
    let News::Head {
        mut place, head, ..
    } = head("shop", "main")
    else {
        unreachable!("it is a head")
    };
    let name = "x\"><script>alert(3)</script>";
    place.subject = boatyard_preview::revision::Subject::Branch(name.to_owned());
    let about = About {
        title: evil.to_owned(),
        author: evil.to_owned(),
        url: "javascript:alert(4)".to_owned(),
        target: String::new(),
    };
    yard.backend.fail(evil);
    let revision = boatyard_preview::revision::Revision {
        place: place.clone(),
        commit: head.commit.clone(),
    };
    let id = boatyard_preview::id::Id::of(&revision, "");
    yard.hear(vec![News::Head { place, head, about }]).await;
    yard.until(&id, Phase::Failed).await;
    let waiting = format!("{id}.{HOST}");
    let own = |path: String| (HOST.to_owned(), path);
    for (host, path) in [
        own("/".to_owned()),
        own(format!("/environments/{id}")),
        own("/queue".to_owned()),
        own("/audit".to_owned()),
        own("/?text=%3Cscript%3Ealert(5)%3C/script%3E\"><script>"
            .to_owned()
            .replace(['"', '<', '>'], "%22")),
        own("/login?to=%22%3E%3Cscript%3Ealert(6)".to_owned()),
        (waiting, "/".to_owned()),
    ] {
        let page = yard
            .ask(Method::GET, &host, &path, &["accept: text/html"], "")
            .await;
        for bad in ["<script>", "<img", "href=\"javascript"] {
            assert!(
                !page.text.contains(bad),
                "{bad} at {host}{path}: {}",
                page.text
            );
        }
    }
}

#[tokio::test]
async fn logging_in_and_pressing_buttons_without_scripts() {
    let yard = Yard::with(|settings, _| settings.access.anonymous = Anonymous::None).await;
    yard.asleep(&["main"]).await;
    let main = format!("/environments/{}", id("shop", "main"));
    let sent_away = yard.own(&format!("{main}?x=1"), &[]).await;
    assert_eq!(sent_away.status, 303);
    let login = sent_away.header("location").to_owned();
    assert_eq!(
        login,
        format!("/login?to=%2Fenvironments%2F{}%3Fx%3D1", id("shop", "main"))
    );
    assert!(yard.own(&login, &[]).await.text.contains("name=\"token\""));

    let post = async |body: &str| yard.ask(Method::POST, HOST, "/login", &[FORM], body).await;
    let wrong = post("token=guess&to=/queue").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("not known here") && wrong.text.contains("value=\"/queue\""));
    for to in ["//evil.test", "https://evil.test", "/%5Cevil.test"] {
        let right = post(&format!("token=operate-token&to={to}")).await;
        assert_eq!(right.header("location"), "/", "{to}");
    }
    let right = post("token=operate-token&to=/queue").await;
    assert_eq!(
        (right.status.as_u16(), right.header("location")),
        (303, "/queue")
    );
    let cookie = right.header("set-cookie");
    for part in [
        "boatyard=operate-token; ",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = yard.own(&main, &[COOKIE]).await;
    assert!(
        page.text.contains("Log out") && page.text.contains(&format!("action=\"{main}/pin\"")),
        "{}",
        page.text
    );
    let act = async |action: &str, headers: &[&str]| {
        yard.ask(
            Method::POST,
            HOST,
            &format!("{main}/{action}"),
            headers,
            &format!("back={main}"),
        )
        .await
    };
    let pinned = act("pin", &[COOKIE, FORM]).await;
    assert_eq!(
        (pinned.status.as_u16(), pinned.header("location")),
        (303, main.as_str())
    );
    assert!(
        yard.own(&main, &[COOKIE])
            .await
            .text
            .contains("yes, it is pinned")
    );
    let refused = act("approve", &[COOKIE, FORM]).await;
    assert_eq!(refused.status, 400, "it is not said which commit");
    assert!(
        refused.text.contains("role=\"alert\"") && refused.text.contains("the whole id"),
        "{}",
        refused.text
    );
    let reader = "cookie: boatyard=read-token";
    assert_eq!(act("unpin", &[reader, FORM]).await.status, 403);
    assert!(
        !yard.own(&main, &[reader]).await.text.contains("/unpin"),
        "who may not has no button"
    );
    assert_eq!(act("dance", &[COOKIE, FORM]).await.status, 404);
    // Who came, how and from where, for those who operate it; with what, for nobody.
    let audit = yard.own("/audit", &[COOKIE]).await.text;
    assert!(
        audit.contains("with a token") && audit.contains("127.0.0.1"),
        "{audit}"
    );
    assert!(!audit.contains("operate-token"), "{audit}");
    let read = yard.own("/audit", &[reader]).await.text;
    assert!(!read.contains("with a token"), "{read}");
    let out = yard.ask(Method::POST, HOST, "/logout", &[COOKIE], "").await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
}

/// Whoever presses has seen one commit, and no other is approved by that.
#[tokio::test]
async fn pressed_is_what_is_shown() {
    let yard = Yard::new().await;
    yard.hear(vec![stranger_head("shop", "#3")]).await;
    let stranger = yard.until(&id("shop", "#3"), Phase::Unapproved).await;
    let (path, commit) = (
        format!("/environments/{}", stranger.id),
        &stranger.revision.commit,
    );
    let page = yard.own(&path, &[COOKIE]).await;
    let sent = format!("name=\"commit\" value=\"{commit}\"");
    let hint = format!("/preview approve {commit}");
    assert!(
        page.text.contains(&sent) && page.text.contains(&hint),
        "{}",
        page.text
    );
    let press = async |commit: &str| {
        let (path, body) = (
            format!("{path}/approve"),
            format!("back=%2F&commit={commit}"),
        );
        yard.ask(Method::POST, HOST, &path, &[COOKIE, FORM], &body)
            .await
            .status
    };
    assert_eq!(press(&revision("shop", "#4").commit).await, 409);
    assert_eq!(
        yard.get(&stranger.id).map(|one| one.phase),
        Some(Phase::Unapproved)
    );
    assert_eq!(press(commit).await, 303);
    yard.until(&stranger.id, Phase::Asleep).await;
}

#[tokio::test]
async fn through_tls_the_cookie_can_come_from_nobody_else() {
    let yard = Yard::with(|settings, _| {
        settings.address =
            boatyard_serve::web::settings::Address::parse(&format!("https://{HOST}")).unwrap();
    })
    .await;
    let right = yard
        .ask(Method::POST, HOST, "/login", &[FORM], "token=operate-token")
        .await;
    let cookie = right.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-boatyard=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    let tossed = yard.own("/", &[COOKIE]).await;
    assert!(
        tossed.text.contains("Log in"),
        "a cookie that an environment could have set is none"
    );
}

#[tokio::test]
async fn the_queue_on_its_page() {
    let yard = Yard::with(|_, policy| policy.limits.preparing = 1).await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(["a", "b"].map(|name| head("shop", name)).into())
        .await;
    let page = yard.own("/queue", &[]).await;
    assert!(
        page.text.contains("Number 1 in the queue."),
        "{}",
        page.text
    );
    assert!(page.text.contains("1 of 1"), "{}", page.text);
}

/// Whoever may do something about it sees what is in the way, and so does whoever watches the server.
#[tokio::test]
async fn what_is_in_the_way_is_shown_to_operators() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let yard = &yard;
    let metrics = |expected: &'static str| async move {
        let text = yard.own("/metrics", &[]).await.text;
        assert!(
            text.lines().any(|line| line == expected),
            "{expected} in {text}"
        );
    };
    metrics("boatyard_troubles{of=\"watching\"} 0").await;
    let watching = Work::Watching(repository("shop"));
    let troubles = yard.site.troubles();
    troubles.set(&watching, Some("no way to <git.test>".to_owned()));
    troubles.set(&Work::Telling, Some("no word to git.test".to_owned()));
    metrics("boatyard_troubles{of=\"watching\"} 1").await;
    metrics("boatyard_troubles{of=\"telling\"} 1").await;
    for path in ["/", "/queue"] {
        let page = yard.own(path, &[COOKIE]).await.text;
        assert!(
            page.contains("no way to &lt;git.test&gt;"),
            "{path}: {page}"
        );
        assert!(page.contains("no word to git.test"), "{path}: {page}");
        let page = yard.own(path, &[]).await.text;
        assert!(!page.contains("In the way"), "{path}: {page}");
    }
    troubles.set(&watching, None);
    troubles.set(&Work::Telling, None);
    let page = yard.own("/", &[COOKIE]).await.text;
    assert!(!page.contains("In the way"), "{page}");
}
