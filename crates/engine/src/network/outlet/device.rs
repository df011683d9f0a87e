//! The TUN device as `smoltcp` sees it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

use super::packet::LARGEST;

/// A device: packets that we read from it and hand on, packets that are written to it.
pub(super) struct Tun {
    file: File,
    /// Read, and not looked at yet.
    received: VecDeque<Vec<u8>>,
}

impl Tun {
    /// Takes a TUN device that does not block.
    pub(super) fn new(file: File) -> Self {
        let received = VecDeque::new();
        Self { file, received }
    }

    /// The device itself.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Hands a packet of the namespace to the stack.
    pub(super) fn push(&mut self, packet: Vec<u8>) {
        self.received.push_back(packet);
    }

    /// Sends a packet into the namespace. One that finds no room is lost, as packets are.
    pub(super) fn send(&self, packet: &[u8]) {
        let _ = (&self.file).write(packet);
    }
}

impl Device for Tun {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received, Sending<'_>)> {
        let packet = self.received.pop_front()?;
        Some((Received(packet), Sending(self)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        Some(Sending(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = LARGEST;
        capabilities
    }
}

/// A packet for the stack.
pub(super) struct Received(Vec<u8>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        look(&self.0)
    }
}

/// The right to send one packet.
pub(super) struct Sending<'a>(&'a Tun);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let mut packet = vec![0; length];
        let result = fill(&mut packet);
        self.0.send(&packet);
        result
    }
}
