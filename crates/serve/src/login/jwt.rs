//! ID tokens: who signed them, for whom, until when. Only the two ways to sign that every provider has are known; a token that
//! names another is not believed, whatever stands in it.
//!
//! Sources: RFC 7515 (JWS), 7518 section 3 (RS256, ES256), OIDC Core 1.0 section 3.1.3.7.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

/// How far clocks may be apart, in seconds.
const APART: u64 = 60;

/// What has to stand in a token.
pub struct Expected<'a> {
    /// Who says it.
    pub issuer: &'a str,
    /// To whom.
    pub client: &'a str,
    /// In which attempt.
    pub nonce: &'a str,
    /// Now, in seconds since 1970.
    pub now: u64,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It is none.
    #[error("it is not a token")]
    Malformed,
    /// It is signed in a way that is not known here.
    #[error("it is not signed with RS256 or ES256")]
    Algorithm,
    /// It is signed with a key that the provider does not show.
    #[error("it is signed with a key that is not among those of the provider")]
    Key,
    /// The signature is not that of what it says.
    #[error("the signature is wrong")]
    Signature,
    /// It is somebody else's.
    #[error("it is from another issuer")]
    Issuer,
    /// It is for another.
    #[error("it is for another client")]
    Audience,
    /// It is of another attempt.
    #[error("it is not of this attempt")]
    Nonce,
    /// It holds no more, or not yet.
    #[error("it is not of now: check the clocks")]
    Time,
}

/// What the token says, if it can be believed; `keys`: those of the issuer (RFC 7517).
pub fn verify(token: &str, keys: &Value, expected: &Expected<'_>) -> Result<Value, JwtError> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(JwtError::Malformed);
    };
    let header = read(head)?;
    let signed = &token[..head.len() + 1 + body.len()];
    let signature = decode(signature)?;
    // What an extension that has to be understood means, nobody here knows.
    if header.get("crit").is_some() {
        return Err(JwtError::Algorithm);
    }
    let kind = match header["alg"].as_str() {
        Some("RS256") => "RSA",
        Some("ES256") => "EC",
        _ => return Err(JwtError::Algorithm),
    };
    let all = keys["keys"].as_array().map_or(&[][..], Vec::as_slice);
    let fits = |key: &&Value| {
        key["kty"] == kind
            && key["use"].as_str().is_none_or(|purpose| purpose == "sig")
            && header
                .get("kid")
                .is_none_or(|id| key.get("kid") == Some(id))
    };
    let mut fitting = all.iter().filter(fits).peekable();
    if fitting.peek().is_none() {
        return Err(JwtError::Key);
    }
    if !fitting.any(|key| is_signed(kind, key, signed.as_bytes(), &signature)) {
        return Err(JwtError::Signature);
    }
    let claims = read(body)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn is_signed(kind: &str, key: &Value, signed: &[u8], signature: &[u8]) -> bool {
    let part = |name: &str| key[name].as_str().and_then(|text| decode(text).ok());
    if kind == "RSA" {
        let (Some(n), Some(e)) = (part("n"), part("e")) else {
            return false;
        };
        let key = RsaPublicKeyComponents { n, e };
        return key
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            .is_ok();
    }
    let (Some(x), Some(y)) = (part("x"), part("y")) else {
        return false;
    };
    if key["crv"] != "P-256" {
        return false;
    }
    // The uncompressed form of a point: SEC 1, 2.3.3.
    let point = [&[4_u8][..], &x, &y].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed, signature)
        .is_ok()
}

fn check(claims: &Value, expected: &Expected<'_>) -> Result<(), JwtError> {
    if claims["iss"] != expected.issuer {
        return Err(JwtError::Issuer);
    }
    let is_for_us = match &claims["aud"] {
        Value::String(one) => one == expected.client,
        Value::Array(all) => {
            all.iter().any(|one| one == expected.client)
                && (all.len() == 1 || claims["azp"] == expected.client)
        }
        _ => false,
    };
    if !is_for_us || claims.get("azp").is_some_and(|azp| azp != expected.client) {
        return Err(JwtError::Audience);
    }
    if claims["nonce"] != expected.nonce {
        return Err(JwtError::Nonce);
    }
    let time = |name: &str| claims[name].as_f64();
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
    let (now, apart) = (expected.now as f64, APART as f64);
    let is_over = time("exp").is_none_or(|end| end + apart <= now);
    let is_ahead = ["iat", "nbf"]
        .iter()
        .filter_map(|name| time(name))
        .any(|begin| begin - apart > now);
    if is_over || is_ahead {
        return Err(JwtError::Time);
    }
    Ok(())
}

fn read(part: &str) -> Result<Value, JwtError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| JwtError::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| JwtError::Malformed)
}

#[cfg(test)]
mod tests;
