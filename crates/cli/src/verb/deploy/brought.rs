//! Images that somebody else has made: found in their registries, and looked at before anything is applied.

use std::collections::BTreeMap;

use boatyard_init::contract::{self, BINARY, Contract};
use boatyard_plan::build::{contract_of, plan_services};
use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::Project;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::registry::{self, Seen};

use crate::home;
use crate::stopped::Stopped;
use crate::verb::image::digest;

/// What the images of some services are.
#[derive(Debug, Default)]
pub struct Brought {
    /// By service.
    pub digests: BTreeMap<String, Digest>,
    /// Their names without tag and digest, by service.
    pub places: BTreeMap<String, String>,
}

/// An image is not what the project needs.
#[derive(Debug, thiserror::Error)]
enum Misfit {
    /// Another program is its first process.
    #[error("the image {image} of {service} is started by {found}, and not by {BINARY}")]
    Foreign {
        service: String,
        image: String,
        found: String,
    },
    /// Its contract is that of something else.
    #[error(
        "the image {image} of {service} does not fit the project: its contract has the {what} {found}, expected {expected}"
    )]
    Other {
        service: String,
        image: String,
        what: &'static str,
        found: String,
        expected: String,
    },
}

impl Failure for Misfit {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::Foreign { .. } => {
                    "have the pipeline make it with \"boatyard build --variant k8s --push\""
                }
                Self::Other { .. } => {
                    "it was made of other sources, or is the image of another service: build and push it anew"
                }
            }
            .to_owned(),
        )
    }
}

/// Finds the images that are `said`, by service, and holds their contracts against the project.
pub fn find(project: &Project, said: &[(String, Reference)]) -> Result<Brought, Stopped> {
    let mut brought = Brought::default();
    if said.is_empty() {
        return Ok(brought);
    }
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    let store = Store::open(&home::open()?)?;
    for (service, image) in said {
        plan_services(project, std::slice::from_ref(service))?;
        let path = contract::PATH.trim_start_matches('/');
        let seen = registry::look(&store, image, path, &options)?;
        let digest = match &seen {
            Some(seen) => {
                check(project, (service, image), seen)?;
                seen.digest.clone()
            }
            // It is for other machines than this one.
            None => digest::of(image)?,
        };
        let place = Reference {
            tag: None,
            digest: None,
            ..image.clone()
        };
        brought.digests.insert(service.clone(), digest);
        brought.places.insert(service.clone(), place.to_string());
    }
    Ok(brought)
}

/// Whether it is an image of that service: by its contract, as far as it is in a layer that is small.
fn check(
    project: &Project,
    (service, image): (&String, &Reference),
    seen: &Seen,
) -> Result<(), Misfit> {
    let entrypoint = seen.config.config.entrypoint.clone().unwrap_or_default();
    if entrypoint.first().is_none_or(|first| first != BINARY) {
        return Err(Misfit::Foreign {
            service: service.clone(),
            image: image.to_string(),
            found: entrypoint
                .first()
                .map_or("nothing", String::as_str)
                .to_owned(),
        });
    }
    let found = seen.file.as_deref();
    let Some(found) = found.and_then(|bytes| contract::parse(bytes).ok()) else {
        return Ok(());
    };
    let mut services = project.services.iter();
    let Some(own) = services.find(|one| one.name == *service) else {
        // Of a backing service all projects have the same image.
        return Ok(());
    };
    let difference = differ(&found, &contract_of(project, own));
    difference.map_or(Ok(()), |(what, found, expected)| {
        Err(Misfit::Other {
            service: service.clone(),
            image: image.to_string(),
            what,
            found,
            expected,
        })
    })
}

/// The first thing in which what an image promises is not what is expected, and both.
fn differ(found: &Contract, expected: &Contract) -> Option<(&'static str, String, String)> {
    fn names<T>(of: &BTreeMap<String, T>) -> String {
        let all: Vec<&str> = of.keys().map(String::as_str).collect();
        if all.is_empty() {
            return "none".to_owned();
        }
        all.join(", ")
    }
    let pairs = [
        ("project", found.project.clone(), expected.project.clone()),
        ("service", found.service.clone(), expected.service.clone()),
        ("roles", names(&found.roles), names(&expected.roles)),
        ("jobs", names(&found.jobs), names(&expected.jobs)),
    ];
    pairs
        .into_iter()
        .find(|(_, found, expected)| found != expected)
}
