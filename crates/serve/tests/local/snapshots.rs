//! Snapshots, as our command is asked for them.

use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_preview::snapshot::{Snapshot, Task};
use boatyard_preview::time::Time;

use super::yard::Yard;

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_saved_data() {
    let mut yard = Yard::new();
    let mut one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    let asked = yard.asked().len();

    // There are 1000 bytes for all together; what an earlier attempt left counts no more, nor what is no snapshot.
    let ours = |name: &str| format!("preview_{}.{name}", one.id);
    let (s1, s2) = (ours("s1"), ours("s2"));
    let other = "preview_aaaaaaaaaaaaaaaa.s1";
    yard.has_saved(&[&s1, &s2, other, "template_1"]);
    (one.phase, one.task) = (Phase::Saving, Some(Task::Save("s1".into())));
    yard.order(&one, Effect::Save, 2);
    assert_eq!(yard.told().await, (2, Event::Saved(41)));
    let save = format!("data save {s1} --replace --room 990");
    assert_eq!(yard.asked()[asked..], ["down", &save]);

    (one.phase, one.task) = (Phase::Restoring, Some(Task::Restore("s1".into())));
    yard.order(&one, Effect::Restore, 3);
    assert_eq!(yard.told().await, (3, Event::Done));
    let restore = format!("data restore {s1}");
    assert_eq!(yard.asked()[asked + 2..], ["down", &restore]);

    // What nobody knows goes; what is whole or being made stays.
    (one.phase, one.task) = (Phase::Saving, Some(Task::Save("s2".into())));
    one.snapshots = vec![Snapshot {
        name: "s1".into(),
        at: Time(1),
        size_bytes: 41,
    }];
    let removed = |name| format!("removed the snapshot {name}, which nobody knows");
    assert_eq!(yard.sweep_snapshots(&one).await, [removed(other)]);
    one.task = None;
    let all = yard.sweep_snapshots(&one).await;
    assert_eq!(all, [removed(&s2), removed(other)]);
    assert!(!yard.said().contains(&format!("data rm {s1}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_saved_says_why_and_takes_nothing_away() {
    let mut yard = Yard::new();
    let mut one = Yard::environment(&yard.commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    let asked = yard.asked().len();
    (one.phase, one.task) = (Phase::Saving, Some(Task::Save("s1".into())));

    yard.complain();
    yard.order(&one, Effect::Save, 2);
    let (_, event) = yard.told().await;
    let Event::Fail(why) = event else {
        panic!("it was saved");
    };
    // What is to be done is said to whoever looks at the server's page, not to whoever types our command.
    let expected = "cannot make the snapshot: a copy takes 7 bytes: there is room for 5\nhelp: if there is no room, ";
    assert!(why.starts_with(expected), "{why}");

    // Given up because it takes too long: the environment is as it was.
    yard.hang();
    yard.order(&one, Effect::Save, 3);
    yard.until_said_again(" data save ").await;
    yard.order(&one, Effect::Cancel, 4);
    let given_up = Event::Fail("it was given up".into());
    assert_eq!(yard.told().await, (4, given_up));
    yard.until_said("ended by a signal").await;
    let asked = &yard.asked()[asked..];
    assert!(
        asked.iter().all(|words| *words != "down --all"),
        "{asked:?}"
    );
}
