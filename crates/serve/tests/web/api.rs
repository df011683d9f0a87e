//! What programs ask for.

use axum::http::Method;
use boatyard_preview::phase::{Effect, Phase};
use serde_json::{Value, json};

use super::yard::{HOST, Yard, head, host, id, revision, stranger_head};

const OPERATE: &str = "authorization: Bearer operate-token";

/// Names of what a list shows, in its order.
fn names(list: &Value) -> Vec<String> {
    let all = list["environments"].as_array().unwrap().iter();
    all.map(|one| match one["branch"].as_str() {
        Some(branch) => branch.to_owned(),
        None => format!("#{}", one["pull_request"]),
    })
    .collect()
}

#[tokio::test]
async fn what_is_looked_for_is_found() {
    let yard = Yard::new().await;
    yard.backend.hold(Effect::Prepare);
    let shop = ["main", "feature/login", "#7", "#12"].map(|name| head("shop", name));
    yard.hear(shop.into()).await;
    yard.hear(vec![head("blog", "main")]).await;
    yard.until(&id("shop", "main"), Phase::Preparing).await;
    let cases = [
        ("", "main feature/login main #7 #12"),
        ("?repository=acme/shop", "feature/login main #7 #12"),
        ("?repository=GIT.test/acme/BLOG", "main"),
        ("?repository=shop", ""),
        ("?branch=feature/login", "feature/login"),
        ("?pull_request=7", "#7"),
        ("?pull_request=%237&phase=", "#7"),
        ("?text=ABOUT+login", "feature/login"),
        ("?text=anne+%2312", "#12"),
        ("?text=nothing", ""),
        ("?phase=running", ""),
    ];
    for (query, expected) in cases {
        let list = yard
            .own(&format!("/api/environments{query}"), &[])
            .await
            .json();
        assert_eq!(names(&list).join(" "), expected, "{query}");
        assert_eq!(list["total"], names(&list).len(), "{query}");
        assert_eq!(list["cursor"], Value::Null);
    }
    let preparing = yard
        .own("/api/environments?phase=preparing", &[])
        .await
        .json();
    assert_eq!(preparing["total"], 2);
    assert_eq!(preparing["phases"], json!({ "preparing": 2, "queued": 3 }));
    for (query, detail) in [
        ("?phase=dancing", "they are unapproved, undeployed"),
        ("?limit=0", "from 1 to 500"),
        ("?limit=x", "from 1 to 500"),
        ("?pull_request=x", "no number"),
        ("?cursor=00ff", "cursor"),
        ("?cursor=%C3%A9", "cursor"),
        ("?branch=a&pull_request=1", "one of them"),
        ("?colour=red", "colour"),
    ] {
        yard.own(&format!("/api/environments{query}"), &[])
            .await
            .is_problem(400, detail);
    }
}

#[tokio::test]
async fn a_long_list_comes_in_portions_that_neither_repeat_nor_leave_out() {
    let yard = Yard::new().await;
    yard.backend.hold(Effect::Prepare);
    let branches: Vec<String> = (0..23).map(|number| format!("b{number:02}")).collect();
    yard.hear(branches.iter().map(|name| head("shop", name)).collect())
        .await;
    let mut found = Vec::new();
    let mut path = "/api/environments?limit=5".to_owned();
    for portion in 1..=5 {
        let list = yard.own(&path, &[]).await.json();
        assert_eq!(list["total"], 23);
        found.extend(names(&list));
        let Some(cursor) = list["cursor"].as_str() else {
            assert_eq!(portion, 5);
            break;
        };
        path = format!("/api/environments?limit=5&cursor={cursor}");
    }
    assert_eq!(found, branches);
}

#[tokio::test]
async fn one_and_what_happens_to_it() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    let main = id("shop", "main");
    let one = yard
        .own(&format!("/api/environments/{main}"), &[])
        .await
        .json();
    assert_eq!(one["phase"], "asleep");
    assert_eq!(one["title"], "All about main");
    assert_eq!(one["url"], format!("http://{}", host("shop", "main")));
    assert_eq!(one["commit_url"], format!("http://{main}.{HOST}"));
    assert_eq!(one["actions"], json!(["start", "pin", "reset", "undeploy"]));
    let by_label = format!(
        "/api/environments/{}",
        host("shop", "main").trim_end_matches(&format!(".{HOST}"))
    );
    assert_eq!(yard.own(&by_label, &[]).await.json()["id"], main.as_str());
    yard.own("/api/environments/nothing", &[])
        .await
        .is_problem(404, "no such environment");

    let act = async |action: &str| {
        yard.post(&format!("/api/environments/{main}/{action}"), &[OPERATE])
            .await
    };
    let started = act("start").await;
    assert_eq!(started.status, 200, "{}", started.text);
    yard.until(&main, Phase::Running).await;
    act(&format!(
        "approve?commit={}",
        revision("shop", "main").commit
    ))
    .await
    .is_problem(409, "Approve does not happen");
    assert_eq!(act("pin").await.json()["is_pinned"], true);
    assert_eq!(
        act("pin").await.json()["is_pinned"],
        true,
        "it is so already"
    );
    assert_eq!(act("unpin").await.json()["is_pinned"], false);
    assert_eq!(act("stop").await.status, 200);
    yard.until(&main, Phase::Asleep).await;
    assert_eq!(
        act("stop").await.json()["phase"],
        "asleep",
        "it is so already"
    );
    assert_eq!(act("dance").await.status, 404);
    let history = yard
        .own(&format!("/api/environments/{main}/history"), &[])
        .await
        .json();
    let by: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["by"].as_str().unwrap())
        .collect();
    assert!(
        by.contains(&"operate") && by.contains(&"boatyard"),
        "{by:?}"
    );
    let audit = yard
        .own(&format!("/api/audit?environment={main}&limit=1"), &[])
        .await
        .json();
    assert_eq!(audit[0], history[0]);
    yard.own("/api/audit?limit=0", &[])
        .await
        .is_problem(400, "1 to 1000");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let yard = Yard::new().await;
    yard.backend.fail("pip found no version");
    yard.hear(vec![head("shop", "main")]).await;
    let main = yard.until(&id("shop", "main"), Phase::Failed).await.id;
    yard.post(&format!("/api/environments/{main}/start"), &[OPERATE])
        .await
        .is_problem(409, "reset it");
    yard.hear(vec![stranger_head("shop", "#3")]).await;
    let stranger = yard.until(&id("shop", "#3"), Phase::Unapproved).await.id;
    let path = format!("/api/environments/{stranger}");
    yard.post(&format!("{path}/start"), &[OPERATE])
        .await
        .is_problem(409, "approved");
    let commit = revision("shop", "#3").commit;
    let approve = async |commit: &str| {
        yard.post(&format!("{path}/approve?commit={commit}"), &[OPERATE])
            .await
    };
    let other = revision("shop", "#4").commit;
    for (said, status, why) in [
        ("", 400, "whole id"),
        (&commit[..12], 400, "whole id"),
        (&commit[..39], 400, "whole id"),
        (&other, 409, "not the commit"),
    ] {
        approve(said).await.is_problem(status, why);
    }
    assert_eq!(approve(&commit.to_uppercase()).await.status, 200);
    yard.until(&stranger, Phase::Failed).await;
}

#[tokio::test]
async fn queue_limits_and_who_goes_next() {
    let yard = Yard::with(|_, policy| {
        policy.limits.preparing = 1;
        policy.times.residence = std::time::Duration::ZERO;
    })
    .await;
    yard.asleep(&["old", "main"]).await;
    yard.post(
        &format!("/api/environments/{}/start", id("shop", "main")),
        &[OPERATE],
    )
    .await;
    yard.until(&id("shop", "main"), Phase::Running).await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(["a", "b", "c"].map(|name| head("shop", name)).into())
        .await;
    yard.hear(vec![head("blog", "main")]).await;
    let queue = yard.own("/api/queue", &[]).await.json();
    let order: Vec<String> = queue
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                one["position"],
                one["environment"]["repository"]["name"].as_str().unwrap(),
                one["environment"]["branch"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(order.len(), 3, "{order:?}");
    assert_eq!(
        order[0], "1 acme/blog main",
        "who has had nothing goes first"
    );
    let one = yard
        .own(&format!("/api/environments/{}", id("blog", "main")), &[])
        .await
        .json();
    assert_eq!(one["queue"]["position"], 1);
    let limits = yard.own("/api/limits", &[]).await.json();
    assert_eq!(limits["preparing"], json!({ "limit": 1, "taken": 1 }));
    assert_eq!(limits["running"]["taken"], 1);
    let ids = |name: &str| -> Vec<String> {
        let all = limits[name].as_array().unwrap().iter();
        all.map(|one| one["environment"]["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("removed_next"), [id("shop", "old").to_string()]);
    assert_eq!(ids("stopped_next"), [id("shop", "main").to_string()]);
    assert!(
        limits["removed_next"][0]["why"]
            .as_str()
            .unwrap()
            .contains("sleeps")
    );
}

#[tokio::test]
async fn what_is_counted() {
    let yard = Yard::new().await;
    yard.asleep(&["main"]).await;
    yard.hear(vec![head("shop", "next")]).await;
    yard.until(&id("shop", "next"), Phase::Asleep).await;
    yard.ask(Method::POST, HOST, "/hooks/test", &[], "unsigned")
        .await;
    let path = format!("/api/environments/{}/start", revision_id("main"));
    yard.post(&path, &[OPERATE]).await;
    yard.until(&id("shop", "main"), Phase::Running).await;
    let metrics = yard.own("/metrics", &[]).await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4");
    for line in [
        "boatyard_environments{phase=\"running\"} 1",
        "boatyard_environments{phase=\"asleep\"} 1",
        "boatyard_limit{of=\"running\"} 6",
        "boatyard_taken{of=\"kept\"} 2",
        "boatyard_hooks_total{result=\"heard\"} 0",
        "boatyard_hooks_total{result=\"refused\"} 1",
        "boatyard_reaction_seconds_count 0",
        "boatyard_streams 0",
    ] {
        assert!(
            metrics.text.lines().any(|found| found == line),
            "{line} in\n{}",
            metrics.text
        );
    }
    assert_eq!(yard.own("/readyz", &[]).await.text, "ok\n");
    assert_eq!(yard.own("/healthz", &[]).await.text, "ok\n");
}

fn revision_id(branch: &str) -> String {
    boatyard_preview::id::Id::of(&revision("shop", branch), "").to_string()
}
