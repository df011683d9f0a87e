//! One forwarded connection: a socket on each side, a flow each way.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::epoll::EventFlags;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

use super::flow::Flow;

/// The two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Who called.
    Outside,
    /// Who is called.
    Inside,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Relay {
    outside: TcpStream,
    inside: TcpStream,
    port: u16,
    /// While the inside has not answered: the address that was tried.
    calling: Option<AddressFamily>,
    inwards: Flow,
    outwards: Flow,
}

/// What is left of a connection after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Go on when its sockets are ready.
    Wait,
    /// The inside is another socket now.
    Redial,
    /// It is over.
    Over,
}

impl Relay {
    /// Takes a connection from outside and calls a port of loopback inside: of the network that this thread is in.
    pub(super) fn call(outside: TcpStream, port: u16) -> io::Result<Self> {
        outside.set_nonblocking(true)?;
        let _ = outside.set_nodelay(true);
        let family = AddressFamily::INET;
        let inside = dial(family, port)?;
        Ok(Self {
            outside,
            inside,
            port,
            calling: Some(family),
            inwards: Flow::default(),
            outwards: Flow::default(),
        })
    }

    /// One side's socket.
    pub(super) fn socket(&self, side: Side) -> BorrowedFd<'_> {
        match side {
            Side::Outside => self.outside.as_fd(),
            Side::Inside => self.inside.as_fd(),
        }
    }

    /// What to wait for on one side's socket; empty: nothing.
    pub(super) fn interest(&self, side: Side) -> EventFlags {
        if self.calling.is_some() {
            return if side == Side::Inside {
                EventFlags::OUT
            } else {
                EventFlags::empty()
            };
        }
        let (from, to) = match side {
            Side::Outside => (&self.inwards, &self.outwards),
            Side::Inside => (&self.outwards, &self.inwards),
        };
        let mut interest = EventFlags::empty();
        interest.set(EventFlags::IN, from.wants_input());
        interest.set(EventFlags::OUT, to.wants_output());
        interest
    }

    /// Does what can be done without waiting. An error ends the connection.
    pub(super) fn step(&mut self) -> io::Result<Next> {
        if let Some(family) = self.calling {
            match sockopt::socket_error(&self.inside)? {
                Ok(()) => self.calling = None,
                // It may listen on ::1 only.
                Err(rustix::io::Errno::CONNREFUSED) if family == AddressFamily::INET => {
                    self.inside = dial(AddressFamily::INET6, self.port)?;
                    self.calling = Some(AddressFamily::INET6);
                    return Ok(Next::Redial);
                }
                Err(error) => return Err(error.into()),
            }
            let _ = self.inside.set_nodelay(true);
        }
        let Self {
            outside,
            inside,
            inwards,
            outwards,
            ..
        } = self;
        inwards.pump(&*outside, &*inside, || end(inside))?;
        outwards.pump(&*inside, &*outside, || end(outside))?;
        let over = self.inwards.is_over() && self.outwards.is_over();
        Ok(if over { Next::Over } else { Next::Wait })
    }
}

/// Tells the other side that nothing more comes. It may have hung up meanwhile, which its next read or write tells.
fn end(stream: &TcpStream) -> io::Result<()> {
    match stream.shutdown(Shutdown::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        done => done,
    }
}

fn dial(family: AddressFamily, port: u16) -> io::Result<TcpStream> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket: OwnedFd = socket_with(family, SocketType::STREAM, flags, None)?;
    let address = if family == AddressFamily::INET {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    } else {
        SocketAddr::from((Ipv6Addr::LOCALHOST, port))
    };
    match connect(&socket, &address) {
        // A refusal is told by the socket too, when it is asked.
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => Ok(TcpStream::from(socket)),
        Err(error) => Err(error.into()),
    }
}
