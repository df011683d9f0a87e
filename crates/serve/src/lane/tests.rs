//! Lanes that nothing runs in.

use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::environment::{Environment, Wishes};
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::time::Time;
use tokio::sync::{Notify, mpsc};

use super::{Lanes, Outcome, Stop, Trouble, Up, Work};
use crate::backend::{Order, Told};
use crate::clock::Clock;

/// Whatever it is told is done at once; what it starts runs until it is told to end.
struct Quick(Arc<Notify>);

struct Runs(Arc<Notify>);

impl Up for Runs {
    async fn ended(&mut self) -> Event {
        self.0.notified().await;
        Event::Fail("it has ended".to_owned())
    }
}

impl Work for Quick {
    type Up = Runs;

    async fn carry_out(
        self: Arc<Self>,
        order: Order,
        _stop: Stop,
    ) -> Result<Outcome<Runs>, Trouble> {
        Ok(match order.effect {
            Effect::Start => Outcome::Runs(Runs(Arc::clone(&self.0))),
            _ => Outcome::Done,
        })
    }

    async fn wishes(&self, _one: &Environment) -> Option<Wishes> {
        None
    }
}

fn order(effect: Effect, attempt: u32) -> Order {
    let repository = Repository {
        forge: "git.test".to_owned(),
        name: "acme/shop".to_owned(),
    };
    let subject = Subject::Branch("main".to_owned());
    let place = Place {
        repository,
        subject,
    };
    let revision = Revision {
        place,
        commit: "1".to_owned(),
    };
    let id = Id::of(&revision, "boatyard.toml");
    Order {
        environment: Environment::new(id, revision, true, Time(0)),
        effect,
        attempt,
        clock: Clock::after(Time(0)),
    }
}

#[tokio::test]
async fn a_lane_is_open_for_as_long_as_something_runs_in_it() {
    let ends = Arc::new(Notify::new());
    let (tell, mut told) = mpsc::unbounded_channel::<Told>();
    let lanes = Lanes::new(Quick(Arc::clone(&ends)), move |one| {
        // Who no longer listens has seen enough.
        let _ = tell.send(one);
    });
    let mut attempt = 0;
    for (effect, is_open) in [
        (Effect::Prepare, false),
        (Effect::Start, true),
        (Effect::Stop, false),
        (Effect::Start, true),
    ] {
        attempt += 1;
        lanes.begin(order(effect, attempt));
        assert_eq!(told.recv().await.unwrap().attempt, attempt);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(lanes.open(), usize::from(is_open), "{effect:?}");
    }
    // What ends by itself leaves none open either, and the next order opens one.
    ends.notify_one();
    assert!(matches!(told.recv().await.unwrap().event, Event::Fail(_)));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(lanes.open(), 0);
    lanes.begin(order(Effect::Remove, 9));
    assert_eq!(told.recv().await.unwrap().attempt, 9);
}
