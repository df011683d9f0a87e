//! `InRelease`: what a suite contains, signed by the archive.
//!
//! ```text
//! -----BEGIN PGP SIGNED MESSAGE-----
//! Codename: bookworm
//! Date: Sat, 11 Jul 2026 10:16:37 UTC
//! Valid-Until: ...                                     (not every suite)
//! SHA256:
//!  <digest> <size in bytes> main/binary-amd64/Packages.xz
//! ```

use std::io::Cursor;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pgp::composed::{CleartextSignedMessage, Deserializable, SignedPublicKey};
use pgp::types::KeyDetails;

use super::control;

/// The keys of the Debian archive that sign bookworm and trixie: the releases, their updates, their security updates.
/// Made by joining debian-archive-{bookworm,trixie}-{automatic,security-automatic,stable}.gpg of the package
/// debian-archive-keyring 2023.3+deb12u2.
const KEYRING: &[u8] = include_bytes!("keyring.gpg");

/// Why a suite's index cannot be trusted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// It is no signed text.
    #[error("it is not a signed text")]
    NotSigned,
    /// No key that we trust made a signature on exactly this text.
    #[error("no trusted key signed this text (signed by {})", .keys.join(", "))]
    BadSignature {
        /// Key ids that it says it was signed with.
        keys: Vec<String>,
    },
    /// A field that it must have is missing or malformed.
    #[error("its field {field} is missing or malformed")]
    Field {
        /// The field.
        field: &'static str,
    },
    /// It is for another suite: a mirror that is confused, or an attack.
    #[error("it is for {found}, not for {wanted}")]
    WrongSuite {
        /// What was asked for.
        wanted: String,
        /// What it says it is.
        found: String,
    },
    /// It was valid until some time ago.
    #[error("it expired on {valid_until}")]
    Expired {
        /// Its `Valid-Until`.
        valid_until: String,
    },
}

/// A file that a suite's index names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path below the suite's folder.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

/// A suite's index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// When it was made.
    pub date: SystemTime,
    /// Until when it may be used, as it is written, and as a time.
    pub valid_until: Option<(String, SystemTime)>,
    /// Whether files can be fetched by their digest.
    pub by_hash: bool,
    /// Its files.
    pub files: Vec<Listed>,
    suite: String,
    codename: String,
}

impl Release {
    /// Reads an index after checking its signature. Only text that is covered by the signature is looked at.
    pub fn verify(inline_signed: &[u8], keys: &Keys) -> Result<Self, ReleaseError> {
        let text = std::str::from_utf8(inline_signed).map_err(|_| ReleaseError::NotSigned)?;
        let (message, _) =
            CleartextSignedMessage::from_string(text).map_err(|_| ReleaseError::NotSigned)?;
        if !keys.signed(&message) {
            let keys = message
                .signatures()
                .iter()
                .flat_map(|signature| signature.issuer_key_id())
                .map(|id| id.to_string().to_uppercase())
                .collect();
            return Err(ReleaseError::BadSignature { keys });
        }
        Self::parse(&message.signed_text().replace("\r\n", "\n"))
    }

    fn parse(text: &str) -> Result<Self, ReleaseError> {
        let paragraph = control::paragraphs(text).next().unwrap_or_default();
        let date = |field: &'static str| {
            let value = paragraph.get(field).ok_or(ReleaseError::Field { field })?;
            Ok((
                value.to_owned(),
                parse_date(value).ok_or(ReleaseError::Field { field })?,
            ))
        };
        let files = paragraph
            .get("SHA256")
            .ok_or(ReleaseError::Field { field: "SHA256" })?;
        Ok(Self {
            date: date("Date")?.1,
            valid_until: paragraph
                .get("Valid-Until")
                .map(|_| date("Valid-Until"))
                .transpose()?,
            by_hash: paragraph.get("Acquire-By-Hash") == Some("yes"),
            files: files.lines().filter_map(listed).collect(),
            suite: paragraph.get("Suite").unwrap_or_default().to_owned(),
            codename: paragraph.get("Codename").unwrap_or_default().to_owned(),
        })
    }

    /// Whether it is what was asked for, and may still be used. `now` is not looked at with `ignore_valid_until`.
    pub fn check(
        &self,
        suite: &str,
        now: SystemTime,
        ignore_valid_until: bool,
    ) -> Result<(), ReleaseError> {
        if self.codename != suite && self.suite != suite {
            return Err(ReleaseError::WrongSuite {
                wanted: suite.to_owned(),
                found: self.codename.clone(),
            });
        }
        match &self.valid_until {
            Some((written, until)) if *until < now && !ignore_valid_until => {
                Err(ReleaseError::Expired {
                    valid_until: written.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    /// A file by its path.
    pub fn file(&self, path: &str) -> Option<&Listed> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn listed(line: &str) -> Option<Listed> {
    let mut words = line.split_whitespace();
    Some(Listed {
        sha256: words.next()?.to_owned(),
        size_bytes: words.next()?.parse().ok()?,
        path: words.next()?.to_owned(),
    })
}

/// Keys that are trusted to sign.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<SignedPublicKey>,
}

impl Keys {
    /// The built-in keys of the Debian archive, and those of further keyrings (their bytes, not armoured). A keyring
    /// that cannot be read adds nothing.
    pub fn new(more: &[Vec<u8>]) -> Self {
        let mut keys = Vec::new();
        for ring in std::iter::once(KEYRING).chain(more.iter().map(Vec::as_slice)) {
            if let Ok(ring) = SignedPublicKey::from_bytes_many(Cursor::new(ring)) {
                keys.extend(ring.flatten());
            }
        }
        Self { keys }
    }

    /// The keys of one file, armoured or not. None if it has none.
    pub fn only(bytes: &[u8]) -> Self {
        let read = SignedPublicKey::from_reader_many(Cursor::new(bytes));
        Self {
            keys: read.map_or_else(|_| Vec::new(), |(keys, _)| keys.flatten().collect()),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether one of them, or a signing key below it, made one of the signatures.
    fn signed(&self, message: &CleartextSignedMessage) -> bool {
        let issuers: Vec<_> = message
            .signatures()
            .iter()
            .flat_map(|signature| signature.issuer_key_id())
            .collect();
        self.keys.iter().any(|key| {
            (issuers.contains(&&key.primary_key.legacy_key_id())
                && message.verify(&key.primary_key).is_ok())
                || key.public_subkeys.iter().any(|subkey| {
                    issuers.contains(&&subkey.key.legacy_key_id())
                        && subkey.verify_bindings(&key.primary_key).is_ok()
                        && message.verify(&subkey.key).is_ok()
                })
        })
    }
}

/// Parses `Sat, 11 Jul 2026 10:16:37 UTC`.
fn parse_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, clock, "UTC" | "GMT" | "+0000"] = words.as_slice() else {
        return None;
    };
    let day: u64 = day.parse().ok()?;
    let month = MONTHS.iter().position(|name| name == month)? as u64 + 1;
    let year: u64 = year
        .parse()
        .ok()
        .filter(|year| (1970..10_000).contains(year))?;
    let mut seconds = 0;
    for part in clock.split(':') {
        seconds = seconds * 60 + part.parse::<u64>().ok()?;
    }
    // Days from a year that begins in March, so that the leap day is its last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    Some(UNIX_EPOCH + Duration::from_secs(days * 86_400 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Suite: oldstable\nCodename: bookworm\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n\
                        Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC\nAcquire-By-Hash: yes\nSHA256:\n \
                        00ff 12 main/binary-amd64/Packages.xz\n";

    #[test]
    fn parses_dates() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 UTC", 0),
            ("Sat, 11 Jul 2026 10:16:37 UTC", 1_783_764_997),
            ("Thu, 29 Feb 2024 23:59:59 UTC", 1_709_251_199),
        ] {
            assert_eq!(
                parse_date(text),
                Some(UNIX_EPOCH + Duration::from_secs(seconds)),
                "{text}"
            );
        }
        assert_eq!(parse_date("yesterday"), None);
    }

    #[test]
    fn checks_suite_and_expiry() {
        let release = Release::parse(TEXT).expect("well formed");
        let end = release.valid_until.clone().expect("it has one").1;
        let later = end + Duration::from_secs(1);
        assert_eq!(release.check("bookworm", end, false), Ok(()));
        assert_eq!(release.check("oldstable", end, false), Ok(()));
        assert_eq!(release.check("bookworm", later, true), Ok(()));
        assert!(matches!(
            release.check("bookworm", later, false),
            Err(ReleaseError::Expired { .. })
        ));
        assert!(matches!(
            release.check("trixie", end, false),
            Err(ReleaseError::WrongSuite { .. })
        ));
        assert_eq!(
            release
                .file("main/binary-amd64/Packages.xz")
                .map(|file| file.size_bytes),
            Some(12)
        );
    }

    #[test]
    fn the_built_in_keys_can_be_read() {
        assert_eq!(Keys::new(&[]).keys.len(), 6);
    }

    #[test]
    fn an_unsigned_text_is_refused() {
        assert_eq!(
            Release::verify(TEXT.as_bytes(), &Keys::new(&[])),
            Err(ReleaseError::NotSigned)
        );
    }
}
