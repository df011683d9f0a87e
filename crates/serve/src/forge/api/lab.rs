//! GitLab: <https://docs.gitlab.com/api/rest/>.

use boatyard_preview::forge::{PullRequest, is_branch, is_commit};
use boatyard_preview::news::About;
use boatyard_preview::revision::Subject;
use boatyard_preview::wanted::Head;
use serde_json::Value;

use super::http::Http;
use super::path::escaped;
use crate::forge::listed::branch as head;
use crate::forge::{ForgeError, Said};

const SIZE: (&str, usize) = ("per_page", 100);
/// From this access level on one may push: Developer.
const DEVELOPER: u64 = 30;

fn project(name: &str) -> String {
    format!("/projects/{}", escaped(name, false))
}

pub(super) fn default_branch(http: &Http, name: &str) -> Result<String, ForgeError> {
    let path = project(name);
    let value = http.get(&path)?.value;
    if value["path_with_namespace"].as_str().is_none() {
        return Err(http.strange(&path, "it is not a project"));
    }
    // A project without a commit has none.
    Ok(value["default_branch"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

pub(super) fn branches(http: &Http, name: &str) -> Result<Vec<(Subject, Head, About)>, ForgeError> {
    let path = format!("{}/repository/branches", project(name));
    Ok(http.list(&path, SIZE)?.iter().filter_map(read).collect())
}

pub(super) fn branch(http: &Http, name: &str, branch: &str) -> Result<Said, ForgeError> {
    if branch.is_empty() {
        return Ok(Said::Closed);
    }
    let path = format!(
        "{}/repository/branches/{}",
        project(name),
        escaped(branch, false)
    );
    match read(&http.get(&path)?.value) {
        Some((Subject::Branch(found), head, about)) if found == branch => {
            Ok(Said::Open(head, about))
        }
        _ => Err(http.strange(&path, "it is not that branch")),
    }
}

fn read(item: &Value) -> Option<(Subject, Head, About)> {
    let name = item["name"].as_str().filter(|name| is_branch(name))?;
    let commit = item
        .pointer("/commit/id")?
        .as_str()
        .filter(|commit| is_commit(commit))?;
    let text = |at| {
        item.pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let about = About {
        title: text("/commit/title"),
        author: text("/commit/author_name"),
        ..About::default()
    };
    Some((Subject::Branch(name.to_owned()), head(commit), about))
}

pub(super) fn merge_requests(http: &Http, name: &str) -> Result<Vec<PullRequest>, ForgeError> {
    let path = format!("{}/merge_requests?state=opened", project(name));
    let items = http.list(&path, SIZE)?;
    Ok(items
        .iter()
        .filter_map(|item| PullRequest::of_gitlab(item).ok())
        .collect())
}

pub(super) fn merge_request(
    http: &Http,
    name: &str,
    number: u64,
) -> Result<PullRequest, ForgeError> {
    let path = format!("{}/merge_requests/{number}", project(name));
    let request = PullRequest::of_gitlab(&http.get(&path)?.value);
    let request = request.map_err(|trouble| http.strange(&path, &trouble.to_string()))?;
    if request.number != number {
        return Err(http.strange(&path, "it is another merge request"));
    }
    Ok(request)
}

pub(super) fn may_write(http: &Http, name: &str, user: &str) -> Result<bool, ForgeError> {
    let path = format!(
        "{}/members/all?query={}",
        project(name),
        escaped(user, false)
    );
    let items = http.list(&path, SIZE)?;
    Ok(items.iter().any(|item| {
        item["username"].as_str() == Some(user)
            && item["access_level"]
                .as_u64()
                .is_some_and(|level| level >= DEVELOPER)
    }))
}
