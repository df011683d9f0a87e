//! Where the socket is, for who listens and for who asks.

use std::net::{Ipv4Addr, SocketAddr};

use boatyard_init::environment::Environment;

/// The file in a folder of init's own.
pub const NAME: &str = "control";

/// Where questions are answered if no folder can be written: at this port of the loopback interface, if it is named.
pub fn port(environment: &Environment) -> Option<SocketAddr> {
    let port = str::from_utf8(environment.get("INIT_PORT")?).ok()?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}
