//! Ports that nothing listens on.

use std::net::TcpListener;
use std::process;

/// Below what Linux gives to outgoing connections (`ip_local_port_range`), so that none of those takes one of ours
/// between this and the start of who listens.
const FIRST: u32 = 12_000;
const LAST: u32 = 31_000;

/// `count` different ports of the loopback device that are free now.
pub fn free(count: usize) -> Vec<u16> {
    let begin = process::id().wrapping_mul(97) % (LAST - FIRST);
    (0..LAST - FIRST)
        .map(|step| FIRST + (begin + step) % (LAST - FIRST))
        .filter_map(|port| u16::try_from(port).ok())
        .filter(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .take(count)
        .collect()
}
