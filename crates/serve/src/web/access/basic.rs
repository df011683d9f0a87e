//! A name and a password (RFC 7617), where somebody has only those: the name is that of a token, the password the token.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::caller::{Caller, Shown};
use super::token::find;
use crate::web::settings::Settings;

/// What came of a name and a password.
pub enum Entered {
    /// There is none.
    Nothing,
    /// Nobody has these.
    Unknown,
    /// Whose they are.
    Known(Box<Caller>),
}

/// Who sent these headers, by name and password. Browsers remember both and send them by themselves, so they count as a cookie
/// does.
pub fn entered(headers: &HeaderMap, from: IpAddr, settings: &Settings) -> Entered {
    let value = headers.get(header::AUTHORIZATION);
    let value = value.and_then(|value| value.to_str().ok());
    let Some((scheme, encoded)) = value.and_then(|value| value.split_once(' ')) else {
        return Entered::Nothing;
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Entered::Nothing;
    }
    let decoded = STANDARD.decode(encoded.trim()).unwrap_or_default();
    let decoded = String::from_utf8(decoded).unwrap_or_default();
    let (name, password) = decoded.split_once(':').unwrap_or_default();
    match find(&settings.access.tokens, password) {
        Some(token) if token.name == name => {
            Entered::Known(Box::new(Caller::holder(token, Shown::Cookie, from)))
        }
        _ => Entered::Unknown,
    }
}
