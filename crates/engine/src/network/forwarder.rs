//! A door into a network: listens on this machine, and every connection goes on to a port inside.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use super::error::NetworkError;
use super::holder;
use super::namespace::Namespace;
use super::relay::{Next, Relay, Side};
use super::worker::Worker;

/// Connections at a time. More wait in the listener's queue, as they do with a busy server.
const MOST: usize = 4096;
const STOP: u64 = 0;
const LISTENER: u64 = 1;

/// A door. Closed, with all its connections, when it is dropped.
#[derive(Debug)]
pub struct Forwarder {
    address: SocketAddr,
    _worker: Worker,
}

impl Forwarder {
    /// Listens on an address of this machine (port 0: any free one) and forwards to a port of loopback, inside a
    /// namespace or here.
    pub fn listen(
        address: SocketAddr,
        inside: Option<&Namespace>,
        port: u16,
    ) -> Result<Self, NetworkError> {
        let listener = bind(address)?;
        let forward = move |cause| NetworkError::Forward { address, cause };
        let address = listener.local_addr().map_err(forward)?;
        let inside = inside.cloned();
        let (began, begins) = std::sync::mpsc::channel();
        let worker = Worker::start(format!("forward-{}", address.port()), move |stop| {
            let exchange = inside
                .map_or(Ok(()), |inside| inside.enter())
                .map_err(|cause| NetworkError::Enter { cause })
                .and_then(|()| Exchange::new(listener, port, stop).map_err(forward));
            let (outcome, exchange) = exchange.map_or_else(
                |error| (Err(error), None),
                |exchange| (Ok(()), Some(exchange)),
            );
            let _ = began.send(outcome);
            if let Some(mut exchange) = exchange {
                exchange.run();
            }
        });
        let worker = worker.map_err(forward)?;
        begins
            .recv()
            .map_err(|_| forward(io::ErrorKind::BrokenPipe.into()))??;
        Ok(Self {
            address,
            _worker: worker,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Fails if somebody has the address already: a program that is to listen there itself could not.
pub fn vacant(address: SocketAddr) -> Result<(), NetworkError> {
    bind(address).map(drop)
}

fn bind(address: SocketAddr) -> Result<TcpListener, NetworkError> {
    TcpListener::bind(address).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => NetworkError::PortInUse {
            address,
            holder: holder::of_port(address.port()),
        },
        _ => NetworkError::Listen { address, cause },
    })
}

/// All connections through a door. One thread, which waits for whichever socket is ready.
struct Exchange {
    epoll: OwnedFd,
    listener: TcpListener,
    port: u16,
    relays: HashMap<u64, Connection>,
    next_number: u64,
    accepting: bool,
}

struct Connection {
    relay: Relay,
    /// What each side is registered for. Empty: not at all, or a closed socket would wake us for ever.
    outside: EventFlags,
    inside: EventFlags,
}

impl Exchange {
    fn new(listener: TcpListener, port: u16, stop: &OwnedFd) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, stop, EventData::new_u64(STOP), EventFlags::IN)?;
        epoll::add(
            &epoll,
            &listener,
            EventData::new_u64(LISTENER),
            EventFlags::IN,
        )?;
        Ok(Self {
            epoll,
            listener,
            port,
            relays: HashMap::new(),
            next_number: LISTENER + 1,
            accepting: true,
        })
    }

    /// Forwards until it is stopped.
    fn run(&mut self) {
        let mut events: Vec<Event> = Vec::with_capacity(256);
        loop {
            events.clear();
            match epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                None,
            ) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
            for event in &events {
                match event.data.u64() {
                    STOP => return,
                    LISTENER => self.accept(),
                    token => self.advance(token / 2),
                }
            }
        }
    }

    fn accept(&mut self) {
        while self.accepting {
            match self.listener.accept() {
                Ok((outside, _)) => {
                    // If the inside cannot even be called, closing tells the caller.
                    if let Ok(relay) = Relay::call(outside, self.port) {
                        let number = self.next_number;
                        self.next_number += 1;
                        let none = EventFlags::empty();
                        self.relays.insert(
                            number,
                            Connection {
                                relay,
                                outside: none,
                                inside: none,
                            },
                        );
                        self.register(number);
                    }
                    if self.relays.len() >= MOST {
                        self.pause();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The caller has gone already.
                Err(error)
                    if matches!(error.raw_os_error(), Some(libc::ECONNABORTED | libc::EINTR)) => {}
                // No descriptors left: wait until a connection ends.
                Err(_) => return self.pause(),
            }
        }
    }

    fn pause(&mut self) {
        // Without a connection whose end could wake us up, go on asking.
        if !self.relays.is_empty() && epoll::delete(&self.epoll, &self.listener).is_ok() {
            self.accepting = false;
        }
    }

    /// Closes a connection, which makes room for another.
    fn end(&mut self, number: u64) {
        self.relays.remove(&number);
        if !self.accepting {
            let data = EventData::new_u64(LISTENER);
            self.accepting = epoll::add(&self.epoll, &self.listener, data, EventFlags::IN).is_ok();
        }
    }

    fn advance(&mut self, number: u64) {
        // Both sides may be ready at once, and the first may have ended it.
        let Some(connection) = self.relays.get_mut(&number) else {
            return;
        };
        match connection.relay.step() {
            Ok(Next::Wait) => self.register(number),
            Ok(Next::Redial) => {
                // The old socket took its registration with it.
                connection.inside = EventFlags::empty();
                self.register(number);
            }
            Ok(Next::Over) | Err(_) => self.end(number),
        }
    }

    fn register(&mut self, number: u64) {
        let registered = self
            .relays
            .get_mut(&number)
            .map(|connection| connection.register(&self.epoll, number));
        if registered.is_some_and(|outcome| outcome.is_err()) {
            self.end(number);
        }
    }
}

impl Connection {
    /// Has the kernel wake us for what the connection waits for now.
    fn register(&mut self, epoll: &OwnedFd, number: u64) -> rustix::io::Result<()> {
        let sides = [
            (Side::Outside, &mut self.outside, 0),
            (Side::Inside, &mut self.inside, 1),
        ];
        for (side, registered, low_bit) in sides {
            let (wanted, socket) = (self.relay.interest(side), self.relay.socket(side));
            let data = EventData::new_u64(number * 2 + low_bit);
            match (registered.is_empty(), wanted.is_empty()) {
                _ if *registered == wanted => {}
                (true, _) => epoll::add(epoll, socket, data, wanted)?,
                (false, true) => epoll::delete(epoll, socket)?,
                (false, false) => epoll::modify(epoll, socket, data, wanted)?,
            }
            *registered = wanted;
        }
        Ok(())
    }
}
