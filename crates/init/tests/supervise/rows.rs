//! What happens, as rows: a role, what happens, what is done.

use crate::world::{World, plan};

/// gunicorn says that it is ready, then nginx starts, which is asked; a log shipper may die.
const WEB: &str = r#"{"command":"gunicorn","ready":"notify","stop":{"signal":"TERM","grace_secs":25},"supervise":{
    "services":{"nginx":{"command":"nginx","ready":"tcp://:8080","stop":{"signal":"QUIT","grace_secs":20},"habits":{"after":["main"]}},
                "ship":{"command":"ship","habits":{"essential":false}}}}}"#;

/// The same with a delay.
const DELAYED: &str = r#"{"command":"gunicorn","stop":{"signal":"TERM","grace_secs":25},"supervise":{"stop_delay_secs":5,
    "services":{"nginx":{"command":"nginx","habits":{"after":["main"]}}}}}"#;

/// A migration first; main is started again after a failure.
const STEPS: &str = r#"{"command":"a","stop":{"signal":"TERM","grace_secs":25},"supervise":{"main":{"after":["migrate"],"restart":"on-failure"},
    "services":{"migrate":{"command":"m","habits":{"oneshot":true}}}}}"#;

const ROWS: &[(&str, &str, &[&str])] = &[
    // Order, and a stop in reverse.
    (
        WEB,
        "start 1 main+ 1 nginx+ 5 TERM 1 nginx=0 1 main=0 ship=0",
        &[
            "0 start main",
            "0 start ship",
            "1 start nginx",
            "2 ready",
            "7 unready",
            "7 QUIT nginx",
            "8 TERM main",
            "8 TERM ship",
            "9 exit 0",
        ],
    ),
    // Who does not end in time is killed, and the others still have their share: 25 s less 2 s, less 2 s for the level below.
    (
        WEB,
        "start main+ nginx+ 1 TERM 21 nginx! 1 main=0 ship=0",
        &[
            "0 start main",
            "0 start ship",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "1 QUIT nginx",
            "21 KILL nginx",
            "21 TERM main",
            "21 TERM ship",
            "23 exit 137",
        ],
    ),
    // An essential service ends: all end, with its code.
    (
        WEB,
        "start main+ nginx+ 1 nginx=3 main=0 ship=0",
        &[
            "0 start main",
            "0 start ship",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "1 TERM main",
            "1 TERM ship",
            "1 exit 3",
        ],
    ),
    (
        WEB,
        "start main+ nginx+ 1 main! nginx=0 ship=0",
        &[
            "0 start main",
            "0 start ship",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "1 QUIT nginx",
            "1 TERM ship",
            "1 exit 137",
        ],
    ),
    (
        WEB,
        "start main=0 ship=0",
        &["0 start main", "0 start ship", "0 TERM ship", "0 exit 0"],
    ),
    // One that is not is started again, later each time.
    (
        WEB,
        "start main+ nginx+ ship=1 0.5 ship=1 1 ship=1 2",
        &[
            "0 start main",
            "0 start ship",
            "0 start nginx",
            "0 ready",
            "0 start ship",
            "1 start ship",
            "3 start ship",
        ],
    ),
    (
        WEB,
        "start main+ nginx+ ship=1 0.5 ship=1 1 ship=1 2 ship=1 4 ship=1 8 ship=1 99",
        &[
            "0 start main",
            "0 start ship",
            "0 start nginx",
            "0 ready",
            "0 start ship",
            "1 start ship",
            "3 start ship",
            "7 start ship",
            "15 start ship",
        ],
    ),
    (
        WEB,
        "start main+ nginx+ ship=1 0.5 61 ship=1 0.5 USR1 HUP",
        &[
            "0 start main",
            "0 start ship",
            "0 start nginx",
            "0 ready",
            "0 start ship",
            "62 start ship",
            "62 USR1 main",
            "62 HUP main",
        ],
    ),
    // Not ready in time.
    (
        WEB,
        "start 60 ship=0 main=0",
        &[
            "0 start main",
            "0 start ship",
            "60 TERM main",
            "60 TERM ship",
            "60 exit 69",
        ],
    ),
    // A delay: all go on, no longer ready. A second TERM ends it and the order, a third kills.
    (
        DELAYED,
        "start 1 TERM 5 nginx=0 main=0",
        &[
            "0 start main",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "6 TERM nginx",
            "6 TERM main",
            "6 exit 0",
        ],
    ),
    (
        DELAYED,
        "start 1 TERM 1 TERM nginx=0 main=0",
        &[
            "0 start main",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "2 TERM main",
            "2 TERM nginx",
            "2 exit 0",
        ],
    ),
    (
        DELAYED,
        "start 1 TERM TERM TERM nginx! main!",
        &[
            "0 start main",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "1 TERM main",
            "1 TERM nginx",
            "1 KILL main",
            "1 KILL nginx",
            "1 exit 137",
        ],
    ),
    (
        DELAYED,
        "start 1 TERM 1 main=5 nginx=0",
        &[
            "0 start main",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "2 TERM nginx",
            "2 exit 5",
        ],
    ),
    (
        DELAYED,
        "start 1 main=5 nginx=0",
        &[
            "0 start main",
            "0 start nginx",
            "0 ready",
            "1 unready",
            "1 TERM nginx",
            "1 exit 5",
        ],
    ),
    // Who cannot be killed does not keep init for ever.
    (
        DELAYED,
        "start main=1 99",
        &[
            "0 start main",
            "0 start nginx",
            "0 ready",
            "0 unready",
            "0 TERM nginx",
            "23 KILL nginx",
            "25 exit 1",
        ],
    ),
    // A oneshot is ready when it is done.
    (
        STEPS,
        "start 9 migrate=0 1 main=1 0.5 TERM main=0",
        &[
            "0 start migrate",
            "9 start main",
            "9 ready",
            "10 unready",
            "10 start main",
            "10 ready",
            "10 unready",
            "10 TERM main",
            "10 exit 0",
        ],
    ),
    // An end that is made good by a restart is not told by a later stop.
    (
        STEPS,
        "start migrate=0 main=1 0.1 TERM",
        &[
            "0 start migrate",
            "0 start main",
            "0 ready",
            "0 unready",
            "0 exit 0",
        ],
    ),
    (STEPS, "start 9 migrate=4", &["0 start migrate", "9 exit 4"]),
    (
        STEPS,
        "start migrate=0 main=0",
        &[
            "0 start migrate",
            "0 start main",
            "0 ready",
            "0 unready",
            "0 exit 0",
        ],
    ),
];

#[test]
fn what_is_done() {
    for (role, script, wanted) in ROWS {
        let mut world = World::new(plan(role));
        world.play(script);
        assert_eq!(world.log, *wanted, "{script}");
    }
}
