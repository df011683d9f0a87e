//! The server, as it is asked.

use std::io::BufReader;
use std::time::Duration;

use boatyard_preview::config::Address;
use serde_json::Value;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, RequestBuilder};

use super::failure::PreviewError;
use super::server::Server;
use super::text::legible;

/// The server, as it is asked.
pub struct Api {
    agent: Agent,
    server: String,
    token: Option<String>,
}

impl Api {
    /// To ask that server.
    pub fn of(server: Server) -> Self {
        Self {
            agent: agent(&server.address),
            server: server.url,
            token: server.token,
        }
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

    /// Has something removed.
    pub fn delete(&self, path: &str) -> Result<Value, PreviewError> {
        let request = self.agent.delete(format!("{}{path}", self.server));
        let answer = self.signed(request).call();
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
        let problem = legible(serde_json::from_str(&text).unwrap_or_default());
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

fn agent(server: &Address) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("boatyard/", env!("CARGO_PKG_VERSION")))
        // Who answers elsewhere does not get the token.
        .max_redirects(0)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(60)));
    let config = if server.is_loopback() {
        config.proxy(None)
    } else {
        config
    };
    if server.scheme != "https" {
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
