//! Snapshots: made, gone back to, given up, refused, kept for a while. Each row is what happens and what is seen then.

use std::time::Duration;

use boatyard_preview::decide::{Decision, decide};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::snapshot::{fits, free_name};
use boatyard_preview::time::Time;
use boatyard_preview::wanted::Wanted;
use boatyard_preview::watch::Watch;
use boatyard_preview::{resume, step};

fn one(phase: Phase) -> Environment {
    let revision = Revision {
        place: Place {
            repository: Repository {
                forge: "code.test".into(),
                name: "acme/shop".into(),
            },
            subject: Subject::PullRequest(7),
        },
        commit: "c0ffee".into(),
    };
    Environment {
        phase,
        is_prepared: true,
        is_good: true,
        failures: u32::from(phase == Phase::Failed),
        reason: (phase == Phase::Failed).then(|| "it ended".to_owned()),
        ..Environment::new(Id::of(&revision, ""), revision, true, Time(0))
    }
}

/// What happens, one after another, from that phase on: for each the phase and the effect, or why it is refused.
fn told(from: Phase, events: &[Event]) -> (Environment, Vec<String>) {
    let mut now = one(from);
    let mut said = Vec::new();
    for event in events {
        match step(&now, event, None, Time(1)) {
            Ok(next) => {
                now = next.environment.expect("it is there");
                let effect = next.effect.map(|(effect, _)| format!(", {effect:?}"));
                said.push(format!("{}{}", now.phase, effect.unwrap_or_default()));
            }
            Err(refused) => said.push(refused.to_string()),
        }
    }
    (now, said)
}

fn save(name: &str) -> Event {
    Event::Save(name.to_owned())
}

fn restore(name: &str) -> Event {
    Event::Restore(name.to_owned())
}

fn fail(why: &str) -> Event {
    Event::Fail(why.to_owned())
}

fn names(one: &Environment) -> Vec<&str> {
    one.snapshots.iter().map(|one| one.name.as_str()).collect()
}

#[test]
fn one_is_made_and_gone_back_to() {
    for (from, after) in [(Phase::Asleep, "asleep"), (Phase::Failed, "failed")] {
        let events = [save("s1"), Event::Saved(5), restore("s1"), Event::Done];
        let (one, said) = told(from, &events);
        // Other data may be what mends it; to be copied is not.
        let expected = ["saving, Save", after, "restoring, Restore", "asleep"];
        assert_eq!(said, expected);
        assert_eq!(
            (one.failures, one.reason.clone(), one.task.clone()),
            (0, None, None)
        );
        assert_eq!((names(&one), one.snapshots[0].size_bytes), (vec!["s1"], 5));
        assert_eq!((one.asked, free_name(&one)), (None, "s2".to_owned()));
    }
    // What runs is ended first, and wanted again afterwards.
    let events = [save("before_1"), Event::Done, Event::Saved(5)];
    let (one, said) = told(Phase::Running, &events);
    assert_eq!(said, ["stopping, Stop", "saving, Save", "asleep"]);
    assert_eq!((one.asked, names(&one)), (Some(Time(1)), vec!["before_1"]));
    // Unless somebody wants it stopped meanwhile.
    let events = [save("s1"), Event::Done, Event::Stop, Event::Saved(5)];
    let (one, said) = told(Phase::Running, &events);
    assert_eq!(said, ["stopping, Stop", "saving, Save", "saving", "asleep"]);
    assert_eq!((one.asked, names(&one)), (None, vec!["s1"]));
}

#[test]
fn what_goes_wrong_is_told_and_changes_nothing() {
    let (one, said) = told(Phase::Asleep, &[save("s1"), fail("no room")]);
    assert_eq!(said, ["saving, Save", "asleep"]);
    assert_eq!(
        (one.undone.as_deref(), one.reason.clone()),
        (Some("no room"), None)
    );
    assert_eq!((names(&one), one.task.clone()), (vec![], None));
    // What failed and could not be mended is what it was.
    let events = [save("s1"), Event::Saved(5), restore("s1"), fail("no room")];
    let (one, said) = told(Phase::Failed, &events);
    assert_eq!(said.last().unwrap(), "failed");
    assert_eq!((one.failures, one.reason.as_deref()), (1, Some("it ended")));
    // It is not told for ever.
    let events = [save("s1"), fail("no room"), save("s1"), Event::Saved(5)];
    assert_eq!(told(Phase::Asleep, &events).0.undone, None);
    // What takes too long is given up, also by whoever was killed in between; that is why, whatever is told of the end.
    let (one, said) = told(
        Phase::Asleep,
        &[save("s1"), Event::Expire("too long".into())],
    );
    assert_eq!(said, ["saving, Save", "saving, Cancel"]);
    let effect = resume(&one)
        .and_then(|next| next.effect)
        .map(|(effect, _)| effect);
    assert_eq!(format!("{effect:?}"), "Some(Cancel)");
    let events = [
        save("s1"),
        Event::Expire("too long".into()),
        fail("given up"),
    ];
    let (one, said) = told(Phase::Asleep, &events);
    assert_eq!(
        (said.last().unwrap().as_str(), one.undone.as_deref()),
        ("asleep", Some("too long"))
    );
    // What cannot be ended is not saved before it is.
    let events = [
        save("s1"),
        fail("it does not end"),
        Event::Stop,
        Event::Done,
        Event::Saved(5),
    ];
    let (_, said) = told(Phase::Running, &events);
    assert_eq!(said[1..4], ["stuck", "stopping, Stop", "saving, Save"]);
}

#[test]
fn what_cannot_be_is_refused() {
    let rows = [
        (
            save("A"),
            "a snapshot is named by at most 40 lower-case letters, digits, - and _, the first no -",
        ),
        (save("s1"), "it has a snapshot of that name already"),
        (restore("s2"), "it has no snapshot of that name"),
        (
            Event::Discard("s2".into()),
            "it has no snapshot of that name",
        ),
    ];
    for (event, expected) in rows {
        let (_, said) = told(Phase::Asleep, &[save("s1"), Event::Saved(5), event]);
        assert_eq!(said[2], expected);
    }
    let events = [
        save("s1"),
        Event::Saved(5),
        restore("s1"),
        Event::Discard("s1".into()),
    ];
    assert_eq!(
        told(Phase::Asleep, &events).1[3],
        "something is being done with that snapshot"
    );
    for phase in [
        Phase::Queued,
        Phase::Preparing,
        Phase::Stopping,
        Phase::Undeployed,
    ] {
        let said = told(phase, &[save("s1")]).1;
        assert_eq!(said, [format!("Save does not happen to what is {phase}")]);
    }
    let mut unprepared = one(Phase::Failed);
    unprepared.is_prepared = false;
    assert!(step(&unprepared, &save("s1"), None, Time(1)).is_err());
    // A snapshot is whole once its size is known.
    let said = told(Phase::Asleep, &[save("s1"), Event::Done]).1;
    assert_eq!(said[1], "Done does not happen to what is saving");
    let (one, _) = told(Phase::Asleep, &[save("s1"), Event::Saved(5)]);
    let full = fits(&one, 1).unwrap_err().to_string();
    assert_eq!(
        full,
        "an environment may have 1 snapshots here, and it has 1"
    );
    assert!(fits(&one, 2).is_ok());
}

/// They outlive that it is made anew, and for a while that it is undeployed.
#[test]
fn how_long_they_are_kept() {
    let made = [save("s1"), Event::Saved(5), save("s2"), Event::Saved(5)];
    let anew = [&made[..], &[Event::Reset, Event::Done]].concat();
    let (one, said) = told(Phase::Asleep, &anew);
    assert_eq!(
        (said.last().unwrap().as_str(), names(&one)),
        ("queued", vec!["s1", "s2"])
    );
    // What was under way is not gone on with.
    let (one, _) = told(Phase::Asleep, &[save("s1"), Event::Reset, Event::Done]);
    assert_eq!((one.task.clone(), names(&one)), (None, vec![]));

    let undeployed = [&made[..], &[Event::Undeploy, Event::Done]].concat();
    let (one, said) = told(Phase::Asleep, &undeployed);
    assert_eq!(
        (said.last().unwrap().as_str(), names(&one)),
        ("undeployed", vec!["s1", "s2"])
    );
    let mut policy = Policy::default();
    let repository = one.revision.place.repository.clone();
    policy.repositories.insert(repository, Watch::default());
    policy.times.snapshots = Duration::from_secs(60);
    let mut inventory: Inventory = [one].into_iter().collect();
    let mut said = Vec::new();
    for second in [60, 61, 62, 63] {
        let now = Time(second * 1000 + 1);
        for decision in decide(&policy, &inventory, &Wanted::new(), now) {
            let Decision::Happens(id, event, why) = decision else {
                panic!("{decision:?}");
            };
            said.push(format!("{second} {event:?}: {why}"));
            let next = step(inventory.get(&id).unwrap(), &event, None, now).unwrap();
            inventory.set(next.environment.unwrap());
        }
        policy.times.snapshots = Duration::from_secs(61);
    }
    let gone = |second, name| {
        format!("{second} Discard(\"{name}\"): a snapshot was kept for as long as is allowed")
    };
    assert_eq!(said, [gone(60, "s1"), gone(61, "s2")]);
}
