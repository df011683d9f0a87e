//! Requests to one repository: proof of who we are, tries, errors in words.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body, SendBody};

use super::address::Address;
use super::agent::agent;
use super::challenge::{Challenge, parse};
use super::credentials::{Login, encode_base64};
use super::failure::RegistryError;
use super::options::Options;
use super::request::{Request, RequestBody};
use super::transfer::Access;

/// A body no larger than this is taken for an error message or a manifest.
const TEXT_MAX: u64 = 16 << 20;

pub(crate) struct Client<'a> {
    pub address: Address,
    pub options: &'a Options,
    /// Other repositories of the registry that blobs may be mounted from.
    pub sources: Vec<String>,
    access: Access,
    agent: Agent,
    login: Option<Login>,
    /// The header `Authorization`, once the registry has asked for it.
    authorization: Mutex<Option<String>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorEntry>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl<'a> Client<'a> {
    pub(crate) fn new(
        address: Address,
        access: Access,
        options: &'a Options,
    ) -> Result<Self, RegistryError> {
        let login = options.credentials.find(&address.credential_keys())?;
        Ok(Self {
            agent: agent(&address, options)?,
            address,
            options,
            sources: Vec::new(),
            access,
            login,
            authorization: Mutex::new(None),
        })
    }

    /// Asks until there is an answer that another try would not change, and proves who we are when asked to. Gives
    /// back every status but 401, 5xx and 429.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Response<Body>, RegistryError> {
        let mut proved = false;
        let mut attempt = 1;
        loop {
            let mut asked = Duration::ZERO;
            let used = self.lock().clone();
            let answer = self.once(request, used.as_deref());
            let last = attempt >= self.options.attempts;
            match answer {
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED && !proved => {
                    proved = true;
                    self.prove(&response, used.as_deref())?;
                    continue;
                }
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                    return Err(self.unauthorized());
                }
                Ok(response) if is_passing(response.status()) => {
                    if last {
                        return Err(self.refused(response, &request.url));
                    }
                    asked = retry_after(&response);
                }
                Ok(response) => return Ok(response),
                Err(error) if last || !may_pass(&error) => return Err(self.unreachable(error)),
                Err(_) => {}
            }
            std::thread::sleep(self.pause(attempt).max(asked));
            attempt += 1;
        }
    }

    /// Asks once; any answer counts, no answer is an error.
    pub(crate) fn send_once(&self, request: &Request<'_>) -> Result<Response<Body>, RegistryError> {
        let used = self.lock().clone();
        let answer = self.once(request, used.as_deref());
        answer.map_err(|error| self.unreachable(error))
    }

    /// Waits before the next try.
    pub(crate) fn wait(&self, attempt: u32) {
        std::thread::sleep(self.pause(attempt));
    }

    /// Twice as long each time.
    fn pause(&self, attempt: u32) -> Duration {
        self.options.pause * 2_u32.pow(attempt.clamp(1, 6) - 1)
    }

    /// The error for a status that is no success.
    pub(crate) fn refused(&self, mut response: Response<Body>, what: &str) -> RegistryError {
        let registry = self.address.host.clone();
        let status = response.status();
        let content = content_type(&response);
        let is_registry = response
            .headers()
            .contains_key("docker-distribution-api-version");
        let text = text(&mut response).unwrap_or_default();
        let errors = serde_json::from_slice::<Errors>(&text).map_or(Vec::new(), |list| list.errors);
        if status == StatusCode::FORBIDDEN || errors.iter().any(|error| error.code == "DENIED") {
            return self.unauthorized();
        }
        if !is_registry && errors.is_empty() && status.is_client_error() {
            return RegistryError::NotARegistry {
                registry,
                status: status.as_u16(),
                content,
            };
        }
        if status == StatusCode::NOT_FOUND {
            return RegistryError::NotFound {
                registry,
                what: what.to_owned(),
            };
        }
        let words = errors.iter().map(|error| {
            format!("{} {}", error.code, error.message)
                .trim()
                .to_owned()
        });
        RegistryError::Refused {
            registry,
            status: status.as_u16(),
            doing: what.to_owned(),
            message: words.collect::<Vec<_>>().join("; "),
        }
    }

    pub(crate) fn not_a_registry(&self, response: &Response<Body>) -> RegistryError {
        RegistryError::NotARegistry {
            registry: self.address.host.clone(),
            status: response.status().as_u16(),
            content: content_type(response),
        }
    }

    pub(crate) fn unreachable(&self, error: ureq::Error) -> RegistryError {
        let registry = self.address.host.clone();
        let source = Box::new(error);
        let untrusted = match &*source {
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => true,
            // Rustls' errors come out of a read, wrapped.
            ureq::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
            _ => false,
        };
        if untrusted {
            RegistryError::Untrusted { registry, source }
        } else {
            RegistryError::Unreachable { registry, source }
        }
    }

    fn unauthorized(&self) -> RegistryError {
        let login = self.login.as_ref();
        RegistryError::Unauthorized {
            registry: self.address.host.clone(),
            user: login.map_or("anonymous users".to_owned(), |l| format!("user {}", l.user)),
            doing: self.access.verb(),
            repository: self.address.repository.clone(),
        }
    }

    fn once(
        &self,
        request: &Request<'_>,
        authorization: Option<&str>,
    ) -> Result<Response<Body>, ureq::Error> {
        let mut builder = ureq::http::Request::builder()
            .method(request.method.clone())
            .uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        // An upload may be elsewhere; the proof is for the registry alone.
        if request
            .url
            .starts_with(&format!("{}/", self.address.origin()))
            && let Some(authorization) = authorization
        {
            builder = builder.header("authorization", authorization);
        }
        match request.body {
            RequestBody::None => self.agent.run(builder.body(())?),
            RequestBody::Bytes(bytes) => self.agent.run(builder.body(bytes)?),
            RequestBody::File(mut part) => {
                let builder = builder.header("content-length", part.left());
                self.agent
                    .run(builder.body(SendBody::from_reader(&mut part))?)
            }
        }
    }

    /// Gets what the registry asks for with its 401 to a request that had `used`: once, whoever asks first.
    fn prove(&self, response: &Response<Body>, used: Option<&str>) -> Result<(), RegistryError> {
        let mut known = self.lock();
        if known.as_deref() != used {
            return Ok(());
        }
        let header = response.headers().get("www-authenticate");
        let challenge = header.and_then(|value| parse(value.to_str().ok()?));
        let basic = self.login.as_ref().map(|login| {
            let pair = format!("{}:{}", login.user, login.password);
            format!("Basic {}", encode_base64(pair.as_bytes()))
        });
        let authorization = match challenge {
            None => return Err(self.unauthorized()),
            Some(Challenge::Basic) => basic.ok_or_else(|| self.unauthorized())?,
            Some(Challenge::Bearer { realm, service, .. }) => {
                let mut token = self.token(&realm, service.as_deref(), basic.as_deref(), true);
                // Some give nothing to who asks for too much.
                if matches!(token, Err(RegistryError::Unauthorized { .. }))
                    && !self.sources.is_empty()
                {
                    token = self.token(&realm, service.as_deref(), basic.as_deref(), false);
                }
                format!("Bearer {}", token?)
            }
        };
        *known = Some(authorization);
        Ok(())
    }

    fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        basic: Option<&str>,
        with_sources: bool,
    ) -> Result<String, RegistryError> {
        let actions = self.access.scope();
        let scope = format!("repository:{}:{actions}", self.address.repository);
        let mut request = self.agent.get(realm).query("scope", scope);
        for source in self.sources.iter().filter(|_| with_sources) {
            request = request.query("scope", format!("repository:{source}:pull"));
        }
        if let Some(service) = service {
            request = request.query("service", service);
        }
        if let Some(basic) = basic {
            request = request.header("authorization", basic);
        }
        let mut response = request.call().map_err(|error| self.unreachable(error))?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(self.unauthorized()),
            _ => return Err(self.refused(response, realm)),
        }
        let bytes = text(&mut response).map_err(|error| self.unreachable(error))?;
        serde_json::from_slice::<Token>(&bytes)
            .ok()
            .and_then(|answer| answer.token.or(answer.access_token))
            .ok_or_else(|| self.not_a_registry(&response))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // What was known before a panic is still right.
        self.authorization
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The whole body of a small answer.
pub(crate) fn text(response: &mut Response<Body>) -> Result<Vec<u8>, ureq::Error> {
    response
        .body_mut()
        .with_config()
        .limit(TEXT_MAX)
        .read_to_vec()
}

fn content_type(response: &Response<Body>) -> String {
    response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("no content type")
        .to_owned()
}

/// How long the registry wants us to wait, a minute at most; seconds, as registries write it.
fn retry_after(response: &Response<Body>) -> Duration {
    let header = response.headers().get("retry-after");
    let secs = header.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(secs.unwrap_or(0).min(60))
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Whether another try may do better. Nobody listening and no such name are answers.
fn may_pass(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::InvalidData => false,
            // The standard library has no kind for names that do not exist, only this text and the resolver's.
            _ => {
                let said = error.to_string();
                !said.starts_with("failed to lookup") || said.contains("Temporary")
            }
        },
        ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => true,
        _ => false,
    }
}
