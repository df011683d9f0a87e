//! Inits of one main process.

use super::ending::{
    beside, codes, daemon, grounds, ignored_child, killed, not_executable, orphans,
};
use super::given::{descriptors, environment, folder, idle, pipe, state};
use super::sent::{early, forbidden, forwarded, recipients, terminal};
use super::table::{Init, Row, Table, is_installed};
use crate::container::Container;

const fn peer(name: &'static str, program: &'static str) -> Init {
    Init {
        name,
        program,
        flags: &["--"],
    }
}

pub const TABLE: Table<4> = Table {
    title: "One main process",
    inits: [
        peer("boatyard-init", "/init"),
        peer("tini 0.19", "/usr/bin/tini"),
        peer("dumb-init 1.2.5", "/usr/bin/dumb-init"),
        peer("catatonit 0.1.7", "/usr/bin/catatonit"),
    ],
    rows: &[
        Row {
            what: "exit code, if main exits with 0 to 255",
            observe: codes,
            expected: ["the same"; 4],
            why: "",
        },
        Row {
            what: "exit code, if a signal kills main",
            observe: killed,
            expected: ["128 + signal"; 4],
            why: "",
        },
        Row {
            what: "exit code, if main is not there; if it is not executable",
            observe: not_executable,
            expected: ["127, 126", "127, 126", "2, 2", "1, 1"],
            why: "127 and 126: as every shell, so that the caller can tell them from main's own",
        },
        Row {
            what: "works as root, as a user without a name under `no_new_privs`, each with a read-only root too",
            observe: grounds,
            expected: ["yes"; 4],
            why: "",
        },
        Row {
            what: "signals that do not reach main, of those that can be caught",
            observe: forwarded,
            expected: [
                "4 5 6 7 8 11 31",
                "4 5 6 7 8 11 21 22 31",
                "20 21 22",
                "4 5 6 7 8 11 20 21 22 31",
            ],
            why: "faults (4 to 8, 11, 31) are about the process that gets them. 20 to 22 (TSTP, TTIN, TTOU) are main's as all \
                  others; dumb-init stops main by them, which nobody asked for",
        },
        Row {
            what: "who gets a forwarded signal",
            observe: recipients,
            expected: ["main", "main", "group main", "main"],
            why: "main: a group that gets TERM loses what its workers do (Celery). `-g` is there for who wants it",
        },
        Row {
            what: "signals blocked and ignored in main, where init was started with USR1 blocked and HUP ignored",
            observe: state,
            expected: [
                "as they were",
                "as they were",
                "USR1 no longer blocked, HUP no longer ignored",
                "TSTP TTIN TTOU blocked too",
            ],
            why: "as they were: who starts the container has a reason. catatonit's is a defect, job control fails in it",
        },
        Row {
            what: "a write to a closed pipe in main",
            observe: pipe,
            expected: ["ends it by PIPE"; 4],
            why: "",
        },
        Row {
            what: "environment of main",
            observe: environment,
            expected: ["as it was, and more", "as it was", "as it was", "as it was"],
            why: "more: a command sees what the application sees, such as a home for a random user. Under the names of the \
                  others ours adds nothing",
        },
        Row {
            what: "descriptor 7, open when init is started; `LISTEN_PID` that names init",
            observe: descriptors,
            expected: [
                "open, names main",
                "open, names init",
                "open, names init",
                "open, names main",
            ],
            why: "names main: sockets that were passed to the container are for main",
        },
        Row {
            what: "300 orphans that die",
            observe: orphans,
            expected: ["reaped"; 4],
            why: "",
        },
        Row {
            what: "a daemon in a session of its own, when main has ended",
            observe: daemon,
            expected: ["gets TERM and time", "is killed", "is killed", "is killed"],
            why: "TERM and time: a database is no less worth a clean end because it made itself a daemon",
        },
        Row {
            what: "a signal that init may not send (main has another user)",
            observe: forbidden,
            expected: ["is told, goes on", "exits with 1", "goes on", "goes on"],
            why: "goes on: a container must not end because of a USR1",
        },
        Row {
            what: "a TERM that came before init was there",
            observe: early,
            expected: [
                "reaches main",
                "reaches main",
                "may be lost, or come too early",
                "reaches main",
            ],
            why: "reaches main: a lost TERM costs the whole grace period. dumb-init sends it to the group of a child that \
                  has not made one yet, and unblocks it there before main runs",
        },
        Row {
            what: "exit code, if init is started with CHLD ignored",
            observe: ignored_child,
            expected: [
                "main's",
                "lost: 1, or it waits for ever",
                "main's",
                "lost: 1, or it waits for ever",
            ],
            why: "main's: whoever starts the container may ignore CHLD, as programs do to be rid of zombies",
        },
        Row {
            what: "foreground of the terminal, and Ctrl-C",
            observe: terminal,
            expected: ["main's, once"; 4],
            why: "",
        },
        Row {
            what: "folder that init itself is in",
            observe: folder,
            expected: ["/", "where it was started", "/", "where it was started"],
            why: "/: a folder that init is in cannot be unmounted",
        },
        Row {
            what: "while nothing happens",
            observe: idle,
            expected: ["sleeps", "wakes up", "sleeps", "sleeps"],
            why: "sleeps: a thousand containers are a thousand wake-ups in a second",
        },
        Row {
            what: "orphans, where init is not PID 1",
            observe: beside,
            expected: ["come to init", "go to PID 1", "go to PID 1", "come to init"],
            why: "come to init: `docker run --init` and a pause container make it number two. tini does it with `-s`",
        },
    ],
};

#[test]
fn of_one_main_process() {
    TABLE.check(is_installed, Container::new);
}
