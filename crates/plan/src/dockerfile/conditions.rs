//! Conditions under which all commands of a build run: `--add-host`, `--shm-size`, `--ulimit`.
//!
//! ```text
//! --add-host db:10.0.0.7      a line in /etc/hosts, for commands only
//! --shm-size 256m             how much /dev/shm holds
//! --ulimit nofile=1024:4096   a soft and a hard limit (setrlimit(2))
//! ```
//! Sources: docker's `opts/hosts.go` and `go-units`' `ulimit.go`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::size::bytes;
use crate::document::suggestion;

/// Conditions under which commands run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Conditions {
    /// Names and addresses, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<(String, IpAddr)>,
    /// Most that `/dev/shm` holds; none: as much as the kernel says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shm_bytes: Option<u64>,
    /// Limits, each resource once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

/// Limits of one resource; none: unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Of what.
    pub resource: Resource,
    /// What a program is held to, and can raise up to the other one.
    pub soft: Option<u64>,
    /// What nobody can raise.
    pub hard: Option<u64>,
}

/// A resource (`setrlimit(2)`), by docker's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "setrlimit(2) says what each of them is")]
pub enum Resource {
    Core,
    Cpu,
    Data,
    Fsize,
    Locks,
    Memlock,
    Msgqueue,
    Nice,
    Nofile,
    Nproc,
    Rss,
    Rtprio,
    Rttime,
    Sigpending,
    Stack,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Core,
        Self::Cpu,
        Self::Data,
        Self::Fsize,
        Self::Locks,
        Self::Memlock,
        Self::Msgqueue,
        Self::Nice,
        Self::Nofile,
        Self::Nproc,
        Self::Rss,
        Self::Rtprio,
        Self::Rttime,
        Self::Sigpending,
        Self::Stack,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Cpu => "cpu",
            Self::Data => "data",
            Self::Fsize => "fsize",
            Self::Locks => "locks",
            Self::Memlock => "memlock",
            Self::Msgqueue => "msgqueue",
            Self::Nice => "nice",
            Self::Nofile => "nofile",
            Self::Nproc => "nproc",
            Self::Rss => "rss",
            Self::Rtprio => "rtprio",
            Self::Rttime => "rttime",
            Self::Sigpending => "sigpending",
            Self::Stack => "stack",
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionsError {
    /// It has another form.
    #[error("it has another form")]
    Form,
    /// The address is none.
    #[error("\"{address}\" is not an IP address")]
    Address {
        /// What stands there.
        address: String,
    },
    /// There is no such resource.
    #[error("there is no limit of \"{name}\"")]
    NoResource {
        /// What stands there.
        name: String,
        /// What to do.
        help: Option<String>,
    },
    /// The limits are the wrong way round.
    #[error("the soft limit is above the hard one")]
    SoftAboveHard,
}

impl Conditions {
    /// Reads the words of the flags. The last word about a resource counts.
    ///
    /// # Errors
    /// The flag, its value and what is wrong with it.
    pub fn parse<'w>(
        hosts: &'w [String],
        shm: Option<&'w str>,
        limits: &'w [String],
    ) -> Result<Self, (&'static str, &'w str, ConditionsError)> {
        let wrong = |flag, word: &'w str| move |error| (flag, word, error);
        let mut found = Self::default();
        for word in hosts {
            found
                .hosts
                .push(host(word).map_err(wrong("add-host", word))?);
        }
        if let Some(word) = shm {
            let size = bytes(word).filter(|&size| size > 0);
            found.shm_bytes = Some(
                size.ok_or(ConditionsError::Form)
                    .map_err(wrong("shm-size", word))?,
            );
        }
        let mut by_resource = BTreeMap::new();
        for word in limits {
            let limit = limit(word).map_err(wrong("ulimit", word))?;
            by_resource.insert(limit.resource, limit);
        }
        found.limits = by_resource.into_values().collect();
        Ok(found)
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Lines of `/etc/hosts`.
    pub fn hosts_text(&self) -> String {
        let line = |(name, address): &(String, IpAddr)| format!("{address} {name}\n");
        self.hosts.iter().map(line).collect()
    }
}

/// `NAME:ADDRESS` or `NAME=ADDRESS`. Commands have this machine's network: its loopback is the way to it.
fn host(word: &str) -> Result<(String, IpAddr), ConditionsError> {
    let split = word.split_once('=').or_else(|| word.split_once(':'));
    let (name, written) = split.ok_or(ConditionsError::Form)?;
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '#') {
        return Err(ConditionsError::Form);
    }
    if written == "host-gateway" {
        return Ok((name.to_owned(), Ipv4Addr::LOCALHOST.into()));
    }
    let bare = written
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(written).parse();
    let address = address.map_err(|_| ConditionsError::Address {
        address: written.to_owned(),
    })?;
    Ok((name.to_owned(), address))
}

/// `NAME=SOFT[:HARD]`; -1 is unlimited.
fn limit(word: &str) -> Result<Limit, ConditionsError> {
    let (name, values) = word.split_once('=').ok_or(ConditionsError::Form)?;
    let known = Resource::ALL
        .into_iter()
        .find(|resource| resource.name() == name);
    let resource = known.ok_or_else(|| ConditionsError::NoResource {
        name: name.to_owned(),
        help: suggestion("limits", name, Resource::ALL.iter().map(|one| one.name())),
    })?;
    let value = |text: &str| match text {
        "-1" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ConditionsError::Form),
    };
    let (soft, hard) = match values.split_once(':') {
        Some((soft, hard)) => (value(soft)?, value(hard)?),
        None => (value(values)?, value(values)?),
    };
    let above = match (soft, hard) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(soft), Some(hard)) => soft > hard,
    };
    if above {
        return Err(ConditionsError::SoftAboveHard);
    }
    Ok(Limit {
        resource,
        soft,
        hard,
    })
}

#[cfg(test)]
mod tests {
    use super::{Conditions, ConditionsError, host, limit};

    #[test]
    fn hosts() {
        for (word, expected) in [
            ("db:10.0.0.7", Some("10.0.0.7 db\n")),
            ("db=10.0.0.7", Some("10.0.0.7 db\n")),
            ("db:::1", Some("::1 db\n")),
            ("db=[fe80::1]", Some("fe80::1 db\n")),
            ("a:host-gateway", Some("127.0.0.1 a\n")),
            ("db", None),
            (":10.0.0.7", None),
            ("d b:10.0.0.7", None),
            ("db:ten", None),
            ("db:", None),
        ] {
            let found = host(word).map(|host| {
                let hosts = vec![host];
                let conditions = Conditions {
                    hosts,
                    ..Conditions::default()
                };
                conditions.hosts_text()
            });
            assert_eq!(found.ok().as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn limits() {
        for (word, expected) in [
            ("nofile=10", Ok((Some(10), Some(10)))),
            ("nofile=10:20", Ok((Some(10), Some(20)))),
            ("stack=10:-1", Ok((Some(10), None))),
            ("core=-1", Ok((None, None))),
            ("nofile=20:10", Err(ConditionsError::SoftAboveHard)),
            ("nofile=-1:10", Err(ConditionsError::SoftAboveHard)),
            ("nofile", Err(ConditionsError::Form)),
            ("nofile=", Err(ConditionsError::Form)),
            ("nofile=1:2:3", Err(ConditionsError::Form)),
            ("nofile=-2", Err(ConditionsError::Form)),
        ] {
            let found = limit(word).map(|limit| (limit.soft, limit.hard));
            assert_eq!(found, expected, "{word}");
        }
        assert!(matches!(
            limit("as=1"),
            Err(ConditionsError::NoResource { .. })
        ));
    }

    #[test]
    fn last_words_count() {
        let words = [
            "nofile=1".to_owned(),
            "cpu=2".to_owned(),
            "nofile=3".to_owned(),
        ];
        let found = Conditions::parse(&[], Some("64m"), &words).expect("all are right");
        assert_eq!(found.shm_bytes, Some(64 << 20));
        let soft: Vec<_> = found.limits.iter().map(|limit| limit.soft).collect();
        assert_eq!(soft, [Some(2), Some(3)]);
        let wrong = Conditions::parse(&[], Some("0"), &words);
        assert_eq!(wrong, Err(("shm-size", "0", ConditionsError::Form)));
    }
}
