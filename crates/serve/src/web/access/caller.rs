//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use boatyard_preview::config::{Anonymous, Scope, Token};
use boatyard_preview::revision::Repository;

use super::cookie::{Cookie, cookie};
use super::rate::TooOften;
use super::token::{find, tried};
use crate::login::{Session, Sessions};
use crate::web::settings::Settings;
use crate::web::site::Site;

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

/// Why it is not known who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// What was shown is no token, or none any more.
    Nobody(Shown),
    /// Too many such came from there: what was shown was not looked at.
    TooOften,
}

impl Caller {
    /// Who sent these headers. A token that does not hold is not the same as none: who shows one wants to be told.
    pub fn of(headers: &HeaderMap, from: IpAddr, site: &Site) -> Result<Self, Unknown> {
        let settings = site.settings();
        let (shown, word) = match (bearer(headers), cookie(Cookie::Caller, headers, &settings)) {
            (Some(token), _) => (Shown::Header, token),
            (None, Some(word)) => (Shown::Cookie, word),
            (None, None) => return Ok(Self::anonymous(from, &settings)),
        };
        // Who has logged in is a browser. His word is 32 bytes by chance and is compared with no token, so it is no guess: who
        // goes on looking at pages after his session ended is asked to log in, however often.
        if shown == Shown::Cookie && Sessions::is_word(word) {
            let session = settings.sessions.find(word);
            let session = session.ok_or(Unknown::Nobody(shown))?;
            return Ok(Self {
                name: session.name.clone(),
                shown,
                from,
                rights: Rights::Holder(session),
            });
        }
        // Anything else in a cookie may be a token, and is tried like one.
        match tried(site, from, |tokens| find(tokens, word)) {
            Ok(Some(token)) => Ok(Self::holder(&token, shown, from)),
            Ok(None) => Err(Unknown::Nobody(shown)),
            Err(TooOften) => Err(Unknown::TooOften),
        }
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

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
