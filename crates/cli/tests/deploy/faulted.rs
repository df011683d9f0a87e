//! A real API server, and a way to it on which one thing goes wrong at a time, with calls and with watches: it ends as if nothing had.

use std::time::{Duration, Instant};

use boatyard_kubetest::{Cluster, End, Fault};

use crate::distribution::Registry;
use crate::fleet::{Fleet, Phases, all};
use crate::support::{busybox, not_run, wait_for};

const COUNT: usize = 3;
/// Of so many rows one is played; `FAULTS=all`: each.
const SOME: usize = 3;

const ROWS: &[(&str, &[Fault])] = &[
    (
        "T5: all is told again, older than what is known",
        &[Fault::Again],
    ),
    ("T6: watches that are too old", &[Fault::WatchGone(3)]),
    ("T6: watches that get too old", &[Fault::End(2, End::Gone)]),
    (
        "T6: lists that are too old in the middle",
        &[Fault::PageGone(2), Fault::End(2, End::Gone)],
    ),
    ("T7: watches are closed", &[Fault::End(1, End::Close)]),
    ("T8: half a line", &[Fault::End(2, End::HalfLine)]),
    ("T8: no text", &[Fault::End(2, End::NoText)]),
    (
        "T8: an event of another kind",
        &[Fault::End(2, End::Unknown)],
    ),
    ("T8: a giant", &[Fault::End(3, End::Giant)]),
    ("T9: silence", &[Fault::End(3, End::Silence)]),
    ("T10: every other event is lost", &[Fault::Drop(2)]),
    (
        "T12: pods before what makes them",
        &[Fault::Late("deployments"), Fault::Late("jobs")],
    ),
    ("T12: what makes pods before them", &[Fault::Late("pods")]),
    ("T16: 429", &[Fault::Status(3, 429, false)]),
    ("T16: 500 instead", &[Fault::Status(3, 500, false)]),
    ("T16: 500 afterwards", &[Fault::Status(3, 500, true)]),
    ("T16: 409", &[Fault::Status(7, 409, false)]),
    ("T16: no answer, not done", &[Fault::Cut(3, false)]),
    ("T16: no answer, done", &[Fault::Cut(3, true)]),
    ("T19: slow", &[Fault::Slow(Duration::from_millis(400))]),
];

/// In every second turn the first is to run, in the others the second; in each one branch begins and that of the turn before ends.
fn wanted(turn: usize) -> Phases {
    let mut phases = all(COUNT, "asleep");
    let running = format!("branch-{:02}", turn % 2);
    phases.insert(running, "running".to_owned());
    phases.insert(passing(turn), "asleep".to_owned());
    phases
}

fn passing(turn: usize) -> String {
    format!("passing-{turn:02}")
}

/// As wanted, for the server and for the cluster.
fn ends_well(fleet: &mut Fleet<'_>, wanted: &Phases) {
    fleet.until(wanted, &[]);
    let running = wanted.values().filter(|phase| *phase == "running").count();
    wait_for("the cluster to be so, too", 60, || {
        let is_so = fleet.there() == *wanted && fleet.awake().len() == running;
        is_so.then_some(())
    });
}

#[test]
fn whatever_goes_wrong_on_the_way_it_ends_as_if_nothing_had() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("previews over a bad way", false) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let mut fleet = Fleet::new(cluster, &registry, &busybox, "faulted", COUNT);
    let relay = cluster.relay();
    fleet.replica.over(&relay.url());
    fleet.begin();
    ends_well(&mut fleet, &all(COUNT, "asleep"));
    let is_all = std::env::var_os("FAULTS").is_some_and(|value| value == "all");
    let rows = ROWS.iter().step_by(if is_all { 1 } else { SOME });
    for (turn, (what, faults)) in rows.enumerate() {
        let begin = Instant::now();
        println!("{what}");
        relay.suffer(faults);
        fleet.push(&passing(turn));
        if let Some(before) = turn.checked_sub(1) {
            fleet.close(&passing(before));
        }
        fleet.until(&wanted(turn), &[]);
        assert_eq!(relay.unstruck(), [], "{what}");
        relay.suffer(&[]);
        ends_well(&mut fleet, &wanted(turn));
        assert_eq!(
            fleet.resets, 0,
            "{what}: who had failed was asked for again"
        );
        println!("{:.1} s", begin.elapsed().as_secs_f32());
    }
    wait_for("nothing to be left", 60, || {
        fleet.left().is_empty().then_some(())
    });
    fleet.end();
}
