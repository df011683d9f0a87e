//! Many people at once: what each is answered and what everybody sees is one history.

use std::collections::BTreeMap;

use boatyard_preview::environment::{Environment, Slot};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::time::Time;
use boatyard_serve::keeper::AskError;

use super::yard::{Yard, id};

const NAMES: [&str; 5] = ["one", "two", "three", "four", "five"];
const PEOPLE: usize = 8;
const ASKS: usize = 60;

/// What one of them asks for, the same in each run.
fn asked(who: usize, turn: usize) -> (&'static str, Event) {
    let chance = (who * 7919 + turn * 104_729 + turn * turn * 31) % 1000;
    let event = match chance % 7 {
        0 => Event::Reset,
        1 => Event::Undeploy,
        2 => Event::Stop,
        3 => Event::Pin(chance.is_multiple_of(2)),
        _ => Event::Use,
    };
    (NAMES[chance / 7 % NAMES.len()], event)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_people_see_one_history() {
    let mut yard = Yard::new();
    for name in NAMES {
        yard.push(name).await;
    }
    let begin = yard.keeper.feed().last();
    let mut before = yard.keeper.look(|known| known.inventory.clone());
    let people: Vec<_> = (0..PEOPLE)
        .map(|who| {
            let keeper = yard.keeper.clone();
            tokio::spawn(async move {
                let mut answers: Vec<Environment> = Vec::new();
                for turn in 0..ASKS {
                    let (name, event) = asked(who, turn);
                    match keeper.ask(&id(name), event, &format!("p{who}")).await {
                        Ok(answer) => answers.push(answer),
                        Err(AskError::Refused(_)) => {}
                        Err(error) => panic!("{name}: {error}"),
                    }
                }
                answers
            })
        })
        .collect();
    // Meanwhile everything that is begun ends, well.
    let mut answers = Vec::new();
    let mut people = people
        .into_iter()
        .collect::<std::collections::VecDeque<_>>();
    while let Some(person) = people.front_mut() {
        tokio::select! {
            biased;
            done = person => {
                answers.push(done.unwrap());
                people.pop_front();
            }
            order = yard.order() => yard.tell(&order, Event::Done),
        }
    }
    yard.stop();
    let changes = yard.keeper.feed().since(begin, usize::MAX).unwrap();
    assert!(changes.len() > 200, "{} changes", changes.len());

    // Numbers follow each other, and at no moment a limit is exceeded.
    let limits = Policy::default().limits;
    let mut history: BTreeMap<Id, Vec<Environment>> = BTreeMap::new();
    for one in before.all() {
        history.entry(one.id).or_default().push(seen(one));
    }
    for (number, change) in (begin + 1..).zip(&changes) {
        assert_eq!(change.number, number);
        let one = change.environment.clone().expect("nobody closes anything");
        history.entry(one.id).or_default().push(seen(&one));
        before.set(one);
        within(&before, limits.preparing, limits.running);
    }
    let after = yard.keeper.look(|known| known.inventory.clone());
    assert!(before.all().map(seen).eq(after.all().map(seen)));

    // Whatever somebody was answered was so, in the order of his questions.
    for answers in answers {
        let mut at: BTreeMap<Id, usize> = BTreeMap::new();
        for answer in answers {
            let history = &history[&answer.id];
            let from = at.entry(answer.id).or_default();
            let found = history[*from..]
                .iter()
                .position(|one| *one == seen(&answer));
            *from += found.unwrap_or_else(|| panic!("it never was so after {from}: {answer:#?}"));
        }
    }
    // Nothing happens by itself: attempts count one by one, and what runs was started.
    for history in history.values() {
        for pair in history.windows(2) {
            let step = pair[1].attempt.wrapping_sub(pair[0].attempt);
            assert!(step <= 1, "{pair:#?}");
            let starts = pair[1].phase == Phase::Running && pair[0].phase != Phase::Running;
            assert!(!starts || pair[0].phase == Phase::Starting, "{pair:#?}");
        }
    }
}

/// What is told: that somebody looks at it is not, each time.
fn seen(one: &Environment) -> Environment {
    Environment {
        used: Time::default(),
        ..one.clone()
    }
}

fn within(inventory: &Inventory, preparing: usize, running: usize) {
    assert!(inventory.held(Slot::Preparing) <= preparing);
    assert!(inventory.held(Slot::Running) <= running);
}
