//! A program in a pod that runs, what pods printed, a job once more.

use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::shop::Shop;
use crate::support::{alone, text};

/// What the verb says on the cluster, with something to read.
fn there(shop: &Shop, words: &[&str], typed: &str) -> Output {
    let (verb, rest) = words.split_first().unwrap();
    let place = [
        *verb,
        "--context",
        "kubetest",
        "--namespace",
        shop.namespace.name(),
    ];
    let mut child = shop
        .command(&[&place, rest].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What does not read closes it.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn the_same_words_mean_pods() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let script = "echo said; echo beside >&2; cat; id -u; exit 3";
    let ended = there(shop, &["exec", "web", "--", "sh", "-c", script], "typed\n");
    let (out, err) = (text(&ended.stdout), text(&ended.stderr));
    assert_eq!(ended.status.code(), Some(3), "{out}{err}");
    assert_eq!(
        (out.as_str(), err.as_str()),
        ("said\ntyped\n10001\n", "beside\n")
    );
    let ended = there(shop, &["shell", "web"], "echo $((40 + 2))\nexit 4\n");
    let out = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(4), "{out}{}", text(&ended.stderr));
    assert!(out.contains("42"), "{out}");
    let missing = there(shop, &["exec", "web", "--", "no-such-program"], "");
    assert_eq!(
        missing.status.code(),
        Some(127),
        "{}",
        text(&missing.stderr)
    );

    // As stock kubectl, which knows no order among pods.
    let label = "app.kubernetes.io/component in (migrate, worker)";
    let words = [
        "-n",
        shop.namespace.name(),
        "logs",
        "--tail=-1",
        "-l",
        label,
    ];
    let theirs = shop.kubectl(&words);
    let ended = there(shop, &["logs", "migrate", "worker", "--json"], "");
    let (out, err) = (text(&ended.stdout), text(&ended.stderr));
    assert_eq!(ended.status.code(), Some(0), "{err}");
    let ours = out.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["line"].as_str().unwrap().to_owned()
    });
    let ours: Vec<String> = ours.collect();
    // The worker may have gone on since.
    for line in theirs.lines() {
        assert!(ours.iter().any(|one| one == line), "no {line:?} in {out}");
    }
    assert!(!out.is_empty() && theirs.contains("celery"), "{theirs}");
    let ended = there(shop, &["run", "migrate"], "");
    let (out, err) = (text(&ended.stdout), text(&ended.stderr));
    assert_eq!(ended.status.code(), Some(0), "{out}{err}");
}
