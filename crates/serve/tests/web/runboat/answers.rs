//! What runboat's clients are answered: compared with what runboat itself answered to the same requests about the same builds.
//!
//! recorded.json was recorded from sbidoul/runboat at abc930f, without a cluster; `ours` is where we differ, and why.

use axum::http::Method;
use boatyard_preview::phase::Phase;
use serde_json::{Value, json};

use super::OPERATE;
use super::builds::{NAMES, full, id, plain};
use crate::reply::Reply;
use crate::yard::HOST;

const RECORDED: &str = include_str!("recorded.json");

/// The lines of a page, without its marks.
fn lines(page: &str) -> Value {
    let (_, body) = page.split_once("<body").unwrap();
    let mut text = String::new();
    for part in body.split('<') {
        text.push_str(part.split_once('>').unwrap().1);
    }
    text.trim().lines().collect::<Vec<_>>().into()
}

/// What was answered, in the form in which it was recorded.
fn recorded(reply: &Reply) -> Value {
    let kind = reply.header("content-type").split(';').next().unwrap();
    let mut found = json!({ "status": reply.status.as_u16() });
    if !kind.is_empty() {
        found["type"] = kind.into();
    }
    match kind {
        "application/json" | "application/problem+json" => found["answer"] = reply.json(),
        "text/html" => found["text"] = lines(&reply.text),
        _ => {}
    }
    let challenge = reply.header("www-authenticate");
    if !challenge.is_empty() {
        found["challenge"] = challenge.split(' ').next().into();
    }
    plain(&mut found);
    found
}

#[tokio::test]
async fn answers_are_those_of_runboat() {
    let yard = full().await;
    let cases: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
    for case in &cases {
        let ask = case["ask"].as_str().unwrap();
        let (method, path) = ask.split_once(' ').unwrap();
        let mut path = path.to_owned();
        for name in NAMES {
            let named = path.replace(&format!("builds/{name}/"), &format!("builds/{}/", id(name)));
            let named = named.replace(&format!("builds/{name}?"), &format!("builds/{}?", id(name)));
            path = match named.strip_suffix(&format!("builds/{name}")) {
                Some(before) => format!("{before}builds/{}", id(name)),
                None => named,
            };
        }
        let mut headers: Vec<String> = Vec::new();
        let named = case["headers"].as_object();
        for (name, value) in named.into_iter().flatten() {
            headers.push(format!(
                "{}: {}",
                name.to_lowercase(),
                value.as_str().unwrap()
            ));
        }
        headers.extend(case["basic"].as_str().map(|said| match said {
            "operate:operate-token" => OPERATE.to_owned(),
            "operate:guess" => "authorization: Basic b3BlcmF0ZTpndWVzcw==".to_owned(),
            _ => "authorization: Basic bm9ib2R5Om9wZXJhdGUtdG9rZW4=".to_owned(),
        }));
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let body = case["body"].as_str().unwrap_or_default();
        let reply = yard
            .ask(
                method.parse::<Method>().unwrap(),
                HOST,
                &path,
                &headers,
                body,
            )
            .await;
        let mut found = recorded(&reply);
        let mut expected = json!({});
        for field in ["status", "type", "challenge", "answer", "text"] {
            if let Some(value) = case.get(field) {
                expected[field] = value.clone();
            }
        }
        plain(&mut expected);
        if let Some(ours) = case["ours"].as_object() {
            assert!(case["why"].is_string(), "{ask}");
            // Only what is said there is compared.
            let fields: Vec<String> = found.as_object().unwrap().keys().cloned().collect();
            for field in fields.iter().filter(|field| !ours.contains_key(*field)) {
                match expected.get(field) {
                    Some(value) => found[field] = value.clone(),
                    None => drop(found.as_object_mut().unwrap().remove(field)),
                }
            }
            for (field, value) in ours {
                expected[field] = value.clone();
            }
        }
        if case["location"].is_string() {
            let location = reply.header("location");
            assert_eq!(location, format!("http://{}.{HOST}", id("16.0")), "{ask}");
        }
        assert_eq!(found, expected, "{ask}: {}", reply.text);
    }
    for name in ["main", "16.0"] {
        yard.until(&id(name), Phase::Undeployed).await;
    }
    let left = yard.own("/api/v1/builds?status=stopped", &[]).await;
    assert_eq!(left.json(), json!([]), "what is undeployed is no build");
}
