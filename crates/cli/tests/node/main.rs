//! `boatyard deploy` on a node that runs pods: the guestbook, from source to answers, while guests come.
//!
//! One node and one guestbook for all tests of this file; each leaves it serving.

mod builder;
#[path = "../serve/checkout.rs"]
mod checkout;
mod forward;
mod harbour;
mod kubefiles;
mod leaf;
mod load;
mod moored;
mod previewed;
mod private;
mod remote;
#[path = "../runboat/mod.rs"]
mod runboat;
#[path = "../scenario/mod.rs"]
mod scenario;
#[path = "../serve/server.rs"]
mod server;
mod shop;
#[path = "../serve/snapshots.rs"]
mod snapshots;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod trace;

use std::process::Stdio;
use std::time::{Duration, Instant};

use load::{Load, Manner, Tally};
use shop::Shop;
use support::{alone, http, output, succeed, text, wait_for};

/// Guests of all manners.
const GUESTS: [(&str, Manner); 5] = [
    ("/", Manner::Anew),
    ("/", Manner::Anew),
    ("/", Manner::Keeps),
    ("/", Manner::Keeps),
    // Longer than routers take to notice that a pod goes.
    ("/slow", Manner::Anew),
];
const PACE: Duration = Duration::from_millis(20);

/// Does `work` inside while guests come; returns what became of them.
fn under_load(shop: &Shop, work: impl FnOnce(&Load)) -> Tally {
    let _inside = shop.cluster.enter();
    let load = Load::begin(shop.web, &GUESTS, PACE);
    load.wait_for_more(50);
    work(&load);
    // Until the last of the old pods is gone: it serves what it has begun, and who has a connection to it.
    wait_for("the old pods to end", 90, || {
        let pods = shop.get(&["pods", "-l", "app.kubernetes.io/component=web"]);
        (pods["items"].as_array()?.len() == 2).then_some(())
    });
    load.wait_for_more(50);
    let tally = load.end();
    println!("{tally:?}");
    if !tally.failures.is_empty() {
        shop.tell();
    }
    assert_eq!(tally.failures, [""; 0], "of {} requests", tally.total());
    assert!(tally.reused > 0, "no connection was used twice: {tally:?}");
    tally
}

/// The title that the page is to have from the next deploy on; the one before.
fn retitle(shop: &Shop, new: &str) -> String {
    let title = |text: &str| format!("<title>{text}</title>");
    let old = shop.title.replace(new.to_owned());
    shop.change("guestbook/templates/book.html", &title(&old), &title(new));
    old
}

#[test]
fn a_guestbook_is_kept() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let web = format!("http://{}", shop.web);
    let (status, page) = http(&web, "GET", "/", "").unwrap();
    assert_eq!(status, 200, "{page}");
    let (status, _) = http(&web, "POST", "/", "name=Ada&message=three+small+words").unwrap();
    assert_eq!(status, 303);
    // Service, database, queue, worker.
    wait_for("the worker's count", 60, || {
        let (_, body) = http(&web, "GET", "/api/entries", "")?;
        let entries: serde_json::Value = serde_json::from_str(&body).ok()?;
        let entries = entries["entries"].as_array()?;
        entries
            .iter()
            .any(|entry| entry["words"] == 3)
            .then_some(())
    });
    let component = "app.kubernetes.io/component=migrate";
    let jobs = shop.get(&["jobs", "-l", component]);
    let succeeded: Vec<_> = jobs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| &job["status"]["succeeded"])
        .collect();
    assert_eq!(succeeded, [1], "{jobs}");
    let pods = shop.get(&["pods", "-l", component]);
    assert_eq!(pods["items"].as_array().unwrap().len(), 1, "{pods}");
    assert_eq!(
        pods["items"][0]["status"]["containerStatuses"][0]["restartCount"],
        0
    );
}

/// What guests wrote is in a volume: the database may go, and come back. Whoever has no password has nothing.
#[test]
fn its_database_may_go_and_come_back() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let web = format!("http://{}", shop.web);
    let (status, _) = http(&web, "POST", "/", "name=Bob&message=written+down").unwrap();
    assert_eq!(status, 303);
    let namespace = shop.namespace.name();
    let set = "statefulset/guestbook-postgres";
    shop.kubectl(&["-n", namespace, "rollout", "restart", set]);
    let restarted = ["rollout", "status", "--timeout=180s", set];
    shop.kubectl(&[&["-n", namespace], &restarted[..]].concat());
    wait_for("what was written", 90, || {
        let (_, body) = http(&web, "GET", "/api/entries", "")?;
        body.contains("written down").then_some(())
    });
    for (service, words, refusal) in [
        (
            "postgres",
            "psql -h guestbook-postgres -w -c select",
            "no password supplied",
        ),
        ("redis", "redis-cli -h guestbook-redis ping", "NOAUTH"),
    ] {
        let pod = format!("guestbook-{service}-0");
        let words = words.split(' ');
        let mut command = shop.kubectl_command();
        let said = output(
            command
                .args(["-n", namespace, "exec", &pod, "--"])
                .args(words),
        );
        let said = [said.stdout, said.stderr]
            .map(|bytes| text(&bytes))
            .concat();
        assert!(said.contains(refusal), "{service}: {said}");
    }
}

#[test]
fn a_new_version_loses_no_request() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let before = retitle(shop, "Guestbook II");
    shop.build();
    let tally = under_load(shop, |_| drop(succeed(&mut shop.deploy("300s"))));
    let titles: Vec<&str> = tally.answered.keys().map(String::as_str).collect();
    assert_eq!(titles, [before.as_str(), "Guestbook II", "slow"]);
}

#[test]
fn a_version_that_never_gets_ready_is_undone_and_nobody_sees_it() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let well = "return {\"database\": \"ok\"}";
    let unwell = "return {\"database\": \"ok\"}, 503";
    shop.change("common/application.py", well, unwell);
    let before = retitle(shop, "Guestbook III");
    shop.build();
    let tally = under_load(shop, |_| {
        let said = output(&mut shop.deploy("60s"));
        let err = text(&said.stderr);
        assert_eq!(said.status.code(), Some(1), "{err}");
        assert!(err.contains("what was there before is back"), "{err}");
        assert!(err.contains("503"), "the probe's answer is told: {err}");
    });
    let titles: Vec<&str> = tally.answered.keys().map(String::as_str).collect();
    assert_eq!(titles, [before.as_str(), "slow"]);
    shop.change("common/application.py", unwell, well);
    retitle(shop, &before);
}

/// Restarts web as stock kubectl does, while guests come.
fn restart(shop: &Shop) {
    let namespace = shop.namespace.name();
    let role = "deployment/guestbook-web";
    under_load(shop, |_| {
        shop.kubectl(&["-n", namespace, "rollout", "restart", role]);
        shop.kubectl(&["-n", namespace, "rollout", "status", "--timeout=180s", role]);
    });
}

#[test]
fn restarted_it_loses_no_request() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    restart(shop);
    // The same where init waits by itself before it stops what it runs, in place of `preStop`.
    let port = "port = 8080\nready = \"http://:8080/healthz\"\n";
    let waits =
        |delay: &str| format!("{port}stop = {{ signal = \"TERM\", grace = \"30s\"{delay} }}");
    let (before, after) = (waits(""), waits(", delay = \"5s\""));
    shop.change("boatyard.toml", &before, &after);
    shop.build();
    under_load(shop, |_| drop(succeed(&mut shop.deploy("300s"))));
    let web = shop.get(&["deployment", "guestbook-web"]);
    let container = &web["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(
        container["lifecycle"],
        serde_json::Value::Null,
        "{container}"
    );
    restart(shop);
    shop.change("boatyard.toml", &after, &before);
}

#[test]
fn a_pod_that_is_stopped_has_seen_the_signal_and_ends_within_its_grace() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let namespace = shop.namespace.name();
    for (role, words) in [
        ("web", ["Handling signal: term", "Shutting down: Master"]),
        ("worker", ["Warm shutdown", ""]),
    ] {
        let label = format!("app.kubernetes.io/component={role}");
        let pods = shop.get(&[
            "pods",
            "-l",
            &label,
            "--field-selector=status.phase=Running",
        ]);
        let pod = pods["items"][0]["metadata"]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        let grace = pods["items"][0]["spec"]["terminationGracePeriodSeconds"]
            .as_u64()
            .unwrap();
        let follow = ["-n", namespace, "logs", "-f", &pod];
        let follow = shop
            .kubectl_command()
            .args(follow)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        shop.kubectl(&[
            "-n",
            namespace,
            "delete",
            "pod",
            &pod,
            "--wait",
            "--timeout=120s",
        ]);
        let took = begin.elapsed();
        let log = text(&follow.wait_with_output().unwrap().stdout);
        for word in words {
            assert!(log.contains(word), "{role} has not said {word:?}:\n{log}");
        }
        println!("{role} took {took:?} of {grace} s");
        assert!(
            took < Duration::from_secs(grace),
            "{role} took {took:?} of {grace} s"
        );
        shop.kubectl(&[
            "-n",
            namespace,
            "rollout",
            "status",
            "--timeout=120s",
            &format!("deployment/guestbook-{role}"),
        ]);
    }
}
