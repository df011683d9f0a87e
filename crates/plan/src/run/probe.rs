//! How `ready` is written: `http://:8080/path`, `tcp://:6379`, or a command line.

use super::Probe;

/// The text is not a probe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAProbe {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// An address without a port, and the role has none either.
    #[error("the port is missing, and the role has none")]
    NoPort,
    /// The port is no number from 1 to 65535.
    #[error("{port:?} is not a port")]
    BadPort {
        /// What stands where the port should.
        port: String,
    },
    /// Another machine is named.
    #[error("{host:?} is another machine; a process is asked on its own address")]
    Elsewhere {
        /// The machine.
        host: String,
    },
    /// A scheme that we do not speak.
    #[error("{scheme}:// cannot be asked")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// More after a TCP port than the port.
    #[error("tcp:// takes a port and nothing after it")]
    TcpPath,
}

impl Probe {
    /// The probe that `text` describes for a role that listens on `port`. A port in the text may be left out where the
    /// role has one: `http:///healthz`.
    pub fn parse(text: &str, port: Option<u16>) -> Result<Self, NotAProbe> {
        let text = text.trim();
        let Some((scheme, rest)) = text
            .split_once("://")
            .filter(|(scheme, _)| is_scheme(scheme))
        else {
            if text.is_empty() || text.contains('\0') {
                return Err(NotAProbe::Empty);
            }
            return Ok(Self::Exec {
                line: text.to_owned(),
            });
        };
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let port = || match authority.rsplit_once(':') {
            Some((host, digits)) => match digits.parse::<u16>() {
                Ok(number) if number > 0 => local(host).map(|()| number),
                _ => Err(NotAProbe::BadPort {
                    port: digits.to_owned(),
                }),
            },
            None => local(authority).and(port.ok_or(NotAProbe::NoPort)),
        };
        match scheme {
            "http" => Ok(Self::Http {
                port: port()?,
                path: if path.starts_with('/') {
                    path.to_owned()
                } else {
                    format!("/{path}")
                },
            }),
            "tcp" if matches!(path, "" | "/") => Ok(Self::Tcp { port: port()? }),
            "tcp" => Err(NotAProbe::TcpPath),
            other => Err(NotAProbe::Scheme {
                scheme: other.to_owned(),
            }),
        }
    }
}

fn is_scheme(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+')
}

fn local(host: &str) -> Result<(), NotAProbe> {
    match host {
        "" | "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" => Ok(()),
        other => Err(NotAProbe::Elsewhere {
            host: other.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAProbe, Probe};

    #[test]
    fn forms() {
        let http = |port, path: &str| {
            Ok(Probe::Http {
                port,
                path: path.to_owned(),
            })
        };
        let exec = |line: &str| {
            Ok(Probe::Exec {
                line: line.to_owned(),
            })
        };
        for (text, role_port, expected) in [
            ("http://:8080/healthz", None, http(8080, "/healthz")),
            ("http://localhost:80", None, http(80, "/")),
            ("http:///up?x=1", Some(9000), http(9000, "/up?x=1")),
            ("http:///up", None, Err(NotAProbe::NoPort)),
            (
                "http://:x/",
                None,
                Err(NotAProbe::BadPort {
                    port: "x".to_owned(),
                }),
            ),
            (
                "http://:0/",
                None,
                Err(NotAProbe::BadPort {
                    port: "0".to_owned(),
                }),
            ),
            (
                "http://db:80/",
                None,
                Err(NotAProbe::Elsewhere {
                    host: "db".to_owned(),
                }),
            ),
            (
                "https://:443/",
                None,
                Err(NotAProbe::Scheme {
                    scheme: "https".to_owned(),
                }),
            ),
            ("tcp://:6379", None, Ok(Probe::Tcp { port: 6379 })),
            ("tcp://:6379/x", None, Err(NotAProbe::TcpPath)),
            ("curl -f http://x:1/", None, exec("curl -f http://x:1/")),
            ("  ", None, Err(NotAProbe::Empty)),
        ] {
            assert_eq!(Probe::parse(text, role_port), expected, "{text:?}");
        }
    }
}
