//! The description of the API against the server: schemathesis asks for everything that it describes, with what fits the
//! description and with what does not, and compares the answers with it.
//!
//! Source: <https://schemathesis.readthedocs.io>, the version in requirements.txt.

use std::path::PathBuf;
use std::time::Duration;

use boatyard_preview::config::Anonymous;
use boatyard_preview::phase::{Effect, Phase};
use boatyard_serve::logs::Part;
use tokio::process::Command;

use super::yard::{Yard, head, id, stranger_head};

/// A run takes a quarter of that on two busy cores.
const LIMIT: Duration = Duration::from_secs(240);
/// Where what the Python index has is installed: whoever names it has it there.
const TOOLS: &str = "BOATYARD_PYTHON_TOOLS";
/// Streams do not end, and the program reads answers to their end: those are in events.rs and logs.rs.
const STREAMS: &str = "events$";
/// Of names made up none is there: half of the time one is asked for that is.
const CONFIG: &str = r#"
[dictionaries.ids]
values = IDS

[parameters]
"path.id" = { dictionary = "ids", probability = 0.5 }
"path.name" = { dictionary = "ids", probability = 0.5 }
"#;
/// What was given as a cursor cannot be described, nor that one of two is asked for.
const LIST: &str = r#"
[[operations]]
include-name = "GET /api/environments"
checks.positive_data_acceptance.expected-statuses = ["200", "400"]
"#;

#[tokio::test]
async fn the_description_of_the_api_is_true() {
    holds("/api/openapi.json", "admin", LIST).await;
}

/// Who may not everything cannot undeploy everything at once, after which there would be nothing to ask for.
#[tokio::test]
async fn the_description_for_clients_of_runboat_is_true() {
    holds("/openapi.json", "operate", "").await;
}

/// Asks for everything that a document describes, with the token of `who`.
async fn holds(document: &str, who: &str, config: &str) {
    let Some(program) = tool("schemathesis") else {
        return;
    };
    let yard = Yard::with(|settings, policy| {
        settings.access.anonymous = Anonymous::None;
        // It also shows wrong tokens, many of them.
        settings.visitors.per_minute = 1_000_000;
        policy.limits.preparing = 1;
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schemathesis.toml");
    let ids = format!("{:?}", environments(&yard).await);
    std::fs::write(&file, CONFIG.replace("IDS", &ids) + config).unwrap();
    let output = Command::new(program)
        .arg("--config-file")
        .arg(&file)
        .arg("run")
        .arg(format!("http://{}{document}", yard.address))
        .args(["--checks", "all", "--exclude-path-regex", STREAMS])
        .args(["--max-examples", "20", "--generation-deterministic"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--request-timeout", "30", "--no-color"])
        .arg("--header")
        .arg(format!("Authorization: Bearer {who}-token"))
        .current_dir(folder.path())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, output).await;
    let told = output.expect("waited for schemathesis to end").unwrap();
    let text = String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned();
    assert!(told.status.success(), "{text}");
    // It would be as content with a description of nothing.
    assert!(text.contains("No issues found"), "{text}");
}

/// Some in most phases, and what addresses name them by.
async fn environments(yard: &Yard) -> Vec<String> {
    yard.asleep(&["main", "feature/login", "release/1"]).await;
    yard.backend.fail("pip found no version");
    yard.hear(vec![head("blog", "broken")]).await;
    yard.until(&id("blog", "broken"), Phase::Failed).await;
    yard.hear(vec![stranger_head("shop", "#3")]).await;
    yard.until(&id("shop", "#3"), Phase::Unapproved).await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(
        ["#4", "#5"]
            .map(|name| super::yard::head("shop", name))
            .into(),
    )
    .await;
    for part in Part::ALL {
        yard.logs.append_at(&id("shop", "main"), part, 0, "a line");
    }
    let shop = ["main", "feature/login", "#3", "#4", "#5"].map(|name| id("shop", name));
    shop.into_iter()
        .chain([id("blog", "broken")])
        .map(|id| id.to_string())
        .collect()
}

/// A program of the Python index, if this machine has it.
pub fn tool(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os(TOOLS) else {
        println!("not run: {TOOLS} names no folder that has {name}");
        return None;
    };
    Some(PathBuf::from(folder).join(name))
}
