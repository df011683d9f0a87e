//! What a server answers that stands by: it says that it lives, and hands all else on to the server that leads.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use super::host::Host;
use super::peer::Peer;
use super::problem::Problem;
use super::proxy::{Client, both, pass};
use super::server::{Answers, accept};
use super::settings::Settings;

/// What was handed on once is not handed on again: two servers might each take the other for the one that leads. In an answer: nobody took
/// it up.
const HANDED_ON: HeaderName = HeaderName::from_static("boatyard-standby");
/// After how many seconds somebody may lead.
const AGAIN: u32 = 5;
/// How long a request waits for that: one who ends lets another lead within a second or two.
const HOLD: Duration = Duration::from_secs(10);
/// How long one that was handed on to us waits: others may hear before us that it is our turn.
const TURN: Duration = Duration::from_secs(2);
/// How soon one is tried again whose leader does not answer.
const SOON: Duration = Duration::from_millis(100);

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
    /// We do, at that address.
    Us(SocketAddr),
    /// Nobody knows, because of that.
    Unknown(String),
}

impl Leads {
    /// Where what is asked of us is answered, as far as is known.
    fn answers(&self, is_first: bool) -> Option<SocketAddr> {
        match self {
            Self::Us(address) => Some(*address),
            Self::Known { address, .. } => address.filter(|_| is_first),
            Self::Unknown(_) => None,
        }
    }

    /// Why nobody answers.
    fn why(&self) -> String {
        match self {
            Self::Us(_) => "this server begins to lead".to_owned(),
            Self::Known { name, .. } => {
                format!("this server stands by, and {name}, which leads, does not answer")
            }
            Self::Unknown(why) => why.clone(),
        }
    }
}

/// A server that stands by. Clones are the same.
#[derive(Clone)]
pub struct Standby(Arc<Inner>);

struct Inner {
    leads: watch::Sender<Leads>,
    settings: RwLock<Arc<Settings>>,
    client: Client,
    ending: watch::Sender<bool>,
}

impl Standby {
    /// One that does not know yet who leads.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            leads: watch::Sender::new(Leads::Unknown("nobody leads yet".to_owned())),
            settings: RwLock::new(Arc::new(settings)),
            client: Client::new(),
            ending: watch::Sender::new(false),
        }))
    }

    /// From now on that one leads.
    pub fn follow(&self, leads: Leads) {
        self.0.leads.send_replace(leads);
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
        self.0.leads.borrow().clone()
    }

    /// Has the server that leads answer; while none does, who asked waits.
    async fn hand_on(&self, mut request: Request<Body>, peer: IpAddr) -> Response {
        let before = request
            .headers_mut()
            .insert(HANDED_ON, HeaderValue::from_static("1"));
        let is_first = before.is_none();
        let mut leads = self.0.leads.subscribe();
        let end = Instant::now() + if is_first { HOLD } else { TURN };
        loop {
            let now = leads.borrow_and_update().clone();
            let next = match now.answers(is_first) {
                Some(address) => {
                    let next = again(&request);
                    if let Some(response) = self.pass(request, peer, address).await {
                        return response;
                    }
                    next
                }
                // It says nowhere to ask, and will not.
                None if is_first && matches!(now, Leads::Known { .. }) => None,
                None => Some(request),
            };
            let Some(next) = next.filter(|_| Instant::now() < end) else {
                return unled(&now.why());
            };
            let _ = tokio::time::timeout(SOON, leads.changed()).await;
            request = next;
        }
    }

    /// What the server at that address answers; none: nothing, or that it does not lead.
    async fn pass(
        &self,
        request: Request<Body>,
        peer: IpAddr,
        address: SocketAddr,
    ) -> Option<Response> {
        let settings = self.settings();
        let peer = Peer::through(request.headers(), peer, &settings.visitors.proxies);
        let passed = pass(&self.0.client, &settings, address, peer, request).await;
        let (response, both_ways) = passed.ok()?;
        let Some((here, there)) = both_ways else {
            let is_taken_up = !response.headers().contains_key(HANDED_ON);
            return is_taken_up.then(|| response.map(Body::new));
        };
        let mut ending = self.0.ending.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                () = both(here, there) => {}
                _ = ending.changed() => {}
            }
        });
        Some(response.map(|_| Body::empty()))
    }
}

/// The same request, if it may be made twice.
fn again(request: &Request<Body>) -> Option<Request<Body>> {
    if !request.method().is_safe() || !request.body().is_end_stream() {
        return None;
    }
    let mut again = Request::new(Body::empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.version_mut() = request.version();
    *again.headers_mut() = request.headers().clone();
    *again.extensions_mut() = request.extensions().clone();
    Some(again)
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
                Leads::Us(_) => "begins to lead\n".into_response(),
                Leads::Unknown(why) => {
                    (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
                }
            },
            _ => self.hand_on(request, peer).await,
        }
    }
}

/// Nobody answers this now; nobody took it up.
pub(super) fn unled(why: &str) -> Response {
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).retry(AGAIN);
    let mut response = problem.into_response();
    let mark = HeaderValue::from_static("1");
    response.headers_mut().insert(HANDED_ON, mark);
    response
}

/// Somebody took this up, whatever an application says of it.
pub(super) fn taken_up(response: &mut Response) {
    response.headers_mut().remove(HANDED_ON);
}
