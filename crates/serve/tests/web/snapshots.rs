//! Snapshots over the API and on the page, to browsers without scripts.

use axum::http::Method;
use boatyard_preview::phase::{Effect, Event, Phase};
use serde_json::json;

use super::backend::SNAPSHOT;
use super::yard::{HOST, Yard, id};

const OPERATE: &str = "authorization: Bearer operate-token";
const COOKIE: &str = "cookie: boatyard=operate-token";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

impl Yard {
    /// A snapshot is made of what sleeps.
    pub async fn snapshot(&self, branch: &str, name: &str) {
        let id = id("shop", branch);
        let asked = self.keeper.ask(&id, Event::Save(name.into()), "anne").await;
        asked.unwrap();
        self.until(&id, Phase::Asleep).await;
    }
}

#[tokio::test]
async fn they_are_made_restored_and_removed() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let main = id("shop", "main");
    let path = format!("/api/environments/{main}");
    let all = format!("{path}/snapshots");
    let post = async |path: &str| yard.post(path, &[OPERATE]).await;
    let delete = async |name: &str| {
        let path = format!("{all}/{name}");
        yard.ask(Method::DELETE, HOST, &path, &[OPERATE], "").await
    };
    let names = async || {
        let one = yard.own(&path, &[]).await.json();
        let all = one["snapshots"].as_array().unwrap().clone();
        let names = all
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };

    // Without a name it gets the first that is free.
    yard.backend.hold(Effect::Save);
    let asked = post(&all).await;
    assert_eq!(
        (asked.status.as_u16(), &asked.json()["phase"]),
        (200, &json!("saving"))
    );
    assert_eq!(names().await, [] as [&str; 0], "half of one is none");
    yard.backend.release();
    yard.until(&main, Phase::Asleep).await;
    assert_eq!(names().await, ["s1"]);
    let one = yard.own(&path, &[]).await.json();
    assert_eq!(one["snapshots"][0]["size_bytes"], SNAPSHOT);

    // What cannot be is refused, and why.
    post(&format!("{all}?name=../x"))
        .await
        .is_problem(400, "at most 40 lower-case letters");
    post(&format!("{all}?name=s1"))
        .await
        .is_problem(409, "has a snapshot of that name already");
    post(&format!("{all}/s2/restore"))
        .await
        .is_problem(404, "no snapshot of that name");
    delete("s2")
        .await
        .is_problem(404, "no snapshot of that name");
    for name in ["s2", "s3"] {
        yard.snapshot("main", name).await;
    }
    let full = post(&all).await;
    full.is_problem(409, "may have 3 snapshots here, and it has 3");
    assert_eq!(full.json()["help"], "remove one first");

    // What is being restored is not removed meanwhile.
    yard.backend.hold(Effect::Restore);
    let asked = post(&format!("{all}/s2/restore")).await;
    assert_eq!(asked.json()["phase"], "restoring");
    delete("s2")
        .await
        .is_problem(409, "something is being done with that snapshot");
    assert_eq!(delete("s1").await.status, 200);
    post(&format!("{all}/s3/restore"))
        .await
        .is_problem(409, "restoring");
    yard.backend.release();
    yard.until(&main, Phase::Asleep).await;
    assert_eq!(names().await, ["s2", "s3"]);

    // Why one could not be made is told, to people and programs, until the next.
    yard.backend
        .fail("a copy takes 7 bytes, and there is room for 5");
    post(&all).await;
    yard.until(&main, Phase::Asleep).await;
    let one = yard.own(&path, &[]).await.json();
    assert_eq!(
        one["undone"],
        "a copy takes 7 bytes, and there is room for 5"
    );
    assert_eq!(one["reason"], json!(null));

    what_is_told_of_them(&yard, &path).await;
}

/// In what happened, for Prometheus, and of the limits.
async fn what_is_told_of_them(yard: &Yard, path: &str) {
    let history = yard.own(&format!("{path}/history"), &[]).await.json();
    let said: Vec<String> = history
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| {
            format!(
                "{} ({})",
                entry["why"].as_str().unwrap(),
                entry["by"].as_str().unwrap()
            )
        })
        .collect();
    for expected in [
        "snapshot s1 to be made (operate)",
        "the snapshot is whole: 41943040 bytes (boatyard)",
        "snapshot s2 to be restored (operate)",
        "snapshot s1 to be removed (operate)",
        "a copy takes 7 bytes, and there is room for 5 (boatyard)",
    ] {
        assert!(
            said.iter().any(|said| said == expected),
            "{expected}: {said:#?}"
        );
    }
    let metrics = yard.own("/metrics", &[]).await.text;
    for expected in ["boatyard_snapshots 2", "boatyard_snapshot_bytes 83886080"] {
        assert!(
            metrics.lines().any(|line| line == expected),
            "{expected} in {metrics}"
        );
    }
    let limits = yard.own("/api/limits", &[]).await.json();
    assert_eq!(
        limits["snapshot_megabytes"],
        json!({ "limit": 10000, "taken": 84 })
    );
}

/// What runs is stopped for it, and runs again afterwards.
#[tokio::test]
async fn what_runs_is_stopped_for_it() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let main = id("shop", "main");
    yard.keeper.ask(&main, Event::Use, "anne").await.unwrap();
    yard.until(&main, Phase::Running).await;
    yard.backend.hold(Effect::Save);
    let saved = yard
        .keeper
        .ask(&main, Event::Save("s1".into()), "anne")
        .await;
    assert_eq!(saved.unwrap().phase, Phase::Stopping);
    yard.until(&main, Phase::Saving).await;
    yard.backend.release();
    yard.until(&main, Phase::Running).await;
    assert!(yard.get(&main).unwrap().has_snapshot("s1"));
}

#[tokio::test]
async fn pressing_buttons_without_scripts() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let main = id("shop", "main");
    let page = format!("/environments/{main}");
    let act = async |action: &str, body: &str, cookie: &str| {
        let path = format!("{page}/snapshots/{action}");
        yard.ask(Method::POST, HOST, &path, &[cookie, FORM], body)
            .await
    };
    let shown = yard.own(&page, &[COOKIE]).await.text;
    assert!(
        shown.contains("Make a snapshot") && shown.contains("placeholder=\"s1\""),
        "{shown}"
    );
    assert!(
        !yard.own(&page, &[]).await.text.contains("Make a snapshot"),
        "nobody may"
    );

    let done = act("save", "name=before-upgrade", COOKIE).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, page.as_str())
    );
    yard.until(&main, Phase::Asleep).await;
    let shown = yard.own(&page, &[COOKIE]).await.text;
    for expected in [
        "before-upgrade",
        "41.9 MB",
        "Restore before-upgrade",
        "Remove before-upgrade",
    ] {
        assert!(shown.contains(expected), "{expected} in {shown}");
    }
    // Who may only read sees that there is one.
    let read = yard.own(&page, &["cookie: boatyard=read-token"]).await.text;
    assert!(
        read.contains("before-upgrade") && !read.contains("Remove before-upgrade"),
        "{read}"
    );
    assert_eq!(
        act(
            "discard",
            "name=before-upgrade",
            "cookie: boatyard=use-token"
        )
        .await
        .status,
        403
    );

    assert_eq!(
        act("restore", "name=before-upgrade", COOKIE).await.status,
        303
    );
    yard.until(&main, Phase::Asleep).await;
    let wrong = act("restore", "name=%3Cb%3E", COOKIE).await;
    assert_eq!(wrong.status, 404);
    assert!(wrong.text.contains("role=\"alert\""), "{}", wrong.text);
    assert_eq!(act("dance", "", COOKIE).await.status, 404);
    assert_eq!(
        act("discard", "name=before-upgrade", COOKIE).await.status,
        303
    );
    assert!(
        !yard
            .own(&page, &[COOKIE])
            .await
            .text
            .contains("Remove before-upgrade")
    );
}
