//! What holds whatever the services are and whatever happens.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use boatyard_init::exit::Ending;
use boatyard_init::signal::Signal;
use boatyard_init::supervise::{Action, Event};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{World, plan};

/// Some services, each after some that were before it; every other essential, ready in any way.
fn role() -> impl Strategy<Value = String> {
    let service = (
        any::<u8>(),
        0..4_usize,
        any::<bool>(),
        0..3_usize,
        any::<bool>(),
        0..40_u64,
    );
    (vec(service, 0..6), 0..60_u64, 0..20_u64).prop_map(|(services, budget, delay)| {
        let mut text = String::new();
        for (index, (after, ready, essential, restart, oneshot, grace)) in services.iter().enumerate() {
            let before: Vec<String> = (0..index).filter(|bit| after >> bit & 1 == 1).map(|bit| format!("\"s{bit}\"")).collect();
            let ready = ["", r#""ready":"notify","#, r#""ready":"tcp://:1","#, r#""ready":"fd:3","#][*ready];
            let restart = ["never", "on-failure", "always"][*restart];
            let _ = write!(
                text,
                r#"{}"s{index}":{{"command":"x",{ready}"stop":{{"signal":"QUIT","grace_secs":{grace}}},"habits":{{"after":[{}],"essential":{essential},
                   "restart":"{restart}","oneshot":{oneshot},"ready_timeout_secs":20}}}}"#,
                if index > 0 { "," } else { "" },
                before.join(",")
            );
        }
        format!(
            r#"{{"command":"m","stop":{{"signal":"TERM","grace_secs":{budget}}},"supervise":{{"stop_delay_secs":{delay},"services":{{{text}}}}}}}"#
        )
    })
}

fn look(
    world: &World,
    actions: &[Action],
    stopping: &mut Option<u64>,
    killed: &mut BTreeSet<usize>,
    asked: usize,
) {
    let services = &world.plan.services;
    for action in actions {
        match action {
            Action::SetReady(true) => {
                let idle = services.iter().enumerate().find(|(index, spec)| {
                    spec.essential && !spec.oneshot && !world.live.contains_key(index)
                });
                assert!(idle.is_none(), "ready without {idle:?}");
            }
            Action::Tell(None, boatyard_init::supervise::Note::Stopping { .. }) => {
                *stopping = Some(world.now);
            }
            Action::Send(index, Signal::KILL) => {
                killed.insert(*index);
            }
            Action::Send(index, _) if stopping.is_some() && asked < 2 => {
                // In order: what came after it is gone, or was killed.
                for (other, spec) in services.iter().enumerate() {
                    if spec.after.contains(index) && world.live.contains_key(&other) {
                        assert!(
                            killed.contains(&other),
                            "{} is stopped before {}",
                            world.name(*index),
                            spec.name
                        );
                    }
                }
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, max_shrink_iters: 300, ..ProptestConfig::default() })]

    /// Starts are in order; nothing is started in a stop or twice; the stop is in order; it ends within the budget; nothing
    /// is left running unless the kernel does not let it die.
    #[test]
    fn order_and_budget(role in role(), happenings in vec((0..9_u8, 0..200_u64), 0..60), deaf in any::<u8>(), undead in 0..40_u8) {
        let plan = plan(&role);
        let budget = u64::try_from(plan.budget.as_millis()).unwrap();
        let mut world = World::new(plan);
        let (mut stopping, mut killed, mut done) = (None, BTreeSet::new(), BTreeSet::new());
        let (mut asked, mut happenings) = (0, happenings.into_iter());
        let mut actions = world.step(Event::Tick);
        let mut steps = 0_u32;
        loop {
            steps += 1;
            prop_assert!(steps < 20_000, "it does not end: {:?}", world.log);
            for action in &actions {
                if let Action::Start(index) = action {
                    prop_assert!(stopping.is_none(), "{} is started in a stop", world.name(*index));
                    killed.remove(index);
                    for before in &world.plan.services[*index].after {
                        let spec = &world.plan.services[*before];
                        prop_assert!(!spec.oneshot || done.contains(before), "{} before {}", world.name(*index), spec.name);
                    }
                }
            }
            look(&world, &actions, &mut stopping, &mut killed, asked);
            if world.exit.is_some() {
                break;
            }
            let count = u64::try_from(world.live.len()).unwrap().max(1);
            let live: Vec<usize> = world.live.keys().copied().collect();
            let pick = |number: u64| live.get(usize::try_from(number % count).unwrap()).copied();
            actions = match happenings.next() {
                Some((0 | 1, millis)) => world.pass(millis * 20),
                Some((2, number)) if !live.is_empty() => world.step(Event::Ready(pick(number).unwrap())),
                Some((3, number)) if !live.is_empty() => world.step(Event::Probed(pick(number).unwrap(), number % 2 == 0)),
                Some((4, number)) if !live.is_empty() => {
                    let index = pick(number).unwrap();
                    done.insert(index);
                    world.end(index, Ending::Exited(0))
                }
                Some((5, number)) if !live.is_empty() => world.end(pick(number).unwrap(), Ending::Exited(u8::try_from(number).unwrap().max(1))),
                Some((6, _)) => {
                    asked += 1;
                    world.step(Event::Received(Signal::TERM))
                }
                // Also of one that there is not.
                Some((7, number)) => world.step(Event::Restart(usize::try_from(number % 8).unwrap())),
                Some(_) => world.step(Event::Tick),
                None if stopping.is_none() => {
                    asked += 1;
                    world.step(Event::Received(Signal::TERM))
                }
                None => {
                    // Signals do their work: KILL always, others unless the service is deaf; one may be undead.
                    let signalled = |index: usize| world.log.iter().any(|line| line.ends_with(&format!(" QUIT {}", world.name(index))) || line.ends_with(&format!(" TERM {}", world.name(index))));
                    let dying = live.iter().copied().find(|index| {
                        let is_undead = usize::from(undead) == *index;
                        !is_undead && (killed.contains(index) || (deaf >> index & 1 == 0 && signalled(*index)))
                    });
                    match dying {
                        Some(index) => world.end(index, Ending::Exited(0)),
                        None => world.pass(50),
                    }
                }
            };
            if let Some(since) = stopping {
                prop_assert!(world.exit.is_some() || world.now - since <= budget, "{} ms of {budget}", world.now - since);
            }
        }
        let left: Vec<usize> = world.live.keys().copied().filter(|index| usize::from(undead) != *index).collect();
        // With no budget at all nothing can be waited for.
        prop_assert!(left.is_empty() || left.iter().all(|index| killed.contains(index)), "{left:?} left: {:?}", world.log);
    }
}
