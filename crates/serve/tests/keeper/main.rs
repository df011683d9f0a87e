//! The keeper with a real journal on disk and a backend that only notes what it is asked for.

mod killed;
mod moments;
mod races;
mod yard;

use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_serve::journal::Reader;
use boatyard_serve::keeper::{AskError, Heard, Receipt};

use yard::{Yard, head, id, listing};

#[tokio::test]
async fn from_a_push_to_an_answer_and_back() {
    let mut yard = Yard::new();
    yard.push("one").await;
    let order = yard.order().await;
    assert_eq!((order.effect, order.attempt), (Effect::Prepare, 1));
    yard.tell(&order, Event::Done);
    yard.until(&id("one"), Phase::Asleep).await;
    yard.ask("one", Event::Use).await.unwrap();
    let start = yard.order().await;
    assert_eq!(start.effect, Effect::Start);
    yard.tell(&order, Event::Fail("of long ago".into()));
    yard.tell(&start, Event::Done);
    yard.until(&id("one"), Phase::Running).await;
    let refused = yard.ask("one", Event::Approve).await;
    assert!(matches!(refused, Err(AskError::Refused(_))), "{refused:?}");
    let missing = yard.ask("other", Event::Use).await;
    assert!(matches!(missing, Err(AskError::NotThere)), "{missing:?}");
}

#[tokio::test]
async fn fifty_copies_of_a_delivery_are_heard_once() {
    let mut yard = Yard::new();
    let heard = || Heard {
        delivery: Some("github/1".into()),
        by: "github".into(),
        news: vec![head("one")],
        ..Heard::default()
    };
    let copies: Vec<_> = (0..50)
        .map(|_| {
            let keeper = yard.keeper.clone();
            tokio::spawn(async move { keeper.hear(heard()).await })
        })
        .collect();
    let mut taken = 0;
    for copy in copies {
        taken += usize::from(copy.await.unwrap().unwrap());
    }
    assert_eq!(taken, 1);
    yard.restart();
    assert_eq!(
        yard.keeper.hear(heard()).await,
        Ok(false),
        "also after a restart"
    );
    assert_eq!(yard.keeper.look(|known| known.inventory.all().count()), 1);
}

/// Something else under a number that is known is heard once, whenever the server ends in between.
#[tokio::test]
async fn another_body_under_the_same_number_is_heard_and_told() {
    let mut yard = Yard::new();
    let body = |digest: &str, name: &str| Heard {
        delivery: Some("github/1".into()),
        digest: (!digest.is_empty()).then(|| digest.to_owned()),
        by: "github".into(),
        news: vec![head(name)],
        ..Heard::default()
    };
    for (digest, name, expected) in [
        ("aa", "one", Receipt::New),
        ("aa", "one", Receipt::Known),
        ("bb", "two", Receipt::Other("aa".into())),
        ("bb", "two", Receipt::Known),
        ("aa", "one", Receipt::Known),
        // Of what was heard by an earlier release nobody knows.
        ("", "three", Receipt::Known),
    ] {
        let receipt = yard.keeper.receive(body(digest, name)).await.unwrap();
        assert_eq!(receipt, expected, "{digest}");
        yard.restart();
    }
    assert_eq!(yard.keeper.look(|known| known.inventory.all().count()), 2);
}

#[tokio::test]
async fn what_was_under_way_is_asked_for_again() {
    let mut yard = Yard::new();
    yard.push("one").await;
    let before = yard.order().await;
    yard.restart();
    let again = yard.order().await;
    assert_eq!(
        (again.effect, again.attempt),
        (before.effect, before.attempt + 1)
    );
    // What the first is said to have come to is no longer about anything.
    yard.tell(&before, Event::Fail("it was killed".into()));
    yard.tell(&again, Event::Done);
    yard.until(&id("one"), Phase::Asleep).await;
    yard.restart();
    assert_eq!(yard.phase(&id("one")), Some(Phase::Asleep));
    assert!(yard.quiet(), "what sleeps needs nothing");
}

#[tokio::test]
async fn what_cannot_be_written_down_has_not_happened() {
    let mut yard = Yard::new();
    yard.push("one").await;
    let order = yard.order().await;
    let held = yard.hold_the_journal();
    yard.tell(&order, Event::Done);
    let refused = yard
        .keeper
        .hear(Heard {
            delivery: None,
            by: "forge".into(),
            news: vec![head("two")],
            ..Heard::default()
        })
        .await;
    assert!(refused.unwrap_err().0.contains("locked"));
    assert_eq!(yard.phase(&id("one")), Some(Phase::Preparing));
    assert_eq!(yard.phase(&id("two")), None);
    drop(held);
    // What a backend told is not lost, though; a forge says it again.
    yard.until(&id("one"), Phase::Asleep).await;
    yard.push("two").await;
    assert_eq!(yard.order().await.environment.id, id("two"));
}

#[tokio::test]
async fn a_listing_closes_nothing_and_a_word_does() {
    let mut yard = Yard::new();
    yard.push("one").await;
    let order = yard.order().await;
    yard.tell(&order, Event::Done);
    yard.until(&id("one"), Phase::Asleep).await;
    yard.hear(vec![listing(&[])]).await;
    assert_eq!(yard.phase(&id("one")), Some(Phase::Asleep));
    yard.hear(vec![yard::closed("one")]).await;
    let remove = yard.order().await;
    assert_eq!(remove.effect, Effect::Remove);
    yard.restart();
    let again = yard.order().await;
    yard.tell(&again, Event::Done);
    yard.until_gone(&id("one")).await;
    yard.restart();
    assert_eq!(
        yard.keeper.look(|known| known.wanted.clone()),
        listing_of_nothing()
    );
}

fn listing_of_nothing() -> boatyard_preview::wanted::Wanted {
    boatyard_preview::wanted::Wanted::new()
}

#[tokio::test]
async fn what_is_undeployed_stays_away_until_it_is_made_anew() {
    let mut yard = Yard::new();
    yard.push("one").await;
    let order = yard.order().await;
    yard.tell(&order, Event::Done);
    yard.until(&id("one"), Phase::Asleep).await;
    yard.ask("one", Event::Undeploy).await.unwrap();
    let remove = yard.order().await;
    assert_eq!(remove.effect, Effect::Remove);
    yard.tell(&remove, Event::Done);
    yard.until(&id("one"), Phase::Undeployed).await;
    yard.restart();
    yard.hear(vec![listing(&["one"])]).await;
    yard.ask("one", Event::Use).await.unwrap();
    assert_eq!(yard.phase(&id("one")), Some(Phase::Undeployed));
    assert!(yard.quiet());
    yard.ask("one", Event::Reset).await.unwrap();
    assert_eq!(yard.order().await.effect, Effect::Prepare);
}

#[tokio::test]
async fn the_audit_log_tells_who_and_why_and_cannot_be_mended() {
    let mut yard = Yard::new();
    yard.push("one").await;
    let order = yard.order().await;
    yard.tell(&order, Event::Fail("no requirements.txt".into()));
    yard.until(&id("one"), Phase::Failed).await;
    yard.ask("one", Event::Pin(true)).await.unwrap();
    let reader = Reader::open(yard.folder()).unwrap();
    let entries = reader.audit(Some(&id("one")), u64::MAX, 10).unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|one| (one.by.as_str(), one.phase.as_deref(), one.why.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("anne", Some("failed"), "pinned"),
            ("boatyard", Some("failed"), "no requirements.txt"),
            ("boatyard", Some("preparing"), "it is its turn"),
            ("boatyard", Some("queued"), "the forge has this commit"),
        ]
    );
    assert_eq!(
        reader.audit(None, 3, 1).unwrap()[0].number,
        2,
        "page by page"
    );
    assert_eq!(reader.verify().unwrap(), None);
    yard.stop();
    let change = "UPDATE audit SET by = 'nobody' WHERE number = 3";
    yard.sql().execute(change, []).unwrap();
    assert_eq!(reader.verify().unwrap(), Some(3));
    yard.sql()
        .execute("DELETE FROM audit WHERE number = 2", [])
        .unwrap();
    assert_eq!(reader.verify().unwrap(), Some(3), "2 is missing");
}

#[tokio::test]
async fn one_at_a_time_and_no_file_of_tomorrow() {
    let mut yard = Yard::new();
    let second = Yard::open(yard.folder()).err().unwrap().to_string();
    assert!(second.contains("another server keeps"), "{second}");
    yard.stop();
    yard.sql().pragma_update(None, "user_version", 99).unwrap();
    let newer = Yard::open(yard.folder()).err().unwrap().to_string();
    assert!(newer.contains("version 99"), "{newer}");
    yard.sql()
        .execute_batch(
            "DROP TABLE command; DROP TABLE login; ALTER TABLE delivery DROP COLUMN digest",
        )
        .unwrap();
    yard.sql().pragma_update(None, "user_version", 1).unwrap();
    yard.sql()
        .execute("INSERT INTO environment VALUES ('x', '{')", [])
        .unwrap();
    let damaged = Yard::open(yard.folder()).err().unwrap().to_string();
    assert!(damaged.contains("environment x"), "{damaged}");
}

#[tokio::test]
async fn who_has_logged_in_is_told_and_cannot_be_mended() {
    let yard = Yard::new();
    let reader = boatyard_serve::journal::Reader::open(yard.folder()).unwrap();
    let mut logins = boatyard_serve::journal::Logins::open(yard.folder()).unwrap();
    let at = boatyard_preview::time::Time(7);
    for who in ["anne", "bob", "carol"] {
        logins.note(at, [who, "with a token", "10.0.0.1"]).unwrap();
    }
    let last = reader.logins(2).unwrap();
    let last: Vec<_> = last.iter().map(|one| (one.number, &*one.who)).collect();
    assert_eq!(last, [(3, "carol"), (2, "bob")]);
    assert_eq!(reader.verify_logins().unwrap(), None);
    let change = |text: &str| yard.sql().execute(text, []).unwrap();
    change("UPDATE login SET who = 'eve' WHERE number = 2");
    assert_eq!(reader.verify_logins().unwrap(), Some(2));
    change("DELETE FROM login WHERE number = 2");
    assert_eq!(reader.verify_logins().unwrap(), Some(3), "2 is missing");
    let damage = reader.damage().unwrap();
    let told = "entry 3 of the table login does not fit";
    assert!(damage.len() == 1 && damage[0].contains(told), "{damage:?}");
}
