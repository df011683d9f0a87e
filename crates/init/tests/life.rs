//! The life of the main process, as a table of stories.

use std::time::Duration;

use boatyard_init::contract::Target;
use boatyard_init::exit::Ending;
use boatyard_init::life::{Action, Event, Farewell, Life, Policy, Rewrite, Suspension};
use boatyard_init::signal::Signal;

const MAIN: i32 = 7;

/// A story is lines of `SECONDS EVENT -> ACTIONS`. Events: a signal's name; `main N` and `main SIG` (main was reaped);
/// `suspended`;
/// `orphan`; `alone` and `others` (all reaped, and so many live); `deadline`. After the actions, `@N`: the deadline.
struct Story {
    name: &'static str,
    policy: fn(&mut Policy),
    lines: &'static [&'static str],
}

const STORIES: &[Story] = &[
    Story {
        name: "main ends by itself",
        policy: |_| {},
        lines: &["1 others ->", "2 main 3 ->", "2 alone -> exit 3"],
    },
    Story {
        name: "an orphan's end is nothing",
        policy: |_| {},
        lines: &[
            "1 orphan ->",
            "1 others ->",
            "2 main 0 ->",
            "2 alone -> exit 0",
        ],
    },
    Story {
        name: "killed by a signal",
        policy: |_| {},
        lines: &["1 main SEGV ->", "1 alone -> exit 139"],
    },
    Story {
        name: "every signal is forwarded, none but a stop starts the grace",
        policy: |_| {},
        lines: &[
            "1 HUP -> HUP main",
            "1 INT -> INT main",
            "1 USR1 -> USR1 main",
            "1 RTMIN+3 -> RTMIN+3 main",
        ],
    },
    Story {
        name: "a stop in time",
        policy: |_| {},
        lines: &[
            "1 TERM -> TERM main @11",
            "4 main 0 ->",
            "4 alone -> exit 0",
        ],
    },
    Story {
        name: "a second stop is forwarded and does not prolong the grace",
        policy: |_| {},
        lines: &["1 TERM -> TERM main @11", "5 TERM -> TERM main @11"],
    },
    Story {
        name: "the grace is over",
        policy: |_| {},
        lines: &[
            "1 TERM -> TERM main @11",
            "11 deadline -> KILL main",
            "11 main KILL ->",
            "11 alone -> exit 137",
        ],
    },
    Story {
        name: "nobody promised a grace",
        policy: |policy| policy.grace = None,
        lines: &["1 TERM -> TERM main"],
    },
    Story {
        name: "a grace beyond the end of time",
        policy: |policy| policy.grace = Some(Duration::MAX),
        lines: &["1 TERM -> TERM main"],
    },
    Story {
        name: "another stop signal",
        policy: |policy| policy.stop_signal = Signal::parse("QUIT").unwrap(),
        lines: &["1 HUP -> HUP main", "2 TERM -> QUIT main @12"],
    },
    Story {
        name: "the stop signal itself is a stop",
        policy: |policy| policy.stop_signal = Signal::parse("QUIT").unwrap(),
        lines: &["2 QUIT -> QUIT main @12"],
    },
    Story {
        name: "to the group",
        policy: |policy| policy.target = Target::Group,
        lines: &[
            "1 HUP -> HUP group",
            "2 TERM -> TERM group @12",
            "12 deadline -> KILL main",
        ],
    },
    Story {
        name: "to all",
        policy: |policy| policy.target = Target::All,
        lines: &["1 HUP -> HUP all"],
    },
    Story {
        name: "leftovers are stopped",
        policy: |_| {},
        lines: &[
            "1 main 3 ->",
            "1 others -> TERM all, CONT all @6",
            "2 orphan -> @6",
            "2 alone -> exit 3",
        ],
    },
    Story {
        name: "leftovers are killed, and those that cannot die are left",
        policy: |_| {},
        lines: &[
            "1 main 3 ->",
            "1 others -> TERM all, CONT all @6",
            "6 deadline -> KILL all @7",
            "6 others -> @7",
            "7 deadline -> exit 3",
        ],
    },
    Story {
        name: "leftovers have no more time than the stop had",
        policy: |_| {},
        lines: &[
            "1 TERM -> TERM main @11",
            "9 main 0 ->",
            "9 others -> TERM all, CONT all @11",
        ],
    },
    Story {
        name: "signals after the end have no recipient",
        policy: |_| {},
        lines: &[
            "1 main 0 ->",
            "1 TERM ->",
            "1 others -> TERM all, CONT all @6",
            "2 TERM -> @6",
        ],
    },
    Story {
        name: "leftovers that cannot be reached",
        policy: |policy| policy.farewell = Farewell::Nobody,
        lines: &["1 main 3 ->", "1 others -> exit 3"],
    },
    Story {
        name: "a code that counts as success",
        policy: |policy| policy.success.codes = vec![3, 143],
        lines: &["1 main 3 ->", "1 alone -> exit 0"],
    },
    Story {
        name: "a signal that counts as success",
        policy: |policy| policy.success.codes = vec![3, 143],
        lines: &["1 main TERM ->", "1 alone -> exit 0"],
    },
    Story {
        name: "the end by the stop that was asked for",
        policy: |policy| policy.success.stopped = true,
        lines: &[
            "1 TERM -> TERM main @11",
            "2 main TERM ->",
            "2 alone -> exit 0",
        ],
    },
    Story {
        name: "the same end, told by the main process itself",
        policy: |policy| policy.success.stopped = true,
        lines: &[
            "1 TERM -> TERM main @11",
            "2 main 143 ->",
            "2 alone -> exit 0",
        ],
    },
    Story {
        name: "the end by a TERM that came from elsewhere",
        policy: |policy| policy.success.stopped = true,
        lines: &["2 main TERM ->", "2 alone -> exit 143"],
    },
    Story {
        name: "the end by KILL after a stop is no success",
        policy: |policy| policy.success.stopped = true,
        lines: &[
            "1 TERM -> TERM main @11",
            "11 deadline -> KILL main",
            "11 main KILL ->",
            "11 alone -> exit 137",
        ],
    },
];

const REWRITTEN: &[Story] = &[
    Story {
        name: "signals are rewritten, the last rewrite counts, and 0 drops",
        policy: |policy| {
            policy.rewrites = rewrites(&[("HUP", "USR1"), ("HUP", "USR2"), ("INT", "0")]);
        },
        lines: &["1 HUP -> USR2 main", "2 INT ->", "3 USR2 -> USR2 main"],
    },
    Story {
        name: "a stop that is rewritten is a stop, one that is dropped is none",
        policy: |policy| {
            policy.rewrites = rewrites(&[("TERM", "QUIT"), ("INT", "TERM"), ("QUIT", "0")]);
        },
        lines: &["1 QUIT ->", "1 TERM -> QUIT main @11"],
    },
    Story {
        name: "a signal that is rewritten to a stop is one",
        policy: |policy| policy.rewrites = rewrites(&[("INT", "TERM")]),
        lines: &["1 INT -> TERM main @11"],
    },
    Story {
        name: "a rewrite of TERM goes before the stop signal",
        policy: |policy| {
            policy.stop_signal = Signal::QUIT;
            policy.rewrites = rewrites(&[("TERM", "INT")]);
        },
        lines: &["1 TERM -> INT main @11"],
    },
    Story {
        name: "the first signal of a terminal that is handed over is not meant",
        policy: |policy| policy.ignored_once = vec![Signal::HUP, Signal::CONT],
        lines: &[
            "1 HUP ->",
            "1 CONT ->",
            "2 HUP -> HUP main",
            "2 CONT -> CONT main",
        ],
    },
    Story {
        name: "init stops with the main process, and the group goes on",
        policy: |policy| policy.suspension = Suspension::WithMain,
        lines: &[
            "1 suspended -> suspend",
            "2 CONT -> CONT group",
            "3 TSTP -> TSTP main",
        ],
    },
    Story {
        name: "PID 1 does not stop; a stopped process goes on to take its stop",
        policy: |_| {},
        lines: &["1 suspended ->", "2 TERM -> TERM main, CONT group @12"],
    },
    Story {
        name: "init stops itself after it has told the group to",
        policy: |policy| {
            policy.suspension = Suspension::AfterSignal;
            policy.target = Target::Group;
            policy.rewrites = rewrites(&[("TSTP", "STOP")]);
        },
        lines: &[
            "1 TSTP -> STOP group, suspend",
            "2 CONT -> CONT group",
            "3 TTIN -> TTIN group, suspend",
        ],
    },
    Story {
        name: "the group gets a last TERM",
        policy: |policy| policy.farewell = Farewell::Group,
        lines: &["1 main 3 ->", "1 others -> TERM group, exit 3"],
    },
];

fn rewrites(pairs: &[(&str, &str)]) -> Vec<Rewrite> {
    let signal = |text: &str| Signal::parse(text).unwrap();
    let rewrite = |&(from, to): &(&str, &str)| Rewrite {
        from: signal(from),
        to: (to != "0").then(|| signal(to)),
    };
    pairs.iter().map(rewrite).collect()
}

#[test]
fn stories() {
    for story in STORIES.iter().chain(REWRITTEN) {
        let mut policy = Policy {
            grace: Some(Duration::from_secs(10)),
            ..Policy::default()
        };
        (story.policy)(&mut policy);
        let mut life = Life::new(MAIN, policy);
        for line in story.lines {
            let (cause, expected) = line.split_once("->").unwrap();
            let (seconds, event) = cause.trim().split_once(' ').unwrap();
            let now = Duration::from_secs(seconds.parse().unwrap());
            let actions = life.step(event_of(event), now);
            let told = told(&actions, life.deadline());
            assert_eq!(told, expected.trim(), "{}: {line}", story.name);
        }
    }
}

fn event_of(text: &str) -> Event {
    match text.split_once(' ') {
        Some(("main", how)) => Event::Reaped {
            pid: MAIN,
            ending: how.parse().map_or_else(
                |_| Ending::Killed(Signal::parse(how).unwrap()),
                Ending::Exited,
            ),
        },
        _ => match text {
            "suspended" => Event::Suspended { pid: MAIN },
            "orphan" => Event::Reaped {
                pid: MAIN + 1,
                ending: Ending::Exited(99),
            },
            "alone" => Event::Drained { living: false },
            "others" => Event::Drained { living: true },
            "deadline" => Event::Deadline,
            signal => Event::Received(Signal::parse(signal).unwrap()),
        },
    }
}

fn told(actions: &[Action], deadline: Option<Duration>) -> String {
    let actions: Vec<String> = actions
        .iter()
        .map(|action| match action {
            Action::Send(signal, recipient) => {
                format!("{signal} {}", format!("{recipient:?}").to_lowercase())
            }
            Action::Suspend => "suspend".to_owned(),
            Action::Exit(code) => format!("exit {code}"),
        })
        .collect();
    let exits = actions.iter().any(|action| action.starts_with("exit"));
    let deadline = deadline
        .filter(|_| !exits)
        .map(|deadline| format!("@{}", deadline.as_secs()));
    [actions.join(", ")]
        .into_iter()
        .chain(deadline)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
