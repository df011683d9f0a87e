//! A forge that speaks as GitHub does, and says what somebody may.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Path as Of, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boatyard_preview::news::News;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::{Browser, query, set};
use crate::yard::{HOST, Yard};

const FORGE: &str = r#"
[forge.hub]
kind = "github"
url = "http://ADDRESS"
api = "http://ADDRESS/api"
hooks = false

[[repository]]
forge = "hub"
name = "acme/shop"

[[repository]]
forge = "hub"
name = "acme/blog"

[access.login.hub]
forge = "hub"
client = "us"
secret = { value = "the secret" }

[[access.role]]
permission = "write"
scopes = ["operate"]

[[access.role]]
group = "acme/ops"
scopes = ["read"]
"#;

/// What the forge was asked for a token with.
type Tokens = Arc<Mutex<Vec<HashMap<String, String>>>>;

/// A forge that speaks as GitHub does, as far as that goes. Gitea and GitLab are other words for the same.
async fn forge() -> (String, Tokens) {
    let tokens = Tokens::default();
    let is_known = |headers: &HeaderMap| {
        headers
            .get("authorization")
            .is_some_and(|value| value == "Bearer the token")
    };
    let token = async |State(tokens): State<Tokens>, Form(form): Form<HashMap<String, String>>| {
        let is_fine = form["code"] == "good" && form["client_secret"] == "the secret";
        tokens.lock().unwrap().push(form);
        Json(if is_fine {
            json!({ "access_token": "the token", "token_type": "bearer" })
        } else {
            json!({ "error": "bad_verification_code" })
        })
    };
    let user = async move |headers: HeaderMap| {
        let user = Json(json!({ "login": "anne" }));
        is_known(&headers)
            .then_some(user)
            .ok_or(StatusCode::UNAUTHORIZED)
    };
    let teams = async || Json(json!([]));
    let repository = async |Of((_, name)): Of<(String, String)>| match name.as_str() {
        "shop" => Ok(Json(
            json!({ "permissions": { "admin": false, "push": true, "pull": true } }),
        )),
        _ => Err(StatusCode::NOT_FOUND),
    };
    let router = Router::new()
        .route("/login/oauth/access_token", post(token))
        .route("/api/user", get(user))
        .route("/api/user/teams", get(teams))
        .route("/api/repos/{owner}/{name}", get(repository))
        .with_state(Arc::clone(&tokens));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, tokens)
}

/// The branch main of a repository there.
fn pushed(address: &str, name: &str) -> News {
    let News::Head {
        mut place,
        head,
        about,
    } = crate::yard::head(name, "main")
    else {
        unreachable!("it is a head")
    };
    address.clone_into(&mut place.repository.forge);
    News::Head { place, head, about }
}

#[tokio::test]
async fn who_may_push_may_operate() {
    let (address, tokens) = forge().await;
    let yard = Yard::with(|settings, policy| {
        set(settings, FORGE, &address);
        for name in ["shop", "blog"] {
            let News::Head { place, .. } = pushed(&address, name) else {
                unreachable!("it is a head")
            };
            let watch = policy.repositories.values().next().unwrap().clone();
            policy.repositories.insert(place.repository, watch);
        }
    })
    .await;
    let mut browser = Browser::new(&yard);
    let begin = async |browser: &mut Browser<'_>| {
        let sent = browser.get("/login/hub").await;
        let location = sent.header("location");
        assert!(
            location.starts_with(&format!("http://{address}/login/oauth/authorize?")),
            "{location}"
        );
        query(location)
    };
    let asked = begin(&mut browser).await;
    let back = format!("/login/hub/callback?state={}", asked["state"]);
    let refused = browser.get(&format!("{back}&error=access_denied")).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("access_denied"), "{}", refused.text);

    for (code, status) in [("bad", 403), ("good", 303)] {
        let asked = begin(&mut browser).await;
        let back = format!("/login/hub/callback?state={}&code={code}", asked["state"]);
        let reply = browser.get(&back).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        let form = tokens.lock().unwrap().pop().unwrap();
        let shown = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        assert_eq!(shown, asked["code_challenge"]);
        assert_eq!(
            form["redirect_uri"],
            format!("http://{HOST}/login/hub/callback")
        );
    }
    // On that forge: the shop of another one is not the same.
    yard.asleep(&["main"]).await;
    let list = browser.get("/api/environments").await;
    assert_eq!(list.json()["total"], 0);
    for name in ["shop", "blog"] {
        yard.hear(vec![pushed(&address, name)]).await;
    }
    let list = browser.get("/api/environments").await.json();
    assert_eq!(list["total"], 1);
    let shop = list["environments"][0]["id"].as_str().unwrap();
    let pin = format!("/environments/{shop}/pin");
    assert_eq!(browser.ask(Method::POST, &pin).await.status, 303);
    let page = browser.get("/").await;
    assert!(page.text.contains("anne@hub"), "{}", page.text);
}
