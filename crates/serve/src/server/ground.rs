//! What a server has as long as it runs, whether it leads or stands by.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use boatyard_preview::config::Config;
use tokio::net::TcpListener;

use super::error::ServeError;
use super::held::{Held, Settled};
use super::run::Start;
use super::said::{Said, Say};
use super::signals::Signals;
use crate::causes::in_one_line;
use crate::logs::Logs;

/// What a server has as long as it runs.
pub(super) struct Ground {
    /// Our own command.
    pub(super) program: PathBuf,
    /// `$BOATYARD_HOME`.
    pub(super) home: PathBuf,
    /// Our folder in it.
    pub(super) state: PathBuf,
    pub(super) held: Held,
    pub(super) logs: Logs,
    listener: std::net::TcpListener,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Where the file had it listen.
    pub(super) meant: SocketAddr,
    pub(super) signals: Signals,
    pub(super) reload: Box<dyn Fn() -> Result<Config, String> + Send + Sync>,
    pub(super) say: Say,
    pub(super) otlp: Option<String>,
}

impl Ground {
    /// Reads what the configuration names, and listens.
    pub(super) fn new(start: Start) -> Result<Self, ServeError> {
        let state = start.home.join("serve");
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&state);
        made.map_err(|source| ServeError::Folder {
            path: state.clone(),
            source,
        })?;
        let settled = Settled::read(start.config, &start.beside)?;
        let meant = settled.config.server.listen;
        let failed = |source| ServeError::Listen {
            address: meant,
            source,
        };
        let listener = std::net::TcpListener::bind(meant).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let settled = settled.at(address);
        let logs = Logs::new(&state.join("log"));
        logs.conceal(settled.concealed());
        let begins = |source| ServeError::Start { source };
        Ok(Self {
            program: start.program,
            home: start.home,
            state,
            held: Held::new(settled, start.beside),
            logs,
            listener,
            address,
            meant,
            signals: Signals::catch(start.file).map_err(begins)?,
            reload: start.reload,
            say: start.say,
            otlp: start.otlp,
        })
    }

    /// The listener, for one after the other.
    pub(super) fn listener(&self) -> Result<TcpListener, ServeError> {
        let again = self.listener.try_clone().and_then(TcpListener::from_std);
        again.map_err(|source| ServeError::Listen {
            address: self.address,
            source,
        })
    }

    /// Takes what was read again while nothing is kept, if it is whole; what came of it.
    pub(super) fn follow(&self) -> Said {
        let read = (self.reload)().and_then(|config| {
            let settled = Settled::read(config, &self.held.folder);
            settled.map_err(|error| in_one_line(&error))
        });
        match read {
            Ok(settled) => {
                self.logs.conceal(settled.concealed());
                let settled = settled.at(self.address);
                self.held
                    .take(&Held::new(settled, self.held.folder.clone()));
                Said::Reloaded
            }
            Err(why) => Said::Warning(format!("the configuration stays as it is: {why}")),
        }
    }

    /// Where others in the same network reach us, who can reach `host`.
    pub(super) fn reached(&self, host: Option<&str>) -> Option<SocketAddr> {
        if !self.address.ip().is_unspecified() {
            return Some(self.address);
        }
        // Nothing is sent: the kernel says by which address it would be.
        let any: IpAddr = if self.address.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
        socket.connect((host?, 443)).ok()?;
        let own = socket.local_addr().ok()?.ip();
        Some(SocketAddr::new(own, self.address.port()))
    }
}
