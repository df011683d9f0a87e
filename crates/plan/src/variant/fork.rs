//! Variants of the images of a plan.

use std::collections::BTreeSet;

use super::{Derived, Facts, Folder, Revision, Variant, Wishes, derive, names};
use crate::build::{BuildPlan, ImagePlan, Parent, Stage, Step};

/// Which forms of which images.
#[derive(Clone, Debug)]
pub struct Forms<'a> {
    /// The forms.
    pub variants: &'a [Variant],
    /// Images, by service; others stay as they are.
    pub services: &'a BTreeSet<String>,
    /// Of those, the ones with a role that can be asked whether it is ready.
    pub ready: &'a BTreeSet<String>,
    /// The state of the sources, if they have one.
    pub revision: Option<&'a Revision>,
    /// What the user wishes.
    pub wishes: &'a Wishes,
}

/// The plan with these forms of its images in place of the images. Layers are shared: a form has a stage of its own only
/// where something has to be put on top.
pub fn fork(plan: &BuildPlan, forms: &Forms<'_>) -> BuildPlan {
    let mut forked = BuildPlan {
        images: Vec::new(),
        ..plan.clone()
    };
    for image in &plan.images {
        if !forms.services.contains(&image.service) {
            forked.images.push(image.clone());
            continue;
        }
        for variant in forms.variants {
            let derived = derive(*variant, &image.config, &facts(image, forms), forms.wishes);
            let stage = format!("{}-{}", image.stage, variant.name());
            let stage = derived.stage(&stage, Parent::Stage(image.stage.clone()));
            forked
                .images
                .push(form(image, *variant, derived, stage.as_ref(), forms));
            forked.stages.extend(stage);
        }
    }
    forked
}

fn form(
    image: &ImagePlan,
    variant: Variant,
    derived: Derived,
    stage: Option<&Stage>,
    forms: &Forms<'_>,
) -> ImagePlan {
    let Derived {
        mut config,
        changes,
        remarks,
        ..
    } = derived;
    let revision = forms.revision;
    config
        .labels
        .extend(revision.map(Revision::labels).unwrap_or_default());
    let tag = revision.map(|revision| revision.tag.as_str());
    let references = image.references.iter();
    ImagePlan {
        service: image.service.clone(),
        stage: stage.map_or_else(|| image.stage.clone(), |stage| stage.name.clone()),
        references: references
            .flat_map(|name| names(name, variant, tag))
            .collect(),
        config,
        variant: Some(variant),
        changes,
        remarks,
    }
}

/// What is known of an image before it is built: init is in it, and its sources are root's.
fn facts(image: &ImagePlan, forms: &Forms<'_>) -> Facts {
    let ids = image
        .config
        .user
        .split_once(':')
        .and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
    let workdir = Folder {
        path: image.config.working_dir.clone(),
        what: "the working folder",
        mode: 0o755,
        uid: 0,
        gid: 0,
    };
    Facts {
        account: ids,
        has_init: true,
        has_ready: forms.ready.contains(&image.service),
        written: vec![workdir],
        ..Facts::default()
    }
}

impl Derived {
    /// The stage called `name` that puts on `from` what has to be on top; none if there is nothing.
    pub fn stage(&self, name: &str, from: Parent) -> Option<Stage> {
        let step = |(index, addition): (usize, &super::Addition)| Step {
            id: format!("{name}/{}", index + 1),
            title: addition.title.clone(),
            why: addition.why.clone(),
            line: None,
            action: addition.action.clone(),
        };
        (!self.additions.is_empty()).then(|| Stage {
            name: name.to_owned(),
            why: "what this form of the image has on top of the other".to_owned(),
            from,
            steps: self.additions.iter().enumerate().map(step).collect(),
            on_demand: false,
        })
    }
}
