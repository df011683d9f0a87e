//! What somebody elsewhere wants to have done here: one line of JSON.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::registry::Logins;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// To build: the sources come after it, as a tar.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assignment {
    /// Who speaks.
    pub version: String,
    /// Words for our command.
    pub words: Vec<String>,
    /// Variables of it.
    pub variables: BTreeMap<String, String>,
}

/// To pull what only a login can, before anything is built.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provision {
    /// Who speaks.
    pub version: String,
    /// Variables.
    pub variables: BTreeMap<String, String>,
    /// Images, as the project and its Dockerfiles write them.
    pub images: Vec<String>,
    /// `boatyard.lock`.
    pub lock: String,
    /// Who we are at which registry. Nowhere else in this pod.
    pub logins: Logins,
}

/// To push.
#[derive(Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// Who speaks.
    pub version: String,
    /// Variables.
    pub variables: BTreeMap<String, String>,
    /// What was built, as `build --metadata-file` writes it.
    pub built: Value,
    /// Who we are at which registry. Nowhere else in this pod.
    pub logins: Logins,
}

/// An order that is none.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error("cannot read the order on standard input")]
    Read { source: io::Error },
    #[error("cannot keep others in this pod from looking into this process")]
    Conceal { source: io::Error },
    #[error("the order is none of ours")]
    Parse { source: serde_json::Error },
    #[error("the boatyard of the builder is {here}, and that of who asks it is {there}")]
    Version { here: &'static str, there: String },
}

impl Failure for OrderError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { .. } | Self::Conceal { .. } | Self::Version { .. } => Fault::Refused,
            Self::Parse { .. } => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Version { .. } => Some(
                "have the builder run an image with the same release: --builder-image".to_owned(),
            ),
            Self::Parse { .. } => Some("\"boatyard deploy --builder\" gives orders".to_owned()),
            Self::Read { .. } | Self::Conceal { .. } => None,
        }
    }
}

/// Our own release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes an order.
pub fn write(order: &impl Serialize, to: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *to, order)?;
    to.write_all(b"\n")
}

/// Reads an order of our own release, and nothing beyond it.
pub fn read<T: DeserializeOwned>(from: &mut impl BufRead) -> Result<T, OrderError> {
    #[derive(Deserialize)]
    struct Spoken {
        version: String,
    }
    let mut line = String::new();
    from.read_line(&mut line)
        .map_err(|source| OrderError::Read { source })?;
    let parse = |source| OrderError::Parse { source };
    let Spoken { version } = serde_json::from_str(&line).map_err(parse)?;
    if version != VERSION {
        return Err(OrderError::Version {
            here: VERSION,
            there: version,
        });
    }
    serde_json::from_str(&line).map_err(parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_of_another_release_is_refused_and_what_follows_stays() {
        let order = |version: &str| Assignment {
            version: version.to_owned(),
            words: vec!["deploy".to_owned()],
            variables: BTreeMap::new(),
        };
        let written = |version| {
            let mut bytes = Vec::new();
            write(&order(version), &mut bytes).unwrap();
            bytes.extend(b"the tar");
            bytes
        };
        let bytes = written(VERSION);
        let mut rest = bytes.as_slice();
        let read_back: Assignment = read(&mut rest).unwrap();
        assert_eq!(
            (read_back.words.as_slice(), rest),
            (&["deploy".to_owned()][..], &b"the tar"[..])
        );
        let refused = read::<Assignment>(&mut written("0.0.0").as_slice()).unwrap_err();
        assert!(matches!(refused, OrderError::Version { .. }), "{refused}");
    }
}
