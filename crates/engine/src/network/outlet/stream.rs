//! One TCP connection from inside: a socket of the stack for the end inside, one of this machine for the other.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use rustix::event::epoll::EventFlags;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};

use super::greeting::{Greeting, Verdict};
use super::packet::Flow;
use super::refusal::Refusal;

/// Bytes on their way in each direction at most: a few of the largest packets.
const ROOM: usize = 256 * 1024;

/// A connection.
pub(super) struct Stream {
    /// Between whom.
    pub(super) flow: Flow,
    outside: TcpStream,
    state: Stage,
    /// What the kernel is asked to wake us for; empty: it does not know the socket.
    pub(super) registered: EventFlags,
    /// What the end inside says, where it may be meant for one host only.
    greeting: Option<Greeting>,
    /// The end inside has begun to say for whom it is, and nothing goes on before it has said it.
    is_greeting: bool,
}

enum Stage {
    /// The other end has not answered. The packet that asked for it waits.
    Calling { opening: Vec<u8> },
    /// Data flows.
    Open {
        inside: SocketHandle,
        /// The other end has said all it has to say.
        outside_ended: bool,
        /// The end inside has, and the other was told.
        inside_ended: bool,
    },
}

/// What became of a call.
pub(super) enum Call {
    /// Nothing yet.
    Waits,
    /// Somebody answers: let the stack see this packet, and listen for it.
    Answered(Vec<u8>),
    /// Nobody does: let the stack see this packet, and it will refuse it.
    Refused(Vec<u8>),
}

impl Stream {
    /// Calls `to`; does not wait. It may be meant for `host` only, if one is given.
    pub(super) fn call(
        flow: Flow,
        to: SocketAddr,
        host: Option<&str>,
        opening: Vec<u8>,
    ) -> io::Result<Self> {
        let family = match to {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        match connect(&socket, &to) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let outside = TcpStream::from(socket);
        let _ = outside.set_nodelay(true);
        Ok(Self {
            flow,
            outside,
            state: Stage::Calling { opening },
            registered: EventFlags::empty(),
            greeting: host.map(Greeting::to),
            is_greeting: false,
        })
    }

    /// The socket of this machine.
    pub(super) fn outside(&self) -> &TcpStream {
        &self.outside
    }

    /// The socket of the stack, once there is one.
    pub(super) fn inside(&self) -> Option<SocketHandle> {
        match self.state {
            Stage::Calling { .. } => None,
            Stage::Open { inside, .. } => Some(inside),
        }
    }

    /// Looks what became of the call. Ask only while there is no [`Stream::inside`], when the socket is ready.
    pub(super) fn answer(&mut self) -> Call {
        let Stage::Calling { opening } = &mut self.state else {
            return Call::Waits;
        };
        match sockopt::socket_error(&self.outside) {
            Ok(Ok(())) if self.outside.peer_addr().is_ok() => {
                Call::Answered(std::mem::take(opening))
            }
            Ok(Ok(())) => Call::Waits,
            Ok(Err(_)) | Err(_) => Call::Refused(std::mem::take(opening)),
        }
    }

    /// Data may flow, through this socket of the stack.
    pub(super) fn open(&mut self, inside: SocketHandle) {
        self.state = Stage::Open {
            inside,
            outside_ended: false,
            inside_ended: false,
        };
    }

    /// Moves what can be moved without waiting. The connection ends if it is for another host than the one that was called.
    pub(super) fn pump(&mut self, socket: &mut Socket<'_>) -> Option<Refusal> {
        let Stage::Open {
            outside_ended,
            inside_ended,
            ..
        } = &mut self.state
        else {
            return None;
        };
        let greeting = &mut self.greeting;
        let moved = outwards(socket, &self.outside, inside_ended, greeting.as_mut());
        let moved = moved.and_then(|verdict| {
            inwards(socket, &self.outside, outside_ended)?;
            Ok(verdict)
        });
        self.is_greeting = matches!(moved, Ok(Verdict::More));
        match (moved, greeting) {
            (Ok(Verdict::Other(meant)), Some(greeting)) => {
                socket.abort();
                return Some(greeting.refusal(meant));
            }
            // The other end is gone without a proper end: so are we.
            (Err(_), _) => socket.abort(),
            (Ok(_), _) => {}
        }
        None
    }

    /// What the kernel is to wake us for.
    pub(super) fn interest(&self, socket: Option<&Socket<'_>>) -> EventFlags {
        match (&self.state, socket) {
            (Stage::Calling { .. }, _) | (_, None) => EventFlags::OUT,
            (Stage::Open { outside_ended, .. }, Some(socket)) => {
                let mut flags = EventFlags::empty();
                flags.set(EventFlags::IN, !outside_ended && socket.can_send());
                flags.set(EventFlags::OUT, socket.can_recv() && !self.is_greeting);
                flags
            }
        }
    }
}

/// Whether nothing more will come through a socket of the stack.
pub(super) fn is_over(socket: &Socket<'_>) -> bool {
    matches!(socket.state(), State::Closed | State::TimeWait)
}

/// A socket of the stack with room.
pub(super) fn socket() -> Socket<'static> {
    let room = || SocketBuffer::new(vec![0; ROOM]);
    let mut socket = Socket::new(room(), room());
    // Data goes on at once, as we get it; waiting for more would be the sender's business.
    socket.set_nagle_enabled(false);
    socket.set_ack_delay(None);
    socket
}

/// What keeps the rest from going on, if anything does.
fn outwards(
    socket: &mut Socket<'_>,
    mut outside: &TcpStream,
    ended: &mut bool,
    mut greeting: Option<&mut Greeting>,
) -> io::Result<Verdict> {
    while socket.can_recv() {
        let written = socket.recv(|bytes| {
            let heard = greeting.as_mut().map(|greeting| greeting.hear(bytes));
            match heard {
                None | Some(Verdict::Fine) => {}
                Some(verdict) => return (0, Ok(Err(verdict))),
            }
            let outcome = ready(outside.write(bytes));
            let count = outcome.as_ref().map_or(0, |count| count.unwrap_or(0));
            if let Some(greeting) = greeting.as_mut() {
                greeting.sent(count);
            }
            (count, outcome.map(Ok))
        });
        match written.unwrap_or(Ok(Ok(None)))? {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(Verdict::Fine),
            Err(verdict) => return Ok(verdict),
        }
    }
    let all_read =
        !socket.may_recv() && !matches!(socket.state(), State::Listen | State::SynReceived);
    if all_read && !*ended {
        *ended = true;
        // It may be gone already; reading tells.
        let _ = outside.shutdown(Shutdown::Write);
    }
    Ok(Verdict::Fine)
}

fn inwards(socket: &mut Socket<'_>, mut outside: &TcpStream, ended: &mut bool) -> io::Result<()> {
    while !*ended && socket.can_send() {
        let read = socket
            .send(|room| {
                let outcome = ready(outside.read(room));
                let count = outcome.as_ref().map_or(0, |count| count.unwrap_or(0));
                (count, outcome)
            })
            .unwrap_or(Ok(None))?;
        match read {
            None => return Ok(()),
            Some(0) => {
                *ended = true;
                socket.close();
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// `None` if it would have to wait.
fn ready(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}
