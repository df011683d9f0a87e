//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use boatyard_preview::config::{Anonymous, Scope, Token};
use boatyard_preview::revision::Repository;

use super::cookie::{Cookie, cookie};
use super::token::find;
use crate::login::Session;
use crate::web::settings::Settings;

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
    Holder(Arc<Session>),
}

/// What was shown is no token, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown(pub Shown);

impl Caller {
    /// Who sent these headers. A token that does not hold is not the same as none: who shows one wants to be told.
    pub fn of(headers: &HeaderMap, from: IpAddr, settings: &Settings) -> Result<Self, Unknown> {
        let (shown, token) = match (bearer(headers), cookie(Cookie::Caller, headers, settings)) {
            (Some(token), _) => (Shown::Header, token),
            (None, Some(token)) => (Shown::Cookie, token),
            (None, None) => return Ok(Self::anonymous(from, settings)),
        };
        if let Some(token) = find(&settings.access.tokens, token) {
            return Ok(Self::holder(token, shown, from));
        }
        // Who has logged in is a browser.
        let session = settings
            .sessions
            .find(token)
            .filter(|_| shown == Shown::Cookie);
        let session = session.ok_or(Unknown(shown))?;
        Ok(Self {
            name: session.name.clone(),
            shown,
            from,
            rights: Rights::Holder(session),
        })
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
            rights: Rights::Holder(Arc::new(Session {
                name: token.name.clone(),
                grants: vec![token.clone()],
            })),
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
            Rights::Holder(session) => {
                let scopes = session.grants.iter().flat_map(|grant| &grant.scopes);
                scopes.into_iter().any(|granted| *granted >= scope)
            }
        }
    }

    /// Whether he may do that in this repository.
    pub fn may_in(&self, scope: Scope, repository: &Repository) -> bool {
        match &self.rights {
            Rights::Everybody(anonymous) => everybody_may(*anonymous, scope),
            Rights::Holder(session) => {
                let mut grants = session.grants.iter();
                grants.any(|grant| grant.may(scope, Some(repository)))
            }
        }
    }

    /// Whether he may see what concerns no repository in particular: the audit log has all of them.
    pub fn may_everywhere(&self, scope: Scope) -> bool {
        match &self.rights {
            Rights::Everybody(anonymous) => everybody_may(*anonymous, scope),
            Rights::Holder(session) => session.grants.iter().any(|grant| grant.may(scope, None)),
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

/// Whose token that is.
pub fn holder<'a>(token: &str, settings: &'a Settings) -> Option<&'a str> {
    find(&settings.access.tokens, token).map(|token| token.name.as_str())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
