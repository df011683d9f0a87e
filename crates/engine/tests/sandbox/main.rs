//! Sandboxes and networks, on the real kernel: as root, as an ordinary user with and without subordinate ids, and as
//! root of an ordinary container.
//!
//! The helper of a sandbox is this binary again, so it has a main of its own: it runs itself once for each kind of
//! user, and each runs the cases that make sense for it. A word on the command line selects cases by name.

mod confine;
mod lifetime;
mod network;
mod only;
mod outlet;
mod program;
mod report;
mod root;
mod snapshot;
mod users;
mod view;
mod world;

use boatyard_engine::sandbox::helper_main_if_asked;
use world::{Case, On, World};

const CASES: &[&[Case]] = &[
    program::CASES,
    view::CASES,
    confine::CASES,
    lifetime::CASES,
    network::CASES,
    outlet::CASES,
    only::CASES,
    snapshot::CASES,
];

fn main() {
    helper_main_if_asked();
    lifetime::victim_main_if_asked();
    let selection = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'))
        .unwrap_or_default();
    let failed = match std::env::var("BOATYARD_TEST_AS") {
        Ok(kind) => run_cases(&kind, &selection),
        Err(_) => users::run_as_each(&selection),
    };
    std::process::exit(i32::from(failed));
}

/// Runs the selected cases that make sense here. Says whether one failed.
fn run_cases(kind: &str, selection: &str) -> bool {
    let mut failed = report::check(kind, selection);
    failed |= lifetime::join_from_outside(kind, selection);
    let world = World::enter(kind);
    for (name, on, case) in CASES.iter().copied().flatten() {
        if !name.contains(selection) {
            continue;
        }
        if let Err(reason) = on.permits(&world) {
            println!("{kind}: {name} ... not run: {reason}");
            continue;
        }
        let passed =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case(&world))).is_ok();
        println!(
            "{kind}: {name} ... {}",
            if passed { "ok" } else { "FAILED" }
        );
        failed |= !passed;
    }
    failed
}

/// Cases for everybody.
pub const ALL: On = On::All;
