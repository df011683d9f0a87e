//! GitHub (<https://docs.github.com/rest>) and Gitea, whose interface is made after it (<https://docs.gitea.com/api>).

use boatyard_preview::config::Kind;
use boatyard_preview::forge::{PullRequest, is_branch, is_commit};
use boatyard_preview::news::About;
use boatyard_preview::revision::Subject;
use boatyard_preview::wanted::Head;
use serde_json::Value;

use super::http::Http;
use super::path::escaped;
use crate::forge::listed::branch as head;
use crate::forge::{ForgeError, Said};

fn repository(name: &str) -> String {
    format!("/repos/{}", escaped(name, true))
}

fn size(kind: Kind) -> (&'static str, usize) {
    match kind {
        Kind::GitHub => ("per_page", 100),
        _ => ("limit", 50),
    }
}

pub(super) fn default_branch(http: &Http, name: &str) -> Result<String, ForgeError> {
    let path = repository(name);
    let value = http.get(&path)?.value;
    let is_it = value["full_name"].as_str().is_some();
    let branch = value["default_branch"].as_str();
    let branch = branch.filter(|_| is_it);
    branch
        .map(str::to_owned)
        .ok_or_else(|| http.strange(&path, "it is not a repository"))
}

pub(super) fn branches(
    http: &Http,
    name: &str,
    kind: Kind,
) -> Result<Vec<(Subject, Head, About)>, ForgeError> {
    let path = format!("{}/branches", repository(name));
    let items = http.list(&path, size(kind))?;
    let read = |item: &Value| {
        let name = item["name"].as_str().filter(|name| is_branch(name))?;
        let commit = ["/commit/sha", "/commit/id"]
            .iter()
            .find_map(|at| item.pointer(at)?.as_str());
        let commit = commit.filter(|commit| is_commit(commit))?;
        let message = item
            .pointer("/commit/message")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let about = About {
            title: message.lines().next().unwrap_or_default().to_owned(),
            ..About::default()
        };
        Some((Subject::Branch(name.to_owned()), head(commit), about))
    };
    Ok(items.iter().filter_map(read).collect())
}

/// The branch by the whole name of its reference: what was renamed does not stand for it.
pub(super) fn branch(
    http: &Http,
    name: &str,
    branch: &str,
    kind: Kind,
) -> Result<Said, ForgeError> {
    let refs = if kind == Kind::GitHub { "ref" } else { "refs" };
    let branch_path = escaped(branch, true);
    let path = format!("{}/git/{refs}/heads/{branch_path}", repository(name));
    let value = http.get(&path)?.value;
    let wanted = format!("refs/heads/{branch}");
    // Gitea answers with a list, in which others begin with the same name.
    let items = match &value {
        Value::Array(items) => items.as_slice(),
        item => std::slice::from_ref(item),
    };
    let found = items
        .iter()
        .find(|item| item["ref"].as_str() == Some(&wanted));
    let Some(found) = found else {
        let is_list = items.iter().all(|item| item["ref"].as_str().is_some());
        let said = if is_list && !items.is_empty() {
            Ok(Said::Closed)
        } else {
            Err(())
        };
        return said.map_err(|()| http.strange(&path, "it is not a reference"));
    };
    let commit = found.pointer("/object/sha").and_then(Value::as_str);
    let commit = commit.filter(|commit| is_commit(commit));
    let commit = commit.ok_or_else(|| http.strange(&path, "it has no commit"))?;
    Ok(Said::Open(head(commit), About::default()))
}

pub(super) fn pull_requests(
    http: &Http,
    name: &str,
    kind: Kind,
) -> Result<Vec<PullRequest>, ForgeError> {
    let path = format!("{}/pulls?state=open", repository(name));
    let items = http.list(&path, size(kind))?;
    // One that is not understood is not in the list, and is asked for by itself.
    Ok(items
        .iter()
        .filter_map(|item| PullRequest::read(item).ok())
        .collect())
}

pub(super) fn pull_request(
    http: &Http,
    name: &str,
    number: u64,
) -> Result<PullRequest, ForgeError> {
    let path = format!("{}/pulls/{number}", repository(name));
    let request = PullRequest::read(&http.get(&path)?.value);
    let request = request.map_err(|trouble| http.strange(&path, &trouble.to_string()))?;
    if request.number != number {
        return Err(http.strange(&path, "it is another pull request"));
    }
    Ok(request)
}

pub(super) fn may_write(http: &Http, name: &str, user: &str) -> Result<bool, ForgeError> {
    let user = escaped(user, false);
    let path = format!("{}/collaborators/{user}/permission", repository(name));
    let value = http.get(&path)?.value;
    let permission = value["permission"].as_str().unwrap_or_default();
    Ok(matches!(
        permission,
        "write" | "maintain" | "admin" | "owner"
    ))
}
