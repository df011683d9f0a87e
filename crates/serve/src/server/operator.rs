//! The operator: whoever runs the server, known on this machine by a token that every start makes anew.
//!
//! ```text
//! HOME/serve/operator.json   { "server": "http://127.0.0.1:8000", "token": "..." }   of its user only, there while the server runs
//! ```
//! What a server that was killed leaves there opens nothing any more: so whoever is sent it by mistake, because he listens where
//! that server did, has nothing.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use boatyard_preview::config::{Concealed, OPERATOR, Scope, Token};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The server of this machine, and the token with which its operator is known.
#[derive(Deserialize, Serialize)]
pub struct Operator {
    /// Where it answers.
    pub server: String,
    /// The token.
    pub token: String,
}

/// What lets the operator in as long as this is there.
pub(super) struct Pass {
    path: PathBuf,
    token: Concealed,
}

impl Operator {
    /// That of the server of this home; nothing if none runs.
    ///
    /// # Errors
    /// If the file cannot be read, which may be somebody else's.
    pub fn find(home: &Path) -> io::Result<Option<Self>> {
        match fs::read(Self::file(home)) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where that of a home is written down.
    pub fn file(home: &Path) -> PathBuf {
        home.join("serve/operator.json")
    }
}

impl Pass {
    /// Makes one for the server of `home` that listens at `address`, in place of any before it.
    pub(super) fn make(home: &Path, address: SocketAddr) -> io::Result<Self> {
        let mut bytes = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        let token = hexadecimal(&bytes);
        let operator = Operator {
            server: format!("http://{}", here(address)),
            token: token.clone(),
        };
        let path = Operator::file(home);
        let new = path.with_extension("new");
        // What lies there from before may be readable by others.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options
            .open(&new)?
            .write_all(&serde_json::to_vec(&operator)?)?;
        fs::rename(&new, &path)?;
        Ok(Self {
            path,
            token: Concealed::new(token),
        })
    }

    /// What is kept where tokens are.
    pub(super) fn kept(&self) -> Token {
        Token {
            name: OPERATOR.to_owned(),
            sha256: hexadecimal(&Sha256::digest(self.token.reveal())),
            scopes: [Scope::Admin].into(),
            repositories: None,
        }
    }

    /// Where a browser on this machine logs in with it, at a server that people find at `url`.
    pub(super) fn login(&self, url: &str) -> String {
        format!("{url}/login?token={}", self.token.reveal())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // Who cannot remove it leaves what opens nothing any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// How what listens there is reached from here.
fn here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{Operator, Pass};

    #[test]
    fn it_is_there_for_its_user_while_the_server_runs() {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(home.path().join("serve")).expect("a folder");
        let find = || Operator::find(home.path()).expect("a file of ours");
        assert!(find().is_none());
        let make = |address: &str| {
            let address = address.parse().expect("an address");
            Pass::make(home.path(), address).expect("it is written down")
        };
        let killed = make("127.0.0.1:8000");
        let before = find().expect("it is there").token;
        std::mem::forget(killed);
        for (listens, expected) in [
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("0.0.0.0:8000", "http://127.0.0.1:8000"),
            ("[::]:8000", "http://[::1]:8000"),
            ("192.0.2.7:80", "http://192.0.2.7:80"),
        ] {
            let pass = make(listens);
            let found = find().expect("it is there");
            assert_eq!(found.server, expected);
            assert_ne!(found.token, before, "every start makes another one");
            assert_eq!(found.token.len(), 64);
            let file = Operator::file(home.path());
            let mode = file.metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert!(!format!("{:?}", pass.kept()).contains(&found.token));
        }
        assert!(find().is_none(), "it goes with the server");
    }
}
