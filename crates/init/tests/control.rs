//! What is asked of a running init, and what it answers.

use boatyard_init::control::{
    Begun, Outcome, Pace, Progress, Refused, Request, Service, State, Status, read,
};
use boatyard_init::signal::Signal;
use proptest::prelude::*;
use std::time::Duration;

#[test]
fn requests() {
    for (request, progress) in [
        ("GET /status HTTP/1.1\r\n", Progress::Incomplete),
        (
            "GET /status HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Status { as_json: true }),
        ),
        (
            "GET /ready HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Ready),
        ),
        (
            "GET /alive HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Alive),
        ),
        (
            "POST /signal/TERM HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Signal(Signal::TERM)),
        ),
        (
            "POST /signal/15 HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Signal(Signal::TERM)),
        ),
        (
            "POST /restart/nginx HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Restart("nginx".to_owned())),
        ),
        (
            "POST /restart/a%20%2f%c3%a9?x HTTP/1.1\r\n\r\n",
            Progress::Asked(Request::Restart("a /é".to_owned())),
        ),
        (
            "GET /restart/nginx HTTP/1.1\r\n\r\n",
            Progress::Refused(404),
        ),
        ("POST /restart/ HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /restart/a%2 HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        (
            "POST /restart/a%+2 HTTP/1.1\r\n\r\n",
            Progress::Refused(404),
        ),
        ("POST /restart/%ff HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        // What is only looked at changes nothing.
        ("GET /signal/TERM HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /signal/KILL HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /signal/19 HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /signal/CHLD HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /signal/65 HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /signal/ HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /status HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("DELETE /status HTTP/1.1\r\n\r\n", Progress::Refused(405)),
        ("status\n\n", Progress::Refused(400)),
    ] {
        assert_eq!(read(request.as_bytes()), progress, "{request:?}");
    }
}

#[test]
fn every_request_is_read_back() {
    let signals = (1..=64).filter_map(|number| Request::signal(&number.to_string()));
    let signals: Vec<Request> = signals.map(Request::Signal).collect();
    assert_eq!(signals.len(), 61, "all but KILL, STOP and CHLD");
    for request in [
        Request::Status { as_json: true },
        Request::Status { as_json: false },
        Request::Ready,
        Request::Alive,
    ]
    .into_iter()
    .chain(signals)
    {
        assert_eq!(read(request.text().as_bytes()), Progress::Asked(request));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_name_is_read_back(name in "\\PC{1,80}|[ -~\\x00-\\x1f]{1,80}") {
        let request = Request::Restart(name);
        prop_assert_eq!(read(request.text().as_bytes()), Progress::Asked(request));
    }

    #[test]
    fn what_begins_is_read_back(service in "\\PC{1,20}", starts in any::<u32>(), within_ms in any::<u32>(), stays_ms in any::<u16>()) {
        let begun = Begun { service, starts: starts.into(), pace: Pace { within: Duration::from_millis(within_ms.into()), stays: Duration::from_millis(stays_ms.into()) } };
        prop_assert_eq!(Begun::from_json(&begun.to_json().to_string()), Some(begun));
    }
}

const PACE: Pace = Pace {
    within: Duration::from_secs(90),
    stays: Duration::from_secs(1),
};

fn service(name: &str, state: State, pid: Option<i32>, restarts: usize) -> Service {
    Service {
        name: name.to_owned(),
        state,
        pid,
        restarts,
        starts: 1,
        code: None,
    }
}

fn status(state: State, services: Vec<Service>) -> Status {
    Status {
        role: "web".to_owned(),
        state,
        pid: 1,
        services,
    }
}

#[test]
fn a_restart_begins_where_it_can() {
    let services = ["nginx", "main"].map(|name| service(name, State::Running, Some(7), 0));
    let running = status(State::Running, services.to_vec());
    let stopping = status(State::Stopping, services.to_vec());
    let named = status(
        State::Starting,
        vec![
            service("main", State::Running, None, 0),
            service("web", State::Waiting, None, 0),
        ],
    );
    let unknown = || Refused::Unknown {
        name: "ngnix".to_owned(),
        known: vec!["nginx".to_owned(), "main".to_owned()],
    };
    let alone = || Refused::Alone {
        role: "web".to_owned(),
    };
    for (status, name, is_supervised, wanted) in [
        (&running, "nginx", true, Ok((0, "nginx"))),
        (&running, "main", true, Ok((1, "main"))),
        (&running, "web", true, Ok((1, "main"))),
        // A service of the role's name goes before the role.
        (&named, "web", true, Ok((1, "web"))),
        (&running, "ngnix", true, Err(unknown())),
        (&running, "ngnix", false, Err(unknown())),
        (&stopping, "ngnix", true, Err(unknown())),
        (&running, "web", false, Err(alone())),
        (&stopping, "main", false, Err(alone())),
        (&stopping, "main", true, Err(Refused::Stopping)),
    ] {
        let pace = |_| is_supervised.then_some(PACE).ok_or_else(alone);
        let begun = Begun::of(status, name, &pace);
        let wanted = wanted.map(|(index, service): (usize, &str)| {
            let service = service.to_owned();
            (
                index,
                Begun {
                    service,
                    starts: 1,
                    pace: PACE,
                },
            )
        });
        assert_eq!(begun, wanted, "{name}");
    }
    let message = "there is no service \"ngnix\" here; there are: nginx, main";
    assert_eq!(
        (unknown().status(), unknown().to_string().as_str()),
        (404, message)
    );
    assert_eq!((alone().status(), Refused::Stopping.status()), (409, 503));
}

#[test]
fn the_end_of_a_restart_is_seen() {
    let begun = Begun {
        service: "main".to_owned(),
        starts: 1,
        pace: PACE,
    };
    for (all, state, pid, starts, code, wanted) in [
        (State::Running, State::Running, Some(7), 1, None, None),
        (State::Starting, State::Stopping, Some(7), 1, None, None),
        (State::Starting, State::Starting, Some(8), 2, None, None),
        (State::Starting, State::Waiting, None, 1, None, None),
        (State::Starting, State::Pausing, None, 1, None, None),
        (
            State::Running,
            State::Running,
            Some(8),
            2,
            None,
            Some(Outcome::Runs { pid: 8 }),
        ),
        (
            State::Starting,
            State::Running,
            Some(9),
            4,
            None,
            Some(Outcome::Runs { pid: 9 }),
        ),
        (
            State::Running,
            State::Ended,
            None,
            2,
            Some(0),
            Some(Outcome::Done),
        ),
        (
            State::Running,
            State::Ended,
            None,
            2,
            Some(3),
            Some(Outcome::Failed { code: Some(3) }),
        ),
        (
            State::Running,
            State::Ended,
            None,
            1,
            Some(0),
            Some(Outcome::Failed { code: Some(0) }),
        ),
        (
            State::Starting,
            State::Pausing,
            None,
            2,
            None,
            Some(Outcome::Failed { code: None }),
        ),
        (
            State::Stopping,
            State::Running,
            Some(8),
            2,
            None,
            Some(Outcome::Stopped),
        ),
    ] {
        let service = Service {
            starts,
            code,
            ..service("main", state, pid, 0)
        };
        let status = status(all, vec![service]).to_json().to_string();
        assert_eq!(begun.outcome(&status), wanted, "{status}");
    }
}

#[test]
fn an_outcome_is_told() {
    let begun = Begun {
        service: "main".to_owned(),
        starts: 1,
        pace: PACE,
    };
    for another in [
        "",
        "{}",
        "[]",
        r#"{"state":"running","services":[{"name":"other"}]}"#,
    ] {
        assert_eq!(begun.outcome(another), Some(Outcome::Stopped), "{another}");
    }
    for (outcome, code, told) in [
        (Outcome::Runs { pid: 8 }, 0, "runs again, process 8"),
        (Outcome::Done, 0, "has run again"),
        (
            Outcome::Failed { code: Some(3) },
            69,
            "was started again and ended with exit code 3",
        ),
        (
            Outcome::Failed { code: None },
            69,
            "was started again and ended",
        ),
        (
            Outcome::Stopped,
            69,
            "does not start again: the role is being stopped",
        ),
    ] {
        assert_eq!(
            (outcome.exit_code(), outcome.to_string().as_str()),
            (code, told)
        );
    }
}

#[test]
fn a_status_is_for_programs_and_for_people() {
    let ended = Service {
        code: Some(3),
        ..service("ship", State::Ended, None, 0)
    };
    let services = vec![
        service("nginx-proxy", State::Running, Some(7), 0),
        service("main", State::Pausing, None, 3),
        ended,
    ];
    let status = status(State::Starting, services);
    let json = r#"{"pid":1,"role":"web","services":[{"code":null,"name":"nginx-proxy","pid":7,"restarts":0,"starts":1,"state":"running"},{"code":null,"name":"main","pid":null,"restarts":3,"starts":1,"state":"pausing"},{"code":3,"name":"ship","pid":null,"restarts":0,"starts":1,"state":"ended"}],"state":"starting"}"#;
    assert_eq!(status.to_json().to_string(), json);
    let shown = "role web: starting; init is process 1\n\
        running   nginx-proxy, process 7\n\
        pausing   main, restarts: 3\n\
        ended     ship, exit code 3\n";
    assert_eq!(status.to_string(), shown);
}
