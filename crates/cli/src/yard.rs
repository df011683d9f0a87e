//! What verbs that build or run work with: the home, what this machine permits, the store.

use std::path::{Path, PathBuf};

use boatyard_engine::host::{self, Host, Isolation, Options};
use boatyard_engine::sandbox::Sandbox;
use boatyard_plan::event::{Event, Level};
use boatyard_store::Store;

use crate::home::{self, HomeError};
use crate::leash;
use crate::progress::Sink;
use crate::stopped::Stopped;

/// What verbs that build or run work with.
pub struct Yard {
    /// Where state lives.
    pub home: PathBuf,
    /// What this machine permits.
    pub host: Host,
    /// Starts programs.
    pub sandbox: Sandbox,
    /// Where images live.
    pub store: Store,
}

impl Yard {
    /// Enters the namespaces that this machine permits, so call it before any thread is started.
    pub fn open() -> Result<Self, Stopped> {
        let home = home::open()?;
        let host = host::enter(&options(&home))?;
        boatyard_engine::recover(&home).map_err(|source| HomeError::Recover {
            path: home.clone(),
            source,
        })?;
        let store = Store::open(&home)?;
        leash::watch();
        Ok(Self {
            home,
            host,
            sandbox: Sandbox::default(),
            store,
        })
    }

    /// Says once what is worse on this machine than it could be.
    pub fn say_notices(&self, sink: &Sink) {
        for notice in &self.host.notices {
            sink(Event::Notice {
                level: Level::Warning,
                message: notice.message.clone(),
                help: notice.help.clone(),
            });
        }
    }
}

/// What the environment asks of the machine.
pub fn options(home: &Path) -> Options {
    let set = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    Options {
        isolation: set("BOATYARD_ISOLATION", "chroot").then_some(Isolation::Chroot),
        copy_snapshots: set("BOATYARD_SNAPSHOTS", "copy"),
        scratch: Some(home.to_owned()),
    }
}
