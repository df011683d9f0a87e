//! The lock as text.

use std::fmt::{self, Write as _};

use serde::Deserialize;

use super::{Base, Lock, Pin};
use crate::digest::Digest;
use crate::failure::{Failure, Fault};

/// The form of the file that is written and understood.
const VERSION: u32 = 1;

/// The text is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockFileError {
    /// It is not TOML, or has other fields.
    #[error("line {line}: {message}")]
    Malformed {
        /// Where, counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A newer Boatyard wrote it.
    #[error("it has version {found}, and this Boatyard knows version {VERSION}")]
    Version {
        /// What it says.
        found: u32,
    },
    /// A base has neither a digest nor package indexes, or both.
    #[error(
        "{reference}: either \"digest\", or \"indexes\" and \"date\" say what a base stands for"
    )]
    Pin {
        /// Of which base.
        reference: String,
    },
}

impl Failure for LockFileError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("write it anew with --update-lock".to_owned())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    base: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    reference: String,
    platform: String,
    digest: Option<Digest>,
    indexes: Option<Digest>,
    date: Option<String>,
}

impl Lock {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, LockFileError> {
        let file: File = toml::from_str(text).map_err(|error| LockFileError::Malformed {
            line: error.span().map_or(1, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            }),
            message: error.message().to_owned(),
        })?;
        if file.version != VERSION {
            return Err(LockFileError::Version {
                found: file.version,
            });
        }
        let mut lock = Self::default();
        for entry in file.base {
            let pin = match (entry.digest, entry.indexes, entry.date) {
                (Some(digest), None, None) => Pin::Image(digest),
                (None, Some(indexes), Some(date)) => Pin::Packages { indexes, date },
                _ => {
                    let reference = entry.reference;
                    return Err(LockFileError::Pin { reference });
                }
            };
            lock.insert(Base {
                reference: entry.reference,
                platform: entry.platform,
                pin,
            });
        }
        Ok(lock)
    }
}

/// The file's text.
impl fmt::Display for Lock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "# What the names of bases stand for. Written by \"boatyard build --lock\"; keep it with the sources.\n",
        )?;
        writeln!(out, "version = {VERSION}")?;
        for ((reference, platform), pin) in &self.bases {
            out.write_str("\n[[base]]\n")?;
            field(out, "reference", reference)?;
            field(out, "platform", platform)?;
            match pin {
                Pin::Image(digest) => field(out, "digest", &digest.to_string())?,
                Pin::Packages { indexes, date } => {
                    field(out, "indexes", &indexes.to_string())?;
                    field(out, "date", date)?;
                }
            }
        }
        Ok(())
    }
}

fn field(out: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    write!(out, "{name} = \"")?;
    for letter in value.chars() {
        match letter {
            '"' | '\\' => write!(out, "\\{letter}")?,
            _ if letter.is_control() => write!(out, "\\u{:04X}", u32::from(letter))?,
            _ => out.write_char(letter)?,
        }
    }
    out.write_str("\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut lock = Lock::default();
        let indexes = Digest::of(b"indexes");
        let date = "2026-11-20T08:14:03Z".to_owned();
        for (reference, pin) in [
            ("python:3.12", Pin::Image(Digest::of(b"image"))),
            ("debian:bookworm", Pin::Packages { indexes, date }),
            ("odd\"\\\u{7}", Pin::Image(Digest::of(b"odd"))),
        ] {
            let (reference, platform) = (reference.to_owned(), "linux/amd64".to_owned());
            lock.insert(Base {
                reference,
                platform,
                pin,
            });
        }
        let text = lock.to_string();
        assert_eq!(Lock::parse(&text).expect("our own text"), lock, "{text}");
        assert!(text.find("debian") < text.find("python"), "{text}");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        let digest = Digest::of(b"x");
        for (text, said) in [
            ("version = 2\n".to_owned(), "version 2"),
            ("version = 1\n[[base]]\nname = 1\n".to_owned(), "line 3"),
            ("hello".to_owned(), "line 1"),
            (
                "version = 1\n[[base]]\nreference = \"a\"\nplatform = \"b\"\n".to_owned(),
                "a: either",
            ),
            (
                format!(
                    "version = 1\n[[base]]\nreference = \"a\"\nplatform = \"b\"\ndigest = \"{digest}\"\ndate = \"x\"\n"
                ),
                "a: either",
            ),
        ] {
            let error = Lock::parse(&text).expect_err(&text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
