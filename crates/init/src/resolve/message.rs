//! Questions and answers of the domain name system (RFC 1035, RFC 3596).
//!
//! ```text
//! | id | flags | 1 question | answers | 0 | 0 |  name, kind, class IN  |  name, kind, class, seconds, length, data | ...
//! ```

use std::net::IpAddr;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Addresses of version 4.
    A = 1,
    /// Addresses of version 6.
    Aaaa = 28,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The addresses of the name: none if it has none of this kind, or is not there.
    Addresses(Vec<IpAddr>),
    /// There is more than fits: to be asked again by TCP.
    Truncated,
    /// The server cannot or will not tell.
    Refused,
    /// It is no answer to the question.
    Stray,
}

const HEADER_BYTES: usize = 12;
const CLASS_IN: u16 = 1;
/// "Answer the whole question, also by asking others."
const RECURSION_DESIRED: u8 = 1;

/// The bytes of a question; none if the name cannot be one: labels have 1 to 63 bytes, all together at most 253.
pub fn question(id: u16, name: &str, kind: Kind) -> Option<Vec<u8>> {
    if name.len() > 253 {
        return None;
    }
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend([RECURSION_DESIRED, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok()?;
        if !(1..=63).contains(&length) {
            return None;
        }
        bytes.push(length);
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes.extend((kind as u16).to_be_bytes());
    bytes.extend(CLASS_IN.to_be_bytes());
    Some(bytes)
}

/// What a server sent to a question that [`question`] made. Whatever it is, nothing is read beyond it.
pub fn reply(bytes: &[u8], asked: &[u8], kind: Kind) -> Reply {
    understand(bytes, asked, kind).unwrap_or(Reply::Stray)
}

fn understand(bytes: &[u8], asked: &[u8], kind: Kind) -> Option<Reply> {
    let &[high, low] = bytes.get(2..4)? else {
        return None;
    };
    let is_answer = high & 0xf8 == 0x80;
    let echoes = bytes.get(..2)? == asked.get(..2)? && bytes.get(4..6)? == asked.get(4..6)?;
    let question = asked.get(HEADER_BYTES..)?;
    let repeated = bytes.get(HEADER_BYTES..asked.len())?;
    if !is_answer || !echoes || !repeated.eq_ignore_ascii_case(question) {
        return None;
    }
    match low & 0x0f {
        0 if high & 0x02 != 0 => return Some(Reply::Truncated),
        0 => {}
        // There is no such name.
        3 => return Some(Reply::Addresses(Vec::new())),
        _ => return Some(Reply::Refused),
    }
    let mut found = Vec::new();
    let mut at = asked.len();
    for _ in 0..number(bytes, 6)? {
        at = after_name(bytes, at)?;
        let (record, class) = (number(bytes, at)?, number(bytes, at + 2)?);
        let data = at + 10;
        let end = data + usize::from(number(bytes, at + 8)?);
        let data = bytes.get(data..end)?;
        // Names in between are followed by the server; whoever owns a record, it is an address of what was asked for.
        if record == kind as u16 && class == CLASS_IN {
            found.push(match kind {
                Kind::A => <[u8; 4]>::try_from(data).ok()?.into(),
                Kind::Aaaa => <[u8; 16]>::try_from(data).ok()?.into(),
            });
        }
        at = end;
    }
    Some(Reply::Addresses(found))
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_be_bytes(pair))
}

/// Where a name ends: at the empty label, or at a pointer to the rest.
fn after_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + usize::from(length),
            192.. => return Some(at + 2),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Reply, question, reply};

    fn asked() -> Vec<u8> {
        question(7, "db.shop", Kind::A).unwrap()
    }

    /// An answer to [`asked`] with these flags, and records of a kind with data, all owned by a pointer to the question.
    fn answer(flags: [u8; 2], records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = asked();
        bytes[2..4].copy_from_slice(&flags);
        bytes[7] = u8::try_from(records.len()).unwrap();
        for (kind, data) in records {
            bytes.extend([0xc0, 12]);
            bytes.extend(kind.to_be_bytes());
            bytes.extend([0, 1, 0, 0, 0, 60]);
            bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            bytes.extend(*data);
        }
        bytes
    }

    #[test]
    fn a_question_is_as_the_standard_has_it() {
        let expected = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x02db\x04shop\0\0\x01\0\x01";
        assert_eq!(asked(), expected);
        let long = "a".repeat(64);
        for impossible in ["", "a..b", ".", &long, &"abc.".repeat(64)] {
            assert_eq!(question(7, impossible, Kind::A), None, "{impossible:?}");
        }
    }

    #[test]
    fn replies() {
        let read = |bytes: &[u8]| reply(bytes, &asked(), Kind::A);
        let addresses =
            |all: &[[u8; 4]]| Reply::Addresses(all.iter().map(|&one| one.into()).collect());
        let alias = &b"\x01x\xc0\x0c"[..];
        let two = answer(
            [0x81, 0x80],
            &[
                (5, alias),
                (1, &[10, 0, 0, 1]),
                (1, &[10, 0, 0, 2]),
                (28, &[0; 16]),
            ],
        );
        let mut capitals = answer([0x81, 0x80], &[(1, &[10, 0, 0, 1])]);
        capitals[13] = b'D';
        let mut other = answer([0x81, 0x80], &[]);
        other[1] = 8;
        for (name, bytes, expected) in [
            (
                "behind an alias",
                two.clone(),
                addresses(&[[10, 0, 0, 1], [10, 0, 0, 2]]),
            ),
            ("in capitals", capitals, addresses(&[[10, 0, 0, 1]])),
            (
                "none of this kind",
                answer([0x81, 0x80], &[(28, &[0; 16])]),
                addresses(&[]),
            ),
            ("no such name", answer([0x81, 0x83], &[]), addresses(&[])),
            ("server failure", answer([0x81, 0x82], &[]), Reply::Refused),
            ("truncated", answer([0x83, 0x80], &[]), Reply::Truncated),
            ("our own question", asked(), Reply::Stray),
            ("another question", other, Reply::Stray),
            (
                "an address of three bytes",
                answer([0x81, 0x80], &[(1, &[1, 2, 3])]),
                Reply::Stray,
            ),
            ("nothing", Vec::new(), Reply::Stray),
        ] {
            assert_eq!(read(&bytes), expected, "{name}");
        }
        for end in 0..two.len() {
            assert_eq!(read(&two[..end]), Reply::Stray, "cut after {end} bytes");
        }
    }
}
