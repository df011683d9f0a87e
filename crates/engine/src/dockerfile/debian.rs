//! Images of Debian, made of its packages where no registry has them.

use std::sync::Arc;

use boatyard_plan::build::{Action, BuildPlan, Parent, SCHEMA, Stage as StagePlan, Step};
use boatyard_plan::event::Event;
use boatyard_plan::image::History;
use boatyard_plan::lock::{Lock, Pin, Policy};
use boatyard_plan::project::Base;
use boatyard_plan::reference::Reference;
use boatyard_store::host_platform;

use super::DockerfileError;
use super::driver::Driver;
use super::images::{self, Image};
use super::request::Pull;
use crate::build::{Builder, Options, image as created};
use crate::sink::Sink;

/// The releases of Debian that can be made from packages.
const SUITES: [&str; 2] = ["bookworm", "trixie"];

/// The release of Debian that a reference names, if it can be made from packages, and whether without documentation.
pub(crate) fn suite(reference: &Reference) -> Option<(String, bool)> {
    let is_docker = matches!(
        reference.registry.as_deref(),
        None | Some("docker.io" | "index.docker.io")
    );
    let is_debian = matches!(reference.repository.as_str(), "debian" | "library/debian");
    let tag = reference.tag.as_deref()?;
    let (suite, slim) = match tag.strip_suffix("-slim") {
        Some(suite) => (suite, true),
        None => (tag, false),
    };
    (is_docker && is_debian && reference.digest.is_none() && SUITES.contains(&suite))
        .then(|| (suite.to_owned(), slim))
}

/// A release of Debian, called `name`, from its packages: from the ones that are locked, if any are. It has apt and the public archive, as Docker's image has.
pub(super) fn image(
    driver: &Driver<'_>,
    id: &str,
    name: &str,
    pin: Option<&Pin>,
    (suite, slim): (&str, bool),
) -> Result<(Image, bool), DockerfileError> {
    let platform = host_platform();
    let mut lock = Lock::default();
    if let Some(pin) = pin {
        // The builder has its own name for it.
        let title = format!("debian:{suite}{}", if slim { "-slim" } else { "" });
        lock.insert(images::base(&title, &platform, pin.clone()));
    }
    let stage = StagePlan {
        name: id.to_owned(),
        why: String::new(),
        from: Parent::Base(Base::Debian {
            suite: suite.to_owned(),
            slim,
            mirror: None,
        }),
        steps: steps(id, suite),
        on_demand: false,
    };
    let titles: Vec<String> = stage.steps.iter().map(|step| step.title.clone()).collect();
    let plan = BuildPlan {
        schema: SCHEMA,
        project: String::new(),
        stages: vec![stage],
        images: Vec::new(),
    };
    let options = Options {
        pull: driver.request.pull == Pull::Always,
        ignore_expiry: driver.request.ignore_expiry,
        lock: Policy {
            lock,
            strict: driver.request.lock.strict,
            // It has been told under the name that is written.
            loud: false,
        },
        confined: driver.bench.confined.cloned(),
        ..Options::default()
    };
    let bench = &driver.bench;
    // The look-up tells its beginning and its end itself.
    let (sink, own) = (Arc::clone(bench.sink), id.to_owned());
    let inner: Sink = Arc::new(move |event| match &event {
        Event::Started { id, .. } | Event::Finished { id, .. } if *id == own => {}
        _ => sink(event),
    });
    let (host, sandbox, store) = (bench.host, bench.sandbox, bench.store);
    let folder = &driver.request.context;
    let builder = Builder::new(host, sandbox, store, folder, inner, options, &plan);
    let (tree, made_from, cached) = builder.only_stage(id)?;
    driver.note(|taken| {
        let bases = made_from.bases.into_iter();
        taken
            .bases
            .extend(bases.map(|made| images::base(name, &platform, made.pin)));
    });
    let mut config = images::nothing(&driver.request.platform);
    config.created = Some(created::rfc3339(tree.epoch));
    // One entry for each layer.
    let made = [format!("debian:{suite}")].into_iter().chain(titles);
    config.history.extend(made.map(|what| History {
        created: config.created.clone(),
        created_by: Some(format!("boatyard build --debian-base # {what}")),
        ..History::default()
    }));
    config.config.cmd = Some(vec!["bash".to_owned()]);
    config.config.env = vec![format!("PATH={}", crate::sandbox::DEFAULT_PATH)];
    Ok((Image { tree, config }, cached))
}

/// What Docker's image has beside the packages that every Debian needs.
fn steps(id: &str, suite: &str) -> Vec<Step> {
    let apt = Action::Packages {
        names: vec!["apt".to_owned()],
        repositories: Vec::new(),
    };
    let archives = [
        ("debian", format!("{suite} {suite}-updates")),
        ("debian-security", format!("{suite}-security")),
    ];
    let text = archives.map(|(archive, suites)| {
        format!(
            "Types: deb\nURIs: http://deb.debian.org/{archive}\nSuites: {suites}\nComponents: main\n\
             Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        )
    });
    let sources = Action::File {
        path: "/etc/apt/sources.list.d/debian.sources".to_owned(),
        mode: 0o644,
        text: text.join("\n"),
    };
    let steps = [("install apt", apt), ("name the public archive", sources)];
    (1..)
        .zip(steps)
        .map(|(index, (title, action))| Step {
            id: format!("{id}/{index}"),
            title: title.to_owned(),
            why: "Docker's image has it".to_owned(),
            line: None,
            action,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_of_debian() {
        for (name, expected) in [
            ("debian:bookworm", Some(("bookworm", false))),
            (
                "docker.io/library/debian:trixie-slim",
                Some(("trixie", true)),
            ),
            ("debian:12", None),
            ("other/debian:bookworm", None),
            ("host.example/debian:bookworm", None),
        ] {
            let reference: Reference = name.parse().expect("a reference");
            let found = suite(&reference);
            let found = found.as_ref().map(|(suite, slim)| (suite.as_str(), *slim));
            assert_eq!(found, expected, "{name}");
        }
    }
}
