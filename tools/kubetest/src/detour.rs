//! A way to the API server that loses what goes over it, as a network does.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use kube::Config;

use crate::cluster::Cluster;

/// What becomes of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// They arrive.
    Pass,
    /// They are lost without a word; so are answers to them.
    Lost,
    /// They arrive, and answers are lost.
    AnswersLost,
}

/// A way to the API server, over a port of its own. What it has lost stays lost: a connection that was silent once says nothing
/// for ever, and is not closed.
pub struct Detour {
    config: Config,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Whoever has it keeps new connections waiting.
    gate: Arc<Mutex<()>>,
    opened: Arc<AtomicUsize>,
}

struct State {
    /// Of connections to come.
    fate: Fate,
    open: Vec<Arc<Connection>>,
    is_over: bool,
}

struct Connection {
    fate: Mutex<Fate>,
    is_closed: AtomicBool,
    ends: [TcpStream; 2],
}

impl Cluster {
    /// A new one.
    ///
    /// # Panics
    ///
    /// If this machine gives no port.
    pub fn detour(&self) -> Detour {
        let url = &self.config().cluster_url;
        let host = url.host().expect("the cluster has an address").to_owned();
        let port = url.port_u16().unwrap_or(443);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let here = listener.local_addr().expect("it listens");
        let mut config = self.config().clone();
        config.cluster_url = format!("https://{here}").parse().expect("it is an address");
        // The certificate is the server's.
        config.tls_server_name.get_or_insert(host.clone());
        let state = Arc::new(Mutex::new(State {
            fate: Fate::Pass,
            open: Vec::new(),
            is_over: false,
        }));
        let (gate, opened) = (Arc::<Mutex<()>>::default(), Arc::<AtomicUsize>::default());
        let detour = Detour {
            config,
            address: here,
            state: state.clone(),
            gate: gate.clone(),
            opened: opened.clone(),
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                drop(locked(&gate));
                if locked(&state).is_over {
                    return;
                }
                opened.fetch_add(1, Ordering::Relaxed);
                // A server that is not there closes what comes.
                if let Ok(near) = stream {
                    let _ = begin(near, &host, port, &state);
                }
            }
        });
        detour
    }
}

impl Detour {
    /// How to reach the cluster by it, with all rights.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How many connections were opened over it so far.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    /// From now on nothing arrives, of connections that are there and of new ones.
    pub fn lose(&self) {
        self.change(Fate::Lost, Fate::Lost);
    }

    /// Connections that are there lose every answer from now on; requests arrive.
    pub fn lose_answers(&self) {
        self.change(Fate::AnswersLost, Fate::Pass);
    }

    /// Closes all connections; new ones wait until `work` is done.
    pub fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        let _gate = locked(&self.gate);
        self.close();
        work()
    }

    /// New connections pass again.
    pub fn pass(&self) {
        locked(&self.state).fate = Fate::Pass;
    }

    /// Closes all connections.
    pub fn close(&self) {
        for connection in locked(&self.state).open.drain(..) {
            connection.close();
        }
    }

    fn change(&self, there: Fate, new: Fate) {
        let mut state = locked(&self.state);
        state.fate = new;
        state
            .open
            .retain(|one| !one.is_closed.load(Ordering::Relaxed));
        for connection in &state.open {
            let mut fate = locked(&connection.fate);
            if *fate != Fate::Lost {
                *fate = there;
            }
        }
    }
}

impl Drop for Detour {
    fn drop(&mut self) {
        self.close();
        locked(&self.state).is_over = true;
        // Wakes who listens.
        let _ = TcpStream::connect(self.address);
    }
}

impl Connection {
    fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        for end in &self.ends {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Passes on what comes from one end, or loses it, until that ends.
    fn carry(&self, from: usize) -> io::Result<()> {
        let mut bytes = vec![0; 16 * 1024];
        let is_answer = from == 1;
        loop {
            let count = (&self.ends[from]).read(&mut bytes)?;
            if count == 0 {
                return Ok(());
            }
            let fate = *locked(&self.fate);
            match fate {
                Fate::Lost => {}
                Fate::AnswersLost if is_answer => {}
                Fate::Pass | Fate::AnswersLost => {
                    (&self.ends[1 - from]).write_all(&bytes[..count])?;
                }
            }
        }
    }
}

fn begin(near: TcpStream, host: &str, port: u16, state: &Mutex<State>) -> io::Result<()> {
    let far = TcpStream::connect((host, port))?;
    let mut state = locked(state);
    let connection = Arc::new(Connection {
        fate: Mutex::new(state.fate),
        is_closed: AtomicBool::new(false),
        ends: [near, far],
    });
    state.open.push(connection.clone());
    for from in [0, 1] {
        let connection = connection.clone();
        thread::spawn(move || {
            let _ = connection.carry(from);
            // That the server has closed what is lost is lost as well.
            if from == 0 || *locked(&connection.fate) == Fate::Pass {
                connection.close();
            }
        });
    }
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
