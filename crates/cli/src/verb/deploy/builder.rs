//! The images of a deploy, built in a pod.
//!
//! ```text
//! order, logins  --exec--> pull: base images that only a login can, before anything runs that is built
//! order, sources --exec--> build: our own command in the pod --> events, what was built
//!                          it has ended, and all that it began
//! order, logins  --exec--> push: another process             --> the images are in their registry
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Instant;

use boatyard_cluster::Blocking;
use boatyard_cluster::builder::{self, Builder, Company, Wish};
use boatyard_cluster::process::{self, Command};
use boatyard_plan::build;
use boatyard_plan::digest::Digest;
use boatyard_plan::event::{Event, Outcome};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::registry;
use boatyard_plan::reference::Reference;
use boatyard_store::registry::Options;
use serde_json::Value;

use super::asked;
use super::assigned::{assignment, variables};
use super::heard::{ear, heard};
use super::provision::provision;
use super::sources;
use crate::args::builder::Builders;
use crate::args::confined::Allowed;
use crate::args::deploy::Deploy;
use crate::progress::{Reporter, Roster, Sink};
use crate::project::Found;
use crate::stopped::Stopped;
use crate::verb::build::check_confined;
use crate::verb::builder::{Assignment, Delivery, Provision, VERSION};
use crate::verb::render;
use crate::voice::Voice;

/// A builder did not do what it should.
#[derive(Debug, thiserror::Error)]
enum BuilderError {
    #[error("the builder ended with {code} and has not said why{}", if .said.is_empty() { String::new() } else { format!(": {}", .said.trim_end()) })]
    Silent { code: u8, said: String },
    #[error("cannot begin to send the sources")]
    Pipe { source: io::Error },
}

impl Failure for BuilderError {
    fn fault(&self) -> Fault {
        match self {
            Self::Silent { .. } => Fault::Work,
            Self::Pipe { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Silent { code: 137, .. } => {
                Some("it was killed: --builder-memory is how much it may use".to_owned())
            }
            Self::Silent {
                code: 126 | 127, ..
            } => Some(
                "is there a boatyard of this release in its image, on the path or in /app/bin?"
                    .to_owned(),
            ),
            Self::Silent { .. } | Self::Pipe { .. } => None,
        }
    }
}

/// Builds the k8s form of all images of the project in a pod, and has it push them; their digests by service.
pub fn digests(
    found: &Found,
    words: &Deploy,
    voice: &Voice,
) -> Result<BTreeMap<String, Digest>, Stopped> {
    check_confined(found, &words.confining)?;
    let there = There {
        cluster: Blocking::connect(words.context.as_deref(), words.builders.builder.as_deref())?,
        wish: wish(found, words)?,
        prefix: found.project.image.prefix.clone(),
    };
    let plan = build::plan_services(&found.project, &[])?;
    let provision = provision(found, &plan, words)?;
    let reporter = Reporter::start(voice, Roster::default(), found.job(plan).origins);
    let sink = reporter.sink();
    let built = built(&there, (found, provision.as_ref()), words, &sink);
    drop(sink);
    reporter.finish();
    let digests = render::digests_within(&built?, Path::new("what was built"), &found.project)?;
    Ok(digests)
}

/// The cluster of a builder, what that is to be, and what names of its images begin with.
struct There {
    cluster: Blocking,
    wish: Wish,
    prefix: String,
}

fn built(
    there: &There,
    (found, provision): (&Found, Option<&Provision>),
    words: &Deploy,
    sink: &Sink,
) -> Result<Value, Stopped> {
    let order = assignment(found, words)?;
    let attempt = |builder: &Builder| {
        if let Some(provision) = provision {
            there.provide(builder, provision.clone(), sink)?;
        }
        there.build(builder, order.clone(), &found.folder, sink)
    };
    let mut builder = there.open(sink)?;
    let mut built = attempt(&builder);
    // It had just ended, as those do that nobody uses.
    if matches!(&built, Err(Failed::NotBegun(_))) {
        builder = there.open(sink)?;
        built = attempt(&builder);
    }
    let pushed = built.map_err(Stopped::from).and_then(|built| {
        there.push(&builder, &built, words, sink)?;
        Ok(built)
    });
    let closed = there.cluster.close(builder);
    let built = pushed?;
    closed?;
    Ok(built)
}

/// Why nothing was built.
enum Failed {
    /// The builder was not there.
    NotBegun(builder::Error),
    Stopped(Stopped),
}

impl From<Failed> for Stopped {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::NotBegun(error) => error.into(),
            Failed::Stopped(stopped) => stopped,
        }
    }
}

impl<F: Failure> From<F> for Failed {
    fn from(failure: F) -> Self {
        Self::Stopped(failure.into())
    }
}

impl There {
    fn open(&self, sink: &Sink) -> Result<Builder, Stopped> {
        let title = format!("a builder in {}", self.cluster.namespace());
        told(sink, "builder", title, || {
            Ok(self.cluster.open(&self.wish)?)
        })
    }

    fn provide(&self, builder: &Builder, order: Provision, sink: &Sink) -> Result<(), Failed> {
        let input = sources::alone(order).map_err(|source| BuilderError::Pipe { source })?;
        self.run(builder, "pull", input, sink).map(drop)
    }

    fn build(
        &self,
        builder: &Builder,
        order: Assignment,
        folder: &Path,
        sink: &Sink,
    ) -> Result<Value, Failed> {
        let sent = sources::assigned(order, folder);
        let (input, failed) = sent.map_err(|source| BuilderError::Pipe { source })?;
        let outcome = self.run(builder, "build", input, sink);
        if let Ok(why) = failed.try_recv() {
            return Err(why.into());
        }
        outcome?.ok_or_else(|| {
            let (code, said) = (0, String::new());
            BuilderError::Silent { code, said }.into()
        })
    }

    fn push(
        &self,
        builder: &Builder,
        built: &Value,
        words: &Deploy,
        sink: &Sink,
    ) -> Result<(), Stopped> {
        let images = render::named(built);
        let names = asked::names(&images, &self.prefix)?;
        let own = Options::from_variables(|name| std::env::var(name).ok());
        let order = Delivery {
            version: VERSION.to_owned(),
            variables: variables(words),
            built: built.clone(),
            logins: own.credentials.of(names)?,
        };
        let input = sources::alone(order).map_err(|source| BuilderError::Pipe { source })?;
        self.run(builder, "push", input, sink)?;
        Ok(())
    }

    /// Has our own command do `what` there; what it has built, if it says so.
    fn run(
        &self,
        builder: &Builder,
        what: &str,
        input: io::PipeReader,
        sink: &Sink,
    ) -> Result<Option<Value>, Failed> {
        let (output, said) = ear(sink);
        let (errors, complained) = ear(sink);
        let command = Command {
            process: "builder",
            words: ["boatyard", "--json", "builder", what]
                .map(str::to_owned)
                .to_vec(),
            input: Box::new(input),
            output: Box::new(output),
            errors: Box::new(errors),
            terminal: None,
        };
        let code = match self.cluster.run(builder, command) {
            Err(error @ builder::Error::Program(process::Error::Refused(_))) => {
                return Err(Failed::NotBegun(error));
            }
            code => code?,
        };
        let mut said = heard(&said);
        match (code, said.error.take()) {
            (0, _) => Ok(said.built.take()),
            (_, Some(error)) => Err(error.into()),
            (code, None) => {
                let said = heard(&complained).rest.clone();
                Err(BuilderError::Silent { code, said }.into())
            }
        }
    }
}

/// Tells that something is begun, and how it ended.
fn told<T>(
    sink: &Sink,
    id: &str,
    title: String,
    work: impl FnOnce() -> Result<T, Stopped>,
) -> Result<T, Stopped> {
    let began = Instant::now();
    sink(Event::Started {
        id: id.to_owned(),
        parent: None,
        title,
    });
    let done = work();
    sink(Event::Finished {
        id: id.to_owned(),
        outcome: if done.is_ok() {
            Outcome::Done
        } else {
            Outcome::Failed
        },
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        size_bytes: None,
    });
    done
}

fn wish(found: &Found, words: &Deploy) -> Result<Wish, Stopped> {
    let Builders {
        builder_image: image,
        builder_mounts: mounts,
        builder_storage: storage,
        builder_cpu: cpu,
        builder_memory: memory,
        ..
    } = words.builders.clone();
    let image = match image {
        Some(image) => image,
        None => own_image(words)?,
    };
    let company = if words.confining.confined.is_some() {
        let prefix = &found.project.image.prefix;
        let pushed = format!("{prefix}/image").parse::<Reference>().ok();
        let mut ports = vec![80, 443];
        ports.extend(pushed.map(|name| registry(&name).1));
        let confining = &words.confining;
        let sources = confining.source.iter().filter_map(|allowed| match allowed {
            Allowed::Host(host) => Some(host),
            Allowed::None => None,
        });
        let named = sources.chain(&confining.registry).map(ToString::to_string);
        ports.extend(named.filter_map(|host| host.rsplit_once(':')?.1.parse::<u16>().ok()));
        ports.sort_unstable();
        ports.dedup();
        Company::Alone { ports }
    } else {
        Company::Shared
    };
    Ok(Wish {
        image,
        company,
        mounts,
        storage,
        cpu,
        memory,
    })
}

/// The image of the pod that we are in.
fn own_image(words: &Deploy) -> Result<String, Stopped> {
    if std::env::var_os("KUBERNETES_SERVICE_HOST").is_none() {
        return Err(builder::Error::NoImage.into());
    }
    let own = Blocking::connect(words.context.as_deref(), None)?;
    // A pod is called as its host.
    let pod = rustix::system::uname();
    Ok(own.own_image(&pod.nodename().to_string_lossy())?)
}
