//! Forms of an image that a Dockerfile makes: the same layers, another configuration, and what is missing on top.

use std::collections::BTreeMap;

use boatyard_plan::build::{Parent, Stage as StagePlan};
use boatyard_plan::event::Event;
use boatyard_plan::image::History;
use boatyard_plan::reference::Reference;
use boatyard_plan::variant::{self, Change, Derived, Remark, Variant, Wishes};

use super::DockerfileError;
use super::driver::Driver;
use super::request::Request;
use super::result::{Built, keep, squash};
use super::stage::End;
use crate::build::image::rfc3339;
use crate::build::{Bench, facts, on_top};

/// A form of the image that is asked for.
#[derive(Clone, Debug)]
pub struct Form {
    /// Which.
    pub variant: Variant,
    /// What it is called.
    pub tags: Vec<Reference>,
    /// Labels on top of those of the request.
    pub labels: BTreeMap<String, String>,
}

/// A form that was built or found, and what makes it another image than the Dockerfile's.
#[derive(Clone, Debug)]
pub struct Formed {
    /// The image.
    pub built: Built,
    /// Which form it is.
    pub variant: Variant,
    /// What it is called.
    pub tags: Vec<Reference>,
    /// What differs, and why.
    pub changes: Vec<Change>,
    /// What may surprise.
    pub remarks: Vec<Remark>,
}

/// Builds what is asked for once, and makes these forms of it instead of the image itself.
pub fn build_forms(
    bench: Bench<'_>,
    request: &Request,
    forms: &[Form],
    wishes: &Wishes,
) -> Result<Vec<Formed>, DockerfileError> {
    let driver = Driver::new(bench, request)?;
    let mut end = driver.build()?;
    if request.squash {
        squash(&driver, &mut end)?;
    }
    let taken = driver.taken();
    let config = &end.image.config.config;
    let facts = facts(bench.store, &end.image.tree, config)?;
    let name = driver.name(driver.graph.target);
    let form = |form: &Form| {
        let derived = variant::derive(form.variant, config, &facts, wishes);
        let stage = format!("{name}-{}", form.variant.name());
        let stage = derived.stage(&stage, Parent::Stage(name.clone()));
        let Derived {
            config,
            changes,
            remarks,
            ..
        } = derived;
        let mut end = end.clone();
        end.image.config.config = config;
        if let Some(stage) = stage {
            put_on_top(&bench, &mut end, &stage)?;
        }
        let request = Request {
            tags: form.tags.clone(),
            labels: request
                .labels
                .clone()
                .into_iter()
                .chain(form.labels.clone())
                .collect(),
            ..request.clone()
        };
        let built = keep(&bench, &request, end, &taken)?;
        (bench.sink)(Event::Image {
            service: name.clone(),
            references: form.tags.iter().map(ToString::to_string).collect(),
            digest: built.manifest.digest.clone(),
            size_bytes: built.size_bytes,
            cached: built.cached,
            variant: Some(form.variant),
        });
        Ok(Formed {
            built,
            variant: form.variant,
            tags: form.tags.clone(),
            changes,
            remarks,
        })
    };
    forms.iter().map(form).collect()
}

/// Carries out the steps of a stage on top of an image.
fn put_on_top(bench: &Bench<'_>, end: &mut End, stage: &StagePlan) -> Result<(), DockerfileError> {
    let (tree, cached) = on_top(*bench, stage, &end.image.tree)?;
    let created = Some(rfc3339(tree.epoch));
    let entries = stage.steps.iter().map(|step| History {
        created: created.clone(),
        created_by: Some(step.title.clone()),
        ..History::default()
    });
    end.image.config.history.extend(entries);
    end.image.tree = tree;
    end.cached &= cached;
    Ok(())
}
