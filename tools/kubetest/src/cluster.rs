//! The cluster that a test binary's tests share.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use std::{env, fs, io, process};

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use rustix::process::Signal;
use tokio::runtime::{Builder, Runtime};

use crate::child::{Child, Keeper, sweep_at_the_end};
use crate::kubelet::{Kubelet, Scripts};
use crate::namespace::Namespace;
use crate::start::{Component, components};
use crate::{port, program};

/// How long a component may take to answer; a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(180);

/// A cluster, real as far as the nodes.
pub struct Cluster {
    runtime: Runtime,
    config: Config,
    kubeconfig: PathBuf,
    /// None: the cluster is not ours.
    ours: Option<Ours>,
}

/// Why there is no cluster.
enum Lack {
    /// This machine has none, which is no fault.
    Absent(String),
    /// It should have one.
    Broken(String),
}

struct Ours {
    program: PathBuf,
    folder: PathBuf,
    components: Vec<Component>,
    children: Mutex<Vec<Child>>,
    keeper: Keeper,
    scripts: Scripts,
    /// Holds the pipe whose end tells it to sweep.
    _sweeper: process::Child,
}

impl Cluster {
    /// The cluster of this test binary, started by who asks first. Where none can be had this prints
    /// `not run: REASON`, and the test is to return.
    ///
    /// # Panics
    ///
    /// If there should be one and it does not start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Cluster, Lack>> = OnceLock::new();
        match SHARED.get_or_init(Self::find) {
            Ok(cluster) => Some(cluster),
            Err(Lack::Absent(reason)) => {
                println!("not run: {reason}");
                None
            }
            Err(Lack::Broken(reason)) => panic!("{reason}"),
        }
    }

    /// As [`Self::shared`], where the node is ours: for tests that tell pods what to do, and for those that break things.
    pub fn scripted() -> Option<&'static Self> {
        let cluster = Self::shared()?;
        if cluster.ours.is_none() {
            println!("not run: the pods of an existing cluster follow no script");
            return None;
        }
        Some(cluster)
    }

    fn find() -> Result<Self, Lack> {
        let broken = |error: io::Error| Lack::Broken(error.to_string());
        let existing = env::var_os("BOATYARD_KUBETEST_CLUSTER");
        if existing.is_some_and(|value| value == "existing") {
            let path = env::var_os("KUBECONFIG");
            let path = path.ok_or_else(|| Lack::Broken("KUBECONFIG is not set".to_owned()))?;
            return Self::existing(path.into()).map_err(broken);
        }
        let program = program::find().map_err(Lack::Absent)?;
        Self::start(program).map_err(broken)
    }

    fn existing(kubeconfig: PathBuf) -> io::Result<Self> {
        let runtime = runtime()?;
        let config = runtime.block_on(configuration(&kubeconfig))?;
        Ok(Self {
            runtime,
            config,
            kubeconfig,
            ours: None,
        })
    }

    fn start(program: PathBuf) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("kubetest-")
            .tempdir()?
            .keep();
        let sweeper = sweep_at_the_end(&folder)?;
        let ports = port::free(3);
        let ports = ports.try_into();
        let ports = ports.map_err(|_| io::Error::other("no three ports are free"))?;
        let components = Vec::from(components(&folder, ports)?);
        let runtime = runtime()?;
        let kubeconfig = folder.join("kubeconfig");
        let config = runtime.block_on(configuration(&kubeconfig))?;
        let ours = Ours {
            program,
            folder,
            components,
            children: Mutex::default(),
            keeper: Keeper::new(),
            scripts: Scripts::default(),
            _sweeper: sweeper,
        };
        ours.launch(0)?;
        ours.launch(1)?;
        runtime.block_on(ours.ready(&config))?;
        // Controllers that find no API server wait for long before they look again: they come after it.
        ours.launch(2)?;
        ours.launch(3)?;
        let client = {
            let _inside = runtime.enter();
            Client::try_from(config.clone()).map_err(io::Error::other)?
        };
        let node = Kubelet::new(client, ours.scripts.clone());
        runtime.block_on(node.join(&ours.folder))?;
        Ok(Self {
            runtime,
            config,
            kubeconfig,
            ours: Some(ours),
        })
    }

    /// Waits for what `work` answers, on the cluster's own runtime. Not to be called from asynchronous code.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A client with all rights.
    ///
    /// # Panics
    ///
    /// If the configuration is not valid.
    pub fn client(&self) -> Client {
        let _inside = self.runtime.enter();
        Client::try_from(self.config.clone()).expect("the configuration is valid")
    }

    /// How to reach it, with all rights.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The configuration's file, for commands.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A new namespace that goes when what this returns is dropped.
    pub fn namespace(&self) -> Namespace<'_> {
        self.block_on(Namespace::create(self, self.client()))
    }

    pub(crate) fn scripts(&self) -> Option<&Scripts> {
        self.ours.as_ref().map(|ours| &ours.scripts)
    }

    /// Stops etcd from answering while `work` goes on.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours.
    pub fn while_etcd_is_paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let ours = self.ours.as_ref().expect("the cluster is ours");
        let signal = |signal| {
            let children = ours.children.lock().expect("no test panics inside");
            children[0].signal(signal).expect("etcd runs");
        };
        signal(Signal::STOP);
        let answer = work();
        signal(Signal::CONT);
        answer
    }

    /// Kills the API server and starts it again; returns when it answers.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or the server does not come back.
    pub fn restart_server(&self) {
        let ours = self.ours.as_ref().expect("the cluster is ours");
        {
            let mut children = ours.children.lock().expect("no test panics inside");
            children[1].kill().expect("the API server ran");
        }
        ours.launch(1).expect("the API server starts again");
        self.block_on(ours.ready(&self.config))
            .expect("the API server answers again");
    }
}

impl Ours {
    /// Starts the component at `index`, in place of the one that was there.
    fn launch(&self, index: usize) -> io::Result<()> {
        let component = &self.components[index];
        let (program, name) = (self.program.clone(), component.name);
        let (flags, folder) = (component.flags.clone(), self.folder.clone());
        let child = self
            .keeper
            .run(move || Child::start(&program, name, &flags, &folder))?;
        let mut children = self.children.lock().expect("no test panics inside");
        if index < children.len() {
            children[index] = child;
        } else {
            children.push(child);
        }
        Ok(())
    }

    /// What the component said that has ended; of the API server also if it only is late.
    fn last_words(&self, is_late: bool) -> Option<String> {
        let mut children = self.children.lock().expect("no test panics inside");
        let dead = children.iter_mut().position(|child| !child.runs());
        let silent = dead.or(is_late.then_some(1))?;
        Some(children[silent].last_lines())
    }

    /// Waits until the API server answers.
    async fn ready(&self, config: &Config) -> io::Result<()> {
        let client = Client::try_from(config.clone()).map_err(io::Error::other)?;
        let begin = Instant::now();
        loop {
            let asked = http::Request::get("/readyz")
                .body(Vec::new())
                .map_err(io::Error::other)?;
            let Err(refusal) = client.request_text(asked).await else {
                return Ok(());
            };
            if let Some(lines) = self.last_words(begin.elapsed() > PATIENCE) {
                let message = format!("the API server is not ready: {refusal}\n{lines}");
                return Err(io::Error::other(message));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

async fn configuration(kubeconfig: &Path) -> io::Result<Config> {
    let text = fs::read_to_string(kubeconfig)?;
    let parsed = Kubeconfig::from_yaml(&text).map_err(io::Error::other)?;
    Config::from_custom_kubeconfig(parsed, &KubeConfigOptions::default())
        .await
        .map_err(io::Error::other)
}
