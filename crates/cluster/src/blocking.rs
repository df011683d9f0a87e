//! The same for callers that know nothing of asynchronous code.

use std::io;
use std::path::Path;

use tokio::runtime::{Builder, Runtime};

use crate::builder::{self, Builder as Pod};
use crate::connect::{self, Cluster};
use crate::data::{self, Kept, Volume};
use crate::deploy::{self, Done, Stop, Tell, Terms};
use crate::forward::{self, Told, Wish};
use crate::manifest::Manifest;
use crate::owner::Owner;
use crate::password;
use crate::process::{self, Line};
use crate::refusal::Refusal;
use crate::wait::Patience;

/// A cluster whose calls return when they are done.
pub struct Blocking {
    runtime: Runtime,
    cluster: Cluster,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This machine gives us no threads or descriptors.
    #[error("cannot call a cluster from here")]
    Runtime {
        /// Why not.
        source: io::Error,
    },
    /// There is no way to the cluster.
    #[error(transparent)]
    Connect(#[from] connect::Error),
}

impl boatyard_plan::failure::Failure for Error {
    fn fault(&self) -> boatyard_plan::failure::Fault {
        match self {
            Self::Runtime { .. } => boatyard_plan::failure::Fault::Refused,
            Self::Connect(error) => error.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Runtime { .. } => None,
            Self::Connect(error) => error.help(),
        }
    }
}

impl Blocking {
    /// See [`Cluster::connect`].
    pub fn connect(context: Option<&str>, namespace: Option<&str>) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|source| Error::Runtime { source })?;
        let cluster = runtime.block_on(Cluster::connect(context, namespace))?;
        Ok(Self { runtime, cluster })
    }

    /// The namespace that is deployed to.
    pub fn namespace(&self) -> &str {
        self.cluster.namespace()
    }

    /// See [`deploy::preview`].
    pub fn preview(
        &self,
        owner: &Owner,
        manifests: Vec<Manifest>,
        force: bool,
    ) -> Result<Done, Refusal> {
        self.runtime
            .block_on(deploy::preview(&self.cluster, owner, manifests, force))
    }

    /// See [`password::ensure`].
    pub fn ensure(&self, wanted: &password::Wanted) -> Result<password::Change, Refusal> {
        self.runtime
            .block_on(password::ensure(&self.cluster, wanted))
    }

    /// See [`deploy::deploy`].
    pub fn deploy(
        &self,
        owner: &Owner,
        manifests: Vec<Manifest>,
        terms: &Terms,
        tell: Tell<'_>,
    ) -> Result<Done, deploy::Error> {
        self.runtime
            .block_on(deploy::deploy(&self.cluster, owner, manifests, terms, tell))
    }

    /// See [`data::save`].
    pub fn save(
        &self,
        owner: &Owner,
        folder: &Path,
        room: u64,
        stop: &Stop,
    ) -> Result<Vec<Volume>, data::Error> {
        self.runtime
            .block_on(data::save(&self.cluster, owner, folder, room, stop))
    }

    /// See [`data::restore`].
    pub fn restore(&self, owner: &Owner, kept: &Kept, stop: &Stop) -> Result<(), data::Error> {
        self.runtime
            .block_on(data::restore(&self.cluster, owner, kept, stop))
    }

    /// See [`process::logs`].
    pub fn logs(
        &self,
        owner: &Owner,
        wanted: &process::Wanted,
        tell: &mut (dyn FnMut(&Line) + Send),
    ) -> Result<(), process::Error> {
        self.runtime
            .block_on(process::logs(&self.cluster, owner, wanted, tell))
    }

    /// See [`builder::own_image`].
    pub fn own_image(&self, pod: &str) -> Result<String, builder::Error> {
        self.runtime
            .block_on(builder::own_image(&self.cluster, pod))
    }

    /// See [`builder::open`].
    pub fn open(&self, wish: &builder::Wish) -> Result<Pod, builder::Error> {
        self.runtime.block_on(builder::open(&self.cluster, wish))
    }

    /// See [`Pod::run`].
    pub fn run(&self, pod: &Pod, command: process::Command<'_>) -> Result<u8, builder::Error> {
        self.runtime.block_on(pod.run(&self.cluster, command))
    }

    /// See [`Pod::close`].
    pub fn close(&self, pod: Pod) -> Result<(), Refusal> {
        self.runtime.block_on(pod.close(&self.cluster))
    }

    /// See [`process::exec`].
    pub fn exec(&self, owner: &Owner, command: process::Command<'_>) -> Result<u8, process::Error> {
        self.runtime
            .block_on(process::exec(&self.cluster, owner, command))
    }

    /// See [`process::once`].
    pub fn once(
        &self,
        owner: &Owner,
        job: &str,
        patience: Patience,
        stop: &Stop,
        tell: &mut (dyn FnMut(&Line) + Send),
    ) -> Result<u8, process::Error> {
        self.runtime.block_on(process::once(
            &self.cluster,
            owner,
            job,
            patience,
            stop,
            tell,
        ))
    }

    /// See [`forward::forward`].
    pub fn forward(
        &self,
        owner: &Owner,
        wish: &Wish,
        stop: &Stop,
        tell: &(dyn Fn(&Told<'_>) + Sync),
    ) -> Result<(), forward::Error> {
        let forward = forward::forward(&self.cluster, owner, wish, stop, tell);
        self.runtime.block_on(forward)
    }
}
