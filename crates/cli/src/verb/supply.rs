//! What goes with the images of a build: from words to what is put beside them.

use std::collections::BTreeMap;

use boatyard_engine::attest::Extras;
use boatyard_plan::attest::{Annotations, Detail, Provenance, Wanted};
use boatyard_plan::build::BuildPlan;
use boatyard_plan::dockerfile::platform;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::host_platform;

use crate::args::supply::Supply;

/// A word asks for something that we do not put beside images.
#[derive(Debug, thiserror::Error)]
#[error("--{flag} {value}: {problem}")]
pub struct SupplyWordsError {
    flag: &'static str,
    value: String,
    problem: &'static str,
}

impl Failure for SupplyWordsError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        let form = match self.flag {
            "annotation" => "NAME=VALUE, index:NAME=VALUE or manifest-descriptor:NAME=VALUE",
            _ => "--sbom, --provenance, --provenance=mode=max, --provenance=false",
        };
        Some(format!("what can be said: {form}"))
    }
}

/// What is asked for, for an image for `platform`; `describe` tells how it is made, if that is to be said.
pub fn extras(
    words: &Supply,
    for_platform: &str,
    describe: impl FnOnce() -> Provenance,
) -> Result<Extras, SupplyWordsError> {
    let wanted = wanted(words)?;
    let mut annotations = Annotations::default();
    for word in &words.annotation {
        let added = annotations.add(word, for_platform);
        added.map_err(|bad| wrong("annotation", word, bad.problem))?;
    }
    let provenance = wanted.provenance.map(|_| Provenance {
        machine: platform::format(&host_platform()),
        builder: wanted.builder.clone(),
        ..describe()
    });
    Ok(Extras {
        wanted,
        provenance,
        annotations,
        ..Extras::default()
    })
}

/// How the images of a plan are made, for whoever asks later.
pub fn described(plan: &BuildPlan) -> Provenance {
    let images = plan.images.iter();
    let services: Vec<&str> = images.map(|image| image.service.as_str()).collect();
    let stages = plan.stages.iter().map(|stage| {
        let titles: Vec<&str> = stage.steps.iter().map(|step| step.title.as_str()).collect();
        (stage.name.clone(), titles.into())
    });
    let stages: serde_json::Map<String, serde_json::Value> = stages.collect();
    let min = serde_json::json!({ "project": plan.project, "services": services });
    let max = serde_json::json!({ "stages": stages });
    Provenance {
        kind: "project",
        parameters: BTreeMap::from([(Detail::Min, min), (Detail::Max, max)]),
        machine: String::new(),
        builder: None,
    }
}

/// Which statements are asked for. The short flags count after `--attest`.
fn wanted(words: &Supply) -> Result<Wanted, SupplyWordsError> {
    let mut wanted = Wanted::default();
    for word in &words.attest {
        let added = wanted.attest(word);
        added.map_err(|bad| wrong("attest", word, bad.problem))?;
    }
    if let Some(word) = &words.provenance {
        let added = wanted.provenance(word);
        added.map_err(|bad| wrong("provenance", word, bad.problem))?;
    }
    if let Some(word) = &words.sbom {
        let added = wanted.sbom(word);
        added.map_err(|bad| wrong("sbom", word, bad.problem))?;
    }
    Ok(wanted)
}

fn wrong(flag: &'static str, value: &str, problem: &'static str) -> SupplyWordsError {
    SupplyWordsError {
        flag,
        value: value.to_owned(),
        problem,
    }
}
