//! Fetching from mirrors: HTTP with kept connections, proxies, the host's certificate authorities; `file:` for a mirror
//! on disk.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

/// Where hosts keep the certificate authorities that they trust; the first that exists counts.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What went wrong with one URL.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server could not be reached, or the connection broke.
    #[error("cannot fetch {url}")]
    Unreachable {
        /// The URL.
        url: String,
        /// What the connection said.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The server has no such file.
    #[error("{url} does not exist")]
    Missing {
        /// The URL.
        url: String,
    },
    /// The server answered with another status than 200.
    #[error("the server answered {status} for {url}")]
    Status {
        /// The URL.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The body could not be read.
    #[error("cannot read {url}")]
    Body {
        /// The URL.
        url: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl FetchError {
    /// Whether trying again may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Body { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            Self::Missing { .. } => false,
        }
    }

    /// Whether the server sends a client elsewhere that [stays](Http::that_stays).
    pub(crate) fn leads_elsewhere(&self) -> bool {
        matches!(
            self,
            Self::Status {
                status: 300..400,
                ..
            }
        )
    }
}

/// What to do where a server sends a client elsewhere that stays.
pub(crate) const ELSEWHERE: &str = "it sends us elsewhere, which a build that is confined does not follow: name the address that it leads to";

/// What a server answered.
pub struct Answer {
    /// Whether it is what the request said to have already; there is no body then.
    pub is_same: bool,
    /// What the server calls this state of it.
    pub etag: Option<String>,
    /// `Last-Modified`, as it stands.
    pub modified: Option<String>,
    /// Bytes, if the server says.
    pub size: Option<u64>,
    /// The content.
    pub body: Box<dyn Read>,
}

/// A client. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Http {
    agent: ureq::Agent,
    /// Whether it goes where it is sent.
    follows: bool,
}

impl Http {
    /// Makes a client. `bundle` is a file of trusted certificates (PEM), `proxy` the proxy if the environment
    /// (`http_proxy`, `no_proxy`...) names none.
    pub fn new(bundle: Option<&Path>, proxy: Option<&str>) -> Self {
        Self::configured(bundle, proxy, true)
    }

    fn configured(bundle: Option<&Path>, proxy: Option<&str>, follows: bool) -> Self {
        let certificates: Vec<Certificate<'static>> = bundle
            .and_then(|path| std::fs::read(path).ok())
            .map(|pem| {
                ureq::tls::parse_pem(&pem)
                    .filter_map(|item| match item {
                        Ok(PemItem::Certificate(certificate)) => Some(certificate),
                        _ => None,
                    })
                    .collect()
            })
            .unwrap_or_default();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .build();
        let proxy = ureq::Proxy::try_from_env().or_else(|| ureq::Proxy::new(proxy?).ok());
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy)
            .http_status_as_error(false)
            .user_agent(concat!("boatyard/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .max_idle_connections_per_host(16)
            .input_buffer_size(256 * 1024);
        let config = if follows {
            config.build()
        } else {
            // Where they lead nobody has looked.
            config.max_redirects(0).build()
        };
        Self {
            agent: boatyard_store::resolver::agent(config),
            follows,
        }
    }

    /// Makes a client as this host is set up: `SSL_CERT_FILE` or the system's bundle, the environment's or apt's proxy.
    pub fn of_host() -> Self {
        Self::of_host_that(true)
    }

    /// The same, that never goes where another host sends it.
    pub fn that_stays() -> Self {
        Self::of_host_that(false)
    }

    fn of_host_that(follows: bool) -> Self {
        let bundle = std::env::var_os("SSL_CERT_FILE")
            .map(PathBuf::from)
            .into_iter()
            .chain(BUNDLES.iter().map(PathBuf::from))
            .find(|path| path.is_file());
        let proxy = super::apt::proxy(Path::new("/etc"));
        Self::configured(bundle.as_deref(), proxy.as_deref(), follows)
    }

    /// Opens a URL for reading.
    pub fn open(&self, url: &str) -> Result<Box<dyn Read>, FetchError> {
        if let Some(path) = url.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(source) if source.kind() == io::ErrorKind::NotFound => {
                    Err(FetchError::Missing {
                        url: url.to_owned(),
                    })
                }
                Err(source) => Err(FetchError::Body {
                    url: url.to_owned(),
                    source,
                }),
            };
        }
        let response = self
            .agent
            .get(url)
            .call()
            .map_err(|source| FetchError::Unreachable {
                url: url.to_owned(),
                source: Box::new(source),
            })?;
        match response.status().as_u16() {
            200 => Ok(Box::new(response.into_body().into_reader())),
            404 | 410 => Err(FetchError::Missing {
                url: url.to_owned(),
            }),
            status => Err(FetchError::Status {
                url: url.to_owned(),
                status,
            }),
        }
    }

    /// Asks for a URL, unless the server still has what it called `etag`. Any status below 400 is an answer.
    pub fn ask(&self, url: &str, etag: Option<&str>) -> Result<Answer, FetchError> {
        let mut request = self.agent.get(url);
        if let Some(etag) = etag {
            request = request.header("If-None-Match", etag);
        }
        let response = request.call().map_err(|source| FetchError::Unreachable {
            url: url.to_owned(),
            source: Box::new(source),
        })?;
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().ok()?.to_owned())
        };
        let (etag, modified) = (header("etag"), header("last-modified"));
        match response.status().as_u16() {
            404 | 410 => Err(FetchError::Missing {
                url: url.to_owned(),
            }),
            // Where it is sent nobody has looked: what it has is no answer.
            status @ 300..400 if status != 304 && !self.follows => Err(FetchError::Status {
                url: url.to_owned(),
                status,
            }),
            status @ 400.. => Err(FetchError::Status {
                url: url.to_owned(),
                status,
            }),
            status => Ok(Answer {
                is_same: status == 304,
                etag,
                modified,
                size: response.body().content_length(),
                body: Box::new(response.into_body().into_reader()),
            }),
        }
    }

    /// Reads a URL into memory, at most `limit` bytes of it, trying again twice where that may help.
    pub fn read(&self, url: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        let mut tries = 0;
        loop {
            let read = self.open(url).and_then(|body| {
                let mut bytes = Vec::new();
                match body.take(limit).read_to_end(&mut bytes) {
                    Ok(_) => Ok(bytes),
                    Err(source) => Err(FetchError::Body {
                        url: url.to_owned(),
                        source,
                    }),
                }
            });
            tries += 1;
            match read {
                Err(error) if error.is_passing() && tries < 3 => {}
                result => return result,
            }
        }
    }
}
