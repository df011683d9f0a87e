//! A forge on loopback, made up: two pages of branches and pull requests, in a mood.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    Error,
    /// Lists are empty; single things are there.
    EmptyLists,
    /// Lists are empty, and nothing else is there, not even the repository.
    Gone,
    /// A page for people, with 200.
    Html,
    /// Half of an answer.
    CutOff,
    /// The first page, then an error.
    SecondPageFails,
    /// The first page, as if it were the last.
    FirstPageOnly,
    Forbidden,
    /// Wants to be left alone for a second.
    Limited,
}

impl Mood {
    pub const BAD: [Self; 9] = [
        Self::Error,
        Self::EmptyLists,
        Self::Gone,
        Self::Html,
        Self::CutOff,
        Self::SecondPageFails,
        Self::FirstPageOnly,
        Self::Forbidden,
        Self::Limited,
    ];
}

#[derive(Debug)]
pub struct Model {
    pub kind: &'static str,
    pub mood: Mood,
    pub branches: BTreeMap<String, String>,
    /// By number: commit, author, whether it is from a fork.
    pub requests: BTreeMap<u64, (String, String, bool)>,
    /// All requests: method and path.
    pub asked: Vec<String>,
    pub not_modified: usize,
    /// What was posted, with the path.
    pub posted: Vec<(String, Value)>,
}

pub struct Mock {
    pub url: String,
    pub model: Arc<Mutex<Model>>,
}

/// Two pages each: a page has two.
const PAGE: usize = 2;

pub fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl Mock {
    /// A forge of that kind; its thread ends with the test.
    pub fn new(kind: &'static str) -> Self {
        let branches = [("main", '1'), ("a/b", '2'), ("release/1", '3')];
        let requests = [
            (5, '5', "anne", false),
            (6, '6', "carol", true),
            (7, '7', "eve", true),
        ];
        let model = Model {
            kind,
            mood: Mood::Well,
            branches: branches
                .map(|(name, digit)| (name.to_owned(), commit(digit)))
                .into(),
            requests: requests
                .map(|(number, digit, author, is_fork)| {
                    (number, (commit(digit), author.to_owned(), is_fork))
                })
                .into(),
            asked: Vec::new(),
            not_modified: 0,
            posted: Vec::new(),
        };
        let model = Arc::new(Mutex::new(model));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&model);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let model = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &model));
            }
        });
        Self { url, model }
    }

    pub fn set(&self, change: impl FnOnce(&mut Model)) {
        change(&mut self.model.lock().unwrap());
    }

    pub fn look<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.model.lock().unwrap())
    }
}

/// An answer: status, more headers, body.
type Reply = (u16, Vec<String>, String);

/// One request on one connection.
fn serve(stream: TcpStream, model: &Mutex<Model>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let Some(first) = lines.first().cloned() else {
        return;
    };
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut model = model.lock().unwrap();
    assert_eq!(
        header("authorization").as_deref(),
        Some("Bearer a token"),
        "{first}"
    );
    model.asked.push(format!("{method} {target}"));
    let (status, mut headers, text) = if method == "GET" {
        model.get(target)
    } else {
        model.post(target, &serde_json::from_slice(&body).unwrap())
    };
    let tag = format!(
        "\"{:x}\"",
        text.bytes()
            .fold(7_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte))
    );
    let is_known = status == 200 && header("if-none-match").is_some_and(|known| known == tag);
    let (status, text) = if is_known {
        model.not_modified += 1;
        (304, String::new())
    } else {
        (status, text)
    };
    headers.push(format!("ETag: {tag}"));
    let is_cut = model.mood == Mood::CutOff;
    drop(model);
    let sent = if is_cut {
        &text[..text.len() / 2]
    } else {
        &text
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n\r\n",
        text.len(),
        headers.join("\r\n")
    );
    let mut stream = stream;
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(sent.as_bytes()));
}

impl Model {
    fn get(&mut self, target: &str) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let page = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page=")?.parse().ok());
        let path = path.replace("%2F", "/");
        // The forge may be below a path of its own.
        let path = path
            .trim_start_matches("/api/v1")
            .trim_start_matches("/api/v3")
            .trim_start_matches("/api/v4");
        match self.mood {
            Mood::Error => return (500, Vec::new(), "{}".to_owned()),
            Mood::Html => {
                return (
                    200,
                    vec!["Content-Type: text/html".to_owned()],
                    "<html>Sorry</html>".to_owned(),
                );
            }
            Mood::Forbidden => return (403, Vec::new(), "{}".to_owned()),
            Mood::Limited => return (429, vec!["Retry-After: 1".to_owned()], "{}".to_owned()),
            Mood::Gone if page.is_none() => return (404, Vec::new(), "{}".to_owned()),
            Mood::SecondPageFails if page > Some(1) => return (500, Vec::new(), "{}".to_owned()),
            _ => {}
        }
        match page {
            Some(page) => self.list(path, page),
            None => match self.one(path) {
                Some(value) => (200, Vec::new(), value.to_string()),
                None => (404, Vec::new(), "{\"message\":\"Not Found\"}".to_owned()),
            },
        }
    }

    fn list(&self, path: &str, page: usize) -> Reply {
        let all: Vec<Value> = if path.ends_with("/branches") {
            self.branches
                .iter()
                .map(|(name, commit)| self.branch(name, commit))
                .collect()
        } else if path.ends_with("/pulls") || path.ends_with("/merge_requests") {
            self.requests
                .keys()
                .filter_map(|number| self.request(*number))
                .collect()
        } else if path.ends_with("/members/all") {
            vec![
                json!({"username": "carol", "access_level": 30}),
                json!({"username": "eve", "access_level": 20}),
            ]
        } else {
            return (404, Vec::new(), "{}".to_owned());
        };
        if matches!(self.mood, Mood::EmptyLists | Mood::Gone) {
            return (200, Vec::new(), "[]".to_owned());
        }
        let shown: Vec<_> = all.iter().skip((page - 1) * PAGE).take(PAGE).collect();
        let has_next = all.len() > page * PAGE && self.mood != Mood::FirstPageOnly;
        let mut headers = Vec::new();
        if has_next {
            headers.push(format!(
                "Link: <http://elsewhere.invalid/?page={}>; rel=\"next\"",
                page + 1
            ));
        }
        (200, headers, json!(shown).to_string())
    }

    fn one(&self, path: &str) -> Option<Value> {
        let (_, rest) = path.split_once("acme/shop")?;
        let rest = rest.trim_start_matches('/');
        let (first, last) = rest.split_once('/').unwrap_or((rest, ""));
        match first {
            "" => Some(
                json!({"full_name": "acme/shop", "path_with_namespace": "acme/shop", "default_branch": "main"}),
            ),
            "git" => {
                let name = last
                    .strip_prefix("ref/heads/")
                    .or_else(|| last.strip_prefix("refs/heads/"))?;
                let item = |(name, commit): (&String, &String)| json!({"ref": format!("refs/heads/{name}"), "object": {"sha": commit}});
                if self.kind == "gitea" {
                    let found: Vec<_> = self
                        .branches
                        .iter()
                        .filter(|(found, _)| found.starts_with(name))
                        .map(item)
                        .collect();
                    return (!found.is_empty()).then(|| json!(found));
                }
                self.branches.get_key_value(name).map(item)
            }
            "repository" => {
                let name = last.strip_prefix("branches/")?;
                self.branches
                    .get(name)
                    .map(|commit| self.branch(name, commit))
            }
            "pulls" | "merge_requests" => self.request(last.parse().ok()?),
            "collaborators" => {
                let user = last.strip_suffix("/permission")?;
                Some(json!({"permission": if user == "carol" { "write" } else { "read" }}))
            }
            _ => None,
        }
    }

    fn branch(&self, name: &str, commit: &str) -> Value {
        match self.kind {
            "github" => json!({"name": name, "commit": {"sha": commit}}),
            "gitea" => json!({"name": name, "commit": {"id": commit, "message": "Mend\n\nit"}}),
            _ => json!({"name": name, "commit": {"id": commit, "title": "Mend"}}),
        }
    }

    fn request(&self, number: u64) -> Option<Value> {
        let (commit, author, is_fork) = self.requests.get(&number)?;
        Some(if self.kind == "gitlab" {
            json!({
                "iid": number, "state": "opened", "sha": commit, "title": "Add", "draft": false,
                "source_branch": "x", "target_branch": "main", "source_project_id": if *is_fork { 8 } else { 7 },
                "target_project_id": 7, "author": {"username": author}, "web_url": "https://x",
            })
        } else {
            let from = if *is_fork {
                format!("{author}/shop")
            } else {
                "acme/shop".to_owned()
            };
            json!({
                "number": number, "state": "open", "title": "Add", "draft": false, "user": {"login": author},
                "head": {"sha": commit, "ref": "x", "repo": {"full_name": from}},
                "base": {"ref": "main", "repo": {"full_name": "acme/shop"}}, "html_url": "https://x",
            })
        })
    }

    fn post(&mut self, target: &str, body: &Value) -> Reply {
        match self.mood {
            Mood::Well => {
                self.posted.push((target.to_owned(), body.clone()));
                (
                    201,
                    Vec::new(),
                    json!({"id": self.posted.len()}).to_string(),
                )
            }
            _ => (500, Vec::new(), "{}".to_owned()),
        }
    }
}
