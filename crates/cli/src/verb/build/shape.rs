//! Which images come out of a project or a release: their forms, labels, where they are pushed to.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::build::{BuildPlan, deployed_reference};
use boatyard_plan::event::{Event, Level};
use boatyard_plan::project::Project;
use boatyard_plan::reference::Reference;
use boatyard_plan::variant::{self, Change, Remark, Revision, Variant};

use super::{Job, no_registry};
use crate::args::build::Build;
use crate::args::forms::Forms;
use crate::progress::Origin;
use crate::stopped::Stopped;
use crate::verb::dockerfile::labels;
use crate::verb::{note, revision};

/// The user's own images of a plan, beside those of backing services, which are the same for everybody.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// By service.
    pub services: BTreeSet<String>,
    /// Of those, the ones with a role that says how to ask it whether it is ready.
    pub ready: BTreeSet<String>,
    /// What images of backing services are called that are deployed with the project.
    pub backings: BTreeMap<String, Reference>,
}

impl Own {
    /// The images of a project.
    pub fn of(project: &Project) -> Self {
        let asked = |role: &String| {
            let mut roles = project.roles.iter();
            roles.any(|known| known.name == *role && known.ready.is_some())
        };
        let services = project.services.iter();
        let ready = services
            .clone()
            .filter(|service| service.roles.iter().any(asked));
        let deployed = project.backings.iter().filter(|one| one.is_deployed());
        Self {
            backings: deployed
                .map(|one| (one.name.clone(), deployed_reference(project, one)))
                .collect(),
            ready: ready.map(|service| service.name.clone()).collect(),
            services: services.map(|service| service.name.clone()).collect(),
        }
    }

    /// Whether this form of the image of `service` goes where the project's images go.
    pub fn goes(&self, service: &str, variant: Option<Variant>) -> bool {
        self.services.contains(service)
            || (variant == Some(Variant::K8s) && self.backings.contains_key(service))
    }
}

/// The plan with the forms that are wanted in place of its own images.
pub fn forked(
    plan: &BuildPlan,
    own: &Own,
    forms: &Forms,
    revision: Option<&Revision>,
) -> BuildPlan {
    let forms = variant::Forms {
        variants: forms.variants(),
        services: &own.services,
        ready: &own.ready,
        revision,
        wishes: &forms.wishes(),
    };
    let mut forked = variant::fork(plan, &forms);
    if forms.variants.contains(&Variant::K8s) {
        for image in &mut forked.images {
            // It is fit for clusters as it is.
            if let Some(name) = own.backings.get(&image.service) {
                image.references = vec![name.clone()];
                image.variant = Some(Variant::K8s);
            }
        }
    }
    forked
}

/// Makes of a job what the words say about its images. Answers what is to be told once there is somebody to tell.
pub fn shape(job: &mut Job, words: &Build, verbose: bool) -> Result<Vec<Event>, Stopped> {
    let flags = &words.dockerfile;
    let has_forms = !words.forms.variants().is_empty();
    let mut notices = Vec::new();
    let mut state = None;
    // What leaves this machine says what it was made from.
    if job.is_project && (has_forms || flags.push) {
        let (revision, notice) = revision::of(&job.folder)?;
        // Without forms no tag says it.
        notices.extend(notice.filter(|_| has_forms));
        state = Some(revision);
    }
    if has_forms {
        let mut named = state.clone();
        if let (Some(copy), Some(named)) = (&job.copy, &mut named) {
            // A copy has names of its own only: all go with it.
            named.tag.clone_from(copy);
        }
        job.plan = forked(&job.plan, &job.own, &words.forms, named.as_ref());
        for step in job.plan.stages.iter().flat_map(|stage| &stage.steps) {
            job.origins
                .entry(step.id.clone())
                .or_insert_with(|| Origin {
                    why: step.why.clone(),
                    place: None,
                });
        }
    }
    let own = &job.own.services;
    let mut count = 0;
    for image in &mut job.plan.images {
        if !job.own.goes(&image.service, image.variant) {
            continue;
        }
        count += 1;
        if flags.push
            && job.is_project
            && let Some(name) = image.references.iter().find(|name| name.registry.is_none())
        {
            return Err(no_registry(name));
        }
        if !own.contains(&image.service) {
            // The same for all projects, whatever is said of theirs.
            continue;
        }
        let said = state.as_ref().map(Revision::labels).unwrap_or_default();
        image.config.labels.extend(said);
        image.config.labels.extend(labels(&flags.label));
        let name = image.references.first().map(ToString::to_string);
        notices.extend(told(
            &name.unwrap_or_default(),
            &image.changes,
            &image.remarks,
            verbose,
        ));
    }
    note::check(flags, count)?;
    Ok(notices)
}

/// What is told of a form: what may surprise, and in detail what was changed and why.
pub fn told(name: &str, changes: &[Change], remarks: &[Remark], verbose: bool) -> Vec<Event> {
    let changes = changes
        .iter()
        .filter(|_| verbose)
        .map(|change| Event::Notice {
            level: Level::Info,
            message: format!("{name}: {}", change.what),
            help: Some(change.why.clone()),
        });
    let remarks = remarks.iter().map(|remark| Event::Notice {
        level: Level::Warning,
        message: format!("{name}: {}", remark.message),
        help: Some(remark.help.clone()),
    });
    changes.chain(remarks).collect()
}
