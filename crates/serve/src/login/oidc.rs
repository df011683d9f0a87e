//! A provider of OIDC: authorization code with PKCE.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boatyard_preview::config::{Address, Person};
use serde_json::Value;
use ureq::Agent;

use super::ask::{get, post};
use super::error::LoginError;
use super::jwt::{Expected, verify};
use super::provider::{Attempt, Client, plain};

/// The claim that has what somebody wants to be called. "MUST NOT be relied upon to be unique": OIDC Core 1.0 section
/// 5.7. Only issuer and subject together are somebody.
const SHOWN: &str = "preferred_username";

/// What is particular to one.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// What it calls itself.
    pub issuer: String,
    /// The claim that has somebody's groups.
    pub groups: String,
    /// The claim that has somebody's name, which he cannot choose; none: there is none such.
    pub names: Option<String>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
}

impl Oidc {
    /// Where the browser is sent.
    pub fn begin(
        &self,
        agent: &Agent,
        client: &Client,
        attempt: &Attempt,
    ) -> Result<String, LoginError> {
        let metadata = self.metadata(agent)?;
        let endpoint = self.endpoint(&metadata, "authorization_endpoint")?;
        let mut scope = "openid".to_owned();
        for one in &self.scopes {
            scope.push(' ');
            scope.push_str(one);
        }
        Ok(client.authorize(
            &endpoint,
            attempt,
            &[("scope", &scope), ("nonce", &attempt.nonce)],
        ))
    }

    /// Who has come back with that code.
    pub fn finish(
        &self,
        agent: &Agent,
        client: &Client,
        attempt: &Attempt,
        code: &str,
    ) -> Result<Person, LoginError> {
        let metadata = self.metadata(agent)?;
        let url = self.endpoint(&metadata, "token_endpoint")?;
        let mut fields = client.fields(attempt, code);
        let ways = metadata["token_endpoint_auth_methods_supported"].as_array();
        let takes = |way: &str| ways.is_some_and(|ways| ways.iter().any(|one| one == way));
        let is_posted = takes("client_secret_post") && !takes("client_secret_basic");
        let mut header = None;
        if let Some(secret) = &client.secret {
            if is_posted {
                fields.push(("client_secret", secret.reveal()));
            } else {
                // RFC 6749 section 2.3.1: both are encoded as in forms first.
                let encode = |text: &str| -> String {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                let pair = format!("{}:{}", encode(&client.id), encode(secret.reveal()));
                header = Some(format!("Basic {}", STANDARD.encode(pair)));
            }
        }
        let answer = post(agent, &url, &fields, header.as_deref())?;
        let token = answer["id_token"]
            .as_str()
            .ok_or_else(|| LoginError::strange(&url, "it has no ID token"))?;
        let keys = get(agent, &self.endpoint(&metadata, "jwks_uri")?, None)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let expected = Expected {
            issuer: &self.issuer,
            client: &client.id,
            nonce: &attempt.nonce,
            now: now.map_or(0, |now| now.as_secs()),
        };
        let claims = verify(token, &keys, &expected).map_err(|source| {
            let name = client.name.clone();
            LoginError::Unbelievable { name, source }
        })?;
        let more = self.more(agent, &metadata, &claims, answer["access_token"].as_str())?;
        self.person(&claims, &more)
            .ok_or_else(|| LoginError::strange(&url, "it does not say who it is"))
    }

    /// What is not in the token: some providers tell groups and names only when they are asked.
    fn more(
        &self,
        agent: &Agent,
        metadata: &Value,
        claims: &Value,
        token: Option<&str>,
    ) -> Result<Value, LoginError> {
        let has_all = claims.get(&self.groups).is_some()
            && claims.get(SHOWN).is_some()
            && (self.names.is_none() || self.user(claims).is_some());
        let Some(token) = token.filter(|_| !has_all) else {
            return Ok(Value::Null);
        };
        let Ok(url) = self.endpoint(metadata, "userinfo_endpoint") else {
            return Ok(Value::Null);
        };
        let more = get(agent, &url, Some(token))?;
        // OIDC Core 1.0 section 5.3.2: else it may be of somebody else.
        if more["sub"] != claims["sub"] {
            return Err(LoginError::strange(&url, "it is about somebody else"));
        }
        Ok(more)
    }

    fn person(&self, claims: &Value, more: &Value) -> Option<Person> {
        let said = |name: &str| claims.get(name).or_else(|| more.get(name));
        let subject = claims["sub"].as_str().filter(|text| !text.is_empty())?;
        let shown = said(SHOWN).and_then(Value::as_str).map(plain);
        let user = self.user(claims).or_else(|| self.user(more));
        let groups = match said(&self.groups) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all
                .iter()
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        // Whoever can call himself as he likes is told apart by what he cannot choose.
        let name = match (&user, shown) {
            (Some(user), _) => plain(user),
            (None, Some(shown)) if !shown.is_empty() && shown != subject => {
                format!("{shown} ({})", plain(subject))
            }
            (None, _) => plain(subject),
        };
        Some(Person {
            name,
            subject: subject.to_owned(),
            user,
            groups,
            ..Person::default()
        })
    }

    /// The name that somebody has, if `said` tells one that he could not choose. A mail address is his only once it was verified,
    /// which whoever tells the address tells with it (OIDC Core 1.0 section 5.1).
    fn user(&self, said: &Value) -> Option<String> {
        let names = self.names.as_deref()?;
        let user = said[names].as_str().filter(|user| !user.is_empty())?;
        let is_verified = said["email_verified"] == true;
        (names != "email" || is_verified).then(|| user.to_owned())
    }

    fn metadata(&self, agent: &Agent) -> Result<Value, LoginError> {
        let base = self.issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let metadata = get(agent, &url, None)?;
        if metadata["issuer"] != self.issuer.as_str() {
            return Err(LoginError::strange(&url, "it calls itself otherwise"));
        }
        Ok(metadata)
    }

    /// An address that it names. One in the clear is believed on this machine only.
    fn endpoint(&self, metadata: &Value, name: &str) -> Result<String, LoginError> {
        let missing = || LoginError::strange(&self.issuer, "it does not say where it is asked");
        let url = metadata[name].as_str().ok_or_else(missing)?;
        let address = url.split(['?', '#']).next().unwrap_or(url);
        let address = Address::parse(address).map_err(|_| missing())?;
        let is_fine =
            address.scheme == "https" || address.scheme == "http" && address.is_loopback();
        is_fine
            .then(|| url.to_owned())
            .ok_or_else(|| LoginError::strange(&self.issuer, "it is asked in the clear"))
    }
}
