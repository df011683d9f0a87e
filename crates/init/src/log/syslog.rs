//! What programs send to `/dev/log`: RFC 5424, the form of syslog(3) (RFC 3164 without a host), or any text.
//!
//! ```text
//! <11>Nov 28 14:00:00 backup[42]: disk is full       err, backup, disk is full
//! <14>1 2026-11-28T14:00:00Z host app 42 - - hello   info, app, hello
//! <13>hello                                          notice, no program, hello
//! ```

use serde::Serialize;

use super::{Format, Origin};

/// The words of syslog.conf(5), from the gravest on.
const LEVELS: [&str; 8] = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
];

/// What a message without a priority has (RFC 3164, 4.3.3).
const USUAL: usize = 5;

/// A message, understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// How grave it is, in one word.
    pub level: &'static str,
    /// Who sends it; empty if that is not said.
    pub program: &'a [u8],
    /// What it says; may hold ends of lines, but none at its end.
    pub text: &'a [u8],
}

/// Understands a datagram: bytes that may be anything. `host` is the name of this machine, which `logger --rfc3164` puts before
/// the tag; other words are not taken for a host, or texts would lose them.
pub fn message<'a>(datagram: &'a [u8], host: &[u8]) -> Message<'a> {
    let end = datagram
        .iter()
        .rposition(|byte| !matches!(byte, 0 | b'\n' | b'\r'))
        .map_or(0, |last| last + 1);
    let bytes = datagram.get(..end).unwrap_or_default();
    let (severity, rest) = priority(bytes).unwrap_or((USUAL, bytes));
    let (program, text) = rfc5424(rest)
        .or_else(|| rfc3164(rest, host))
        .unwrap_or((b"", rest));
    Message {
        level: LEVELS.get(severity).copied().unwrap_or("notice"),
        program,
        text,
    }
}

/// `<PRI>`: the severity, and what follows.
fn priority(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let inner = bytes.strip_prefix(b"<")?;
    let end = inner.iter().take(4).position(|&byte| byte == b'>')?;
    let digits = inner.get(..end).filter(|digits| !digits.is_empty())?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: usize = str::from_utf8(digits).ok()?.parse().ok()?;
    (number < 24 * LEVELS.len()).then_some((number % LEVELS.len(), inner.get(end + 1..)?))
}

/// Version, time, host, program, process, message id, structured data, text.
fn rfc5424(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes.strip_prefix(b"1 ")?;
    let mut program: &[u8] = b"";
    for field in 0..5 {
        let (word, after) = split(rest)?;
        if field == 2 && word != b"-" {
            program = word;
        }
        rest = after;
    }
    let text = if let Some(after) = rest.strip_prefix(b"-") {
        after
    } else {
        rest.get(structured(rest)?..)?
    };
    let text = text.strip_prefix(b" ").unwrap_or(text);
    Some((program, text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)))
}

/// Where `[ID NAME="VALUE"...]...` ends; in a value `\` takes the next byte as it is.
fn structured(bytes: &[u8]) -> Option<usize> {
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if inside => quoted = !quoted,
            _ if quoted => {}
            b'[' if !inside => inside = true,
            b']' if inside => inside = false,
            b' ' if !inside => return (at > 0).then_some(at),
            _ if inside => {}
            _ => return None,
        }
    }
    (!inside && !bytes.is_empty()).then_some(bytes.len())
}

/// Time and tag; this host between them is left out.
fn rfc3164<'a>(bytes: &'a [u8], host: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = bytes.get(STAMP.len()..).filter(|_| {
        bytes
            .iter()
            .zip(STAMP)
            .all(|(&byte, &kind)| fits(byte, kind))
    })?;
    let (first, after) = split(rest).unwrap_or((rest, b""));
    if let Some(program) = tag(first) {
        return Some((program, after));
    }
    let second = split(after).filter(|_| first == host);
    let found = second.and_then(|(word, text)| Some((tag(word)?, text)));
    Some(found.unwrap_or((b"", rest)))
}

/// `Nov  8 14:00:00 `: a letter, a digit, a digit or a space, or the byte itself.
const STAMP: &[u8] = b"aaa 90 90:90:90 ";

fn fits(byte: u8, kind: u8) -> bool {
    match kind {
        b'a' => byte.is_ascii_alphabetic(),
        b'0' => byte.is_ascii_digit(),
        b'9' => byte.is_ascii_digit() || byte == b' ',
        itself => byte == itself,
    }
}

/// `PROGRAM:` or `PROGRAM[PID]:`.
fn tag(word: &[u8]) -> Option<&[u8]> {
    let name = word.strip_suffix(b":")?;
    let name = match name.strip_suffix(b"]") {
        Some(open) => open.get(..open.iter().rposition(|&byte| byte == b'[')?)?,
        None => name,
    };
    (!name.is_empty()).then_some(name)
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|&byte| byte == b' ')?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[derive(Serialize)]
struct Record<'a> {
    time: &'a str,
    role: &'a str,
    stream: &'a str,
    level: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    program: &'a str,
    message: &'a str,
}

/// A message in the form of the log, with its end: one record in JSON, else a line for each of its lines.
pub fn lines(format: Format, origin: Origin<'_>, message: &Message<'_>) -> Vec<u8> {
    if format == Format::Json {
        let record = Record {
            time: origin.time,
            role: origin.role,
            stream: origin.stream,
            level: message.level,
            program: &String::from_utf8_lossy(message.program),
            message: &String::from_utf8_lossy(message.text),
        };
        let mut text = serde_json::to_vec(&record).unwrap_or_default();
        text.push(b'\n');
        return text;
    }
    let mut head = match format {
        Format::Prefix => format!("{} | {}: ", origin.role, message.level),
        _ => format!("{}: ", message.level),
    }
    .into_bytes();
    if !message.program.is_empty() {
        head.extend_from_slice(message.program);
        head.extend_from_slice(b": ");
    }
    message
        .text
        .split(|&byte| byte == b'\n')
        .flat_map(|line| [&head[..], line, b"\n"])
        .collect::<Vec<_>>()
        .concat()
}
