//! The same Dockerfiles as another engine builds them: file systems and configurations compared, case by case.
//!
//! ```text
//! cases/AREA.txt    what is built          (case.rs says how it is written)
//! cases/AREA.truth  what BuildKit made of it, recorded: docker 28.5.2 with its own BuildKit
//! ```
//! A machine without docker compares with what was recorded. With `BOATYARD_ORACLE="docker -H unix:///run/docker.sock"`
//! the cases are built by that docker as well and the record is compared with what it says today; with
//! `BOATYARD_ORACLE_RECORD=1` the record is written anew. `BOATYARD_ORACLE_ONLY=copy/` runs those with that in their name, and
//! `BOATYARD_ORACLE_ONLY=copy-links` those of that file.
//!
//! What the frontend in docker 28.5 does not know yet (`--parents`) was asked of a newer one: an image
//! `docker/dockerfile:1-labs` made of `frontend/dockerfile/cmd/dockerfile-frontend` of `BuildKit` 0.26.3, built with
//! `-tags dfparents,dfrunsecurity`. The static busybox was Debian bookworm's.
//!
//! Where we differ on purpose the case says so (`! reason`), and the difference must still be there; all of them are told
//! in docs/reference/dockerfile-differences.md.

mod archive;
mod case;
mod engine;
mod flat;
mod image;
#[path = "../support/mod.rs"]
mod support;
mod truth;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::{Area, Case};
use engine::{Docker, Ours};
use truth::Truth;

#[test]
fn images_are_as_buildkit_makes_them() {
    let _alone = support::alone();
    if support::busybox().is_none() {
        return support::not_run("busybox is not installed (Debian: busybox-static)");
    }
    if !rustix::process::geteuid().is_root() {
        return support::not_run("steps make devices and change owners, for which root is needed");
    }
    let mut areas = Area::all();
    if let Some(docker) = &Docker::from_environment() {
        docker.prepare();
        for area in &mut areas {
            ask(docker, area);
        }
        if is_recording() {
            return println!("recorded; run again without BOATYARD_ORACLE_RECORD to compare");
        }
    }
    let ours = Ours::new();
    let failures = compare(&ours, &areas);
    let count: usize = areas.iter().map(|area| area.cases.len()).sum();
    println!("{count} cases, {} differences", failures.len());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn differences_are_told() {
    let page = support::root().join("docs/reference/dockerfile-differences.md");
    let page = std::fs::read_to_string(page).unwrap();
    for case in Area::all().iter().flat_map(|area| &area.cases) {
        assert_eq!(
            page.contains(&format!("`{}`", case.name)),
            case.explained.is_some(),
            "{}: told on the page or not, but differing or not",
            case.name
        );
    }
}

fn is_recording() -> bool {
    std::env::var_os("BOATYARD_ORACLE_RECORD").is_some()
}

/// Asks docker for the truth; writes it down, or compares it with what was written down.
fn ask(docker: &Docker, area: &mut Area) {
    let found = Mutex::new(Vec::new());
    in_pairs(&area.cases, |case| {
        let truth = docker.truth(case);
        found.lock().unwrap().push((case.name.clone(), truth));
    });
    for (name, truth) in found.into_inner().unwrap() {
        if is_recording() {
            area.truths.insert(name, truth);
        } else {
            assert_eq!(
                area.truths.get(&name).map(Truth::to_string),
                Some(truth.to_string()),
                "{name}: docker says something else today",
            );
        }
    }
    if is_recording() {
        area.write_truths();
    }
}

/// Builds every case; gives what differs.
fn compare(ours: &Ours, areas: &[Area]) -> Vec<String> {
    let all: Vec<(&Area, &Case)> = areas
        .iter()
        .flat_map(|area| area.cases.iter().map(move |case| (area, case)))
        .collect();
    let failures = Mutex::new(Vec::new());
    in_pairs(&all, |(area, case)| {
        let failure = judge(ours, area, case);
        failures.lock().unwrap().extend(failure);
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    failures
}

/// Does something with two at a time, as there are two processors at least.
fn in_pairs<T: Sync>(all: &[T], act: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    act(one);
                }
            });
        }
    });
}

fn judge(ours: &Ours, area: &Area, case: &Case) -> Option<String> {
    let Some(wanted) = area.truths.get(&case.name) else {
        return Some(format!("{}: nothing is recorded for it", case.name));
    };
    let (found, said) = ours.truth(case);
    let same = wanted.agrees(&found);
    match (&case.explained, same) {
        (None, true) | (Some(_), false) => None,
        (Some(reason), true) => Some(format!(
            "{}: does not differ any more, though it says: {reason}",
            case.name
        )),
        (None, false) => Some(format!(
            "=== {}\n{}{}{}",
            case.name,
            case.dockerfile,
            wanted.difference(&found),
            if matches!(found, Truth::Refused) {
                said
            } else {
                String::new()
            },
        )),
    }
}
