//! Builds of what nobody trusts: how they are confined.

use boatyard_engine::build::{Confinement, sources_of_machine};
use boatyard_plan::failure::Fault;
use boatyard_plan::project;

use crate::args::confined::{Allowed, Confining};
use crate::diagnose::Mistakes;
use crate::project::{FILE, Found};
use crate::stopped::Stopped;

/// How a build is confined, if it is.
pub fn confinement(words: &Confining) -> Option<Confinement> {
    let name = words.confined.clone()?;
    let hosts = words.source.iter().filter_map(|allowed| match allowed {
        Allowed::Host(host) => Some(host.clone()),
        Allowed::None => None,
    });
    let own = if words.source.contains(&Allowed::None) {
        Vec::new()
    } else {
        sources_of_machine()
    };
    let docker = project::DOCKER.parse().expect("a host name");
    Some(Confinement {
        sources: own.into_iter().chain(hosts).collect(),
        registries: words.registry.iter().cloned().chain([docker]).collect(),
        name,
    })
}

/// Refuses a project that names what a confined build may not have, at its place in the file.
pub fn check(found: &Found, words: &Confining) -> Result<(), Stopped> {
    let Some(confinement) = confinement(words) else {
        return Ok(());
    };
    let (sources, registries) = (&confinement.sources, &confinement.registries);
    let diagnostics = project::foreign(&found.text, sources, registries);
    if diagnostics.is_empty() {
        return Ok(());
    }
    Err(Stopped::Mistaken(Mistakes {
        file: FILE.to_owned(),
        text: found.text.clone(),
        diagnostics,
        fault: Fault::User,
        causes: Vec::new(),
        findings: false,
    }))
}
