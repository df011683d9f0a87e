//! What browsers keep for us. With `__Host-` a browser takes it from nobody but this host: an environment, which lives below it,
//! can set none.

use axum::http::{HeaderMap, header};

use crate::login::Sessions;
use crate::web::settings::Settings;

/// What a browser keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The token of somebody, or what stands for one who has logged in.
    Caller,
    /// That somebody is logging in.
    Login,
}

impl Cookie {
    fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Self::Caller, false) => "boatyard",
            (Self::Caller, true) => "__Host-boatyard",
            (Self::Login, false) => "boatyard-login",
            (Self::Login, true) => "__Host-boatyard-login",
        }
    }
}

/// The header that has a browser keep a value for so many seconds, or forget it.
pub fn set_cookie(
    cookie: Cookie,
    value: Option<&str>,
    seconds: u64,
    settings: &Settings,
) -> String {
    let is_secure = settings.address.is_secure();
    let name = cookie.name(is_secure);
    let secure = if is_secure { "; Secure" } else { "" };
    let (value, age) = value.map_or(("", 0), |value| (value, seconds));
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

/// Whether this can be kept in a cookie as it is, and is not what stands for one who has logged in.
pub fn is_plain(token: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    let is_short = !token.is_empty() && token.len() <= 512;
    is_short && token.bytes().all(is_plain) && !Sessions::is_word(token)
}

/// What a browser has kept.
pub fn cookie<'a>(cookie: Cookie, headers: &'a HeaderMap, settings: &Settings) -> Option<&'a str> {
    let name = cookie.name(settings.address.is_secure());
    let values = headers.get_all(header::COOKIE).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}
