//! The greeting of TLS: which server it names (RFC 8446, 4.1.2; RFC 6066, 3). Pure.

/// Types of messages, and numbers of extensions (IANA, TLS parameters).
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_NAME: u16 = 0;
pub(super) const HIDDEN_HELLO: u16 = 0xfe0d;

/// The name in a `ClientHello` that is all in one record; `None` if it says none, or hides another one (ECH).
pub(super) fn name(record: &[u8]) -> Option<String> {
    let mut rest = Bytes(record);
    let is_hello = rest.number(1)? == usize::from(CLIENT_HELLO);
    let mut message = Bytes(rest.with_length(3)?);
    if !is_hello {
        return None;
    }
    // Version and random.
    message.take(2 + 32)?;
    message.with_length(1)?;
    message.with_length(2)?;
    message.with_length(1)?;
    let mut extensions = Bytes(message.with_length(2)?);
    let mut found = None;
    while !extensions.0.is_empty() {
        let kind = u16::try_from(extensions.number(2)?).ok()?;
        let mut content = Bytes(extensions.with_length(2)?);
        match kind {
            HIDDEN_HELLO => return None,
            SERVER_NAME => {
                let mut names = Bytes(content.with_length(2)?);
                let is_host = names.number(1)? == 0;
                let name = names.with_length(2)?;
                // One name, once.
                if !is_host || !names.0.is_empty() || found.is_some() {
                    return None;
                }
                found = Some(std::str::from_utf8(name).ok()?.to_owned());
            }
            _ => {}
        }
    }
    found
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        let taken = self.take(bytes)?;
        Some(
            taken
                .iter()
                .fold(0, |number, byte| (number << 8) | usize::from(*byte)),
        )
    }

    /// What follows a number that says how long it is.
    fn with_length(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let length = self.number(bytes)?;
        self.take(length)
    }
}
