//! `boatyard port-forward`

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use boatyard_cluster::forward::{Port, Wrong};
use clap::Args;

/// The words of `port-forward`.
#[derive(Args, Clone, Debug)]
#[command(override_usage = "boatyard port-forward --context <CONTEXT> [ROLE] [[LOCAL:]REMOTE]...")]
pub struct Forward {
    /// A role [default: the first], and ports: 8080:80 is 8080 here and 80 there, :80 any that is free here [default: the role's]
    #[arg(value_name = "ROLE|PORT")]
    words: Vec<Word>,

    /// The context of the cluster's configuration (KUBECONFIG)
    #[arg(long, value_name = "CONTEXT")]
    pub context: String,

    /// The namespace [default: the project's, else the context's]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub address: IpAddr,
}

/// One of the words without a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Role(String),
    Port(Port),
}

impl FromStr for Word {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let is_port = text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':');
        if is_port {
            text.parse().map(Self::Port)
        } else {
            Ok(Self::Role(text.to_owned()))
        }
    }
}

impl Forward {
    /// The role, if one is named; a second one is answered as the error.
    pub fn role(&self) -> Result<Option<&str>, &str> {
        let mut roles = self.words.iter().filter_map(|word| match word {
            Word::Role(role) => Some(role.as_str()),
            Word::Port(_) => None,
        });
        let first = roles.next();
        roles.next().map_or(Ok(first), Err)
    }

    /// The ports.
    pub fn ports(&self) -> Vec<Port> {
        let port = |word: &Word| match word {
            Word::Port(port) => Some(*port),
            Word::Role(_) => None,
        };
        self.words.iter().filter_map(port).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_digit_or_has_a_colon_is_a_port() {
        let port = |local, remote| Ok(Word::Port(Port { local, remote }));
        assert_eq!("8080:80".parse(), port(8080, 80));
        assert_eq!(":80".parse(), port(0, 80));
        assert_eq!("80".parse(), port(80, 80));
        assert_eq!("web2".parse(), Ok(Word::Role("web2".to_owned())));
        for text in ["8080:http", "web:80", "80x"] {
            assert!(text.parse::<Word>().is_err(), "{text}");
        }
    }
}
