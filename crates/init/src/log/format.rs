//! The forms of a line.

use serde::Serialize;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As they are, but whole: those of several processes do not mix.
    Raw,
    /// With the name of the role before each.
    Prefix,
    /// One JSON object for each.
    Json,
}

impl Format {
    /// The form of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "raw" => Some(Self::Raw),
            "prefix" => Some(Self::Prefix),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The role.
    pub role: &'a str,
    /// `stdout` or `stderr`.
    pub stream: &'a str,
    /// When it was read, as RFC 3339 has it.
    pub time: &'a str,
}

#[derive(Serialize)]
struct Record<'a> {
    time: &'a str,
    role: &'a str,
    stream: &'a str,
    message: &'a str,
    /// The same line goes on in the next record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

/// A line in its form, with its end. Bytes that are not UTF-8 stay as they are, but in JSON, which cannot hold them.
pub fn line(format: Format, origin: Origin<'_>, bytes: &[u8], cut: bool) -> Vec<u8> {
    let end: &[u8] = if cut && format != Format::Raw {
        b"\\\n"
    } else {
        b"\n"
    };
    match format {
        Format::Raw => [bytes, end].concat(),
        Format::Prefix => [origin.role.as_bytes(), b" | ", bytes, end].concat(),
        Format::Json => {
            let record = Record {
                time: origin.time,
                role: origin.role,
                stream: origin.stream,
                message: &String::from_utf8_lossy(bytes),
                cut,
            };
            let mut text = serde_json::to_vec(&record).unwrap_or_default();
            text.push(b'\n');
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let origin = Origin {
            role: "web",
            stream: "stderr",
            time: "T",
        };
        for (format, cut, expected) in [
            (Format::Raw, false, "a\"b\n"),
            (Format::Raw, true, "a\"b\n"),
            (Format::Prefix, false, "web | a\"b\n"),
            (Format::Prefix, true, "web | a\"b\\\n"),
            (
                Format::Json,
                false,
                "{\"time\":\"T\",\"role\":\"web\",\"stream\":\"stderr\",\"message\":\"a\\\"b\"}\n",
            ),
            (
                Format::Json,
                true,
                "{\"time\":\"T\",\"role\":\"web\",\"stream\":\"stderr\",\"message\":\"a\\\"b\",\"cut\":true}\n",
            ),
        ] {
            assert_eq!(line(format, origin, b"a\"b", cut), expected.as_bytes());
        }
    }
}
