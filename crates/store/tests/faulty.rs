//! Registries that break off, lie, or are none: scripted answers from a small server.

mod image;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use boatyard_plan::digest::Digest;
use boatyard_store::registry::{self, Options, RegistryError};
use boatyard_store::{Store, StoreError};
use image::image;

/// What a server answers: status, headers, body, and whether it closes the connection in the middle of it.
type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>, bool);
type Script = dyn Fn(&str, &HashMap<String, String>, usize) -> Answer + Send + Sync;

/// Serves on loopback until the process ends; notes every request line. The script gets the path, the headers and how
/// often this path was asked for before.
fn serve(script: Arc<Script>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (script, notes) = (script.clone(), notes.clone());
            std::thread::spawn(move || talk(&stream.unwrap(), &*script, &notes));
        }
    });
    (port, asked)
}

fn talk(mut stream: &TcpStream, script: &Script, notes: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines();
    let mut headers = HashMap::new();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    for line in lines
        .by_ref()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
    {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let before = {
        let mut notes = notes.lock().unwrap();
        let before = notes.iter().filter(|known| **known == path).count();
        notes.push(path.clone());
        before
    };
    let (status, more, body, cut) = script(&path, &headers, before);
    let mut head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in more {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    let sent = if cut {
        &body[..body.len() / 2]
    } else {
        &body[..]
    };
    // The client may have had enough.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    let _ = stream.write_all(sent);
}

struct Fixture {
    store: Store,
    options: Options,
    manifest: Digest,
    blobs: HashMap<String, Vec<u8>>,
    layer: Digest,
    _home: tempfile::TempDir,
}

/// An image as a registry would serve it, by path, and an empty store.
fn fixture() -> Fixture {
    let home = tempfile::tempdir().unwrap();
    let from = Store::open(&home.path().join("from")).unwrap();
    let noise: String = (0..60_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_string())
        .collect();
    let (manifest, layer) = image(&from, &noise);
    let bytes = |digest: &Digest| from.read_blob(digest).unwrap();
    let config = from.manifest(&manifest).unwrap().config.digest;
    let mut blobs = HashMap::new();
    blobs.insert(
        "/v2/app/manifests/latest".to_owned(),
        bytes(&manifest.digest),
    );
    for digest in [&config, &layer.blob.digest] {
        blobs.insert(format!("/v2/app/blobs/{digest}"), bytes(digest));
    }
    Fixture {
        store: Store::open(&home.path().join("into")).unwrap(),
        options: Options {
            attempts: 3,
            pause: std::time::Duration::ZERO,
            jobs: 1,
            ..Options::from_variables(|_| None)
        },
        manifest: manifest.digest,
        blobs,
        layer: layer.blob.digest,
        _home: home,
    }
}

fn pull(fixture: &Fixture, port: u16) -> Result<Digest, RegistryError> {
    let name = format!("127.0.0.1:{port}/app").parse().unwrap();
    let pulled = registry::pull(&fixture.store, &name, &fixture.options, &|_| {})?;
    Ok(pulled.digest)
}

#[test]
fn a_blob_that_breaks_off_goes_on_where_it_stopped() {
    for honours_range in [true, false] {
        let fixture = fixture();
        let blobs = fixture.blobs.clone();
        let layer = format!("/v2/app/blobs/{}", fixture.layer);
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let noted = ranges.clone();
        let (port, _) = serve(Arc::new(move |path, headers, before| {
            let whole = blobs[path].clone();
            if path != layer {
                return (200, vec![], whole, false);
            }
            match headers.get("range") {
                Some(range) if honours_range => {
                    let start = range.strip_prefix("bytes=").unwrap().trim_end_matches('-');
                    let start: usize = start.parse().unwrap();
                    noted.lock().unwrap().push(start);
                    (206, vec![], whole[start..].to_vec(), before < 2)
                }
                _ => (200, vec![], whole, before < 2),
            }
        }));
        assert_eq!(pull(&fixture, port).unwrap(), fixture.manifest);
        assert!(fixture.store.has_blob(&fixture.layer));
        let ranges = ranges.lock().unwrap().clone();
        if honours_range {
            assert_eq!(ranges.len(), 2, "{ranges:?}");
            assert!(0 < ranges[0] && ranges[0] < ranges[1], "{ranges:?}");
        }
    }
}

#[test]
fn servers_that_fail_for_a_moment_are_asked_again_and_not_for_ever() {
    let fixture = fixture();
    let blobs = fixture.blobs.clone();
    let (port, _) = serve(Arc::new(move |path, _, before| match before {
        0 => (503, vec![], Vec::new(), false),
        1 => (429, vec![], Vec::new(), false),
        _ => (200, vec![], blobs[path].clone(), false),
    }));
    assert_eq!(pull(&fixture, port).unwrap(), fixture.manifest);

    let (port, asked) = serve(Arc::new(|_, _, _| (500, vec![], b"{}".to_vec(), false)));
    let refused = pull(&self::fixture(), port).unwrap_err();
    assert!(
        matches!(refused, RegistryError::Refused { status: 500, .. }),
        "{refused}"
    );
    assert_eq!(asked.lock().unwrap().len(), 3);
}

#[test]
fn a_registry_says_how_long_to_wait() {
    let fixture = fixture();
    let blobs = fixture.blobs.clone();
    let (port, _) = serve(Arc::new(move |path, _, before| {
        if path.contains("/manifests/") && before == 0 {
            let wait = vec![("retry-after", "1".to_owned())];
            return (429, wait, Vec::new(), false);
        }
        (200, vec![], blobs[path].clone(), false)
    }));
    let began = std::time::Instant::now();
    assert_eq!(pull(&fixture, port).unwrap(), fixture.manifest);
    assert!(began.elapsed() >= std::time::Duration::from_secs(1));
}

#[test]
fn bytes_that_are_not_what_was_promised_are_not_kept() {
    let changes: [fn(&mut Vec<u8>); 3] = [
        |bytes| bytes[10] ^= 1,
        |bytes| bytes.push(0),
        |bytes| bytes.extend(vec![0; 1_000_000]),
    ];
    for change in changes {
        let fixture = fixture();
        let mut blobs = fixture.blobs.clone();
        change(
            blobs
                .get_mut(&format!("/v2/app/blobs/{}", fixture.layer))
                .unwrap(),
        );
        let (port, _) = serve(Arc::new(move |path, _, _| {
            (200, vec![], blobs[path].clone(), false)
        }));
        let refused = pull(&fixture, port).unwrap_err();
        let promised = matches!(
            refused,
            RegistryError::Store(StoreError::NotAsPromised { .. })
        );
        assert!(promised, "{refused}");
        assert!(!fixture.store.has_blob(&fixture.layer));
    }
    let fixture = fixture();
    let blobs = fixture.blobs.clone();
    let (port, _) = serve(Arc::new(move |_, _, _| {
        (
            200,
            vec![],
            blobs["/v2/app/manifests/latest"].clone(),
            false,
        )
    }));
    let other = Digest::of(b"another");
    let name = format!("127.0.0.1:{port}/app@{other}").parse().unwrap();
    let refused = registry::pull(&fixture.store, &name, &fixture.options, &|_| {}).unwrap_err();
    assert!(
        refused.to_string().contains(&other.to_string()),
        "{refused}"
    );
}

#[test]
fn tokens_are_fetched_once_and_sent_to_the_registry_only() {
    let fixture = fixture();
    let blobs = fixture.blobs.clone();
    let storage_blobs = blobs.clone();
    let (storage, _) = serve(Arc::new(move |path, headers, _| {
        assert!(!headers.contains_key("authorization"));
        (200, vec![], storage_blobs[path].clone(), false)
    }));
    let port_cell = Arc::new(Mutex::new(0));
    let known_port = port_cell.clone();
    let (port, asked) = serve(Arc::new(move |path, headers, _| {
        let port = *known_port.lock().unwrap();
        if path.starts_with("/token") {
            assert!(
                path.contains("repository%3Aapp%3Apull") || path.contains("repository:app:pull"),
                "{path}"
            );
            return (200, vec![], b"{\"token\":\"t0k3n\"}".to_vec(), false);
        }
        if headers.get("authorization").map(String::as_str) != Some("Bearer t0k3n") {
            let challenge = format!("Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"s\"");
            return (
                401,
                vec![("www-authenticate", challenge)],
                Vec::new(),
                false,
            );
        }
        if path.contains("/blobs/") {
            // Storage elsewhere, as most registries have it.
            let elsewhere = format!("http://localhost:{storage}{path}");
            return (307, vec![("location", elsewhere)], Vec::new(), false);
        }
        (200, vec![], blobs[path].clone(), false)
    }));
    *port_cell.lock().unwrap() = port;
    assert_eq!(pull(&fixture, port).unwrap(), fixture.manifest);
    let asked = asked.lock().unwrap();
    assert_eq!(
        asked
            .iter()
            .filter(|path| path.starts_with("/token"))
            .count(),
        1
    );
}

#[test]
fn what_is_no_registry_is_said_to_be_none() {
    for (status, body) in [
        (200, "<html>hello</html>"),
        (404, "<html>not here</html>"),
        (403, "no"),
    ] {
        let fixture = fixture();
        let kind = vec![("content-type", "text/html".to_owned())];
        let (port, _) = serve(Arc::new(move |_, _, _| {
            (status, kind.clone(), body.into(), false)
        }));
        let refused = pull(&fixture, port).unwrap_err();
        match status {
            403 => assert!(
                matches!(refused, RegistryError::Unauthorized { .. }),
                "{refused}"
            ),
            _ => assert!(
                refused.to_string().contains("is not a registry"),
                "{refused}"
            ),
        }
    }
}

/// Docker's registry says so when somebody else pushes the same blob at the same moment.
#[test]
fn a_push_that_another_one_has_overtaken_is_done_again() {
    for (times, is_pushed) in [(2, true), (9, false)] {
        let fixture = fixture();
        let blobs = fixture.blobs.clone();
        let (port, _) = serve(Arc::new(move |path, _, _| {
            let body = blobs.get(path).cloned().unwrap_or_default();
            (200, Vec::new(), body, false)
        }));
        let name = format!("127.0.0.1:{port}/app").parse().unwrap();
        let top = registry::pull(&fixture.store, &name, &fixture.options, &|_| {}).unwrap();
        let (port, asked) = serve(Arc::new(move |path, _, before| {
            let errors = r#"{"errors": [{"code": "MANIFEST_BLOB_UNKNOWN", "message": "blob unknown to registry"}]}"#;
            if path.ends_with("/manifests/latest") && before < times {
                return (400, Vec::new(), errors.as_bytes().to_vec(), false);
            }
            (200, Vec::new(), Vec::new(), false)
        }));
        let name = format!("127.0.0.1:{port}/app:latest").parse().unwrap();
        let manifest = fixture.manifest.clone();
        let pushed = registry::push(&fixture.store, &top, &name, &fixture.options, &|_| {});
        let asked = asked.lock().unwrap();
        let puts = asked
            .iter()
            .filter(|path| path.ends_with("/manifests/latest"));
        assert_eq!(puts.count(), 3);
        match pushed {
            Ok(pushed) => assert!(is_pushed && pushed.digest == manifest),
            Err(RegistryError::Refused { message, .. }) => {
                assert!(
                    !is_pushed && message.contains("MANIFEST_BLOB_UNKNOWN"),
                    "{message}"
                );
            }
            Err(other) => panic!("{other}"),
        }
    }
}
