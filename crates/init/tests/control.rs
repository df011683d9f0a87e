//! What is asked of a running init, and what it answers.

use boatyard_init::control::{Progress, Request, Service, State, Status, read};
use boatyard_init::signal::Signal;

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

#[test]
fn a_status_is_for_programs_and_for_people() {
    let service = |name: &str, state, pid, restarts| Service {
        name: name.to_owned(),
        state,
        pid,
        restarts,
    };
    let status = Status {
        role: "web".to_owned(),
        state: State::Starting,
        pid: 1,
        services: vec![
            service("nginx-proxy", State::Running, Some(7), 0),
            service("main", State::Pausing, None, 3),
        ],
    };
    let json = r#"{"pid":1,"role":"web","services":[{"name":"nginx-proxy","pid":7,"restarts":0,"state":"running"},{"name":"main","pid":null,"restarts":3,"state":"pausing"}],"state":"starting"}"#;
    assert_eq!(status.to_json().to_string(), json);
    let shown = "role web: starting; init is process 1\n\
        running   nginx-proxy, process 7\n\
        pausing   main, restarts: 3\n";
    assert_eq!(status.to_string(), shown);
}
