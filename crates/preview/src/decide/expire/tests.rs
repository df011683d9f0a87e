//! Before the moment that is told nothing is due: so nobody has to look.

use std::time::Duration;

use proptest::prelude::*;

use super::{Due, due};
use crate::environment::Environment;
use crate::id::Id;
use crate::phase::Phase;
use crate::policy::{Policy, Times};
use crate::revision::{Place, Repository, Revision, Subject};
use crate::time::Time;

fn environment(phase: Phase, flags: u8, (since, used): (u64, u64), failures: u32) -> Environment {
    let repository = Repository {
        forge: "forge".into(),
        name: "acme/shop".into(),
    };
    let place = Place {
        repository,
        subject: Subject::PullRequest(1),
    };
    let commit = "c".into();
    let revision = Revision { place, commit };
    let is = |bit: u8| flags & 1 << bit != 0;
    Environment {
        phase,
        since: Time(since),
        used: Time(used),
        failures,
        is_pinned: is(0),
        warned: is(1).then_some(Time(1)),
        reason: is(2).then(|| "why".to_owned()),
        ..Environment::new(Id::of(&revision, ""), revision, true, Time(0))
    }
}

proptest! {
    #[test]
    fn nothing_is_due_before_the_moment_that_is_told(
        phase in 0..Phase::ALL.len(),
        flags in 0..8_u8,
        moments in (0..100_000_u64, 0..100_000_u64),
        failures in 0..9_u32,
        (seconds, now, later) in (prop::array::uniform7(0..50_u64), 0..200_000_u64, 0..200_000_u64),
    ) {
        let [preparing, starting, idle, back_off, lifetime, warning, never] = seconds.map(Duration::from_secs);
        let times = Times {
            preparing,
            starting,
            idle: (never.as_secs() % 3 > 0).then_some(idle),
            back_off,
            lifetime: (never.as_secs() % 4 > 0).then_some(lifetime),
            warning,
            ..Policy::default().times
        };
        let one = environment(Phase::ALL[phase], flags, moments, failures);
        let next = Time(now + later);
        match due(&times, &one, Time(now)) {
            Due::Now(..) => {}
            Due::Later(at) if next < at => prop_assert_eq!(due(&times, &one, next), Due::Later(at)),
            Due::Later(at) => {
                prop_assert!(at > Time(now));
                prop_assert!(matches!(due(&times, &one, at), Due::Now(..)));
            }
            Due::Never => prop_assert_eq!(due(&times, &one, next), Due::Never),
        }
    }
}
