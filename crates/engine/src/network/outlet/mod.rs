//! The way out of a network: processes inside reach whatever this machine reaches, and nothing is set up on it.
//!
//! ```text
//! container ── out (a TUN device in the namespace) ── TCP ends here; UDP is unpacked ── sockets of this process ── world
//! ```
//!
//! The packets of the namespace come out of a TUN device. A TCP connection ends at a stack of our own (`smoltcp`), and a
//! socket of this machine calls the same address: a refusal outside is a refusal inside. Datagrams go through one socket
//! each for every pair of ends. So it needs no bridge, no address, no firewall rule and no rights outside of a user
//! namespace, and is gone with this process. What is not there: IPv6, ICMP (no `ping`), and loopback of this machine,
//! which is nobody's business inside.
//!
//! It may also lead to some hosts only ([`Only`]): then names are answered by us, and nothing else is reached.
//!
//! The addresses are those set apart for the two ends of such a tunnel (RFC 7335), so they hide nothing that is real:
//!
//! | address | is |
//! |---|---|
//! | 192.0.0.1 | the way out |
//! | 192.0.0.2 | the namespace |
//! | 192.0.0.3 | the name server: the machine's own, as it is at the time of each question |

mod datagram;
mod device;
mod gateway;
mod greeting;
mod hello;
mod line;
mod names;
mod only;
mod packet;
mod question;
mod reach;
mod refusal;
mod stream;

pub(crate) use gateway::device;
pub use gateway::{Outlet, RESOLVER};
pub use names::resolver;
pub use only::Only;
pub use refusal::Refusal;
