//! Who a hook is from: over the raw bytes, before they are read, and in a time that tells nothing of the secret.

use boatyard_plan::digest::Digest;
use sha2::{Digest as _, Sha256};

use super::{Headers, Trouble};
use crate::config::Kind;

/// How far a signed time may be from ours.
const TOLERANCE_SECONDS: u64 = 5 * 60;
/// What a signing token of GitLab begins with (Standard Webhooks); the rest is base64.
const STANDARD: &str = "whsec_";

/// Checks the signature of `body`; any of `keys` is good. `now_seconds`: since 1970, by the wall clock.
pub(super) fn check(
    kind: Kind,
    keys: &[Vec<u8>],
    headers: &Headers,
    body: &[u8],
    now_seconds: u64,
) -> Result<(), Trouble> {
    let is_ours = match kind {
        Kind::GitHub => hub(headers, &["X-Hub-Signature-256"], keys, body)?,
        // Forgejo sends both; all three are the same digest.
        Kind::Gitea => {
            let names = [
                "X-Forgejo-Signature",
                "X-Gitea-Signature",
                "X-Gogs-Signature",
            ];
            hub(headers, &names, keys, body)?
        }
        Kind::GitLab => match headers.get("webhook-signature") {
            Some(signatures) => standard(headers, signatures, keys, body, now_seconds)?,
            None => token(headers, keys)?,
        },
        Kind::Git | Kind::Generic => {
            let time = headers.get("X-Boatyard-Timestamp");
            let time = time.ok_or(Trouble::Unsigned {
                header: "X-Boatyard-Timestamp",
            })?;
            let mut signed = format!("{time}.").into_bytes();
            signed.extend_from_slice(body);
            let is_ours = hub(headers, &["X-Boatyard-Signature"], keys, &signed)?;
            if is_ours {
                in_time(time, now_seconds)?;
            }
            is_ours
        }
    };
    if is_ours {
        Ok(())
    } else {
        Err(Trouble::Forged)
    }
}

/// The signature of `body` in hexadecimal digits: HMAC (RFC 2104) with SHA-256.
pub fn sign(key: &[u8], body: &[u8]) -> String {
    Digest::from_hash(&hmac(key, &[body])).hex().to_owned()
}

/// Hexadecimal digits of the digest, with or without `sha256=` before them.
fn hub(
    headers: &Headers,
    names: &[&'static str],
    keys: &[Vec<u8>],
    body: &[u8],
) -> Result<bool, Trouble> {
    let value = headers.first(names);
    let value = value.ok_or(Trouble::Unsigned { header: names[0] })?;
    let said = value
        .strip_prefix("sha256=")
        .unwrap_or(value)
        .to_ascii_lowercase();
    Ok(any(keys, |key| {
        is_same(sign(key, body).as_bytes(), said.as_bytes())
    }))
}

/// The secret itself.
fn token(headers: &Headers, keys: &[Vec<u8>]) -> Result<bool, Trouble> {
    let header = "X-Gitlab-Token";
    let said = headers.get(header).ok_or(Trouble::Unsigned { header })?;
    Ok(any(keys, |key| is_same(key, said.as_bytes())))
}

/// Standard Webhooks: `v1,` and the base64 of a digest over id, time and body; several are separated by blanks.
fn standard(
    headers: &Headers,
    signatures: &str,
    keys: &[Vec<u8>],
    body: &[u8],
    now_seconds: u64,
) -> Result<bool, Trouble> {
    let part = |header| headers.get(header).ok_or(Trouble::Unsigned { header });
    let [id, time] = [part("webhook-id")?, part("webhook-timestamp")?];
    let said: Vec<Vec<u8>> = signatures
        .split_whitespace()
        .filter_map(|one| base64(one.strip_prefix("v1,")?))
        .collect();
    let is_ours = any(keys, |key| {
        let text = std::str::from_utf8(key)
            .ok()
            .and_then(|text| text.strip_prefix(STANDARD));
        let Some(key) = text.and_then(base64) else {
            return false;
        };
        let digest = hmac(&key, &[id.as_bytes(), b".", time.as_bytes(), b".", body]);
        said.iter()
            .fold(false, |found, said| is_same(&digest, said) | found)
    });
    if is_ours {
        in_time(time, now_seconds)?;
    }
    Ok(is_ours)
}

fn in_time(text: &str, now_seconds: u64) -> Result<(), Trouble> {
    let seconds = text
        .parse()
        .map_or(u64::MAX, |time: u64| time.abs_diff(now_seconds));
    if seconds > TOLERANCE_SECONDS {
        return Err(Trouble::Stale { seconds });
    }
    Ok(())
}

/// Tries all keys, also after one was good. An empty key is none.
fn any(keys: &[Vec<u8>], is_good: impl Fn(&[u8]) -> bool) -> bool {
    let keys = keys.iter().filter(|key| !key.is_empty());
    keys.fold(false, |found, key| is_good(key) | found)
}

/// Whether both are the same, in a time that depends on their lengths only: what is compared are digests of them.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let [one, other] = [one, other].map(Sha256::digest);
    let differs = one
        .iter()
        .zip(&other)
        .fold(0, |bits, (one, other)| bits | (one ^ other));
    std::hint::black_box(differs) == 0
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new();
    inner.update(block.map(|byte| byte ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new();
    outer.update(block.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

/// Bytes from base64 with the usual alphabet (RFC 4648, section 4), padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{base64, sign};

    /// The example in the documentation of GitHub, "Validating webhook deliveries", and case 2 and 6 of RFC 4231.
    #[test]
    fn known_signatures() {
        for (key, body, expected) in [
            (
                b"It's a Secret to Everybody".to_vec(),
                "Hello, World!",
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            ),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(sign(&key, body.as_bytes()), expected);
        }
    }

    #[test]
    fn base64_of_the_standard() {
        for (text, expected) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8", "fo"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(base64(text).as_deref(), Some(expected.as_bytes()));
        }
        assert_eq!(base64("Zg-_"), None);
    }
}
