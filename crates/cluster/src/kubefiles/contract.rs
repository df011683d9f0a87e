//! What a controller relies on in kubefiles.

use serde_json::Value;

use super::{Build, Mode};
use crate::manifest::{Id, Manifest};

/// The label of all that a build has.
pub(crate) const BUILD: &str = "runboat/build";
/// The label of jobs and their pods.
pub(crate) const JOB_KIND: &str = "runboat/job-kind";
/// The annotation that says how far setting it up is.
pub(crate) const INIT_STATUS: &str = "runboat/init-status";
/// What keeps a deployment until it was cleaned up.
pub(crate) const FINALIZER: &str = "runboat/cleanup";

/// Something that a controller relies on, and that is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Of which object; none: of all together.
    pub object: Option<Id>,
    /// What is expected.
    pub expected: String,
}

/// What of the contract the manifests of `build` break.
pub fn breaches(manifests: &[Manifest], build: &Build) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for manifest in manifests {
        let mut expect = |holds: bool, expected: String| {
            if !holds {
                breaches.push(Breach {
                    object: Some(manifest.id()),
                    expected,
                });
            }
        };
        let value = manifest.value();
        let labelled = is(value, "/metadata/labels", BUILD, &build.build_name);
        expect(labelled, format!("the label {BUILD}: {}", build.build_name));
        if build.mode == Mode::Deployment && manifest.kind().kind == "Deployment" {
            of_deployment(value, build, &mut expect);
        }
    }
    let of_kind = |kind: &str| {
        let found = manifests.iter().filter(|one| one.kind().kind == kind);
        found.count()
    };
    let mut all = |holds: bool, expected: String| {
        if !holds {
            breaches.push(Breach {
                object: None,
                expected,
            });
        }
    };
    match build.mode {
        Mode::Deployment => all(of_kind("Deployment") == 1, "one Deployment".to_owned()),
        Mode::Initialize | Mode::Cleanup => {
            let kind = build.mode.name();
            let path = "/spec/template/metadata/labels";
            let jobs = manifests.iter().filter(|one| one.kind().kind == "Job");
            let fit = jobs.filter(|job| {
                is(job.value(), "/metadata/labels", JOB_KIND, kind)
                    && is(job.value(), path, JOB_KIND, kind)
            });
            let expected = format!("a Job that is labelled, as are its pods, {JOB_KIND}: {kind}");
            all(fit.count() > 0, expected);
        }
        Mode::Start | Mode::Stop => {}
    }
    breaches
}

fn of_deployment(value: &Value, build: &Build, expect: &mut impl FnMut(bool, String)) {
    let commit = &build.commit_info;
    let pr = commit.pr.map(|pr| pr.to_string()).unwrap_or_default();
    for (name, wanted) in [
        (INIT_STATUS, "todo"),
        ("runboat/repo", &commit.repo),
        ("runboat/target-branch", &commit.target_branch),
        ("runboat/pr", &pr),
        ("runboat/git-commit", &commit.git_commit),
    ] {
        let there = is(value, "/metadata/annotations", name, wanted);
        expect(there, format!("the annotation {name}: {wanted:?}"));
    }
    let replicas = value.pointer("/spec/replicas").and_then(Value::as_u64);
    expect(replicas == Some(0), "replicas: 0".to_owned());
    let finalizers = value
        .pointer("/metadata/finalizers")
        .and_then(Value::as_array);
    let keeps = finalizers.is_some_and(|all| all.iter().any(|one| one == FINALIZER));
    expect(keeps, format!("the finalizer {FINALIZER}"));
}

fn is(value: &Value, path: &str, key: &str, wanted: &str) -> bool {
    let found = value.pointer(path).and_then(|map| map.get(key));
    found.is_some_and(|found| found == wanted)
}
