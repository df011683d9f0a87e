//! The processes of a cluster of ours.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use k8s_openapi::api::core::v1::Node;
use kube::api::Api;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::runtime::{Builder, Runtime};

use crate::child::{Child, Keeper};
use crate::kubelet::{Kubelet, Scripts, Volumes};
use crate::node::{self, Place};
use crate::start::{AUDIT_LOG, Component, Launcher, components};
use crate::{port, sweep};

/// How long a component may take to answer; a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often one is asked.
const AGAIN: Duration = Duration::from_millis(50);

/// The API server's place among the components.
pub const SERVER: usize = 1;

/// What runs, and where its files are.
pub struct Ours {
    folder: PathBuf,
    components: Vec<Component>,
    children: Mutex<Vec<Child>>,
    keeper: Keeper,
    /// What its pods do; of no use to a real node.
    pub scripts: Scripts,
    /// What claims are bound to; of no use to a real node.
    pub volumes: Volumes,
    /// The namespaces of a real node.
    pub place: Option<Place>,
    /// Holds the pipe whose end tells it to sweep.
    _sweeper: process::Child,
}

/// A cluster that has begun: its runtime and how to reach it.
pub struct Begun {
    /// What runs.
    pub ours: Ours,
    /// In whose network all calls are made.
    pub runtime: Runtime,
    /// How to reach it.
    pub config: Config,
}

impl Ours {
    /// A control plane, with a node that follows scripts.
    pub fn scripted(program: PathBuf) -> io::Result<Begun> {
        let folder = folder()?;
        let sweeper = sweep::at_the_end(&folder, &[])?;
        let launcher = Launcher::new(program);
        let begun = Self::control_plane(folder, &launcher, Keeper::new(), None, sweeper)?;
        let client = begun.client()?;
        let ours = &begun.ours;
        let node = Kubelet::new(client, ours.scripts.clone(), ours.volumes.clone());
        begun.runtime.block_on(node.join(&begun.ours.folder))?;
        Ok(begun)
    }

    /// A control plane and a real node, in namespaces of their own; their control groups are `groups`.
    pub fn real(program: PathBuf, folder: PathBuf, groups: &[PathBuf]) -> io::Result<Begun> {
        let sweeper = sweep::at_the_end(&folder, groups)?;
        let keeper = Keeper::new();
        let place = Place::make(&keeper, &folder)?;
        let inside = place.enter()?;
        let launcher = Launcher::new(program).in_place(place.in_network());
        let node = node::components(&folder, &launcher, &place)?;
        let mut begun = Self::control_plane(folder, &launcher, keeper, Some(place), sweeper)?;
        let socket = begun.runtime.block_on(node::names::listen())?;
        begun
            .runtime
            .spawn(node::names::serve(socket, begun.client()?));
        let first = begun.ours.components.len();
        let last = first + node.len();
        begun.ours.components.extend(node);
        for index in first..last {
            if begun.ours.components[index].name == "kubelet" {
                begun.ours.runtime_ready()?;
            }
            begun.ours.launch(index)?;
        }
        begun
            .runtime
            .block_on(begun.ours.node_ready(begun.client()?))?;
        drop(inside);
        Ok(begun)
    }

    fn control_plane(
        folder: PathBuf,
        launcher: &Launcher,
        keeper: Keeper,
        place: Option<Place>,
        sweeper: process::Child,
    ) -> io::Result<Begun> {
        let ports = port::free(3).try_into();
        let ports = ports.map_err(|_| io::Error::other("no three ports are free"))?;
        let components = components(&folder, launcher, ports, place.is_some())?;
        let runtime = runtime()?;
        let config = runtime.block_on(configuration(&folder.join("kubeconfig")))?;
        let volumes = Volumes::new(&folder.join("volumes"));
        let ours = Self {
            volumes,
            folder,
            components,
            children: Mutex::default(),
            keeper,
            scripts: Scripts::default(),
            place,
            _sweeper: sweeper,
        };
        ours.launch(0)?;
        ours.launch(SERVER)?;
        runtime.block_on(ours.ready(&config))?;
        // Controllers that find no API server wait for long before they look again: they come after it.
        ours.launch(2)?;
        ours.launch(3)?;
        Ok(Begun {
            ours,
            runtime,
            config,
        })
    }

    /// The administrator's configuration.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// What the API server has written down of what accounts have asked for.
    pub fn audit(&self) -> PathBuf {
        self.folder.join(AUDIT_LOG)
    }

    /// Where etcd answers: address and port.
    pub fn etcd(&self) -> Option<String> {
        let words = self.components.first()?.words.iter();
        let mut urls = words.filter_map(|word| word.strip_prefix("--listen-client-urls=http://"));
        urls.next().map(str::to_owned)
    }

    /// The processes, in the order of the components.
    pub fn children(&self) -> MutexGuard<'_, Vec<Child>> {
        self.children.lock().expect("no test panics inside")
    }

    /// Starts the component at `index`, in place of the one that was there.
    pub fn launch(&self, index: usize) -> io::Result<()> {
        let component = &self.components[index];
        let (name, words, folder) = (component.name, component.words.clone(), self.folder.clone());
        let child = self
            .keeper
            .run(move || Child::start(name, &words, &folder))?;
        let mut children = self.children();
        if index < children.len() {
            children[index] = child;
        } else {
            children.push(child);
        }
        Ok(())
    }

    /// What the component said that has ended; of the one at `late` also if it only is late.
    fn last_words(&self, late: Option<usize>) -> Option<String> {
        let mut children = self.children();
        let dead = children.iter_mut().position(|child| !child.runs());
        let silent = dead.or(late)?;
        let name = self.components[silent].name;
        Some(format!("{name}: {}", children[silent].last_lines()))
    }

    /// Waits until the API server answers.
    pub async fn ready(&self, config: &Config) -> io::Result<()> {
        let client = Client::try_from(config.clone()).map_err(io::Error::other)?;
        let begin = Instant::now();
        loop {
            let asked = http::Request::get("/readyz")
                .body(Vec::new())
                .map_err(io::Error::other)?;
            let Err(refusal) = client.request_text(asked).await else {
                return Ok(());
            };
            let late = (begin.elapsed() > PATIENCE).then_some(SERVER);
            if let Some(lines) = self.last_words(late) {
                let message = format!("the API server is not ready: {refusal}\n{lines}");
                return Err(io::Error::other(message));
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Waits until containerd listens: the kubelet ends if it does not.
    fn runtime_ready(&self) -> io::Result<()> {
        let mut components = self.components.iter();
        let containerd = components.position(|one| one.name == "containerd");
        let begin = Instant::now();
        while UnixStream::connect(node::socket(&self.folder)).is_err() {
            let late = containerd.filter(|_| begin.elapsed() > PATIENCE);
            if let Some(lines) = self.last_words(late) {
                return Err(io::Error::other(format!(
                    "containerd is not ready\n{lines}"
                )));
            }
            thread::sleep(AGAIN);
        }
        Ok(())
    }

    /// Waits until the node takes pods.
    async fn node_ready(&self, client: Client) -> io::Result<()> {
        let nodes = Api::<Node>::all(client);
        let kubelet = self.components.iter().position(|one| one.name == "kubelet");
        let begin = Instant::now();
        loop {
            let found = nodes.get_opt(node::NAME).await.map_err(io::Error::other)?;
            let conditions = found
                .and_then(|node| node.status)
                .and_then(|status| status.conditions)
                .unwrap_or_default();
            let ready = conditions.iter().find(|one| one.type_ == "Ready");
            if ready.is_some_and(|ready| ready.status == "True") {
                return Ok(());
            }
            let late = kubelet.filter(|_| begin.elapsed() > PATIENCE);
            if let Some(lines) = self.last_words(late) {
                let said = ready.and_then(|ready| ready.message.clone());
                let said = said.unwrap_or_default();
                return Err(io::Error::other(format!(
                    "the node is not ready: {said}\n{lines}"
                )));
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl Begun {
    fn client(&self) -> io::Result<Client> {
        let _inside = self.runtime.enter();
        Client::try_from(self.config.clone()).map_err(io::Error::other)
    }
}

/// A new folder for all files of a cluster; the sweeper removes it.
pub fn folder() -> io::Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix("kubetest-").tempdir()?;
    Ok(folder.keep())
}

/// One whose threads are in the network of this one.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// What the file says, in its current context.
pub async fn configuration(kubeconfig: &Path) -> io::Result<Config> {
    let text = fs::read_to_string(kubeconfig)?;
    let parsed = Kubeconfig::from_yaml(&text).map_err(io::Error::other)?;
    Config::from_custom_kubeconfig(parsed, &KubeConfigOptions::default())
        .await
        .map_err(io::Error::other)
}
