//! Addresses that are counted as one, because whoever has one of them has all.

use std::net::{IpAddr, Ipv4Addr};

/// Addresses that are counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Neighbours {
    /// An address of IPv4, by itself.
    One(Ipv4Addr),
    /// The 64 bits of IPv6 that a customer has at least.
    Few([u16; 4]),
    /// The 48 bits that he has for the asking: 65,536 of the former (RFC 6177).
    Many([u16; 3]),
}

impl Neighbours {
    /// All that an address is one of.
    pub fn of(from: IpAddr) -> impl Iterator<Item = Self> {
        let all = match from.to_canonical() {
            IpAddr::V4(four) => [Some(Self::One(four)), None],
            IpAddr::V6(six) => {
                let [a, b, c, d, ..] = six.segments();
                [Some(Self::Few([a, b, c, d])), Some(Self::Many([a, b, c]))]
            }
        };
        all.into_iter().flatten()
    }
}
