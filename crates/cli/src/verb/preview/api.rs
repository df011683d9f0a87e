//! The server, as it is asked.

use std::fs;
use std::io::BufReader;
use std::time::Duration;

use boatyard_preview::config::Address;
use serde_json::Value;
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, RequestBuilder};

use super::failure::PreviewError;
use crate::args::preview::Server;

/// The server, as it is asked.
pub struct Api {
    agent: Agent,
    server: String,
    token: Option<String>,
}

impl Api {
    /// The one that is named, by flags or by variables.
    pub fn of(
        words: &Server,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, PreviewError> {
        let set = |name| variable(name).filter(|text| !text.is_empty());
        let named = words.server.clone().or_else(|| set("BOATYARD_SERVER"));
        let server = named.ok_or(PreviewError::NoServer)?;
        let server = server.trim_end_matches('/').to_owned();
        let parsed = server
            .parse::<Uri>()
            .ok()
            .filter(|uri| uri.scheme().is_some());
        let uri = parsed.ok_or_else(|| PreviewError::NoAddress {
            url: server.clone(),
        })?;
        let token = match &words.token_file {
            None => set("BOATYARD_TOKEN"),
            Some(file) => {
                let text = fs::read_to_string(file).map_err(|source| PreviewError::Token {
                    file: file.display().to_string(),
                    source,
                })?;
                Some(text.trim().to_owned())
            }
        };
        let agent = agent(&uri);
        Ok(Self {
            agent,
            server,
            token,
        })
    }

    /// Gets what is at `path`, with these in its query.
    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, PreviewError> {
        let request = self.agent.get(format!("{}{path}", self.server));
        let request = request.query_pairs(query.iter().copied());
        let answer = self.signed(request).call();
        self.read(answer)
    }

    /// Has something done.
    pub fn post(&self, path: &str) -> Result<Value, PreviewError> {
        let request = self.agent.post(format!("{}{path}", self.server));
        let answer = self.signed(request).send_empty();
        self.read(answer)
    }

    /// Follows a stream of events, from after the event `last` on.
    pub fn follow(
        &self,
        path: &str,
        query: &[(&str, &str)],
        last: Option<&str>,
    ) -> Result<BufReader<ureq::BodyReader<'static>>, PreviewError> {
        let request = self.agent.get(format!("{}{path}", self.server));
        let request = request.query_pairs(query.iter().copied());
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let answer = self.answered(self.signed(request).call())?;
        Ok(BufReader::new(answer.into_body().into_reader()))
    }

    /// The server did not say what it should.
    pub fn strange(&self, what: impl std::fmt::Display) -> PreviewError {
        PreviewError::Strange {
            server: self.server.clone(),
            what: what.to_string(),
        }
    }

    fn signed<T>(&self, request: RequestBuilder<T>) -> RequestBuilder<T> {
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn read(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Value, PreviewError> {
        let mut answer = self.answered(answer)?;
        let text = answer
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_string();
        let text = text.map_err(|source| self.unreachable(source))?;
        serde_json::from_str(&text).map_err(|error| self.strange(error))
    }

    fn answered(
        &self,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, PreviewError> {
        let mut answer = answer.map_err(|source| self.unreachable(source))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        // Whoever else answers there need not tell problems as we do.
        let problem: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = |name: &str| problem[name].as_str().map(str::to_owned);
        Err(PreviewError::Refused {
            server: self.server.clone(),
            status,
            detail: said("detail").unwrap_or_else(|| "it does not say why".to_owned()),
            help: said("help"),
        })
    }

    fn unreachable(&self, source: ureq::Error) -> PreviewError {
        PreviewError::Unreachable {
            server: self.server.clone(),
            source,
        }
    }
}

fn agent(server: &Uri) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("boatyard/", env!("CARGO_PKG_VERSION")))
        // Who answers elsewhere does not get the token.
        .max_redirects(0)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(60)));
    let is_here = Address::parse(&server.to_string()).is_ok_and(|server| server.is_loopback());
    let config = if is_here { config.proxy(None) } else { config };
    if server.scheme_str() != Some("https") {
        return config.build().into();
    }
    let known = rustls_native_certs::load_native_certs().certs;
    let known: Vec<_> = known
        .iter()
        .map(|one| Certificate::from_der(one).to_owned())
        .collect();
    let roots = if known.is_empty() {
        RootCerts::WebPki
    } else {
        RootCerts::new_with_certs(&known)
    };
    config
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build()
        .into()
}
