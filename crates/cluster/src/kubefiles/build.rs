//! What templates know.

use std::collections::BTreeMap;

use serde::Serialize;

/// What manifests are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What stays, with nothing of it running.
    Deployment,
    /// The job that sets it up.
    Initialize,
    /// What is changed before it runs.
    Start,
    /// What is changed before it stops.
    Stop,
    /// The job before all of it goes.
    Cleanup,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Deployment,
        Self::Initialize,
        Self::Start,
        Self::Stop,
        Self::Cleanup,
    ];

    /// Its name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Initialize => "initialize",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Cleanup => "cleanup",
        }
    }
}

/// The variables of a template, under the names that runboat gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Build {
    /// What is wanted.
    pub mode: Mode,
    /// The namespace.
    pub namespace: String,
    /// The build's own name, unique: its label and the prefix of all names.
    pub build_name: String,
    /// The first part of its host name.
    pub build_slug: String,
    /// The rest of its host name.
    pub build_domain: String,
    /// What it is of.
    pub commit_info: Commit,
    /// The image, without its tag.
    pub image_name: String,
    /// The image's tag.
    pub image_tag: String,
    /// Variables of its processes.
    pub build_env: BTreeMap<String, String>,
    /// Variables that nobody is to see.
    pub build_secret_env: BTreeMap<String, String>,
    /// Whatever else the templates of a site want.
    pub build_template_vars: BTreeMap<String, String>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// `OWNER/NAME`.
    pub repo: String,
    /// The branch, or the one that the pull request is to go into.
    pub target_branch: String,
    /// The pull request, if it is one.
    pub pr: Option<u64>,
    /// Its digest.
    pub git_commit: String,
}
