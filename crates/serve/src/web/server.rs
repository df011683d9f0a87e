//! Connections: taken in up to a limit, each with its limits, ended within seconds when the server ends.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::front::Front;
use super::site::Site;
use super::{observe, proxy};

/// For the head of a request, also of the next one on the same connection.
const HEAD: Duration = Duration::from_secs(30);
/// Bytes of a head.
const HEAD_BYTES: usize = 64 << 10;
/// For what is under way when the server ends.
const LAST: Duration = Duration::from_secs(4);
/// For a request that has come, but was not read yet, when the server ends: else its connection would be closed without an answer.
const UNREAD: Duration = Duration::from_millis(100);
/// After the machine refused a connection for want of something.
const BREATH: Duration = Duration::from_millis(50);

/// Who answers requests. Clones are the same.
pub trait Answers: Clone + Send + 'static {
    /// Answers one that came from `peer`.
    fn answer(&self, request: Request<Body>, peer: IpAddr)
    -> impl Future<Output = Response> + Send;
}

impl Answers for Front {
    async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response {
        Self::answer(self, request, peer).await
    }
}

/// Answers on `listener` until `shutdown`; what is under way then has four seconds.
///
/// # Errors
/// None so far: what a connection suffers concerns nobody else.
pub async fn serve(
    site: Site,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let tasks = [
        tokio::spawn(observe::follow(site.clone())),
        tokio::spawn(proxy::note_use(site.clone())),
    ];
    let front = Front::new(site.clone());
    let connections = site.settings().connections;
    let end = || site.end();
    accept(
        (listener, connections),
        front,
        (site.ending(), end),
        shutdown,
    )
    .await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

/// Answers on a listener, so many connections at once, until `shutdown`; calls `end`, which turns `ending`, and gives what is under
/// way four seconds then.
pub(super) async fn accept<A: Answers>(
    (listener, connections): (TcpListener, usize),
    answers: A,
    (ending, end): (watch::Receiver<bool>, impl FnOnce()),
    shutdown: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(connections));
    // Open as long as there is a connection.
    let (open, mut all_closed) = mpsc::channel::<()>(1);
    let mut shutdown = pin!(shutdown);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut shutdown => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let held = (place, open.clone());
                take(answers.clone(), ending.clone(), (stream, peer), held);
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
    drop((listener, open));
    end();
    // What is not done by then is cut off.
    let _ = tokio::time::timeout(LAST, all_closed.recv()).await;
}

/// What a connection holds until it ends.
type Held = (OwnedSemaphorePermit, mpsc::Sender<()>);

fn take<A: Answers>(
    answers: A,
    ending: watch::Receiver<bool>,
    (stream, peer): (TcpStream, SocketAddr),
    held: Held,
) {
    // Answers are written whole; waiting for more only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let answers = answers.clone();
        async move { Ok::<_, Infallible>(answers.answer(request.map(Body::new), peer.ip()).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        let ends = async {
            ended(ending).await;
            tokio::time::sleep(UNREAD).await;
        };
        let is_over = tokio::select! {
            _ = connection.as_mut() => true,
            () = ends => false,
        };
        // Whoever hung up knows.
        if !is_over {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
        drop(held);
    });
}

/// Until the server ends.
async fn ended(mut ending: watch::Receiver<bool>) {
    while !*ending.borrow_and_update() {
        if ending.changed().await.is_err() {
            return;
        }
    }
}
