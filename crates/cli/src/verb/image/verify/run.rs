//! Runs an image, and tells what it proved.

use std::path::Path;

use boatyard_engine::session::Place;
use boatyard_engine::snapshot::Tree;
use boatyard_engine::verify::{Trial, observe};
use boatyard_harden::check::check_with;
use boatyard_harden::rule;
use boatyard_harden::settings::Settings;
use boatyard_init::contract;
use boatyard_plan::verify::{Check, Outcome, judge};
use serde::Serialize;

use super::promise::Promise;
use super::sizes::{self, Measured};
use super::text;
use crate::answer;
use crate::args::verify::Verify;
use crate::project;
use crate::stopped::Stopped;
use crate::verb::check::image as contents;
use crate::verb::image::resolve;
use crate::voice::Voice;
use crate::yard::Yard;

/// Exit code where a check failed.
const FAILED: u8 = 1;

/// How many places of secrets are named.
const NAMED: usize = 5;

/// What programs learn.
#[derive(Serialize)]
struct Answer {
    reference: String,
    variant: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    checks: Vec<Check>,
    /// The image and its other variants.
    sizes: Vec<Measured>,
}

/// Verifies an image.
pub fn run(words: &Verify, voice: &Voice) -> Result<(), Stopped> {
    let yard = Yard::open()?;
    let descriptor = resolve(&yard.store, &words.image)?;
    let manifest = yard.store.manifest(&descriptor)?;
    let config = yard.store.config(&manifest)?;
    let tree = Tree {
        layers: yard.store.layers(&manifest)?,
        epoch: 0,
    };
    let contract = tree.read(&yard.store, Path::new(contract::PATH))?;
    // An image with a contract that init cannot read does not start; that is seen then.
    let contract = contract.and_then(|bytes| contract::parse(&bytes).ok());
    let promise = Promise::of(words, &config.config, contract.as_ref())?;
    let env = words.env.iter().cloned().collect();
    let trial = Trial {
        image: &words.image,
        args: promise.args.as_deref(),
        env: &env,
        ports: &promise.promised.ports,
        patience: words.timeout,
        signal: promise.signal,
        grace: promise.promised.grace,
    };
    let place = Place::new(&yard.home, "verify", &project::here()?);
    let observed = observe(&yard.host, &yard.store, &place, &trial)?;
    let mut checks = judge(&promise.promised, &observed);
    let image = contents::read(&yard.store, &words.image, config, &tree)?;
    checks.push(secrets(&image));
    let sizes = sizes::read(&yard.store, &words.image)?;
    let is_failed = checks.iter().any(|one| one.outcome == Outcome::Failed);
    if voice.json {
        answer::json(&Answer {
            reference: words.image.to_string(),
            variant: promise.variant.name(),
            role: promise.role,
            checks,
            sizes,
        })?;
    } else {
        answer::text(&text::render(&checks, &sizes, voice))?;
    }
    if is_failed {
        return Err(Stopped::Ended(FAILED));
    }
    Ok(())
}

/// Whether the rule about secrets finds none in layers, history and environment.
fn secrets(image: &boatyard_harden::image::Image) -> Check {
    let name = "secrets";
    let workspace = boatyard_harden::image::workspace(image, Settings::default());
    let rule = rule::named("D15").expect("the rule about secrets");
    let found = check_with(&workspace, &[rule]);
    if found.is_empty() {
        let said = format!(
            "none in {} layers, the history and the environment",
            image.layers.len()
        );
        return Check::new(name, Outcome::Passed, said);
    }
    let places = found.iter().take(NAMED).map(|finding| {
        let place = finding.file.split_once(' ');
        let place = place.map_or("environment", |(_, place)| place);
        format!("{place}: {}", finding.message)
    });
    let mut said = places.collect::<Vec<_>>().join("; ");
    if found.len() > NAMED {
        said.push_str("; ...");
    }
    Check::new(name, Outcome::Failed, said)
}
