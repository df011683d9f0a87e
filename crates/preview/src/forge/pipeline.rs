//! What hooks say of pipelines: that one of a commit has ended.
//!
//! Which of them makes images nobody says: whatever has ended, it is time to look for them.

use serde_json::Value;

use super::payload::text_or_none;
use super::word::is_commit;
use crate::config::Kind;
use crate::report::CONTEXT;

/// A pipeline that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The commit that it was of.
    pub commit: String,
    /// The page about it, if it has failed.
    pub failed: Option<String>,
}

/// What a payload says of a pipeline, and of which repository; none: nothing, or that it goes on.
pub(super) fn ended(kind: Kind, event: &str, body: &Value) -> Option<(String, Pipeline)> {
    let text = |at| text_or_none(body, at);
    let is_done = text("/action") == "completed";
    let hub =
        |commit, outcome, page: String| (text("/repository/full_name"), commit, outcome, page);
    let (repository, commit, outcome, page) = match (kind, event) {
        (Kind::GitHub | Kind::Gitea, "workflow_run") if is_done => hub(
            text("/workflow_run/head_sha"),
            text("/workflow_run/conclusion"),
            text("/workflow_run/html_url").to_owned(),
        ),
        (Kind::GitHub, "check_suite") if is_done => {
            let commit = text("/check_suite/head_sha");
            let page = format!("{}/commit/{commit}/checks", text("/repository/html_url"));
            hub(commit, text("/check_suite/conclusion"), page)
        }
        // What we tell ourselves comes back as a hook.
        (Kind::GitHub | Kind::Gitea, "status") if !text("/context").starts_with(CONTEXT) => {
            hub(text("/sha"), text("/state"), text("/target_url").to_owned())
        }
        (Kind::GitLab, _) if text("/object_kind") == "pipeline" => {
            let number = body
                .pointer("/object_attributes/id")
                .and_then(Value::as_u64);
            let page = format!(
                "{}/-/pipelines/{}",
                text("/project/web_url"),
                number.unwrap_or_default()
            );
            (
                text("/project/path_with_namespace"),
                text("/object_attributes/sha"),
                text("/object_attributes/status"),
                page,
            )
        }
        (Kind::Generic, _) => (
            text("/repository"),
            text("/commit"),
            text("/pipeline"),
            text("/url").to_owned(),
        ),
        _ => return None,
    };
    let is_failed = match outcome {
        "success" | "neutral" | "skipped" | "warning" => false,
        "failure" | "failed" | "error" | "timed_out" | "startup_failure" | "cancelled"
        | "canceled" => true,
        _ => return None,
    };
    let pipeline = Pipeline {
        commit: commit.to_ascii_lowercase(),
        failed: is_failed.then(|| page_of(&page)),
    };
    is_commit(&pipeline.commit).then(|| (repository.to_owned(), pipeline))
}

/// An address that people can follow, and that is one word in a comment.
fn page_of(page: &str) -> String {
    let is_web = page.starts_with("https://") || page.starts_with("http://");
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>()[]\"`\\".contains(c);
    if is_web && page.chars().all(is_plain) {
        page.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Pipeline, ended};
    use crate::config::Kind;

    const COMMIT: &str = "090e9acf455bd351945b06b1d3684c93af0a8495";

    fn hub(action: &str, conclusion: &Value) -> Value {
        json!({
            "action": action, "repository": {"full_name": "acme/shop", "html_url": "https://code.test/acme/shop"},
            "workflow_run": {"head_sha": COMMIT, "conclusion": conclusion, "html_url": "https://code.test/runs/7"},
            "check_suite": {"head_sha": COMMIT.to_uppercase(), "conclusion": conclusion},
        })
    }

    fn status(context: &str, state: &str, page: &str) -> Value {
        json!({
            "repository": {"full_name": "acme/shop"}, "sha": COMMIT, "context": context, "state": state,
            "target_url": page,
        })
    }

    fn lab(status: &str) -> Value {
        json!({
            "object_kind": "pipeline", "object_attributes": {"id": 31, "sha": COMMIT, "status": status},
            "project": {"path_with_namespace": "acme/shop", "web_url": "https://lab.test/acme/shop"},
        })
    }

    #[test]
    fn what_has_ended_is_known_by_its_commit() {
        let own = |outcome: &str| json!({"repository": "acme/shop", "commit": COMMIT, "pipeline": outcome, "url": "https://ci.test/7"});
        let (well, badly) = (Some(None), |page: &str| Some(Some(page.to_owned())));
        for (kind, event, body, expected) in [
            (
                Kind::GitHub,
                "workflow_run",
                hub("completed", &json!("success")),
                well.clone(),
            ),
            (
                Kind::GitHub,
                "workflow_run",
                hub("completed", &json!("failure")),
                badly("https://code.test/runs/7"),
            ),
            (
                Kind::GitHub,
                "workflow_run",
                hub("requested", &Value::Null),
                None,
            ),
            (
                Kind::Gitea,
                "workflow_run",
                hub("completed", &json!("cancelled")),
                badly("https://code.test/runs/7"),
            ),
            (
                Kind::GitHub,
                "check_suite",
                hub("completed", &json!("timed_out")),
                badly(&format!(
                    "https://code.test/acme/shop/commit/{}/checks",
                    COMMIT.to_uppercase()
                )),
            ),
            (
                Kind::GitHub,
                "status",
                status("ci", "success", ""),
                well.clone(),
            ),
            (Kind::GitHub, "status", status("ci", "pending", ""), None),
            (
                Kind::GitHub,
                "status",
                status("ci", "error", "javascript:alert(1)"),
                badly(""),
            ),
            (
                Kind::GitHub,
                "status",
                status("boatyard/preview #7", "failure", ""),
                None,
            ),
            (Kind::GitLab, "Pipeline Hook", lab("success"), well.clone()),
            (
                Kind::GitLab,
                "Pipeline Hook",
                lab("failed"),
                badly("https://lab.test/acme/shop/-/pipelines/31"),
            ),
            (Kind::GitLab, "Pipeline Hook", lab("running"), None),
            (
                Kind::GitLab,
                "workflow_run",
                hub("completed", &json!("success")),
                None,
            ),
            (
                Kind::Generic,
                "news",
                hub("completed", &json!("success")),
                None,
            ),
            (Kind::Generic, "news", own("success"), well.clone()),
            (
                Kind::Generic,
                "news",
                own("failed"),
                badly("https://ci.test/7"),
            ),
        ] {
            let expected = expected.map(|failed| {
                let commit = COMMIT.to_owned();
                ("acme/shop".to_owned(), Pipeline { commit, failed })
            });
            assert_eq!(ended(kind, event, &body), expected, "{event}: {body}");
        }
        let mut odd = status("ci", "success", "");
        odd["sha"] = json!("main");
        assert_eq!(ended(Kind::GitHub, "status", &odd), None);
    }
}
