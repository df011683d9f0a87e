//! A token server as registries have one beside them: signs with a key that openssl made.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// Which scopes are granted: all, all but some, or nothing to who asks for one of some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    All,
    Without(&'static str),
    NothingWith(&'static str),
}

/// A token server that runs until the process ends.
pub struct TokenServer {
    pub port: u16,
    pub policy: Arc<Mutex<Policy>>,
    /// The scopes of each request.
    pub asked: Arc<Mutex<Vec<BTreeSet<String>>>>,
}

impl TokenServer {
    /// `None` if there is no openssl. Writes `key.pem` and `cert.pem` into `folder`.
    pub fn start(folder: &Path) -> Option<Self> {
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            ])
            .args([
                "-subj",
                "/CN=token",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
            ])
            .current_dir(folder)
            .stderr(Stdio::null())
            .status();
        if !made.ok()?.success() {
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            policy: Arc::new(Mutex::new(Policy::All)),
            asked: Arc::default(),
        };
        let (policy, asked) = (server.policy.clone(), server.asked.clone());
        let folder = folder.to_path_buf();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &folder, *policy.lock().unwrap(), &asked);
            }
        });
        Some(server)
    }

    /// What docker-registry is told of it.
    pub fn settings(&self, folder: &Path) -> String {
        format!(
            "auth:\n  token:\n    realm: http://127.0.0.1:{}/token\n    service: registry\n    issuer: test\n    \
             rootcertbundle: {}\n",
            self.port,
            folder.join("cert.pem").display()
        )
    }
}

fn answer(
    mut stream: &TcpStream,
    folder: &Path,
    policy: Policy,
    asked: &Mutex<Vec<BTreeSet<String>>>,
) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let is_known = lines
        .take_while(|line| !line.is_empty())
        // me:secret
        .any(|line| line.eq_ignore_ascii_case("authorization: basic bWU6c2VjcmV0"));
    let query = first.split(' ').nth(1).unwrap().split_once('?').unwrap().1;
    let scopes: BTreeSet<String> = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("scope="))
        .map(|scope| {
            scope
                .replace("%3A", ":")
                .replace("%2F", "/")
                .replace("%2C", ",")
        })
        .collect();
    asked.lock().unwrap().push(scopes.clone());
    let refused = match policy {
        Policy::NothingWith(scope) => scopes.contains(scope),
        _ => false,
    };
    let (status, body) = if !is_known || refused {
        ("401 Unauthorized", "{}".to_owned())
    } else {
        let granted = scopes
            .iter()
            .filter(|scope| !matches!(policy, Policy::Without(left_out) if left_out == *scope));
        let token = token(folder, granted);
        ("200 OK", format!("{{\"token\":\"{token}\"}}"))
    };
    let length = body.len();
    // The client may have gone.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}

/// A JSON Web Token as distribution's specification for tokens has it.
fn token<'s>(folder: &Path, scopes: impl Iterator<Item = &'s String>) -> String {
    let access: Vec<_> = scopes
        .map(|scope| {
            let mut parts = scope.splitn(3, ':');
            let mut part = || parts.next().unwrap().to_owned();
            let (kind, name, actions) = (part(), part(), part());
            let actions: Vec<&str> = actions.split(',').collect();
            serde_json::json!({ "type": kind, "name": name, "actions": actions })
        })
        .collect();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = since.unwrap().as_secs();
    let certificate = fs::read_to_string(folder.join("cert.pem")).unwrap();
    let chain: String = certificate
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let header = serde_json::json!({ "typ": "JWT", "alg": "RS256", "x5c": [chain] });
    let claims = serde_json::json!({
        "iss": "test", "sub": "me", "aud": "registry", "jti": "1",
        "iat": now, "nbf": now - 60, "exp": now + 600, "access": access,
    });
    let signed = format!(
        "{}.{}",
        base64(header.to_string().as_bytes()),
        base64(claims.to_string().as_bytes())
    );
    let signature = sign(&folder.join("key.pem"), signed.as_bytes());
    format!("{signed}.{}", base64(&signature))
}

fn sign(key: &PathBuf, bytes: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-sign"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(bytes).unwrap();
    openssl.wait_with_output().unwrap().stdout
}

/// RFC 4648, section 5, without padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = 0_u32;
        for at in 0..3 {
            group = group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0));
        }
        for at in 0..=chunk.len() {
            let index = group >> (18 - 6 * at) & 63;
            text.push(char::from(LETTERS[index as usize]));
        }
    }
    text
}
