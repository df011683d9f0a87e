//! Which host a client means by what it says. Pure.
//!
//! Many hosts have one address: those of a content delivery network. What is called by the name of one of them could mean another,
//! and tell it whatever it likes. So the first bytes of a connection have to say the name that was asked for: in the greeting of TLS
//! (RFC 8446, 4.1.2, and RFC 6066, 3), in every request of HTTP (RFC 9112, 3.2).

use std::ops::RangeInclusive;

use super::hello::name as hello;
use super::line::{blank, meant};
use super::refusal::Refusal;

/// What may go on, of what a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of it.
    Fine,
    /// Nothing, until there is more of it.
    More,
    /// Nothing at all: it means that host, or does not say which.
    Other(Option<String>),
}

/// A connection to a host, as far as it has been heard.
#[derive(Debug)]
pub(super) struct Greeting {
    host: String,
    heard: Heard,
    /// How many bytes were heard, and wait to be sent.
    ahead: usize,
}

#[derive(Debug)]
enum Heard {
    Nothing,
    /// It is encrypted, and the name was right.
    Encrypted,
    /// Plain text; this is the beginning of a line.
    Plain(Vec<u8>),
}

/// A greeting of TLS in one record is not longer (RFC 8446, 5.1), nor is a line of HTTP that counts.
const LONGEST: usize = 16 << 10;
/// Types of records (IANA, TLS parameters): that which a greeting begins with, and those that a server may pass over before one.
const HANDSHAKE: u8 = 22;
const RECORDS: RangeInclusive<u8> = 20..=24;
/// A greeting of SSL 2 begins with such a byte (RFC 5246, E.2), and no text does.
const OLD: RangeInclusive<u8> = 0x80..=0xff;

impl Greeting {
    /// Nothing has been heard of a connection to that host.
    pub(super) fn to(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            heard: Heard::Nothing,
            ahead: 0,
        }
    }

    /// What becomes of all bytes that wait to be sent. It is asked again after some were [sent](Self::sent), or there are more.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Verdict {
        let new = bytes.get(self.ahead..).unwrap_or_default();
        let verdict = match (&mut self.heard, new.first()) {
            (Heard::Encrypted, _) | (_, None) => return Verdict::Fine,
            (Heard::Nothing, Some(&HANDSHAKE)) => self.encrypted(new),
            (Heard::Nothing, Some(first)) if RECORDS.contains(first) || OLD.contains(first) => {
                Verdict::Other(None)
            }
            (Heard::Nothing, Some(_)) => {
                let mut line = Vec::new();
                let verdict = plain(&self.host, &mut line, new);
                self.heard = Heard::Plain(line);
                verdict
            }
            (Heard::Plain(line), Some(_)) => plain(&self.host, line, new),
        };
        if verdict == Verdict::Fine {
            self.ahead = bytes.len();
        }
        verdict
    }

    /// What was refused: it was meant for another host.
    pub(super) fn refusal(&self, meant: Option<String>) -> Refusal {
        Refusal::Other {
            host: self.host.clone(),
            meant,
        }
    }

    /// So many of the bytes were sent.
    pub(super) fn sent(&mut self, count: usize) {
        self.ahead = self.ahead.saturating_sub(count);
    }

    fn encrypted(&mut self, bytes: &[u8]) -> Verdict {
        match server_name(bytes) {
            Named::More => Verdict::More,
            Named::Host(name) if name.eq_ignore_ascii_case(&self.host) => {
                self.heard = Heard::Encrypted;
                Verdict::Fine
            }
            Named::Host(name) => Verdict::Other(Some(name)),
            Named::Nobody => Verdict::Other(None),
        }
    }
}

/// Looks at lines that say which host is meant: `Host: NAME`, `GET http://NAME/`. They are short, but for blanks.
fn plain(host: &str, line: &mut Vec<u8>, bytes: &[u8]) -> Verdict {
    for byte in bytes {
        if !matches!(byte, b'\r' | b'\n') {
            let is_blank = |byte: &u8| blank(char::from(*byte));
            let is_more = !is_blank(byte) || line.last().is_some_and(|last| !is_blank(last));
            if is_more && line.len() < LONGEST {
                line.push(*byte);
            }
            continue;
        }
        let meant = meant(&String::from_utf8_lossy(line), line.len() == LONGEST);
        line.clear();
        if let Some(meant) = meant
            && !meant.eq_ignore_ascii_case(host)
        {
            return Verdict::Other(Some(meant).filter(|meant| !meant.is_empty()));
        }
    }
    Verdict::Fine
}

enum Named {
    More,
    Host(String),
    Nobody,
}

/// The name in a greeting of TLS.
fn server_name(bytes: &[u8]) -> Named {
    let Some(header) = bytes.get(..5) else {
        return Named::More;
    };
    let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
    if length > LONGEST {
        return Named::Nobody;
    }
    let Some(record) = bytes.get(5..5 + length) else {
        return Named::More;
    };
    hello(record).map_or(Named::Nobody, Named::Host)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::hello::{CLIENT_HELLO, HIDDEN_HELLO, SERVER_NAME};
    use super::*;

    fn with_length(bytes: usize, content: &[u8]) -> Vec<u8> {
        let length = content.len().to_be_bytes();
        [&length[length.len() - bytes..], content].concat()
    }

    fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
        [kind.to_be_bytes().to_vec(), with_length(2, content)].concat()
    }

    fn name(host: &str) -> Vec<u8> {
        let entry = [vec![0], with_length(2, host.as_bytes())].concat();
        extension(SERVER_NAME, &with_length(2, &entry))
    }

    /// A greeting with these extensions.
    fn greeting(extensions: &[Vec<u8>]) -> Vec<u8> {
        let parts = [
            vec![3, 3],
            vec![7; 32],
            with_length(1, &[1; 32]),
            with_length(2, &[0x13, 1]),
            with_length(1, &[0]),
            with_length(2, &extensions.concat()),
        ];
        let message = [vec![CLIENT_HELLO], with_length(3, &parts.concat())].concat();
        [vec![HANDSHAKE, 3, 1], with_length(2, &message)].concat()
    }

    fn heard(bytes: &[u8]) -> Verdict {
        Greeting::to("pypi.org").hear(bytes)
    }

    #[test]
    fn a_greeting_says_the_host_that_was_called() {
        let other = extension(43, &[2, 3, 4]);
        let fine = greeting(&[other.clone(), name("PyPI.org"), other.clone()]);
        assert_eq!(heard(&fine), Verdict::Fine);
        for length in 1..fine.len() {
            assert_eq!(heard(&fine[..length]), Verdict::More, "{length} bytes");
        }
        let evil = Verdict::Other(Some("evil.example".to_owned()));
        for (extensions, expected) in [
            (vec![name("evil.example")], evil),
            (vec![other], Verdict::Other(None)),
            (vec![], Verdict::Other(None)),
            (
                vec![name("pypi.org"), name("evil.example")],
                Verdict::Other(None),
            ),
            (
                vec![name("pypi.org"), extension(HIDDEN_HELLO, &[0])],
                Verdict::Other(None),
            ),
        ] {
            assert_eq!(heard(&greeting(&extensions)), expected);
        }
        let alert = [21, 3, 1, 0, 2, 1, 0];
        for before in [&alert[..], &[20], &[23], &[24], &[0x80, 46, CLIENT_HELLO]] {
            let late = [before, &greeting(&[name("evil.example")])].concat();
            assert_eq!(heard(&late), Verdict::Other(None), "{before:?}");
        }
        let mut open = Greeting::to("pypi.org");
        assert_eq!(open.hear(&fine), Verdict::Fine);
        open.sent(fine.len());
        assert_eq!(
            open.hear(b"Host: evil.example\n"),
            Verdict::Fine,
            "nobody can read that"
        );
    }

    #[test]
    fn every_request_says_the_host_that_was_called() {
        let evil = || Verdict::Other(Some("evil.example".to_owned()));
        let nobody = || Verdict::Other(None);
        let (long, blanks) = ("x".repeat(LONGEST), " ".repeat(LONGEST));
        for (text, expected) in [
            ("GET / HTTP/1.1\r\nHost: pypi.org\r\n\r\n", Verdict::Fine),
            ("GET / HTTP/1.1\nHOST:PyPI.org.:80\n\n", Verdict::Fine),
            (
                "GET http://pypi.org/x HTTP/1.1\r\nHost: pypi.org\r\n\r\n",
                Verdict::Fine,
            ),
            ("GET / HTTP/1.0\r\n\r\n", Verdict::Fine),
            ("SSH-2.0-x\r\n", Verdict::Fine),
            ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", evil()),
            ("GET / HTTP/1.1\r\nhost : evil.example:80\r\n\r\n", evil()),
            (
                "GET http://evil.example/ HTTP/1.1\r\nHost: pypi.org\r\n\r\n",
                evil(),
            ),
            ("GET http://pypi.org@evil.example/ HTTP/1.1\r\n", evil()),
            ("CONNECT evil.example:443 HTTP/1.1\r\n", evil()),
            (
                "GET / HTTP/1.1\r\nHost: pypi.org\r\n\r\nGET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                evil(),
            ),
            // What some server takes, though nobody should say it.
            ("GET / HTTP/1.1\rHost: evil.example\r", evil()),
            ("GET / HTTP/1.1\r\nHost\t:\x0bevil.example\r\n", evil()),
            ("GET / HTTP/1.1\r\nHost:\r\n evil.example\r\n", nobody()),
            ("m-search http://evil.example/ HTTP/1.1\r\n", evil()),
            ("GET_X http://evil.example/ HTTP/1.1\r\n", evil()),
            (" GET\thttp://evil.example/\x0bhttp/1.1 \r\n", evil()),
            ("GET http://evil.example/a b HTTP/1.1\r\n", evil()),
            ("GET http://evil.example/a\u{a0}b HTTP/1.1\r\n", evil()),
            ("GET http://evil.example/\r\n", evil()),
            ("connect evil.example:443\r\n", evil()),
            // HTTP/2 in the clear.
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", nobody()),
            (
                "GET / HTTP/1.1\r\nHost: pypi.org\r\nupgrade: x, H2C\r\n",
                nobody(),
            ),
            ("GET / HTTP/1.1\r\nUpgrade: websocket\r\n", Verdict::Fine),
            // Lines that are longer than we keep.
            (
                &format!("GET http://evil.example/{long} HTTP/1.1\r\n"),
                evil(),
            ),
            (
                &format!("GET{blanks}http://evil.example/ HTTP/1.1\r\n"),
                evil(),
            ),
            (&format!("Host:{blanks}evil.example\r\n"), evil()),
            (
                &format!("GET http://pypi.org:{long}@evil.example/ HTTP/1.1\r\n"),
                nobody(),
            ),
            (
                &format!("GET /{long}?of=http://evil.example/ HTTP/1.1\r\n"),
                Verdict::Fine,
            ),
            (
                "GET /?of=http://evil.example/ HTTP/1.1\r\nReferer: http://evil.example/\r\n",
                Verdict::Fine,
            ),
        ] {
            assert_eq!(heard(text.as_bytes()), expected, "{text:?}");
            // In any pieces; the end of the line that is wrong never goes on.
            let mut greeting = Greeting::to("pypi.org");
            let pieces = text.as_bytes().chunks(1).map(|piece| {
                let verdict = greeting.hear(piece);
                greeting.sent(piece.len());
                verdict
            });
            let worst = pieces.into_iter().find(|verdict| *verdict != Verdict::Fine);
            assert_eq!(
                worst.unwrap_or(Verdict::Fine),
                expected,
                "{text:?} in pieces"
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_heard_without_harm(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), is_hello in any::<bool>()) {
            if is_hello && bytes.len() > 9 {
                let length = u8::try_from(bytes.len() - 5).unwrap();
                bytes[..6].copy_from_slice(&[HANDSHAKE, 3, 1, 0, length, CLIENT_HELLO]);
                prop_assert_ne!(heard(&bytes), Verdict::More);
            }
            let _ = heard(&bytes);
        }
    }
}
