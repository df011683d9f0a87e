//! Datagrams from inside: a socket of this machine for each pair of ends, for as long as they talk.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::packet::{Flow, LARGEST};

/// Flows at a time. Whoever was silent the longest makes room.
const MOST: usize = 1024;
/// A flow that is silent for so long is forgotten (RFC 4787, REQ-5, says at least two minutes; name servers need less).
const SILENCE: Duration = Duration::from_secs(120);

/// The flows.
#[derive(Default)]
pub(super) struct Datagrams {
    flows: HashMap<u64, Known>,
    numbers: HashMap<Flow, u64>,
}

struct Known {
    flow: Flow,
    socket: UdpSocket,
    used: Instant,
}

impl Datagrams {
    /// Sends what a datagram of a flow says to `to`. A new flow gets `number`; gives its socket, to be waited for.
    pub(super) fn send(
        &mut self,
        flow: Flow,
        to: SocketAddr,
        payload: &[u8],
        number: u64,
        now: Instant,
    ) -> io::Result<Option<&UdpSocket>> {
        if let Some(known) = self
            .numbers
            .get(&flow)
            .and_then(|number| self.flows.get_mut(number))
        {
            known.used = now;
            // A refusal of the one before (ICMP) is told here; this one was not sent then.
            if known.socket.send(payload).is_err() {
                let _ = known.socket.send(payload);
            }
            return Ok(None);
        }
        if self.flows.len() >= MOST {
            self.forget_oldest();
        }
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.set_nonblocking(true)?;
        socket.connect(to)?;
        socket.send(payload)?;
        self.numbers.insert(flow, number);
        let known = self.flows.entry(number).or_insert(Known {
            flow,
            socket,
            used: now,
        });
        Ok(Some(&known.socket))
    }

    /// Hands all that has come for a flow to `take`.
    pub(super) fn receive(&mut self, number: u64, now: Instant, mut take: impl FnMut(Flow, &[u8])) {
        let Some(known) = self.flows.get_mut(&number) else {
            return;
        };
        let mut bytes = vec![0; LARGEST];
        loop {
            match known.socket.recv(&mut bytes) {
                Ok(count) => {
                    known.used = now;
                    take(known.flow, &bytes[..count]);
                }
                // A refusal (ICMP): there is nothing to tell inside, and more may come.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(_) => return,
            }
        }
    }

    /// Forgets who has been silent for long. Closing a socket ends its registration.
    pub(super) fn expire(&mut self, now: Instant) {
        self.flows
            .retain(|_, known| now.duration_since(known.used) < SILENCE);
        self.numbers
            .retain(|_, number| self.flows.contains_key(number));
    }

    /// How long until somebody has been silent for long.
    pub(super) fn patience(&self, now: Instant) -> Option<Duration> {
        let oldest = self.flows.values().map(|known| known.used).min()?;
        Some(SILENCE.saturating_sub(now.duration_since(oldest)))
    }

    fn forget_oldest(&mut self) {
        let oldest = self.flows.iter().min_by_key(|(_, known)| known.used);
        if let Some((&number, _)) = oldest
            && let Some(known) = self.flows.remove(&number)
        {
            self.numbers.remove(&known.flow);
        }
    }
}
