//! Builds of what nobody trusts: the code in it reaches the sources of packages that it needs, and nothing else.
//!
//! | who | reaches |
//! |---|---|
//! | commands: `RUN`, installers of Python packages, what builds those | [`Confinement::sources`], through a way out that knows names |
//! | maintainer scripts, the compiler of bytecode | nothing, as always |
//! | we, for `FROM` and the like | [`Confinement::registries`] |
//! | we, for `ADD`, mirrors and archives of Debian packages that are named | [`Confinement::sources`] |
//!
//! Folders that outlive a command, and what commands made, are shared among builds of the same [`Confinement::name`] only.

use std::net::ToSocketAddrs as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use boatyard_plan::digest::Digest;
use boatyard_plan::event::Level;
use boatyard_plan::failure::Failure as _;
use boatyard_plan::project::registry;
use boatyard_plan::reference::Reference;
use boatyard_plan::release::without_password;
use boatyard_plan::sources::{Source, Sources, whereabouts};

use super::BuildError;
use super::bench::Bench;
use super::environment::{outside, python_index};
use super::foreign::{ForeignError, advice};
use crate::debian;
use crate::host::{Host, Isolation, Networks};
use crate::network::{Namespace, Only, Outlet, Refusal};
use crate::sandbox::Network;
use crate::sink::notice;

/// How a build is confined.
#[derive(Clone, Debug, Default)]
pub struct Confinement {
    /// Hosts of packages; none: commands have no network at all.
    pub sources: Sources,
    /// Registries that images may come from.
    pub registries: Sources,
    /// Whose build it is.
    pub name: String,
}

/// The public index, and where its files are.
const INDEX: (&str, &str) = ("pypi.org", "files.pythonhosted.org");
/// Where Debian's images look for packages.
const DEBIAN: [&str; 2] = ["deb.debian.org", "security.debian.org"];

/// Where this machine's packages come from: its Python index, its mirror of Debian and Debian's own.
pub fn sources_of_machine() -> Vec<Source> {
    let variables = outside(false);
    let is_index = |name: &str| name.starts_with("PIP_") || name.starts_with("UV_");
    let named = variables.iter().filter(|(name, _)| is_index(name));
    let mut urls = vec![python_index()];
    urls.extend(
        named
            .flat_map(|(_, value)| value.split_whitespace())
            .map(|word| {
                // An index of uv may have a name: NAME=URL.
                let begin = word.find("=http").map_or(0, |at| at + 1);
                word[begin..].to_owned()
            }),
    );
    let archives = debian::apt_sources(Path::new("/etc")).into_iter();
    urls.extend(
        archives
            .filter(debian::AptSource::is_debian)
            .map(|source| source.url),
    );
    let mut all: Vec<Source> = urls
        .iter()
        .filter_map(|url| whereabouts(url))
        .map(|place| Source::exactly(&place))
        .collect();
    let mut public = DEBIAN.to_vec();
    if urls
        .iter()
        .filter_map(|url| whereabouts(url))
        .any(|place| place.host == INDEX.0)
    {
        public.push(INDEX.1);
    }
    all.extend(public.iter().filter_map(|name| name.parse().ok()));
    all
}

impl Confinement {
    /// Refuses a machine whose commands cannot be kept from its network.
    pub(crate) fn check(host: &Host) -> Result<(), ForeignError> {
        if host.isolation == Isolation::Chroot || host.network == Networks::Host {
            return Err(ForeignError::NoNetwork);
        }
        Ok(())
    }

    /// Refuses an image of a registry that is not allowed.
    pub(crate) fn image(&self, reference: &Reference) -> Result<(), ForeignError> {
        let (host, port) = registry(reference);
        if self.registries.allow(&host, port) {
            return Ok(());
        }
        let named = reference.registry.clone();
        Err(ForeignError::Registry {
            registry: named.unwrap_or_else(|| host.clone()),
        })
    }

    /// Refuses a URL that leads to no source.
    pub(crate) fn address(&self, url: &str) -> Result<(), ForeignError> {
        let place = whereabouts(url);
        if let Some(place) = &place
            && self.sources.allow(&place.host, place.port)
        {
            // Behind a proxy this machine may find nothing; the proxy does.
            let found = (place.host.as_str(), place.port).to_socket_addrs();
            let mut found = found.into_iter().flatten().map(|to| to.ip());
            if found.all(|address| self.sources.may_be_at(&place.host, address)) {
                return Ok(());
            }
        }
        Err(ForeignError::Address {
            url: without_password(url),
            host: place.map(|place| place.to_string()),
        })
    }

    /// Refuses a path that leads out of the project.
    pub(crate) fn path(project: &Path, path: &Path) -> Result<(), ForeignError> {
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        match (real(project), real(&project.join(path))) {
            (Some(project), Some(found)) if !found.starts_with(&project) => {
                Err(ForeignError::Path {
                    path: path.display().to_string(),
                })
            }
            // What is not there is told by whoever looks.
            _ => Ok(()),
        }
    }

    /// What makes the results of commands those of other builds, for their keys.
    pub(crate) fn identity(&self) -> String {
        let sources: Vec<String> = self.sources.iter().map(ToString::to_string).collect();
        let text = format!("{}\n{}", self.name, sources.join("\n"));
        Digest::of(text.as_bytes()).hex().to_owned()
    }

    /// What a folder that outlives commands is called for builds of this name only.
    pub(crate) fn cache(&self, name: &str) -> String {
        format!("confined {}\n{name}", self.name)
    }
}

/// The network of one command.
pub(crate) struct Confined {
    namespace: Namespace,
    refused: Arc<Mutex<Vec<Refusal>>>,
    /// None: nothing is reached.
    outlet: Option<Outlet>,
}

impl Confined {
    /// The network of a command of the work `id`; none if the build is not confined.
    pub(crate) fn of(bench: &Bench<'_>, id: &str) -> Result<Option<Self>, BuildError> {
        let Some(confinement) = bench.confined else {
            return Ok(None);
        };
        Confinement::check(bench.host)?;
        let namespace = Namespace::new(bench.host)?;
        let refused = Arc::new(Mutex::new(Vec::new()));
        let mut confined = Self {
            namespace,
            refused,
            outlet: None,
        };
        if !confinement.sources.is_empty() {
            confined.outlet = confined.open(bench, id, confinement);
        }
        Ok(Some(confined))
    }

    fn open(&self, bench: &Bench<'_>, id: &str, confinement: &Confinement) -> Option<Outlet> {
        let (sink, id) = (Arc::clone(bench.sink), id.to_owned());
        let refused = Arc::clone(&self.refused);
        let only = Only::new(confinement.sources.clone(), move |refusal| {
            let help = advice(std::slice::from_ref(&refusal));
            notice(
                &sink,
                Level::Warning,
                format!("{id}: {refusal}"),
                help.as_deref(),
            );
            refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(refusal);
        });
        match Outlet::open_to(&self.namespace, only) {
            Ok(outlet) => Some(outlet),
            Err(error) => {
                let message =
                    format!("commands of this build reach no source of packages: {error}");
                notice(bench.sink, Level::Warning, message, error.help().as_deref());
                None
            }
        }
    }

    /// The network, for a sandbox; valid while this lives.
    pub(crate) fn network(&self) -> Network {
        Network::Join(self.namespace.path())
    }

    /// Whether anything is reached.
    pub(crate) fn has_way_out(&self) -> bool {
        self.outlet.is_some()
    }

    /// What was refused so far.
    pub(crate) fn refused(&self) -> Vec<Refusal> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.clone()
    }
}
