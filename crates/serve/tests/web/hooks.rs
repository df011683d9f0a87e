//! What forges send.

use axum::http::Method;

use super::yard::{HOST, Yard, id};

#[tokio::test]
async fn what_becomes_of_a_delivery() {
    let yard = Yard::with(|settings, _| settings.hook_bytes = 1000).await;
    let long = format!("push {}", "x".repeat(1000));
    let cases: [(&str, &[&str], &str, u16); 8] = [
        (
            "/hooks/test",
            &["x-signature: right", "x-delivery: 1"],
            "push a",
            202,
        ),
        (
            "/hooks/test",
            &["x-signature: right", "x-delivery: 1"],
            "push a",
            200,
        ),
        (
            "/hooks/test",
            &["x-signature: right", "x-delivery: 1"],
            "push other",
            200,
        ),
        ("/hooks/test", &["x-signature: wrong"], "push b", 401),
        ("/hooks/test", &[], "push b", 401),
        ("/hooks/test", &["x-signature: right"], "rubbish", 400),
        ("/hooks/other", &["x-signature: right"], "push b", 404),
        ("/hooks/test", &["x-signature: right"], &long, 413),
    ];
    for (path, headers, body, expected) in cases {
        // Forges ask by whatever name the hook was given with.
        for host in [HOST, "hooks.elsewhere.test"] {
            let expected = if expected == 202 && host != HOST {
                200
            } else {
                expected
            };
            let reply = yard.ask(Method::POST, host, path, headers, body).await;
            assert_eq!(
                reply.status, expected,
                "{path} {headers:?} {body:.20}: {}",
                reply.text
            );
        }
    }
    assert!(yard.get(&id("shop", "a")).is_some());
    for branch in ["b", "other"] {
        assert!(yard.get(&id("shop", branch)).is_none(), "{branch}");
    }
    let get = yard.own("/hooks/test", &[]).await;
    get.is_problem(405, "method");
}
