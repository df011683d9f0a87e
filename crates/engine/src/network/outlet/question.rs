//! Questions about names, and answers to them (RFC 1035, 4). Pure.

use std::net::Ipv4Addr;

/// A question about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// The name in lower case, without a dot at its end.
    pub(super) name: String,
    /// Whether it asks for an address of IPv4.
    pub(super) is_for_address: bool,
    end: usize,
}

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has that address.
    Address(Ipv4Addr),
    /// It is there, and has nothing of what is asked for.
    Nothing,
    /// There is no such name.
    Nobody,
}

/// How long the header is.
const HEADER: usize = 12;
/// A pointer to the name in the question (4.1.4).
const NAME: [u8; 2] = [0xc0, 0x0c];
/// A and IN (3.2.2, 3.2.4).
const ADDRESS: [u8; 4] = [0, 1, 0, 1];
/// How long an answer may be kept, seconds.
const LIFE: [u8; 4] = [0, 0, 0, 60];

/// The question in a message; `None` if it is no plain question about one name of letters, digits and the like.
pub(super) fn read(message: &[u8]) -> Option<Question> {
    let header = message.get(..HEADER)?;
    let is_query = header[2] & 0xf8 == 0;
    if !is_query || header[4..6] != [0, 1] {
        return None;
    }
    let mut name = String::new();
    let mut at = HEADER;
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        // What is longer is a pointer, which has no place in a question.
        let label = message.get(at..at + length).filter(|_| length < 64)?;
        let is_plain = label
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        if !is_plain {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.extend(label.iter().map(|byte| byte.to_ascii_lowercase() as char));
        at += length;
    }
    let kind = message.get(at..at + 4)?;
    (!name.is_empty() && name.len() <= 253).then(|| Question {
        name,
        is_for_address: kind == ADDRESS,
        end: at + 4,
    })
}

/// The answer to the question in `message`.
pub(super) fn answer(message: &[u8], question: &Question, answer: Answer) -> Vec<u8> {
    let mut bytes = message[..question.end].to_vec();
    // A response, and recursion is to be had; whether it was asked for stays.
    bytes[2] = 0x80 | (message[2] & 0x01);
    let code = if answer == Answer::Nobody { 3 } else { 0 };
    bytes[3] = 0x80 | code;
    bytes[6..HEADER].fill(0);
    if let Answer::Address(address) = answer {
        bytes[7] = 1;
        bytes.extend(NAME);
        bytes.extend(ADDRESS);
        bytes.extend(LIFE);
        bytes.extend([0, 4]);
        bytes.extend(address.octets());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(name: &str, kind: u16) -> Vec<u8> {
        let mut bytes = vec![0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            bytes.push(u8::try_from(label.len()).unwrap());
            bytes.extend(label.as_bytes());
        }
        bytes.push(0);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1]);
        bytes
    }

    #[test]
    fn a_question_and_its_answers() {
        let message = asked("PyPI.org", 1);
        let question = read(&message).unwrap();
        assert_eq!(
            (question.name.as_str(), question.is_for_address),
            ("pypi.org", true)
        );
        assert!(!read(&asked("pypi.org", 28)).unwrap().is_for_address);

        let found = answer(
            &message,
            &question,
            Answer::Address(Ipv4Addr::new(198, 18, 0, 1)),
        );
        assert_eq!(
            found[..12],
            [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
        );
        assert_eq!(found[12..message.len()], message[12..]);
        let record = [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 18, 0, 1];
        assert_eq!(found[message.len()..], record);
        let nobody = answer(&message, &question, Answer::Nobody);
        assert_eq!((nobody[3], nobody.len()), (0x83, message.len()));
        let nothing = answer(&message, &question, Answer::Nothing);
        assert_eq!((nothing[3], nothing[7]), (0x80, 0));
    }

    #[test]
    fn what_is_no_question() {
        let message = asked("pypi.org", 1);
        for length in 0..message.len() {
            assert_eq!(read(&message[..length]), None, "{length} bytes");
        }
        for (at, byte) in [
            (2, 0x81),
            (2, 0x28),
            (5, 0),
            (5, 2),
            (12, 0xc0),
            (14, b'\n'),
            (14, 0xfc),
        ] {
            let mut odd = message.clone();
            odd[at] = byte;
            assert_eq!(read(&odd), None, "{byte:#x} at {at}");
        }
        assert_eq!(
            read(&asked(&["abcdefg"; 33].join("."), 1)),
            None,
            "too long"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(message in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(question) = read(&message) {
                let bytes = answer(&message, &question, Answer::Address(Ipv4Addr::LOCALHOST));
                prop_assert_eq!(&bytes[..2], &message[..2]);
                prop_assert!(question.name.is_ascii() && !question.name.contains(char::is_whitespace));
            }
        }
    }
}
