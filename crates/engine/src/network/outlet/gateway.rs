//! The loop between the TUN device and the sockets of this machine.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::time::Instant as Moment;
use smoltcp::wire::{HardwareAddress, IpCidr, IpListenEndpoint};

use super::datagram::Datagrams;
use super::device::Tun;
use super::names::{GATEWAY, INSIDE, PREFIX};
use super::only::Only;
use super::packet::{self, Flow, LARGEST, Packet};
use super::reach::{Fate, Reach};
use super::stream::{self, Call, Stream};
use crate::network::error::NetworkError;
use crate::network::namespace::Namespace;
use crate::network::worker::Worker;
use crate::sys;

/// Connections at a time. Whoever opens more waits: the kernel inside asks again.
const MOST: usize = 1024;
/// Packets that are read before anything else is looked at.
const BATCH: usize = 256;
const STOP: u64 = 0;
const TUN: u64 = 1;

/// A way out. Closed, with all that goes through it, when it is dropped.
#[derive(Debug)]
pub struct Outlet {
    _worker: Worker,
}

impl Outlet {
    /// Gives a network a way out, by the network that this thread is in. `of_machine` is the file that names its name
    /// servers: [`RESOLVER`], but for tests. Fails where `/dev/net/tun` cannot be used.
    pub fn open(inside: &Namespace, of_machine: &Path) -> Result<Self, NetworkError> {
        Self::reaching(inside, Reach::Machine(of_machine.to_owned()))
    }

    /// Gives a network a way to some hosts only, by the network that this thread is in. Their names are asked for as
    /// [`resolver`](super::resolver) says. Fails as [`Self::open`] does.
    pub fn open_to(inside: &Namespace, only: Only) -> Result<Self, NetworkError> {
        Self::reaching(inside, Reach::Only(Box::new(only)))
    }

    fn reaching(inside: &Namespace, reach: Reach) -> Result<Self, NetworkError> {
        let outlet = |cause| NetworkError::Outlet { cause };
        let file = inside.run_inside(device)?.map_err(outlet)?;
        let mut gateway = Gateway::new(Tun::new(file), reach).map_err(outlet)?;
        let worker = Worker::start("way-out".to_owned(), move |stop| {
            // It ends when it is told to, or when the kernel refuses to wait: then nothing goes out any more.
            let _ = gateway.run(stop);
        });
        Ok(Self {
            _worker: worker.map_err(outlet)?,
        })
    }
}

/// The machine's own resolver configuration (resolv.conf(5)).
pub const RESOLVER: &str = "/etc/resolv.conf";

/// Makes the device, in the network that this thread is in.
pub(crate) fn device() -> io::Result<File> {
    sys::network::tunnel(INSIDE, PREFIX, LARGEST)
}

struct Gateway {
    reach: Reach,
    epoll: OwnedFd,
    tun: Tun,
    interface: Interface,
    sockets: SocketSet<'static>,
    streams: HashMap<u64, Stream>,
    numbers: HashMap<Flow, u64>,
    datagrams: Datagrams,
    next_number: u64,
    began: Instant,
}

impl Gateway {
    fn new(mut tun: Tun, reach: Reach) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, tun.file(), EventData::new_u64(TUN), EventFlags::IN)?;
        let mut config = Config::new(HardwareAddress::Ip);
        // Sequence numbers begin where nobody can guess.
        config.random_seed = RandomState::new().build_hasher().finish();
        let mut interface = Interface::new(config, &mut tun, Moment::ZERO);
        interface.update_ip_addrs(|addresses| {
            addresses
                .push(IpCidr::new(GATEWAY.into(), PREFIX))
                .expect("there is room for one");
        });
        interface
            .routes_mut()
            .add_default_ipv4_route(GATEWAY)
            .expect("there is room for one");
        // Whoever is called inside is played by us.
        interface.set_any_ip(true);
        Ok(Self {
            reach,
            epoll,
            tun,
            interface,
            sockets: SocketSet::new(Vec::new()),
            streams: HashMap::new(),
            numbers: HashMap::new(),
            datagrams: Datagrams::default(),
            next_number: TUN + 1,
            began: Instant::now(),
        })
    }

    /// Works until it is told to stop.
    fn run(&mut self, stop: &OwnedFd) -> io::Result<()> {
        epoll::add(&self.epoll, stop, EventData::new_u64(STOP), EventFlags::IN)?;
        let mut events: Vec<Event> = Vec::with_capacity(256);
        loop {
            events.clear();
            let timeout = self.patience().map(timespec);
            let room = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(&self.epoll, room, timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                match event.data.u64() {
                    STOP => return Ok(()),
                    TUN => self.read(),
                    number => self.advance(number),
                }
            }
            self.settle();
        }
    }

    fn now(&self) -> Moment {
        let micros = self.began.elapsed().as_micros();
        Moment::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// How long nothing will have to be done unless something comes.
    fn patience(&mut self) -> Option<Duration> {
        let stack = self.interface.poll_delay(self.now(), &self.sockets);
        let stack = stack.map(|delay| Duration::from_micros(delay.total_micros()));
        let silence = self.datagrams.patience(Instant::now());
        stack.into_iter().chain(silence).min()
    }

    fn poll(&mut self) {
        let now = self.now();
        self.interface.poll(now, &mut self.tun, &mut self.sockets);
    }

    /// Takes what comes out of the namespace.
    fn read(&mut self) {
        for _ in 0..BATCH {
            let mut bytes = vec![0; LARGEST];
            let Ok(count) = self.tun.file().read(&mut bytes) else {
                return;
            };
            bytes.truncate(count);
            match packet::read(&bytes) {
                Packet::Opening(flow) => self.opening(flow, bytes),
                Packet::Segment => self.tun.push(bytes),
                Packet::Datagram(flow, payload) => self.datagram(flow, payload),
                Packet::Other => {}
            }
        }
    }

    fn opening(&mut self, flow: Flow, packet: Vec<u8>) {
        if let Some(number) = self.numbers.get(&flow) {
            // Asked again while nobody has answered: the first question waits already.
            let calling = self.streams[number].inside().is_none();
            if !calling {
                self.tun.push(packet);
            }
            return;
        }
        let Some((to, host)) = self.reach.connection(flow.destination) else {
            // Nobody listens for it: the stack refuses it.
            return self.tun.push(packet);
        };
        if self.streams.len() >= MOST {
            return;
        }
        match Stream::call(flow, to, host.as_deref(), packet.clone()) {
            Ok(stream) => {
                let number = self.number();
                self.numbers.insert(flow, number);
                self.streams.insert(number, stream);
            }
            Err(_) => self.tun.push(packet),
        }
    }

    fn datagram(&mut self, flow: Flow, payload: &[u8]) {
        let to = match self.reach.datagram(flow.destination, payload) {
            Fate::Goes(to) => to,
            Fate::Answered(answer) => {
                if let Some(packet) = packet::answer(flow, &answer) {
                    self.tun.send(&packet);
                }
                return;
            }
            Fate::Nowhere => return,
        };
        let number = self.number();
        let sent = self
            .datagrams
            .send(flow, to, payload, number, Instant::now());
        if let Ok(Some(socket)) = sent {
            let data = EventData::new_u64(number);
            // Without it no answer comes, as on a network that loses it.
            let _ = epoll::add(&self.epoll, socket, data, EventFlags::IN);
        }
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// A socket of this machine is ready.
    fn advance(&mut self, number: u64) {
        let Some(stream) = self.streams.get_mut(&number) else {
            let tun = &self.tun;
            return self
                .datagrams
                .receive(number, Instant::now(), |flow, payload| {
                    if let Some(packet) = packet::answer(flow, payload) {
                        tun.send(&packet);
                    }
                });
        };
        if stream.inside().is_some() {
            return;
        }
        match stream.answer() {
            Call::Waits => {}
            Call::Refused(packet) => {
                self.end(number);
                self.tun.push(packet);
            }
            Call::Answered(packet) => {
                let mut socket = stream::socket();
                let to = stream.flow.destination;
                let endpoint = IpListenEndpoint {
                    addr: Some((*to.ip()).into()),
                    port: to.port(),
                };
                socket.listen(endpoint).expect("a new socket, and a port");
                stream.open(self.sockets.add(socket));
                self.tun.push(packet);
                // At once: no other may find this listener.
                self.poll();
            }
        }
    }

    /// Moves data until nothing moves, and has the kernel wake us for what is awaited then.
    fn settle(&mut self) {
        self.poll();
        for stream in self.streams.values_mut() {
            if let Some(inside) = stream.inside()
                && let Some(refused) = stream.pump(self.sockets.get_mut(inside))
            {
                self.reach.refuse(refused);
            }
        }
        self.poll();
        let numbers: Vec<u64> = self.streams.keys().copied().collect();
        for number in numbers {
            let stream = &self.streams[&number];
            let socket = stream.inside().map(|inside| self.sockets.get(inside));
            if socket.is_some_and(stream::is_over) {
                self.end(number);
            } else {
                let wanted = stream.interest(socket);
                self.register(number, wanted);
            }
        }
        self.datagrams.expire(Instant::now());
    }

    fn register(&mut self, number: u64, wanted: EventFlags) {
        let Some(stream) = self.streams.get_mut(&number) else {
            return;
        };
        let registered = stream.registered;
        stream.registered = wanted;
        let (epoll, socket) = (&self.epoll, stream.outside());
        let data = EventData::new_u64(number);
        let outcome = match (registered.is_empty(), wanted.is_empty()) {
            _ if registered == wanted => Ok(()),
            (true, _) => epoll::add(epoll, socket, data, wanted),
            // A closed socket would wake us for ever, whatever it is registered for.
            (false, true) => epoll::delete(epoll, socket),
            (false, false) => epoll::modify(epoll, socket, data, wanted),
        };
        if outcome.is_err() {
            self.end(number);
        }
    }

    fn end(&mut self, number: u64) {
        if let Some(stream) = self.streams.remove(&number) {
            self.numbers.remove(&stream.flow);
            if let Some(inside) = stream.inside() {
                self.sockets.remove(inside);
            }
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}
