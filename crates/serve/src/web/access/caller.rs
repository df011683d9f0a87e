//! Who asks.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use boatyard_preview::config::{Anonymous, Scope, Token};
use boatyard_preview::revision::Repository;

use super::token::find;
use crate::web::settings::Settings;

/// The cookie that holds the token of somebody who logged in. With `__Host-` a browser takes it from nobody but this host: an
/// environment, which lives below it, can set none.
const COOKIE: &str = "boatyard";
const SECURE_COOKIE: &str = "__Host-boatyard";

/// How somebody showed who he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Not at all.
    Nothing,
    /// In a header, which no other site's page can have a browser send.
    Header,
    /// In a cookie, which browsers send by themselves.
    Cookie,
}

/// Somebody who asks for something.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose token it is.
    pub name: String,
    /// How it was shown.
    pub shown: Shown,
    /// From where.
    pub from: IpAddr,
    rights: Rights,
}

/// What he may.
#[derive(Clone, Debug)]
enum Rights {
    Everybody(Anonymous),
    Holder(Token),
}

/// What was shown is no token, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown(pub Shown);

impl Caller {
    /// Who sent these headers. A token that does not hold is not the same as none: who shows one wants to be told.
    pub fn of(headers: &HeaderMap, from: IpAddr, settings: &Settings) -> Result<Self, Unknown> {
        let (shown, token) = match (bearer(headers), cookie(headers, settings)) {
            (Some(token), _) => (Shown::Header, token),
            (None, Some(token)) => (Shown::Cookie, token),
            (None, None) => return Ok(Self::anonymous(from, settings)),
        };
        let token = find(&settings.access.tokens, token).ok_or(Unknown(shown))?;
        Ok(Self::holder(token, shown, from))
    }

    /// Nobody in particular.
    pub fn anonymous(from: IpAddr, settings: &Settings) -> Self {
        Self {
            name: "anonymous".to_owned(),
            shown: Shown::Nothing,
            from,
            rights: Rights::Everybody(settings.access.anonymous),
        }
    }

    pub(super) fn holder(token: &Token, shown: Shown, from: IpAddr) -> Self {
        Self {
            name: token.name.clone(),
            shown,
            from,
            rights: Rights::Holder(token.clone()),
        }
    }

    /// Whether he has shown who he is.
    pub fn is_known(&self) -> bool {
        self.shown != Shown::Nothing
    }

    /// Whether he may do that at all, in whatever repository.
    pub fn may(&self, scope: Scope) -> bool {
        match &self.rights {
            Rights::Everybody(anonymous) => everybody_may(*anonymous, scope),
            Rights::Holder(token) => token.scopes.iter().any(|granted| *granted >= scope),
        }
    }

    /// Whether he may do that in this repository.
    pub fn may_in(&self, scope: Scope, repository: &Repository) -> bool {
        match &self.rights {
            Rights::Everybody(anonymous) => everybody_may(*anonymous, scope),
            Rights::Holder(token) => token.may(scope, Some(repository)),
        }
    }

    /// Whether he may see what concerns no repository in particular: the audit log has all of them.
    pub fn may_everywhere(&self, scope: Scope) -> bool {
        match &self.rights {
            Rights::Everybody(anonymous) => everybody_may(*anonymous, scope),
            Rights::Holder(token) => token.may(scope, None),
        }
    }
}

/// Whether somebody of whom nothing is known may do that.
pub fn everybody_may(anonymous: Anonymous, scope: Scope) -> bool {
    match anonymous {
        Anonymous::View => scope <= Scope::Use,
        Anonymous::None => false,
    }
}

/// Whether somebody with this token is known.
pub fn is_known(token: &str, settings: &Settings) -> bool {
    find(&settings.access.tokens, token).is_some()
}

/// The header that has a browser keep a token, or forget it.
pub fn set_cookie(token: Option<&str>, settings: &Settings) -> String {
    let is_secure = settings.address.is_secure();
    let name = if is_secure { SECURE_COOKIE } else { COOKIE };
    let secure = if is_secure { "; Secure" } else { "" };
    let (value, age) = token.map_or(("", 0), |token| (token, 30 * 24 * 3600));
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

/// Whether this can be kept in a cookie as it is.
pub fn is_plain(token: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    !token.is_empty() && token.len() <= 512 && token.bytes().all(is_plain)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, settings: &Settings) -> Option<&'a str> {
    let name = if settings.address.is_secure() {
        SECURE_COOKIE
    } else {
        COOKIE
    };
    let values = headers.get_all(header::COOKIE).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}
