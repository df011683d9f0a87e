//! What is pulled with a login before a build in a pod begins: while anything is built there, no login is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use boatyard_plan::build::{BuildPlan, Parent};
use boatyard_plan::dockerfile::graph::{self, Wanted};
use boatyard_plan::dockerfile::parse;
use boatyard_plan::project::{Base, Recipe};
use boatyard_plan::reference::Reference;
use boatyard_store::host_platform;
use boatyard_store::registry::Options;

use super::assigned::variables;
use crate::args::deploy::Deploy;
use crate::args::supply::Supply;
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::builder::{Provision, VERSION};
use crate::verb::lock::Locked;

/// Images that the builds of `plan` start from or take from, as far as we have logins for their registries; none: there are no such
/// ones. A stranger's build gets what anybody may pull.
pub fn provision(
    found: &Found,
    plan: &BuildPlan,
    words: &Deploy,
) -> Result<Option<Provision>, Stopped> {
    if words.confining.confined.is_some() {
        return Ok(None);
    }
    let own = Options::from_variables(|name| std::env::var(name).ok()).credentials;
    // What is no name is told by the build, with its place.
    let mut named: BTreeMap<String, Reference> = images(&found.folder, plan)
        .into_iter()
        .filter_map(|name| {
            let reference = name.parse().ok()?;
            Some((name, reference))
        })
        .collect();
    let logins = own.of(named.values())?;
    named.retain(|_, reference| logins.know(reference));
    if named.is_empty() {
        return Ok(None);
    }
    let lock = Locked::read(&found.folder, true, &Supply::default())?;
    Ok(Some(Provision {
        version: VERSION.to_owned(),
        variables: variables(words),
        logins,
        images: named.into_keys().collect(),
        lock: lock.policy().lock.to_string(),
    }))
}

/// Names of images, as they are written.
fn images(folder: &Path, plan: &BuildPlan) -> BTreeSet<String> {
    let mut images = BTreeSet::new();
    for stage in &plan.stages {
        match &stage.from {
            Parent::Base(Base::Registry { reference }) => {
                images.insert(reference.to_string());
            }
            Parent::Base(Base::Dockerfile(recipe)) => {
                images.extend(named(folder, recipe).unwrap_or_default());
            }
            _ => {}
        }
    }
    images
}

/// Those that a Dockerfile names; none: something is wrong with it, which the build tells.
fn named(folder: &Path, recipe: &Recipe) -> Option<Vec<String>> {
    let text = fs::read_to_string(folder.join(&recipe.file)).ok()?;
    let dockerfile = parse(&text).ok()?;
    let (platform, contexts) = (host_platform(), BTreeSet::new());
    let wanted = Wanted {
        target: recipe.target.as_deref(),
        arguments: &recipe.args,
        contexts: &contexts,
        build: &platform,
        platform: &platform,
    };
    let graph = graph::plan(&dockerfile, &wanted).ok()?;
    Some(graph.images().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_those_of_the_stages_that_are_needed() {
        let folder = tempfile::tempdir().unwrap();
        let text = "ARG TAG=1\nFROM example.com/tools:$TAG AS tools\nFROM example.com/unused\nFROM scratch\n\
            COPY --from=tools /a /a\nCOPY --from=example.com/more /b /b\n";
        fs::write(folder.path().join("Dockerfile"), text).unwrap();
        let mut recipe = Recipe::of("Dockerfile");
        recipe.args.insert("TAG".to_owned(), "2".to_owned());
        let found = named(folder.path(), &recipe).unwrap();
        assert_eq!(found, ["example.com/tools:2", "example.com/more"]);
        assert_eq!(named(folder.path(), &Recipe::of("missing")), None);
    }
}
