//! Where people can log in, as it is configured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boatyard_preview::config::{Concealed, Config, Login, Role, Token, Via, Whom, grants};
use ureq::Agent;

use super::chance;
use super::error::LoginError;
use super::forge::Forge;
use super::oidc::Oidc;
use crate::forge::agent;

/// Where people can log in, by name.
pub type Providers = BTreeMap<String, Provider>;

/// Where people can log in.
#[derive(Clone, Debug)]
pub struct Provider {
    client: Client,
    place: Place,
    /// A file with certificates.
    authority: Option<PathBuf>,
    roles: Vec<Role>,
}

#[derive(Clone, Debug)]
enum Place {
    Oidc(Oidc),
    Forge(Forge),
}

/// What we are there.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// What the provider is called here.
    pub name: String,
    /// What we are called there.
    pub id: String,
    /// What shows that it is us.
    pub secret: Option<Concealed>,
}

/// One attempt to log in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Comes back with the browser.
    pub state: String,
    /// Stands in the token.
    pub nonce: String,
    /// Shows that who asks for the token has begun.
    pub verifier: String,
    /// Where the browser comes back to.
    pub back: String,
}

impl Attempt {
    /// One that comes back to `back`.
    pub fn new(back: String) -> Result<Self, LoginError> {
        let word = || chance::word().ok_or(LoginError::NoChance);
        Ok(Self {
            state: word()?,
            nonce: word()?,
            verifier: word()?,
            back,
        })
    }
}

impl Client {
    /// The address at `endpoint` that begins an attempt.
    pub fn authorize(&self, endpoint: &str, attempt: &Attempt, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", &attempt.back)
            .append_pair("state", &attempt.state)
            .append_pair("code_challenge", &chance::digest(&attempt.verifier))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(more);
        let mark = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{mark}{}", query.finish())
    }

    /// What is sent for a token.
    pub fn fields<'a>(&'a self, attempt: &'a Attempt, code: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &attempt.back),
            ("client_id", &self.id),
            ("code_verifier", &attempt.verifier),
        ]
    }
}

impl Provider {
    /// All of a configuration; `secret` finds what each has, `folder` is where relative files are.
    pub fn all<'a>(
        config: &Config,
        folder: &Path,
        secret: impl Fn(&str) -> Option<&'a Concealed>,
    ) -> Providers {
        let access = &config.access;
        let one = |(name, login): (&String, &Login)| {
            let (place, authority) = place(config, login)?;
            let provider = Self {
                client: Client {
                    name: name.clone(),
                    id: login.client.clone(),
                    secret: secret(name).cloned(),
                },
                place,
                authority: authority.map(|file| folder.join(file)),
                roles: access.roles.clone(),
            };
            Some((name.clone(), provider))
        };
        access.logins.iter().filter_map(one).collect()
    }

    /// Where the browser is sent. Asks the provider, so it may take a while.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn begin(&self, attempt: &Attempt) -> Result<String, LoginError> {
        match &self.place {
            Place::Forge(forge) => Ok(forge.begin(&self.client, attempt)),
            Place::Oidc(oidc) => oidc.begin(&self.agent()?, &self.client, attempt),
        }
    }

    /// What he may who has come back with that code: as if he had these tokens, of his name each.
    ///
    /// # Errors
    /// If it cannot be found out who he is.
    pub fn finish(
        &self,
        attempt: &Attempt,
        code: &str,
    ) -> Result<(String, Vec<Token>), LoginError> {
        let agent = self.agent()?;
        let person = match &self.place {
            Place::Forge(forge) => forge.finish(&agent, &self.client, attempt, code),
            Place::Oidc(oidc) => oidc.finish(&agent, &self.client, attempt, code),
        }?;
        let name = format!("{}@{}", person.name, self.client.name);
        Ok((name, grants(&self.roles, &self.client.name, &person)))
    }

    /// What it calls itself, if it does.
    pub fn issuer(&self) -> Option<&str> {
        match &self.place {
            Place::Oidc(oidc) => Some(&oidc.issuer),
            Place::Forge(_) => None,
        }
    }

    fn agent(&self) -> Result<Agent, LoginError> {
        let url = match &self.place {
            Place::Forge(forge) => &forge.url,
            Place::Oidc(oidc) => &oidc.issuer,
        };
        agent(url, self.authority.as_deref()).map_err(|source| {
            let name = self.client.name.clone();
            LoginError::Authority { name, source }
        })
    }
}

/// Where that is, and the file with its certificates; none: the configuration has no such forge.
fn place<'a>(config: &'a Config, login: &'a Login) -> Option<(Place, Option<&'a String>)> {
    match &login.via {
        Via::Oidc {
            issuer,
            authority,
            groups,
            names,
            scopes,
        } => {
            let oidc = Oidc {
                issuer: issuer.clone(),
                groups: groups.clone(),
                names: names.clone(),
                scopes: scopes.clone(),
            };
            Some((Place::Oidc(oidc), authority.as_ref()))
        }
        Via::Forge(name) => {
            let configured = config.forges.get(name)?;
            let roles = &config.access.roles;
            let is_asked = roles
                .iter()
                .any(|role| matches!(role.whom, Whom::Permission(_)));
            let here = config
                .repositories
                .iter()
                .filter(|one| is_asked && one.forge == *name);
            let forge = Forge {
                kind: configured.kind,
                url: configured.url.with(""),
                api: configured.api.clone(),
                repositories: here.filter_map(|one| config.repository(one)).collect(),
            };
            Some((Place::Forge(forge), configured.authority.as_ref()))
        }
    }
}

/// A name that can be written into logs: somebody else chose it.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| !letter.is_control());
    letters.take(100).collect()
}
