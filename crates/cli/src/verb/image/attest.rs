//! `boatyard image attest IMAGE`

use boatyard_engine::attest;
use boatyard_plan::attest::{SLSA, SPDX};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use serde_json::Value;

use crate::answer::{self, Table};
use crate::args::image::Said;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Nothing is said about an image.
#[derive(Debug, thiserror::Error)]
#[error("nothing of the kind is said beside {reference}")]
struct NothingSaid {
    reference: Reference,
}

impl Failure for NothingSaid {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(
            "build it with --provenance or --sbom; \"boatyard image sbom\" lists the packages of any image"
                .to_owned(),
        )
    }
}

/// Shows what is said about an image: the statements themselves with --json or when one kind is asked for.
pub fn run(
    store: &Store,
    image: &Reference,
    only: Option<Said>,
    voice: &Voice,
) -> Result<(), Stopped> {
    let descriptor = super::named::resolve(store, image)?;
    let wanted = only.map(|only| match only {
        Said::Provenance => SLSA,
        Said::Sbom => SPDX,
    });
    let mut said = attest::read(store, &descriptor)?;
    said.retain(|statement| wanted.is_none_or(|kind| statement["predicateType"] == kind));
    if said.is_empty() && (only.is_some() || !voice.json) {
        let reference = image.clone();
        return Err(NothingSaid { reference }.into());
    }
    if only.is_some() {
        return said
            .iter()
            .try_for_each(|one| answer::json(&one["predicate"]));
    }
    if voice.json {
        return answer::json(&said);
    }
    answer::text(
        &said
            .iter()
            .map(|one| text(one, voice))
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

fn text(statement: &Value, voice: &Voice) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let predicate = &statement["predicate"];
    let kind = word(&statement["predicateType"]);
    let mut table = match kind.as_str() {
        SLSA => Table::new(["MADE FROM", "DIGEST"]),
        SPDX => Table::new(["PACKAGE", "VERSION"]),
        _ => Table::new([kind.as_str(), ""]),
    };
    let materials = &predicate["buildDefinition"]["resolvedDependencies"];
    for material in materials.as_array().into_iter().flatten() {
        let digests = material["digest"].as_object().into_iter().flatten();
        let digest = digests.map(|(kind, hex)| format!("{kind}:{}", word(hex)));
        let name = match &material["uri"] {
            Value::Null => word(&material["name"]),
            uri => word(uri).split('?').next().unwrap_or_default().to_owned(),
        };
        table.row([name, digest.collect::<Vec<_>>().join(" ")]);
    }
    for package in predicate["packages"].as_array().into_iter().flatten() {
        if package["primaryPackagePurpose"] != "CONTAINER" {
            table.row([word(&package["name"]), word(&package["versionInfo"])]);
        }
    }
    table.render(voice.out)
}
