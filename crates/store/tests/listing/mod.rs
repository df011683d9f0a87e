//! A mock of a registry, for there is no Debian package of one that lists what refers to an image (OCI distribution
//! specification 1.1): in memory, on loopback, until the process ends. It checks digests as registries do, and takes an
//! upload in one piece only.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boatyard_plan::digest::Digest;
use boatyard_plan::image::media;
use serde_json::{Value, json};

/// How it lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Whether it knows the path at all.
    pub lists: bool,
    /// Entries on a page.
    pub page: usize,
    /// What a page says of the next one: an absolute path, a whole URL, or one that leads elsewhere.
    pub link: Link,
}

/// How pages are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Path,
    Url,
    /// To another host.
    Elsewhere,
    /// To the first page, so that the list never ends.
    Back,
}

/// A registry with one repository, `app`.
pub struct Listing {
    pub port: u16,
    pub state: Arc<Mutex<State>>,
}

/// What it has, and what it was asked.
#[derive(Default)]
pub struct State {
    pub blobs: HashMap<String, Vec<u8>>,
    /// By digest and by tag.
    pub manifests: HashMap<String, Vec<u8>>,
    /// `METHOD path`, in order.
    pub asked: Vec<String>,
}

struct Asked {
    method: String,
    path: String,
    query: HashMap<String, String>,
    body: Vec<u8>,
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Listing {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let stream = stream.unwrap();
                    stream
                        .set_read_timeout(Some(Duration::from_secs(60)))
                        .unwrap();
                    let Some(asked) = read(&stream) else { return };
                    let answer = shared.lock().unwrap().answer(&asked, port, manner);
                    write(&stream, &asked, &answer);
                });
            }
        });
        Self { port, state }
    }

    /// How often something below `path` was asked for.
    pub fn count(&self, path: &str) -> usize {
        let state = self.state.lock().unwrap();
        state
            .asked
            .iter()
            .filter(|asked| asked.contains(path))
            .count()
    }

    /// Has the registry keep a manifest that was not pushed by us.
    pub fn keep(&self, manifest: &Value) -> Digest {
        let bytes = manifest.to_string().into_bytes();
        let digest = Digest::of(&bytes);
        self.state
            .lock()
            .unwrap()
            .manifests
            .insert(digest.to_string(), bytes);
        digest
    }
}

impl State {
    fn answer(&mut self, asked: &Asked, port: u16, manner: Manner) -> Answer {
        self.asked.push(format!("{} {}", asked.method, asked.path));
        let rest = asked.path.strip_prefix("/v2/app/").unwrap_or_default();
        let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
        match (asked.method.as_str(), kind) {
            ("GET" | "HEAD", "blobs") => found(self.blobs.get(name)),
            ("GET" | "HEAD", "manifests") => found(self.manifests.get(name)),
            ("POST", "blobs") => placed(202, "/v2/app/blobs/uploads/1"),
            ("PATCH", "blobs") => {
                let digest = Digest::of(&asked.body).to_string();
                let place = format!("/v2/app/blobs/uploads/{}", digest.replace(':', "-"));
                self.blobs.insert(digest, asked.body.clone());
                placed(202, &place)
            }
            ("PUT", "blobs") => {
                let whole = asked.query["digest"].replace("%3A", ":");
                let is_there = self.blobs.contains_key(&whole);
                status(if is_there { 201 } else { 400 })
            }
            ("PUT", "manifests") => self.put(name, asked, manner),
            ("GET", "referrers") if manner.lists => self.list(name, asked, port, manner),
            _ => status(404),
        }
    }

    fn put(&mut self, name: &str, asked: &Asked, manner: Manner) -> Answer {
        let digest = Digest::of(&asked.body).to_string();
        if name.starts_with("sha256:") && name != digest {
            return status(400);
        }
        for name in [name, digest.as_str()] {
            self.manifests.insert(name.to_owned(), asked.body.clone());
        }
        let manifest: Value = serde_json::from_slice(&asked.body).unwrap();
        let mut answer = status(201);
        if let (Some(subject), true) = (manifest["subject"]["digest"].as_str(), manner.lists) {
            answer.headers.push(("oci-subject", subject.to_owned()));
        }
        answer
    }

    fn list(&self, subject: &str, asked: &Asked, port: u16, manner: Manner) -> Answer {
        let wanted = asked
            .query
            .get("artifactType")
            .map(|kind| kind.replace("%2F", "/"));
        let mut entries = Vec::new();
        for (name, bytes) in self
            .manifests
            .iter()
            .filter(|(name, _)| name.starts_with("sha256:"))
        {
            let manifest: Value = serde_json::from_slice(bytes).unwrap();
            let kind = [&manifest["artifactType"], &manifest["config"]["mediaType"]];
            let kind = kind.into_iter().find(|kind| kind.is_string());
            if manifest["subject"]["digest"] == subject
                && wanted
                    .as_deref()
                    .is_none_or(|wanted| kind.is_some_and(|kind| kind == wanted))
            {
                entries.push(json!({
                    "mediaType": media::MANIFEST, "digest": name, "size": bytes.len(), "artifactType": kind,
                }));
            }
        }
        entries.sort_by_key(|entry| entry["digest"].to_string());
        let from: usize = asked
            .query
            .get("from")
            .map_or(0, |from| from.parse().unwrap());
        let next = from + manner.page;
        let mut answer = status(200);
        let path = format!("/v2/app/referrers/{subject}?from={next}");
        let link = match manner.link {
            Link::Path => path,
            Link::Url => format!("http://127.0.0.1:{port}{path}"),
            Link::Elsewhere => format!("http://127.0.0.1:1{path}"),
            Link::Back => format!("/v2/app/referrers/{subject}"),
        };
        if next < entries.len() || manner.link == Link::Back {
            answer
                .headers
                .push(("link", format!("<{link}>; rel=\"next\"")));
        }
        if wanted.is_some() {
            answer
                .headers
                .push(("oci-filters-applied", "artifactType".to_owned()));
        }
        let page: Vec<Value> = entries.into_iter().skip(from).take(manner.page).collect();
        let index = json!({"schemaVersion": 2, "mediaType": media::INDEX, "manifests": page});
        answer.body = index.to_string().into_bytes();
        answer
    }
}

fn status(status: u16) -> Answer {
    Answer {
        status,
        headers: vec![("docker-distribution-api-version", "registry/2.0".to_owned())],
        body: Vec::new(),
    }
}

fn placed(code: u16, place: &str) -> Answer {
    let mut answer = status(code);
    answer.headers.push(("location", place.to_owned()));
    answer
}

fn found(bytes: Option<&Vec<u8>>) -> Answer {
    let mut answer = status(if bytes.is_some() { 200 } else { 404 });
    answer.body = bytes.cloned().unwrap_or_default();
    answer
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        let (name, value) = line.trim().split_once(": ")?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ');
    let (method, url) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Asked {
        method,
        path: path.to_owned(),
        query: pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body,
    })
}

fn write(mut stream: &TcpStream, asked: &Asked, answer: &Answer) {
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", answer.status);
    write!(head, "content-length: {}\r\n", answer.body.len()).unwrap();
    for (name, value) in &answer.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    let body: &[u8] = if asked.method == "HEAD" {
        &[]
    } else {
        &answer.body
    };
    // The client may have had enough.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    let _ = stream.write_all(body);
}
