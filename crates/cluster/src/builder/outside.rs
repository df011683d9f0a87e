//! Where pods may be let out to: anywhere but where clouds tell a machine who it is. Pure.

use serde_json::{Value, json};

/// Where clouds tell whoever asks what the node may do: links, where most have it, Azure's and Alibaba's.
const METADATA: [&str; 3] = ["169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32"];
/// The same of IPv6: links, and AWS's.
const METADATA_SIX: [&str; 2] = ["fe80::/10", "fd00:ec2::254/128"];

/// What egress may lead `to`. Pods are named beside the addresses: not every network takes theirs for any.
pub(crate) fn outside() -> Value {
    json!([
        {"namespaceSelector": {}},
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": METADATA}},
        {"ipBlock": {"cidr": "::/0", "except": METADATA_SIX}},
    ])
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn bits(address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(four) => u128::from(four.to_bits()) << 96,
            IpAddr::V6(six) => six.to_bits(),
        }
    }

    fn is_in(address: IpAddr, range: &Value) -> bool {
        let (first, length) = range.as_str().unwrap().split_once('/').unwrap();
        let (first, length): (IpAddr, u32) = (first.parse().unwrap(), length.parse().unwrap());
        let same = (bits(first) ^ bits(address)).leading_zeros();
        first.is_ipv4() == address.is_ipv4() && same >= length
    }

    #[test]
    fn nobody_is_told_what_the_node_may_do() {
        let peers = outside();
        for (text, expected) in [
            ("151.101.0.223", true),
            ("10.0.0.1", true),
            ("2a04:4e42::223", true),
            ("fd12:3456::1", true),
            ("169.254.169.254", false),
            ("169.254.170.2", false),
            ("168.63.129.16", false),
            ("100.100.100.200", false),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
        ] {
            let address: IpAddr = text.parse().unwrap();
            let is_let_out = peers.as_array().unwrap().iter().any(|peer| {
                let block = &peer["ipBlock"];
                let excepted = block["except"].as_array();
                !block.is_null()
                    && is_in(address, &block["cidr"])
                    && !excepted.unwrap().iter().any(|range| is_in(address, range))
            });
            assert_eq!(is_let_out, expected, "{text}");
        }
    }
}
