//! What `boatyard deploy` does, in order.

use std::collections::BTreeMap;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use boatyard_cluster::deploy::{Stop, Terms};
use boatyard_cluster::wait::Patience;
use boatyard_cluster::{Blocking, Owner};
use boatyard_harden::render::k8s::Options;
use boatyard_plan::run;

use super::{backed, begin, brought, builder, difference, manifests, pushed, told, watch};
use crate::args::deploy::Deploy;
use crate::project::{self, Named};
use crate::signals;
use crate::stopped::Stopped;
use crate::verb::render;
use crate::voice::Voice;

/// How long something that is likely to stay as it is may be in the way: an image that is not there, a quota.
const TROUBLE: Duration = Duration::from_secs(30);

/// Deploys, or shows what it would do.
pub fn run(named: Named<'_>, words: &Deploy, voice: &Voice) -> Result<(), Stopped> {
    if words.watch {
        return watch::run(named, words, voice);
    }
    let mut found = project::find(named)?;
    backed::host(&mut found.project, words.backing);
    if let Some(prefix) = &words.prefix {
        found.project.image.prefix.clone_from(prefix);
    }
    if let Some(file) = &words.build_to {
        return pushed::build_to(&found, &words.confining, file, voice);
    }
    let owner = Owner::new(&found.project.name);
    let wished = found.project.deploy.namespace.clone();
    let namespace = words.namespace.as_deref().or(wished.as_deref());
    let manifests = if words.files.is_empty() {
        let brought = brought::find(&found.project, &words.images)?;
        let mut digests = if words.builders.builder.is_some() {
            builder::digests(&found, words, voice)?
        } else if words.push {
            pushed::digests(&found, &words.confining, voice)?
        } else if let Some(file) = &words.push_from {
            pushed::push_from(&found.project, file, voice)?
        } else if let Some(path) = &words.digests {
            render::digests(path, &found.project)?
        } else {
            BTreeMap::new()
        };
        digests.extend(brought.digests);
        if words.preview {
            found.project = run::deployed(&found.project)?;
            let is_left_out = |name: &String| words.skip.contains(name);
            found.project.jobs.retain(|job| !is_left_out(&job.name));
        }
        let options = Options {
            namespace: namespace.map(str::to_owned),
            digests,
            places: brought.places,
            ..Options::default()
        };
        let rendered = render::rendered(&found, words.tag.as_deref(), options)?;
        rendered
            .notes
            .iter()
            .for_each(|note| render::tell(note, voice));
        let mut all = manifests::of(&rendered.files)?;
        // Policies add up: none of the project's may open what the namespace does not.
        all.retain(|one| !words.preview || one.id().kind != "NetworkPolicy");
        all
    } else {
        manifests::read(&words.files)?
    };
    let cluster = Blocking::connect(words.context.as_deref(), namespace)?;
    if words.dry_run {
        let done = cluster.preview(&owner, manifests, words.force)?;
        return difference::show(&done, cluster.namespace(), voice);
    }
    let begins = words
        .begin_with
        .as_deref()
        .map(|name| begin::with(&found.project, name))
        .transpose()?;
    let terms = Terms {
        me: myself(),
        lock: words.lock_timeout,
        patience: Patience {
            timeout: words.timeout,
            trouble: TROUBLE.min(words.timeout),
        },
        force: words.force,
        begin: begins.as_ref().map(|(kept, _)| kept.clone()),
        stop: Stop::default(),
    };
    stop_by_signals(&terms.stop)?;
    if words.files.is_empty() {
        for wanted in backed::passwords(&found.project) {
            let change = cluster.ensure(&wanted)?;
            told::password(&wanted.secret, change, voice);
        }
    }
    let done = cluster.deploy(&owner, manifests, &terms, &|event| told::tell(event, voice))?;
    told::done(&done, cluster.namespace(), voice)
}

/// The first signal stops the deploy, which is undone; the second ends us as we are.
fn stop_by_signals(stop: &Stop) -> Result<(), Stopped> {
    let stop = stop.clone();
    let asked = AtomicBool::new(false);
    signals::each(move |signal| {
        if asked.swap(true, Ordering::Relaxed) {
            process::exit(128 + signal.as_raw());
        }
        stop.now();
    })?;
    Ok(())
}

/// Who we are, for whoever waits for us: user, machine, process.
fn myself() -> String {
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    let user = std::env::var("USER").unwrap_or_else(|_| "somebody".to_owned());
    format!("{user} on {machine} (process {})", process::id())
}
