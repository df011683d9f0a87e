//! Where packets may go, and who answers questions about names.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

/// The way out.
pub(super) const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 1);
/// The namespace.
pub(super) const INSIDE: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 2);
/// The name server.
pub(super) const NAMES: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 3);
/// How many bits the addresses above have in common.
pub(super) const PREFIX: u8 = 29;
/// domain (IANA, service names and port numbers).
pub(super) const DOMAIN: u16 = 53;

/// The text of a container's `/etc/resolv.conf` (resolv.conf(5)): our name server, with the search list and the options
/// of this machine's.
pub fn resolver(of_machine: &str) -> String {
    let kept = of_machine
        .lines()
        .filter(|line| matches!(word(line), "search" | "domain" | "options"));
    let mut text = format!("nameserver {NAMES}\n");
    for line in kept {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The name server of a `/etc/resolv.conf`: its first.
fn server(of_machine: &str) -> Option<IpAddr> {
    of_machine
        .lines()
        .filter(|line| word(line) == "nameserver")
        .find_map(|line| line.split_whitespace().nth(1)?.parse().ok())
}

fn word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// Where a packet goes that is sent to an address inside; `None`: nowhere. Loopback of this machine is out of bounds, as
/// is what no single machine has. `of_machine` gives the machine's `/etc/resolv.conf`.
pub(super) fn destination(
    to: SocketAddrV4,
    of_machine: impl FnOnce() -> String,
) -> Option<SocketAddr> {
    let address = *to.ip();
    if address == NAMES && to.port() == DOMAIN {
        // The machine's name server may well be on its loopback: systemd-resolved's is.
        return server(&of_machine()).map(|server| SocketAddr::new(server, DOMAIN));
    }
    let shift = 32 - u32::from(PREFIX);
    let ours = u32::from(address) >> shift == u32::from(GATEWAY) >> shift;
    let nobodys = address.is_loopback()
        || address.octets()[0] == 0
        || address.is_multicast()
        || address.is_broadcast();
    (!ours && !nobodys && to.port() != 0).then_some(SocketAddr::V4(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: &str = "# made by hand\nnameserver ::1\nnameserver 10.1.1.1\nsearch example.com\noptions ndots:2\n";

    #[test]
    fn the_search_list_stays_and_the_server_is_ours() {
        assert_eq!(
            resolver(MACHINE),
            "nameserver 192.0.0.3\nsearch example.com\noptions ndots:2\n"
        );
        assert_eq!(resolver(""), "nameserver 192.0.0.3\n");
    }

    #[test]
    fn where_packets_go() {
        let cases = [
            ("192.0.0.3:53", Some("[::1]:53")),
            ("192.0.0.3:80", None),
            ("192.0.0.1:80", None),
            ("192.0.0.8:80", Some("192.0.0.8:80")),
            ("198.51.100.7:443", Some("198.51.100.7:443")),
            ("127.0.0.1:5432", None),
            ("0.0.0.0:1", None),
            ("0.1.2.3:1", None),
            ("224.0.0.251:5353", None),
            ("255.255.255.255:67", None),
            ("198.51.100.7:0", None),
        ];
        for (to, expected) in cases {
            let found = destination(to.parse().unwrap(), || MACHINE.to_owned());
            assert_eq!(found, expected.map(|text| text.parse().unwrap()), "{to}");
        }
        let nobody = destination("192.0.0.3:53".parse().unwrap(), String::new);
        assert_eq!(nobody, None, "a machine without a name server");
    }
}
