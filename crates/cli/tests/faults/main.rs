//! System calls that kill or fail: what is said is clear, the store stays whole, and the next run is right.
//!
//! `strace --inject` makes the n-th call of a class, counted in each thread, the last one or a failure: in the builder, in its
//! helper and in the steps. Here a sample of them; all of them with `just faults`.

mod bench;
mod injection;
mod modes;
#[path = "../support/mod.rs"]
mod support;
mod twice;

use bench::Bench;
use injection::Injection;
use support::alone;

/// A part of everything. Its second `RUN` leaves nothing behind but the time at which a folder was changed.
const DOCKERFILE: &str = "FROM scratch AS base\nCOPY busybox /bin/sh\nCOPY busybox /bin/rm\n\
    FROM base AS tool\nWORKDIR /shop\nRUN echo made > made\n\
    RUN echo gone > gone && /bin/rm gone\n\
    FROM base\nCOPY src /src\nADD part.tar /part\nCOPY --from=tool /shop/made /made\n\
    RUN --mount=type=cache,target=/c --mount=type=bind,source=src,target=/m read a < /made && echo $a > /x && echo y > /c/y\n\
    USER 5\nCMD [\"/bin/sh\"]\n";

#[test]
fn whatever_fails_the_next_run_is_right() {
    let _alone = alone();
    let Some(bench) = Bench::new(DOCKERFILE) else {
        return;
    };
    let (mut tried, mut hit) = (0, 0);
    let mut wrong = Vec::new();
    for (call, error, sample) in injection::classes() {
        let mut numbers = injection::numbers(sample);
        let inject = |number| Injection {
            call,
            error,
            number,
        };
        // Past the last call of its class nothing is hit: the next class.
        while let Some(injection) = numbers.next().map(inject) {
            tried += 1;
            let was_hit = bench.check(injection, &mut wrong);
            if !was_hit {
                break;
            }
            hit += 1;
        }
    }
    println!("{hit} of {tried} system calls were killed or failed");
    assert!(hit > 20, "hardly anything was hit: {hit} of {tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
