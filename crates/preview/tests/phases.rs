//! The table of phases, as people read it: `phases.txt` is what it says.

use std::fmt::Write as _;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event, Kind, Phase, To, leads};
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::step;
use boatyard_preview::time::Time;

const KINDS: [Kind; 13] = [
    Kind::Approve,
    Kind::Prepare,
    Kind::Start,
    Kind::Stop,
    Kind::Expire,
    Kind::Reset,
    Kind::Undeploy,
    Kind::Remove,
    Kind::Save,
    Kind::Restore,
    Kind::Done,
    Kind::Fail,
    Kind::Break,
];

#[test]
fn the_table_is_what_is_written() {
    let mut table = String::new();
    for from in Phase::ALL {
        for kind in KINDS {
            let to = match leads(from, kind) {
                None => continue,
                Some(To::Gone) => "gone".to_owned(),
                Some(To::Phase(to, None)) => format!("{to:?}"),
                Some(To::Phase(to, Some(effect))) => format!("{to:?}, {effect:?}"),
            };
            let _ = writeln!(table, "{from:?} {kind:?} -> {to}");
        }
    }
    assert_eq!(table, include_str!("phases.txt"), "{table}");
}

#[test]
fn every_phase_can_be_left() {
    for from in Phase::ALL {
        let ways = KINDS.into_iter().filter_map(|kind| leads(from, kind));
        assert!(
            ways.into_iter()
                .any(|to| !matches!(to, To::Phase(to, _) if to == from)),
            "{from:?}"
        );
    }
}

fn new() -> Environment {
    let repository = Repository {
        forge: "code.test".into(),
        name: "acme/shop".into(),
    };
    let subject = Subject::Branch("main".into());
    let revision = Revision {
        place: Place {
            repository,
            subject,
        },
        commit: "c0ffee".into(),
    };
    Environment::new(Id::of(&revision, ""), revision, true, Time(0))
}

/// Who stops what waits for its start wants nobody to wait any more; what nobody waits for cannot be stopped again.
#[test]
fn what_waits_for_its_start_is_stopped() {
    let new = new();
    for phase in [
        Phase::Queued,
        Phase::Preparing,
        Phase::Asleep,
        Phase::Stopping,
        Phase::Failed,
    ] {
        let waits = Environment {
            phase,
            asked: Some(Time(1)),
            ..new.clone()
        };
        let rests = Environment {
            asked: None,
            ..waits.clone()
        };
        let next = step(&waits, &Event::Stop, None, Time(2)).expect("it can be stopped");
        assert_eq!((next.environment, next.effect), (Some(rests.clone()), None));
        assert!(
            step(&rests, &Event::Stop, None, Time(3)).is_err(),
            "{phase}"
        );
    }
}

/// From when it is to be taken away its failures are those of that, whatever becomes of it then: so often it is tried to clean up.
#[test]
fn what_counts_once_it_leaves() {
    let mut one = Environment {
        phase: Phase::Failed,
        failures: 4,
        ..new()
    };
    let fail = || Event::Fail("no".into());
    for (event, phase, failures) in [
        (Event::Undeploy, Phase::Removing, 0),
        (fail(), Phase::Stuck, 1),
        (Event::Undeploy, Phase::Removing, 1),
        // Somebody wants it anew after all.
        (Event::Reset, Phase::Removing, 1),
        (fail(), Phase::Stuck, 2),
        (Event::Remove, Phase::Removing, 2),
        (fail(), Phase::Stuck, 3),
    ] {
        let next = step(&one, &event, None, Time(1)).expect("it happens");
        one = next.environment.expect("it is there");
        assert_eq!((one.phase, one.failures), (phase, failures), "{event:?}");
    }
}

/// What is broken is not taken for what has ended: it holds its place until what is left of it runs no more, and why is remembered.
#[test]
fn what_is_broken_is_ended_first() {
    let one = Environment {
        phase: Phase::Running,
        is_prepared: true,
        failures: 1,
        ..new()
    };
    let broken = Event::Break("somebody has scaled it to zero".into());
    let next = step(&one, &broken, Some(0), Time(1)).expect("it breaks");
    assert_eq!(next.effect, Some((Effect::Stop, 1)));
    let ending = next.environment.expect("it is there");
    assert_eq!(ending.phase, Phase::Stopping);
    assert!(ending.slot().is_some(), "it runs still");
    let next = step(&ending, &Event::Done, Some(1), Time(2)).expect("it has ended");
    let ended = next.environment.expect("it is there");
    assert_eq!(
        (ended.phase, ended.failures, ended.reason.as_deref()),
        (Phase::Failed, 2, Some("somebody has scaled it to zero"))
    );
    assert!(step(&ended, &broken, Some(1), Time(3)).is_err());
}
