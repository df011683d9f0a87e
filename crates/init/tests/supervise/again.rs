//! What is done when somebody asks for a restart, as rows like those of `rows`.

use boatyard_init::supervise::{Action, Event};

use crate::world::{World, plan};

/// nginx before main, which is asked whether it is ready; a log shipper may die; a migration is done once.
const WEB: &str = r#"{"command":"gunicorn","ready":"tcp://:1","stop":{"signal":"TERM","grace_secs":25},"supervise":{
    "services":{"nginx":{"command":"nginx","ready":"notify","stop":{"signal":"QUIT","grace_secs":20}},
                "ship":{"command":"ship","habits":{"essential":false}},
                "migrate":{"command":"m","habits":{"oneshot":true}}}}}"#;

const STARTED: &[&str] = &[
    "0 start main",
    "0 start migrate",
    "0 start nginx",
    "0 start ship",
    "0 ready",
];

/// A script after all are ready, and what is done.
const ROWS: &[(&str, &[&str])] = &[
    // Its signal, a start at once; all are not ready meanwhile. What an essential service ends with ends nothing.
    (
        "1 ~nginx 2 nginx=3 nginx+ 1 TERM nginx=0 main=0 ship=0",
        &[
            "1 QUIT nginx",
            "1 unready",
            "3 start nginx",
            "3 ready",
            "4 unready",
            "4 TERM main",
            "4 QUIT nginx",
            "4 TERM ship",
            "4 exit 0",
        ],
    ),
    // Who does not end is killed after its own grace.
    (
        "~nginx 20 nginx! nginx+",
        &[
            "0 QUIT nginx",
            "0 unready",
            "20 KILL nginx",
            "20 start nginx",
            "20 ready",
        ],
    ),
    // However many ask while it ends, it is started once.
    (
        "~nginx ~nginx 1 ~nginx nginx=0 nginx+ 99",
        &["0 QUIT nginx", "0 unready", "1 start nginx", "1 ready"],
    ),
    // It is not ready yet, and is restarted; the probe that was under way asked the process before.
    (
        "~main main=0 5 ~main main=0 main+ 0.3 main+",
        &[
            "0 TERM main",
            "0 unready",
            "0 start main",
            "5 TERM main",
            "5 start main",
            "5 ready",
        ],
    ),
    // One that is not ready in time ends all, as at the start: it does not become ready.
    (
        "~main main=0 60 ~main",
        &[
            "0 TERM main",
            "0 unready",
            "0 start main",
            "60 TERM main",
            "60 QUIT nginx",
            "60 TERM ship",
        ],
    ),
    // The pause before a restart is over, and the next is the first again.
    (
        "ship=1 0.5 ship=1 0.9 ~ship ship=1 0.5",
        &["0 start ship", "1 start ship", "1 start ship"],
    ),
    // One that was given up is started, and what it did is forgotten.
    (
        "ship=1 0.5 ship=1 1 ship=1 2 ship=1 4 ship=1 8 ship=1 99 ~ship ship=1 0.5",
        &[
            "0 start ship",
            "1 start ship",
            "3 start ship",
            "7 start ship",
            "15 start ship",
            "114 start ship",
            "115 start ship",
        ],
    ),
    // What is done once is done once more; its failure is one as at the start.
    (
        "~migrate migrate=0",
        &["0 start migrate", "0 unready", "0 ready"],
    ),
    (
        "~migrate 1 migrate=4 nginx=0 main=0 ship=0",
        &[
            "0 start migrate",
            "0 unready",
            "1 TERM main",
            "1 QUIT nginx",
            "1 TERM ship",
            "1 exit 4",
        ],
    ),
    // A stop goes before.
    (
        "TERM ~nginx nginx=0 main=0 ship=0",
        &[
            "0 unready",
            "0 TERM main",
            "0 QUIT nginx",
            "0 TERM ship",
            "0 exit 0",
        ],
    ),
    (
        "~nginx TERM nginx=0 main=0 ship=0",
        &[
            "0 QUIT nginx",
            "0 unready",
            "0 TERM main",
            "0 TERM ship",
            "0 exit 0",
        ],
    ),
];

#[test]
fn what_is_done() {
    for (script, wanted) in ROWS {
        let mut world = World::new(plan(WEB));
        world.play("start migrate=0 nginx+ main+");
        assert_eq!(world.log, STARTED);
        world.log.clear();
        world.play(script);
        assert_eq!(world.log, *wanted, "{script}");
    }
}

/// The answer to a probe of the process before is not one of the process that runs.
#[test]
fn a_late_answer_makes_nothing_ready() {
    let mut world = World::new(plan(WEB));
    let main = world.index("main");
    world.play("start migrate=0 nginx+ ~main main=0");
    world.step(Event::Probed(main, true));
    assert!(!world.supervisor.is_ready());
    assert!(world.pass(200).contains(&Action::Probe(main)));
    world.step(Event::Probed(main, true));
    assert!(world.supervisor.is_ready());
}
