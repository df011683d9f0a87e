//! A provider of OIDC, the real thing.

use std::process::Stdio;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::{Browser, path_of, query, set};
use crate::reply::Reply;
use crate::schemathesis::tool;
use crate::yard::{LIMIT, Yard, id};

const OIDC: &str = r#"
[forge.test]
kind = "generic"
url = "https://git.test"
unsigned = true

[[repository]]
forge = "test"
name = "acme/shop"

[access.login.work]
issuer = "http://ADDRESS"
client = "boatyard"
secret = { value = "the secret" }

[access.login.mail]
issuer = "http://ADDRESS"
client = "boatyard"
secret = { value = "the secret" }
names = "email"

[[access.role]]
login = "work"
group = "acme/*"
scopes = ["operate"]
repositories = ["acme/shop"]

[[access.role]]
login = "work"
subject = "3"
scopes = ["operate"]

[[access.role]]
login = "mail"
user = "*@acme.test"
scopes = ["operate"]
"#;

/// oidc-provider-mock, whose users are these; it ends with what is returned.
async fn provider(users: &[Value]) -> Option<(Child, String)> {
    let program = tool("oidc-provider-mock")?;
    // It takes no listener: between these lines somebody else could take the port, who would then not answer as it does.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut command = Command::new(program);
    command.arg("--port").arg(address.port().to_string());
    for user in users {
        command.arg("--user-claims").arg(user.to_string());
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.kill_on_drop(true).spawn().unwrap();
    let answers = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(LIMIT, answers).await;
    waited.expect("waited for oidc-provider-mock to listen");
    Some((child, address.to_string()))
}

/// Somebody says there who he is; where the browser is sent then.
async fn agree(address: &str, url: &str, subject: &str) -> String {
    let path = url.strip_prefix(&format!("http://{address}")).unwrap();
    let body = format!("sub={subject}");
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri(format!("http://{address}{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body))
        .unwrap();
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new());
    let response = client.build_http().request(request).await.unwrap();
    let reply = Reply::of(response).await;
    assert_eq!(reply.status, 302, "{}", reply.text);
    reply.header("location").to_owned()
}

#[tokio::test]
async fn a_provider_of_openid_connect_says_who_it_is() {
    let users = [
        json!({ "sub": "1", "preferred_username": "anne", "groups": ["acme/ops"] }),
        json!({ "sub": "2", "preferred_username": "bob", "groups": ["other"] }),
        json!({ "sub": "3", "preferred_username": "carol" }),
        json!({ "sub": "4", "preferred_username": "carol", "email": "eve@acme.test", "email_verified": false }),
        json!({ "sub": "5", "preferred_username": "3", "email": "frank@acme.test", "email_verified": true }),
        json!({ "sub": "6", "preferred_username": "gina@acme.test" }),
    ];
    let Some((_provider, address)) = provider(&users).await else {
        return;
    };
    let yard = Yard::with(|settings, _| set(settings, OIDC, &address)).await;
    yard.asleep(&["main"]).await;
    let mut browser = Browser::new(&yard);
    let page = browser.get("/login?to=/queue").await;
    assert!(
        page.text.contains("/login/work?to=%2Fqueue"),
        "{}",
        page.text
    );
    assert_eq!(browser.get("/login/nowhere").await.status, 404);

    let sent = browser.get("/login/work?to=/queue").await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let asked = query(sent.header("location"));
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["scope"], "openid profile");
    let back = path_of(&agree(&address, sent.header("location"), "1").await);
    // Whoever gets hold of the address has not begun there.
    let mut other = Browser::new(&yard);
    assert_eq!(other.get(&back).await.status, 400);
    assert_eq!(browser.get(&back).await.status, 400, "and once is enough");

    let sent = browser.get("/login/work?to=/queue").await;
    let back = path_of(&agree(&address, sent.header("location"), "1").await);
    let entered = browser.get(&back).await;
    assert_eq!(entered.status, 303, "{}", entered.text);
    assert_eq!(entered.header("location"), "/queue");
    let main = id("shop", "main");
    let pin = format!("/environments/{main}/pin");
    assert_eq!(browser.ask(Method::POST, &pin).await.status, 303);
    assert!(yard.get(&main).unwrap().is_pinned);
    let history = browser
        .get(&format!("/api/environments/{main}/history"))
        .await;
    assert_eq!(history.json()[0]["by"], "anne (1)@work");
    assert_eq!(
        browser.get("/api/audit").await.status,
        403,
        "of all repositories"
    );
    let cookies = browser.cookies.clone();
    browser.ask(Method::POST, "/logout").await;
    browser.cookies = cookies;
    assert_eq!(
        browser.get("/api/queue").await.status,
        401,
        "the server forgets it too"
    );

    // Nobody is anybody by what he wants to be called, nor by an address that is not his.
    for (login, subject, refused) in [
        ("work", "2", Some("bob (2)@work may do nothing here")),
        ("work", "3", None),
        ("work", "4", Some("carol (4)@work may do nothing here")),
        ("work", "5", Some("3 (5)@work may do nothing here")),
        ("mail", "3", Some("carol (3)@mail may do nothing here")),
        ("mail", "4", Some("carol (4)@mail may do nothing here")),
        ("mail", "5", None),
        (
            "mail",
            "6",
            Some("gina@acme.test (6)@mail may do nothing here"),
        ),
    ] {
        let sent = browser.get(&format!("/login/{login}")).await;
        let back = path_of(&agree(&address, sent.header("location"), subject).await);
        let reply = browser.get(&back).await;
        let expected = refused.map_or(303, |_| 403);
        assert_eq!(reply.status, expected, "{login} {subject}: {}", reply.text);
        let said = refused.unwrap_or_default();
        assert!(
            reply.text.contains(said),
            "{login} {subject}: {}",
            reply.text
        );
    }
    let operate = "authorization: Bearer operate-token";
    let audit = yard.own("/audit", &[operate]).await.text;
    for (who, how) in [
        ("anne (1)@work", "at work"),
        ("anne (1)@work", "logged out"),
        ("bob (2)@work", "at work, refused: no role fits"),
        ("frank@acme.test@mail", "at mail"),
    ] {
        let row = format!("<td>{who}</td><td>{how}</td><td>127.0.0.1</td>");
        assert!(audit.contains(&row), "{row}: {audit}");
    }
}
