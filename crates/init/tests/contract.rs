//! The contract file: what is written is read back, and rubbish is refused without a panic.

use std::collections::BTreeMap;

use boatyard_init::contract::{
    Command, Contract, Habits, Job, MAIN, Manner, Restart, Role, Schedule, Service, Stop,
    Supervise, Target, VERSION, parse,
};
use boatyard_init::cron::Overlap;
use boatyard_init::environment::Environment;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,8}"
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        "[^\0 \n\t][^\0]{0,30}"
            .prop_filter("not blank", |line| !line.trim().is_empty())
            .prop_map(Command::Line),
        ("[^\0]{1,8}", vec("[^\0]{0,12}", 0..4)).prop_map(|(first, rest)| {
            Command::Words([first].into_iter().chain(rest).collect())
        }),
    ]
}

fn stop() -> impl Strategy<Value = Stop> {
    (
        prop::sample::select(vec!["TERM", "QUIT", "INT", "WINCH", "RTMIN+3"]),
        any::<u64>(),
        prop::sample::select(vec![Target::Main, Target::Group, Target::All]),
    )
        .prop_map(|(signal, grace_secs, target)| Stop {
            signal: signal.to_owned(),
            grace_secs,
            target,
        })
}

fn variables() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("[A-C]", ".*", 0..3)
}

fn role() -> impl Strategy<Value = Role> {
    (
        command(),
        stop(),
        option::of(any::<u16>()),
        option::of(".*"),
        variables(),
        option::of(supervise()),
    )
        .prop_map(|(command, stop, port, ready, env, supervise)| Role {
            env,
            command,
            stop,
            port,
            // Beside others it has to be one that init understands.
            ready: ready.filter(|text| supervise.is_none() || text == "notify"),
            supervise,
        })
}

fn habits() -> impl Strategy<Value = Habits> {
    let restart = prop::sample::select(vec![Restart::Never, Restart::OnFailure, Restart::Always]);
    (
        any::<u64>(),
        any::<bool>(),
        option::of(restart),
        any::<bool>(),
        any::<u16>(),
    )
        .prop_map(
            |(ready_timeout_secs, essential, restart, oneshot, port)| Habits {
                ready_timeout_secs,
                essential,
                restart,
                oneshot,
                sockets: if oneshot {
                    vec![format!("tcp://:{port}"), "unix:/run/s".to_owned()]
                } else {
                    Vec::new()
                },
                log: oneshot.then(|| "/var/log/it".to_owned()),
                env: BTreeMap::from([("A".to_owned(), port.to_string())]),
                ..Habits::default()
            },
        )
}

fn manner() -> impl Strategy<Value = Manner> {
    let overlap = prop::sample::select(vec![Overlap::Forbid, Overlap::Queue, Overlap::Replace]);
    let secs = || option::of(any::<u64>());
    (option::of(".*"), option::of(overlap), secs(), secs()).prop_map(
        |(timezone, overlap, timeout_secs, splay_secs)| Manner {
            timezone,
            overlap,
            timeout_secs,
            splay_secs,
            retries: timeout_secs.map(|_| 3),
            retry_delay_secs: splay_secs,
        },
    )
}

fn supervise() -> impl Strategy<Value = Supervise> {
    let ready = prop::sample::select(vec![
        "notify",
        "fd:9",
        "tcp://:80",
        "http://localhost:8080/x",
        "file:/run/up",
        "true",
    ]);
    let service = (command(), stop(), option::of(ready), habits());
    (vec(service, 0..4), habits(), any::<u64>()).prop_map(|(services, main, stop_delay_secs)| {
        Supervise {
            services: services
                .into_iter()
                .enumerate()
                .map(|(index, (command, stop, ready, mut habits))| {
                    // After main, or after the one before: never in a circle.
                    habits.after = vec![if index % 2 == 0 {
                        MAIN.to_owned()
                    } else {
                        format!("s{}", index - 1)
                    }];
                    (
                        format!("s{index}"),
                        Service {
                            command,
                            stop,
                            ready: ready.map(str::to_owned),
                            habits,
                        },
                    )
                })
                .collect(),
            main_ready: (stop_delay_secs % 2 == 0).then(|| "running".to_owned()),
            main,
            stop_delay_secs,
        }
    })
}

fn contract() -> impl Strategy<Value = Contract> {
    let schedule = (".*", command(), manner()).prop_map(|(cron, command, manner)| Schedule {
        cron,
        command,
        manner,
    });
    (
        ".*",
        ".*",
        any::<bool>(),
        btree_map(name(), role(), 0..4),
        btree_map(name(), command().prop_map(|command| Job { command }), 0..3),
        btree_map(name(), schedule, 0..3),
        variables(),
    )
        .prop_map(
            |(project, service, has_default, roles, jobs, schedules, image_env)| Contract {
                image_env,
                version: VERSION,
                project,
                service,
                default_role: roles.keys().next().filter(|_| has_default).cloned(),
                roles,
                jobs,
                schedules,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(contract in contract()) {
        let bytes = serde_json::to_vec(&contract).unwrap();
        prop_assert_eq!(parse(&bytes).unwrap(), contract);
    }

    #[test]
    fn bytes_are_no_contract(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn a_damaged_contract_does_no_harm(contract in contract(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = serde_json::to_vec(&contract).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = parse(&bytes);
        bytes.truncate(at);
        prop_assert!(parse(&bytes).is_err());
    }
}

#[test]
fn mistakes_are_told() {
    for (text, message) in [
        ("", "it is not a contract: EOF while parsing"),
        ("7", "it is not a contract: invalid type"),
        ("{}", "it is not a contract: missing field `version`"),
        (
            r#"{"version": 2, "new": 1}"#,
            "it has version 2 of the format, and this init reads version 1",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","role":{}}"#,
            "it is not a contract: unknown field `role`",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","default_role":"web"}"#,
            "its default role \"web\" is not among its roles",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"web":{"command":" "}}}"#,
            "the command of role \"web\" is empty",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","jobs":{"j":{"command":[]}}}"#,
            "the command of job \"j\" is empty",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","schedules":{"s":{"cron":"","command":"a\u0000"}}}"#,
            "the command of schedule \"s\" holds a NUL byte",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a","stop":{"signal":"BYE","grace_secs":1}}}}"#,
            "the stop signal \"BYE\" of role \"w\" does not exist",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a","supervise":{"services":{"main":{"command":"b"}}}}}}"#,
            "role \"w\": a service cannot be called \"main\"",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a","supervise":{"services":{"x":{"command":"b","habits":{"after":["y"]}}}}}}}"#,
            "role \"w\": service \"x\" comes after \"y\", which is not there",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a","supervise":{"main":{"after":["x"]},"services":{"x":{"command":"b","habits":{"after":["main"]}}}}}}}"#,
            "role \"w\": these come after each other in a circle: main, x",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a","supervise":{"services":{"x":{"command":"b","ready":"fd:1"}}}}}}"#,
            "role \"w\": \"fd:1\" of service \"x\" is none of running, notify, fd:N",
        ),
        (
            r#"{"version":1,"project":"p","service":"s","roles":{"w":{"command":"a","supervise":{"main":{"sockets":["unix:/s","unix:/t"]},"main_ready":"fd:4"}}}}"#,
            "role \"w\": service \"main\" cannot write to descriptor 4: it is one of its sockets",
        ),
    ] {
        let told = parse(text.as_bytes()).unwrap_err().to_string();
        assert!(told.starts_with(message), "{text}: {told}");
    }
}

#[test]
fn nothing_optional_is_needed() {
    let contract = parse(br#"{"version":1,"project":"p","service":"s"}"#).unwrap();
    assert_eq!(contract.roles, BTreeMap::new());
}

#[test]
fn variables_of_a_role_replace_those_of_the_image_only() {
    let text = r#"{"version":1,"project":"p","service":"s","image_env":{"LEVEL":"info","ZONE":"UTC"},"roles":
        {"web":{"command":"w","env":{"LEVEL":"debug","ZONE":"CET","NEW":"1","GIVEN":"role"}},"bare":{"command":"b"}}}"#;
    let contract = parse(text.as_bytes()).unwrap();
    let entries = |all: &[&str]| {
        Environment::new(all.iter().map(|entry| entry.as_bytes().to_vec()).collect())
    };
    let given = entries(&["LEVEL=info", "ZONE=MET", "GIVEN=start"]);
    let expected = entries(&["LEVEL=debug", "ZONE=MET", "GIVEN=start", "NEW=1"]);
    assert_eq!(contract.environment("web", &given), expected);
    assert_eq!(contract.environment("bare", &given), given);
}
