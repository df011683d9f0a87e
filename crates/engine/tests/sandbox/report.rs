//! What the report says to each kind of user.

use boatyard_engine::host::{Finding, Options, State, report};

/// Must be called before we enter anything. Says whether it failed.
pub fn check(kind: &str, selection: &str) -> bool {
    let name = "the report tells what is permitted, and what to do";
    if !name.contains(selection) {
        return false;
    }
    let outcome = std::panic::catch_unwind(|| agrees(kind));
    println!(
        "{kind}: {name} ... {}",
        if outcome.is_ok() { "ok" } else { "FAILED" }
    );
    outcome.is_err()
}

fn agrees(kind: &str) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mirror = format!("http://{}/debian", listener.local_addr().expect("bound"));
    let findings = report(&Options::default(), &mirror);
    for finding in &findings {
        println!(
            "{kind}: {:?} {}: {}",
            finding.state, finding.what, finding.why
        );
        assert_eq!(
            finding.remedy.is_some(),
            finding.state != State::Ok,
            "{finding:?}"
        );
        let same = findings.iter().filter(|other| other.what == finding.what);
        assert_eq!(same.count(), 1, "{}", finding.what);
    }
    let find = |what: &str| findings.iter().find(|finding| finding.what == what);
    let state = |what: &str| find(what).map(|finding| finding.state);
    let namespaces = ["process namespaces", "network namespaces"].map(state);
    match kind {
        "root" => {
            assert_eq!(
                find("rights").map(|finding| finding.why.as_str()),
                Some("root of this machine")
            );
            assert_eq!(namespaces, [Some(State::Ok); 2]);
            assert_eq!(state("subordinate ids"), None);
        }
        "confined" => {
            assert_eq!(state("rights"), Some(State::Limited));
            assert_eq!(namespaces, [None; 2]);
        }
        "rootless" => {
            assert_eq!(state("subordinate ids"), Some(State::Ok));
            assert_eq!(namespaces, [Some(State::Ok); 2]);
        }
        "single" => {
            assert_eq!(namespaces, [Some(State::Ok); 2]);
            let expected = "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 boatyard-test";
            let remedy = |finding: &Finding| finding.remedy.clone();
            assert_eq!(
                find("subordinate ids").and_then(remedy).as_deref(),
                Some(expected)
            );
        }
        _ => {}
    }
}
