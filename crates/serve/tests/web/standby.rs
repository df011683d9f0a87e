//! Whoever asks a server that stands by is answered by the one that leads, also in the moment in which that becomes another one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::any;
use boatyard_serve::web::settings::{Address, Settings};
use boatyard_serve::web::{Leads, Standby};
use tokio::net::TcpListener;

use super::application;
use super::reply::Reply;
use super::yard::HOST;

/// It was handed on to us.
const MARK: &str = "boatyard-standby: 1";

async fn begin() -> (Standby, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let own = Address::parse(&format!("http://{HOST}")).unwrap();
    let standby = Standby::new(Settings::new(own, HOST));
    tokio::spawn(standby.clone().serve(listener, std::future::pending()));
    (standby, address)
}

fn known(address: SocketAddr) -> Leads {
    Leads::Known {
        name: "ann".to_owned(),
        address: Some(address),
    }
}

async fn ask(address: SocketAddr, method: Method, more: &[&str]) -> Reply {
    Reply::ask(address, method, (HOST, "/some"), more, "").await
}

/// One of two hears first that the other leads now, and hands on to it.
#[tokio::test]
async fn what_is_handed_on_waits_for_our_turn() {
    let leader = application::start().await;
    for method in [Method::GET, Method::POST] {
        let (standby, address) = begin().await;
        standby.follow(known(address));
        let asked = tokio::spawn(ask(address, method, &[MARK]));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!asked.is_finished());
        standby.follow(Leads::Us(leader));
        let reply = asked.await.unwrap();
        assert_eq!(reply.status, StatusCode::IM_A_TEAPOT, "{}", reply.text);
    }
}

/// Two that take each other for the one that leads do not go on for ever.
#[tokio::test]
async fn what_is_handed_on_goes_no_further() {
    let leader = application::start().await;
    let (standby, address) = begin().await;
    standby.follow(known(leader));
    let reply = ask(address, Method::GET, &[MARK]).await;
    reply.is_problem(503, "ann, which leads, does not answer");
    assert_eq!(reply.header("boatyard-standby"), "1");
    let reply = ask(address, Method::GET, &[]).await;
    assert_eq!(reply.status, StatusCode::IM_A_TEAPOT, "{}", reply.text);
}

/// The one that led has heard that it does not: another is asked, if the request may be made twice.
#[tokio::test]
async fn what_nobody_takes_up_is_asked_again() {
    let asked = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&asked);
    let answer = move || {
        let is_first = count.fetch_add(1, Ordering::Relaxed) % 2 == 0;
        async move {
            if is_first {
                let mark = [("boatyard-standby", "1")];
                return (StatusCode::SERVICE_UNAVAILABLE, mark).into_response();
            }
            "taken up".into_response()
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let leader = listener.local_addr().unwrap();
    let router = Router::new().fallback(any(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (standby, address) = begin().await;
    standby.follow(known(leader));
    let reply = ask(address, Method::GET, &[]).await;
    assert_eq!((reply.status, &*reply.text), (StatusCode::OK, "taken up"));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let reply = ask(address, Method::POST, &[]).await;
    reply.is_problem(503, "ann, which leads, does not answer");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

/// Nothing is waited for where nobody can be asked.
#[tokio::test]
async fn who_leads_somewhere_unknown_is_not_waited_for() {
    let (standby, address) = begin().await;
    standby.follow(Leads::Known {
        name: "ann".to_owned(),
        address: None,
    });
    let before = Instant::now();
    let reply = ask(address, Method::GET, &[]).await;
    reply.is_problem(503, "ann");
    // Ten seconds are waited for one who can be asked.
    assert!(before.elapsed() < Duration::from_secs(8));
}
