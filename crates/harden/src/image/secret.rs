//! Secrets in files, by their names and by their shape.

use boatyard_plan::secret::is_token;

/// Names of files that hold nothing else.
const FILES: [&str; 9] = [
    ".env",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "id_dsa",
    ".netrc",
    ".git-credentials",
    ".pgpass",
    ".pypirc",
];

/// Names of files that hold settings and sometimes a secret, and what that looks like.
const SETTINGS: [(&str, &str); 4] = [
    (".npmrc", "_authToken="),
    ("pip.conf", "@"),
    (".dockerconfigjson", "\"auth\""),
    ("kubeconfig", "client-key-data"),
];

/// Letters that tokens are made of.
fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// What tells that a file of this name holds a secret.
pub(super) fn of(name: &str, bytes: &[u8]) -> Option<&'static str> {
    if FILES.contains(&name) {
        return Some("its name");
    }
    let settings = SETTINGS
        .iter()
        .find(|(known, _)| *known == name)
        .is_some_and(|(_, mark)| find(bytes, mark.as_bytes()).is_some());
    if settings {
        return Some("what it is set to");
    }
    if is_key(bytes) {
        return Some("a private key in it");
    }
    has_token(bytes).then_some("a token in it")
}

/// Whether there is a private key: the line that begins one, and after it what one is made of. The line alone is in every
/// library that reads keys.
fn is_key(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const KEY: &[u8] = b"PRIVATE KEY-----";
    let mut rest = bytes;
    while let Some(at) = find(rest, BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or(rest);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.ends_with(KEY) && line.len() < KEY.len() + 16 {
            let body = &rest[line.len()..];
            let body = body.iter().skip_while(|byte| byte.is_ascii_whitespace());
            let length = body
                .take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
                .count();
            // Base64 in lines of 64, or 70 with OpenSSH; encrypted ones begin with headers.
            if length >= 40 || find(rest, b"Proc-Type: 4,ENCRYPTED").is_some() {
                return true;
            }
        }
    }
    false
}

/// Whether there is a token of a service that marks its tokens.
fn has_token(bytes: &[u8]) -> bool {
    // Programs have all kinds of bytes in them.
    if bytes.iter().take(1024).any(|&byte| byte == 0) {
        return false;
    }
    bytes
        .split(|&byte| !is_inner(byte))
        .filter(|word| word.len() >= 20 && !word.ends_with(b"EXAMPLE"))
        .filter_map(|word| std::str::from_utf8(word).ok())
        .any(is_token)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = 0;
    while let Some(next) = bytes.get(at..)?.iter().position(|&byte| byte == first) {
        at += next;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
}
