//! What a server answers that stands by: it says that it lives, and hands all else on to the server that leads.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::host::Host;
use super::peer::Peer;
use super::problem::Problem;
use super::proxy::{Client, both, pass};
use super::server::{Answers, accept};
use super::settings::Settings;

/// What was handed on once is not handed on again: two servers might each take the other for the one that leads.
const HANDED_ON: HeaderName = HeaderName::from_static("boatyard-standby");
/// After how many seconds somebody may lead.
const AGAIN: u32 = 5;

/// Who leads, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// That one, at that address if it says so.
    Known {
        /// Who.
        name: String,
        /// Where it answers.
        address: Option<SocketAddr>,
    },
    /// Nobody knows, because of that.
    Unknown(String),
}

/// A server that stands by. Clones are the same.
#[derive(Clone)]
pub struct Standby(Arc<Inner>);

struct Inner {
    leads: RwLock<Leads>,
    settings: RwLock<Arc<Settings>>,
    client: Client,
    ending: watch::Sender<bool>,
}

impl Standby {
    /// One that does not know yet who leads.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            leads: RwLock::new(Leads::Unknown("nobody leads yet".to_owned())),
            settings: RwLock::new(Arc::new(settings)),
            client: Client::new(),
            ending: watch::Sender::new(false),
        }))
    }

    /// From now on that one leads.
    pub fn follow(&self, leads: Leads) {
        *self.0.leads.write().unwrap_or_else(PoisonError::into_inner) = leads;
    }

    /// From now on other settings hold.
    pub fn set(&self, settings: Settings) {
        let held = self.0.settings.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Answers on `listener` until `shutdown`; what is under way then has four seconds.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let connections = self.settings().connections;
        let ending = self.0.ending.subscribe();
        let inner = Arc::clone(&self.0);
        let end = move || {
            inner.ending.send_replace(true);
        };
        accept((listener, connections), self, (ending, end), shutdown).await;
    }

    fn settings(&self) -> Arc<Settings> {
        let held = self.0.settings.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }

    fn leads(&self) -> Leads {
        let held = self.0.leads.read();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn hand_on(&self, mut request: Request<Body>, peer: IpAddr) -> Response {
        let (name, address) = match self.leads() {
            Leads::Known { name, address } => (name, address),
            Leads::Unknown(why) => return unled(&why).into_response(),
        };
        let stands_by = || unled(&format!("this server stands by, and {name} leads"));
        let Some(address) = address else {
            return stands_by().into_response();
        };
        let before = request
            .headers_mut()
            .insert(HANDED_ON, HeaderValue::from_static("1"));
        if before.is_some() {
            return stands_by().into_response();
        }
        let settings = self.settings();
        let peer = Peer::through(request.headers(), peer, &settings.visitors.proxies);
        match pass(&self.0.client, &settings, address, peer, request).await {
            Ok((response, None)) => response.map(Body::new),
            Ok((response, Some((here, there)))) => {
                let mut ending = self.0.ending.subscribe();
                tokio::spawn(async move {
                    tokio::select! {
                        () = both(here, there) => {}
                        _ = ending.changed() => {}
                    }
                });
                response.map(|_| Body::empty())
            }
            Err(_) => unled(&format!(
                "this server stands by, and {name}, which leads, does not answer"
            ))
            .into_response(),
        }
    }
}

impl Answers for Standby {
    async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response {
        let is_own = !matches!(
            Host::asked(&request, &self.settings()),
            Host::Environment(_)
        );
        match request.uri().path() {
            "/healthz" if is_own => "ok\n".into_response(),
            // It can take its part: it knows who leads, hands on what comes, and leads when it is its turn.
            "/readyz" if is_own => match self.leads() {
                Leads::Known { name, .. } => format!("stands by; {name} leads\n").into_response(),
                Leads::Unknown(why) => {
                    (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
                }
            },
            _ => self.hand_on(request, peer).await,
        }
    }
}

/// Nobody answers this now.
pub(super) fn unled(why: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).retry(AGAIN)
}
