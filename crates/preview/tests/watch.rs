//! What of a repository gets environments, row by row.

use std::collections::BTreeSet;

use boatyard_preview::decide::{Decision, decide};
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Repository, Subject};
use boatyard_preview::time::Time;
use boatyard_preview::wanted::{Head, Listing, Wanted};
use boatyard_preview::watch::{Branches, Forks, Watch};

fn repository() -> Repository {
    Repository {
        forge: "git.example.org".to_owned(),
        name: "acme/shop".to_owned(),
    }
}

/// `main`, `#5`, `#5 draft`, `#5 stranger`, `#5 of feature/x`.
fn open(texts: &[&str]) -> Wanted {
    let mut listing = Listing::default();
    for text in texts {
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        let subject = match first.strip_prefix('#') {
            Some(number) => Subject::PullRequest(number.parse().expect("a number")),
            None => Subject::Branch(first.to_owned()),
        };
        let head = Head {
            commit: "c".to_owned(),
            is_trusted: rest != "stranger",
            is_draft: rest == "draft",
            source: rest.strip_prefix("of ").map(str::to_owned),
        };
        listing.open.insert(subject, head);
    }
    [(repository(), listing)].into()
}

fn policy(watch: Watch) -> Policy {
    Policy {
        repositories: [(repository(), watch)].into(),
        ..Policy::default()
    }
}

fn named(subject: &Subject) -> String {
    match subject {
        Subject::Branch(name) => name.clone(),
        Subject::PullRequest(number) => format!("#{number}"),
    }
}

/// What comes to be; a question mark where somebody has to approve.
fn created(watch: &Watch, texts: &[&str]) -> Vec<String> {
    let decisions = decide(
        &policy(watch.clone()),
        &Inventory::default(),
        &open(texts),
        Time(0),
    );
    let name = |decision: &Decision| match decision {
        Decision::Create(one, _) => {
            let mark = if one.phase == Phase::Unapproved {
                "?"
            } else {
                ""
            };
            Some(named(&one.revision.place.subject) + mark)
        }
        Decision::Happens(..) => None,
    };
    decisions.iter().filter_map(name).collect()
}

#[test]
fn what_gets_environments() {
    let all = Watch {
        branches: Branches::named(["**"]),
        ..Watch::default()
    };
    let branches = |patterns: &[&str]| Watch {
        branches: Branches::named(patterns.iter().copied()),
        ..Watch::default()
    };
    let forks = |forks| Watch {
        forks,
        ..all.clone()
    };
    let no_drafts = Watch {
        drafts: false,
        ..all.clone()
    };
    let no_requests = Watch {
        pull_requests: false,
        ..all.clone()
    };
    let rows: &[(&Watch, &[&str], &[&str])] = &[
        (&all, &["main", "a/b", "#5"], &["a/b", "main", "#5"]),
        (&all, &["#5 stranger"], &["#5?"]),
        (&forks(Forks::Allow), &["#5 stranger"], &["#5"]),
        (&forks(Forks::Block), &["#5 stranger", "#6"], &["#6"]),
        (&all, &["#5 draft"], &["#5"]),
        (&no_drafts, &["#5 draft", "#6"], &["#6"]),
        (&no_requests, &["#5", "main"], &["main"]),
        (&branches(&["main"]), &["main", "x"], &["main"]),
        (&branches(&["*", "!x"]), &["main", "x"], &["main"]),
        (&branches(&["!x", "*"]), &["main", "x"], &["main", "x"]),
        // A branch that a pull request shows is not shown twice,
        (&all, &["x", "#5 of x"], &["#5"]),
        // unless it is named,
        (&branches(&["x", "y"]), &["x", "#5 of x"], &["x", "#5"]),
        // or the pull request gets no environment.
        (&no_drafts, &["x", "#5 draft"], &["x"]),
        (&no_requests, &["x", "#5 of x"], &["x"]),
    ];
    for (watch, texts, expected) in rows {
        assert_eq!(created(watch, texts), *expected, "{texts:?} with {watch:?}");
    }
}

/// Another policy takes away what it does not want, and nothing else.
#[test]
fn what_is_wanted_no_more_goes() {
    let all = Watch {
        branches: Branches::named(["**"]),
        ..Watch::default()
    };
    let wanted = open(&["main", "x", "#5", "#6 draft", "#7 stranger"]);
    let decisions = decide(
        &policy(all.clone()),
        &Inventory::default(),
        &wanted,
        Time(0),
    );
    let inventory: Inventory = decisions
        .iter()
        .filter_map(|decision| match decision {
            Decision::Create(one, _) => Some(*one.clone()),
            Decision::Happens(..) => None,
        })
        .collect();
    let gone = |watch: Watch, wanted: &Wanted| -> BTreeSet<String> {
        let decisions = decide(&policy(watch), &inventory, wanted, Time(0));
        let name = |decision: &Decision| match decision {
            Decision::Happens(id, Event::Remove, why) => {
                let one = inventory.get(id).expect("it was there");
                Some(format!("{}: {why}", named(&one.revision.place.subject)))
            }
            _ => None,
        };
        decisions.iter().filter_map(name).collect()
    };
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(gone(all.clone(), &wanted), BTreeSet::new());
    let less = Watch {
        drafts: false,
        forks: Forks::Block,
        branches: Branches::named(["main"]),
        ..all.clone()
    };
    let expected = [
        "x: it is watched no more",
        "#6: it is a draft",
        "#7: it comes from a fork",
    ];
    assert_eq!(gone(less, &wanted), set(&expected));
    let shown = open(&["main", "x", "#5 of x", "#6 draft", "#7 stranger"]);
    let expected = ["x: pull request #5 shows this branch"];
    assert_eq!(gone(all, &shown), set(&expected));
}
