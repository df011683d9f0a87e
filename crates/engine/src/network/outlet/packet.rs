//! Packets that come out of a namespace, and datagrams that go back. Pure.

use std::net::SocketAddrV4;

use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{IpProtocol, Ipv4Packet, Ipv4Repr, TcpPacket, UdpPacket, UdpRepr};

/// Who talks to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flow {
    /// The end inside.
    pub(super) source: SocketAddrV4,
    /// The other one, as it is called inside.
    pub(super) destination: SocketAddrV4,
}

/// What a packet is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// The first of a TCP connection: SYN without ACK.
    Opening(Flow),
    /// Any other of TCP.
    Segment,
    /// A whole datagram of UDP, and what it says.
    Datagram(Flow, &'a [u8]),
    /// Another protocol, a piece of a packet, or rubbish.
    Other,
}

/// The largest packet: that of IPv4, so that no datagram comes in pieces.
pub(super) const LARGEST: usize = 65_535;
/// How long a header of IPv4 without options is, and one of UDP.
const HEADERS: usize = 20 + 8;
/// How many routers a packet may pass.
const HOPS: u8 = 64;

/// What a packet is.
pub(super) fn read(bytes: &[u8]) -> Packet<'_> {
    whole(bytes).unwrap_or(Packet::Other)
}

fn whole(bytes: &[u8]) -> Option<Packet<'_>> {
    let packet = Ipv4Packet::new_checked(bytes).ok()?;
    if packet.version() != 4 || packet.more_frags() || packet.frag_offset() != 0 {
        return None;
    }
    let (from, to) = (packet.src_addr(), packet.dst_addr());
    let flow = |source, destination| Flow {
        source: SocketAddrV4::new(from, source),
        destination: SocketAddrV4::new(to, destination),
    };
    match packet.next_header() {
        IpProtocol::Tcp => {
            let segment = TcpPacket::new_checked(packet.payload()).ok()?;
            let opens = segment.syn() && !segment.ack() && !segment.rst();
            Some(if opens {
                Packet::Opening(flow(segment.src_port(), segment.dst_port()))
            } else {
                Packet::Segment
            })
        }
        IpProtocol::Udp => {
            let datagram = UdpPacket::new_checked(packet.payload()).ok()?;
            let flow = flow(datagram.src_port(), datagram.dst_port());
            // The borrow is that of the bytes, not of the wrapper around them.
            let start = usize::from(packet.header_len()) + 8;
            let end = usize::from(packet.header_len()) + usize::from(datagram.len());
            Some(Packet::Datagram(flow, bytes.get(start..end)?))
        }
        _ => None,
    }
}

/// The packet that brings an answer to the end inside. `None` if it is larger than a packet can be.
pub(super) fn answer(flow: Flow, payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() > LARGEST - HEADERS {
        return None;
    }
    let checksums = ChecksumCapabilities::default();
    let (from, to) = (*flow.destination.ip(), *flow.source.ip());
    let header = Ipv4Repr {
        src_addr: from,
        dst_addr: to,
        next_header: IpProtocol::Udp,
        payload_len: 8 + payload.len(),
        hop_limit: HOPS,
    };
    let datagram = UdpRepr {
        src_port: flow.destination.port(),
        dst_port: flow.source.port(),
    };
    let mut bytes = vec![0; HEADERS + payload.len()];
    let mut packet = Ipv4Packet::new_unchecked(&mut bytes);
    header.emit(&mut packet, &checksums);
    datagram.emit(
        &mut UdpPacket::new_unchecked(packet.payload_mut()),
        &from.into(),
        &to.into(),
        payload.len(),
        |room| room.copy_from_slice(payload),
        &checksums,
    );
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOW: &str = "192.0.0.2:5000 198.51.100.7:53";

    fn flow(text: &str) -> Flow {
        let (source, destination) = text.split_once(' ').unwrap();
        Flow {
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
        }
    }

    /// The same ends, the other way round.
    fn back(flow: Flow) -> Flow {
        Flow {
            source: flow.destination,
            destination: flow.source,
        }
    }

    #[test]
    fn an_answer_is_a_datagram_the_other_way() {
        for size in [0, 1, 1473, LARGEST - HEADERS] {
            let payload: Vec<u8> = (0..size).map(|at| at.to_le_bytes()[0]).collect();
            let packet = answer(flow(FLOW), &payload).unwrap();
            assert_eq!(packet.len(), HEADERS + size);
            let expected = Packet::Datagram(back(flow(FLOW)), &payload);
            assert!(read(&packet) == expected, "{size} bytes");
        }
        assert_eq!(answer(flow(FLOW), &vec![0; LARGEST - HEADERS + 1]), None);
    }

    #[test]
    fn pieces_and_rubbish_are_neither() {
        let whole = answer(flow(FLOW), b"a question").unwrap();
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), Packet::Other, "{length} bytes");
        }
        let mut first = whole.clone();
        first[6] |= 0x20;
        assert_eq!(read(&first), Packet::Other, "more pieces follow");
        let mut second = whole.clone();
        second[7] = 1;
        assert_eq!(read(&second), Packet::Other, "not the first piece");
        let mut six = whole;
        six[0] = 0x65;
        assert_eq!(read(&six), Packet::Other, "another version");
    }

    #[test]
    fn only_a_syn_alone_opens() {
        let mut packet = vec![0; 40];
        packet[0] = 0x45;
        packet[3] = 40;
        packet[9] = 6;
        packet[12..20].copy_from_slice(&[192, 0, 0, 2, 198, 51, 100, 7]);
        packet[20..24].copy_from_slice(&[0x13, 0x88, 0, 53]);
        packet[32] = 0x50;
        for (flags, expected) in [
            (0x02, Packet::Opening(flow(FLOW))),
            (0x12, Packet::Segment),
            (0x10, Packet::Segment),
            (0x06, Packet::Segment),
        ] {
            packet[33] = flags;
            assert_eq!(read(&packet), expected, "{flags:#x}");
        }
    }
}
