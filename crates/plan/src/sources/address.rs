//! Which addresses may be behind a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses at which clouds tell whoever asks what a machine is allowed to do, outside of the ranges for links: those of Azure
/// (also its DNS and DHCP) and Alibaba.
const METADATA: [Ipv4Addr; 2] = [
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
];
/// The same of AWS where there is IPv6 alone.
const METADATA_SIX: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Whether a host that is named in so many words may have that address: that of a single other machine, which is no cloud's
/// metadata service. It may be a private one: an index of one's own often has such.
pub fn is_reachable(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => {
            !(four.is_loopback()
                || four.octets()[0] == 0
                || four.is_link_local()
                || four.is_multicast()
                || four.octets()[0] >= 240
                || METADATA.contains(&four))
        }
        IpAddr::V6(six) => match embedded(six) {
            Some(four) => is_reachable(four.into()),
            None => {
                !(six.is_loopback()
                    || six.is_unspecified()
                    || six.is_multicast()
                    || six.is_unicast_link_local()
                    || six == METADATA_SIX)
            }
        },
    }
}

/// Whether an address is one of the public Internet (IANA, special-purpose address registries).
pub fn is_public(address: IpAddr) -> bool {
    if !is_reachable(address) {
        return false;
    }
    match address.to_canonical() {
        IpAddr::V4(four) => {
            let [first, second, third, _] = four.octets();
            let is_carriers = first == 100 && (64..128).contains(&second);
            let is_protocols = (first, second, third) == (192, 0, 0);
            let is_benchmarks = first == 198 && (second & 0xfe) == 18;
            !(four.is_private() || is_carriers || is_protocols || is_benchmarks)
        }
        IpAddr::V6(six) => match embedded(six) {
            Some(four) => is_public(four.into()),
            // Global unicast (RFC 4291), without Teredo (RFC 4380), which leads wherever it says.
            None => (six.segments()[0] & 0xe000) == 0x2000 && six.segments()[..2] != [0x2001, 0],
        },
    }
}

/// The address of IPv4 that packets to one of IPv6 end at: translated (RFC 6052), to 6to4 (RFC 3056), or compatible (RFC 4291).
fn embedded(six: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = six.segments();
    let four = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(four(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(four(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_addresses_are_whose() {
        // Public, reachable.
        let cases = [
            ("151.101.0.223", true, true),
            ("198.51.100.7", true, true),
            ("2a04:4e42::223", true, true),
            ("10.0.0.1", false, true),
            ("172.16.0.1", false, true),
            ("172.32.0.1", true, true),
            ("192.168.1.1", false, true),
            ("100.64.0.1", false, true),
            ("192.0.0.192", false, true),
            ("198.19.255.255", false, true),
            ("fd12:3456::1", false, true),
            ("fec0::1", false, true),
            ("64:ff9b::10.0.0.1", false, true),
            ("2002:a00:1::", false, true),
            ("::ffff:10.0.0.1", false, true),
            ("2001:0:4136:e378::1", false, true),
            ("127.0.0.1", false, false),
            ("127.255.255.254", false, false),
            ("::1", false, false),
            ("::", false, false),
            ("::127.0.0.1", false, false),
            ("::ffff:127.0.0.1", false, false),
            ("64:ff9b::7f00:1", false, false),
            ("2002:7f00:1::", false, false),
            ("0.0.0.0", false, false),
            ("0.1.2.3", false, false),
            ("169.254.169.254", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("64:ff9b::a9fe:a9fe", false, false),
            ("fe80::1", false, false),
            ("168.63.129.16", false, false),
            ("100.100.100.200", false, false),
            ("fd00:ec2::254", false, false),
            ("224.0.0.251", false, false),
            ("ff02::1", false, false),
            ("240.0.0.1", false, false),
            ("255.255.255.255", false, false),
        ];
        for (text, public, reachable) in cases {
            let address = text.parse().expect(text);
            let found = (is_public(address), is_reachable(address));
            assert_eq!(found, (public, reachable), "{text}");
        }
    }
}
