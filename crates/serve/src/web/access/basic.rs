//! A name and a password (RFC 7617), where somebody has only those: the name is that of a token, the password the token.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::caller::{Caller, Shown};
use super::rate::TooOften;
use super::token::{find, tried};
use crate::web::site::Site;

/// What came of a name and a password.
pub enum Entered {
    /// There is none.
    Nothing,
    /// Nobody has these.
    Unknown,
    /// Too many that nobody has came from there: these were not looked at.
    TooOften,
    /// Whose they are.
    Known(Box<Caller>),
}

/// Who sent these headers, by name and password. Browsers remember both and send them by themselves, so they count as a cookie
/// does.
pub fn entered(headers: &HeaderMap, from: IpAddr, site: &Site) -> Entered {
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
    let found = tried(site, from, |tokens| {
        find(tokens, password).filter(|token| token.name == name)
    });
    match found {
        Ok(Some(token)) => Entered::Known(Box::new(Caller::holder(&token, Shown::Cookie, from))),
        Ok(None) => Entered::Unknown,
        Err(TooOften) => Entered::TooOften,
    }
}
