//! Requests of probes, what is known, and whom a role wants asked.

use std::time::Duration;

use boatyard_init::http::{LONGEST, words};
use boatyard_init::probe::{Cache, Progress, Question, Target, Verdict, read};
use proptest::prelude::*;

#[test]
fn requests() {
    for (request, progress) in [
        ("", Progress::Incomplete),
        ("GET /ready HTTP/1.1\r\nHost: x\r\n", Progress::Incomplete),
        (
            "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n",
            Progress::Asked(Question::Ready),
        ),
        ("GET /alive HTTP/1.0\n\n", Progress::Asked(Question::Alive)),
        (
            "HEAD /ready?verbose HTTP/1.1\r\n\r\nbody",
            Progress::Asked(Question::Ready),
        ),
        ("GET / HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("GET /readyz HTTP/1.1\r\n\r\n", Progress::Refused(404)),
        ("POST /ready HTTP/1.1\r\n\r\n", Progress::Refused(405)),
        ("GET ready HTTP/1.1\r\n\r\n", Progress::Refused(400)),
        ("GET /ready\r\n\r\n", Progress::Refused(400)),
        ("GET /ready HTTP/2\r\n\r\n", Progress::Refused(400)),
        ("GET  /ready HTTP/1.1\r\n\r\n", Progress::Refused(400)),
        ("\r\n\r\n", Progress::Refused(400)),
    ] {
        assert_eq!(read(request.as_bytes()), progress, "{request:?}");
    }
    assert_eq!(read(&[b'x'; LONGEST]), Progress::Refused(431));
    assert_eq!(read(b"GET /\xff HTTP/1.1\r\n\r\n"), Progress::Refused(400));
}

#[test]
fn responses_are_whole() {
    for status in [200, 400, 404, 405, 431, 503] {
        let text = String::from_utf8(words(status)).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{head}"
        );
    }
}

#[test]
fn one_question_at_a_time() {
    let at = Duration::from_millis;
    let mut cache = Cache::new(at(1000));
    assert_eq!(cache.known(at(0)), None);
    assert!(cache.starts());
    assert!(!cache.starts(), "it is being asked");
    cache.finish(Verdict::Well, at(500));
    assert_eq!(cache.known(at(1499)), Some(Verdict::Well));
    assert_eq!(cache.known(at(1500)), None);
    assert!(cache.starts());
    cache.finish(Verdict::Ill, at(2000));
    assert_eq!(cache.known(at(2000)), Some(Verdict::Ill));
}

#[test]
fn targets() {
    for (text, port, expected) in [
        (
            "http://:8080/health?x",
            None,
            "Http { address: 127.0.0.1:8080, path: \"/health?x\" }",
        ),
        (
            "http:///ready",
            Some(9000),
            "Http { address: 127.0.0.1:9000, path: \"/ready\" }",
        ),
        (
            "http://localhost",
            None,
            "Http { address: 127.0.0.1:80, path: \"/\" }",
        ),
        (
            "http://[::1]:1/",
            None,
            "Http { address: [::1]:1, path: \"/\" }",
        ),
        ("tcp://:6379", None, "Tcp { address: 127.0.0.1:6379 }"),
        ("tcp://10.0.0.1", Some(5), "Tcp { address: 10.0.0.1:5 }"),
        ("pg_isready -q", None, "Command(\"pg_isready -q\")"),
        ("tcp://", None, "Port { text: \"\" }"),
        ("http://db:80/", None, "Host { host: \"db\" }"),
        ("tcp://:none", None, "Port { text: \":none\" }"),
    ] {
        let told = match Target::parse(text, port) {
            Ok(target) => format!("{target:?}"),
            Err(unclear) => format!("{unclear:?}"),
        };
        assert_eq!(told, expected, "{text}");
    }
}

/// A good request with a few bytes changed, taken away or repeated.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    prop::collection::vec(change, 0..8).prop_map(|changes| {
        let mut bytes =
            b"GET /ready HTTP/1.1\r\nHost: pod:8081\r\nUser-Agent: kube-probe\r\n\r\n".to_vec();
        for (index, byte, kind) in changes {
            let at = index.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn nothing_makes_it_fall(bytes in mutated(), text in ".{0,60}") {
        // More bytes never make a decided request undecided.
        for end in 0..bytes.len() {
            if read(&bytes[..end]) != Progress::Incomplete {
                prop_assert_ne!(read(&bytes), Progress::Incomplete);
            }
        }
        let _ = Target::parse(&text, None);
        let _ = Target::parse(&format!("http://{text}"), None);
    }
}
