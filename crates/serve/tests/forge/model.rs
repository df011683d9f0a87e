//! What the forge on loopback has, and how it answers.

use std::collections::BTreeMap;

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
    /// Lists are empty, and the repository is gone once anything else is asked for.
    Vanishing,
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
    pub const BAD: [Self; 10] = [
        Self::Error,
        Self::EmptyLists,
        Self::Gone,
        Self::Html,
        Self::CutOff,
        Self::SecondPageFails,
        Self::Vanishing,
        Self::FirstPageOnly,
        Self::Forbidden,
        Self::Limited,
    ];
}

#[derive(Debug)]
pub struct Model {
    pub kind: &'static str,
    pub mood: Mood,
    /// Whether the repository of [`Mood::Vanishing`] is gone.
    pub has_vanished: bool,
    pub branches: BTreeMap<String, String>,
    /// By number: commit, author, whether it is from a fork.
    pub requests: BTreeMap<u64, (String, String, bool)>,
    /// All requests: method and path.
    pub asked: Vec<String>,
    pub not_modified: usize,
    /// What was posted, with method and path.
    pub posted: Vec<(String, Value)>,
    /// Comments by number: where they are, author, text.
    pub comments: BTreeMap<u64, (String, String, String)>,
    /// Who may write.
    pub writers: Vec<String>,
    /// Whether the token may tell of deployments.
    pub may_deploy: bool,
    /// Commits and statuses of deployments: the first is number 500.
    pub deployments: Vec<(String, String)>,
    /// Names of environments and where they are: the first is number 900.
    pub environments: Vec<(String, Value)>,
}

/// Two pages each: a page has two.
const PAGE: usize = 2;

/// An answer: status, more headers, body.
pub type Reply = (u16, Vec<String>, String);

impl Model {
    pub fn get(&mut self, target: &str) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let page = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page=")?.parse().ok());
        let path = path.replace("%2F", "/");
        // The forge may be below a path of its own.
        let path = plain(&path);
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
            Mood::Vanishing if page.is_none() => {
                self.has_vanished |= !path.ends_with("/acme/shop");
                if self.has_vanished {
                    return (404, Vec::new(), "{}".to_owned());
                }
            }
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
        let all: Vec<Value> = if path.ends_with("/comments") || path.ends_with("/notes") {
            let here = self
                .comments
                .iter()
                .filter(|(_, (place, ..))| place == path);
            here.map(|(number, (_, author, text))| {
                json!({"id": number, "body": text, "user": {"login": author}, "author": {"username": author}})
            })
            .collect()
        } else if path.ends_with("/branches") {
            self.branches
                .iter()
                .map(|(name, commit)| self.branch(name, commit))
                .collect()
        } else if path.ends_with("/pulls") || path.ends_with("/merge_requests") {
            self.requests
                .keys()
                .filter_map(|number| self.request(*number))
                .collect()
        } else if path.ends_with("/deployments") {
            let all = self.deployments.iter().zip(500..);
            all.map(|((sha, status), id)| json!({"id": id, "sha": sha, "status": status}))
                .collect()
        } else if path.ends_with("/environments") {
            let all = self.environments.iter().zip(900..);
            all.map(|((name, url), id)| json!({"id": id, "name": name, "external_url": url}))
                .collect()
        } else if path.ends_with("/members/all") {
            let level = |name: &str| if self.may_write(name) { 30 } else { 20 };
            ["carol", "eve"]
                .map(|name| json!({"username": name, "access_level": level(name)}))
                .into()
        } else {
            return (404, Vec::new(), "{}".to_owned());
        };
        if matches!(self.mood, Mood::EmptyLists | Mood::Gone | Mood::Vanishing) {
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
        if path == "/user" {
            return Some(json!({"login": "boat", "username": "boat"}));
        }
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
                Some(json!({"permission": if self.may_write(user) { "write" } else { "read" }}))
            }
            _ => None,
        }
    }

    fn may_write(&self, user: &str) -> bool {
        self.writers.iter().any(|name| name == user)
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

    pub fn post(&mut self, method: &str, target: &str, body: &Value) -> Reply {
        if self.mood == Mood::Forbidden {
            return (403, Vec::new(), "{}".to_owned());
        }
        if self.mood != Mood::Well {
            return (500, Vec::new(), "{}".to_owned());
        }
        let decoded = target.replace("%2F", "/");
        let path = plain(&decoded);
        let is_deployment = path.contains("/deployments") || path.contains("/environments");
        if is_deployment && !self.may_deploy {
            return (403, Vec::new(), "{}".to_owned());
        }
        self.posted
            .push((format!("{method} {target}"), body.clone()));
        if is_deployment {
            return self.deploy(path, body);
        }
        let target = path;
        let text = body["body"].as_str().unwrap_or_default().to_owned();
        if method == "POST" && (target.ends_with("/comments") || target.ends_with("/notes")) {
            let number = 100 + self.comments.len() as u64;
            self.comments
                .insert(number, (target.to_owned(), "boat".to_owned(), text));
            return (201, Vec::new(), json!({"id": number}).to_string());
        }
        if method != "POST" {
            let number: Option<u64> = target.rsplit('/').next().and_then(|text| text.parse().ok());
            let Some(comment) = number.and_then(|number| self.comments.get_mut(&number)) else {
                return (404, Vec::new(), "{}".to_owned());
            };
            comment.2 = text;
        }
        (201, Vec::new(), "{\"id\": 1}".to_owned())
    }
}

impl Model {
    /// Something is said about a deployment or an environment.
    fn deploy(&mut self, path: &str, body: &Value) -> Reply {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let number = path.split('/').find_map(|part| part.parse::<usize>().ok());
        let deployment =
            number.and_then(|number| self.deployments.get_mut(number.wrapping_sub(500)));
        let environment =
            number.and_then(|number| self.environments.get_mut(number.wrapping_sub(900)));
        match (deployment, environment) {
            (Some((_, status)), _) if !text("status").is_empty() => *status = text("status"),
            (_, Some((_, url))) if !body["external_url"].is_null() => {
                *url = body["external_url"].clone();
            }
            (None, None) if number.is_some() => return (404, Vec::new(), "{}".to_owned()),
            (None, None) => {
                let sha = if self.kind == "github" { "ref" } else { "sha" };
                self.deployments.push((text(sha), text("status")));
                let environment = text("environment");
                if self
                    .environments
                    .iter()
                    .all(|(name, _)| *name != environment)
                {
                    self.environments.push((environment, Value::Null));
                }
                let id = 499 + self.deployments.len();
                return (201, Vec::new(), json!({"id": id}).to_string());
            }
            _ => {}
        }
        (201, Vec::new(), "{}".to_owned())
    }
}

/// The path without what the forge is below.
fn plain(path: &str) -> &str {
    ["/api/v1", "/api/v3", "/api/v4"]
        .iter()
        .find_map(|begin| path.strip_prefix(begin))
        .unwrap_or(path)
}
