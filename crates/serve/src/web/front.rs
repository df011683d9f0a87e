//! Which half of the server a request is for: the page and the API, or an environment.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use super::host::Host;
use super::peer::Peer;
use super::problem::Problem;
use super::proxy;
use super::routes;
use super::site::Site;
use super::standby;

/// For the beginning of an answer of ours; its end may come for hours.
const ANSWER: Duration = Duration::from_secs(30);

/// Both halves.
#[derive(Clone)]
pub struct Front {
    site: Site,
    own: Router,
}

impl Front {
    /// In front of `site`.
    pub fn new(site: Site) -> Self {
        let own = routes::router(&site);
        Self { site, own }
    }

    /// Answers one request that came from `peer`.
    pub async fn answer(&self, mut request: Request<Body>, peer: IpAddr) -> Response {
        if let Err(stopped) = self.site.keeper().leads() {
            return standby::unled(&stopped.0);
        }
        let settings = self.site.settings();
        let from = Peer::through(request.headers(), peer, &settings.visitors.proxies);
        request.extensions_mut().insert(from);
        match Host::asked(&request, &settings) {
            Host::Own => self.own(request).await,
            Host::Environment(label) => {
                let mut response = proxy::answer(&self.site, &label, request).await;
                standby::taken_up(&mut response);
                response
            }
            // Forges and probes ask by whatever name; none of that shows or changes anything to a browser.
            Host::Foreign if routes::is_for_anybody(request.uri().path()) => {
                self.own(request).await
            }
            Host::Foreign => {
                let help = format!("ask for {}", settings.address.at(settings.address.host()));
                let detail = "this is not a host of this server";
                Problem::new(StatusCode::MISDIRECTED_REQUEST, detail)
                    .help(help)
                    .into_response()
            }
        }
    }

    async fn own(&self, request: Request<Body>) -> Response {
        let answer = self.own.clone().oneshot(request);
        match tokio::time::timeout(ANSWER, answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "the request took too long")
                .into_response(),
        }
    }
}
