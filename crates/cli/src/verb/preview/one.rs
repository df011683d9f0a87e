//! Environments, listed, shown, and acted on.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::api::Api;
use super::failure::PreviewError;
use super::text::{self, Entry, Environment, legible};
use crate::answer;
use crate::args::preview::{Approval, Filter, One};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Environments that are asked for at once.
const PORTION: &str = "500";

/// Lists environments, to the last portion.
pub fn list(api: &Api, filter: &Filter, voice: &Voice) -> Result<(), Stopped> {
    let number = filter.pull_request.map(|number| number.to_string());
    let said = [
        ("repository", filter.repository.clone()),
        ("branch", filter.branch.clone()),
        ("pull_request", number),
        ("phase", filter.phase.clone()),
        ("text", Some(filter.text.join(" "))),
    ];
    let said: Vec<(&str, String)> = said
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let mut all: Vec<Value> = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(after) = cursor {
        let mut query: Vec<(&str, &str)> = said
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        query.extend([("cursor", after.as_str()), ("limit", PORTION)]);
        let mut found = api.get("/api/environments", &query)?;
        let Some(portion) = found["environments"].as_array_mut() else {
            return Err(api.strange("a list without environments").into());
        };
        let is_empty = portion.is_empty();
        all.append(portion);
        // Who gives nothing but goes on for ever is not followed.
        cursor = found["cursor"]
            .as_str()
            .filter(|_| !is_empty)
            .map(str::to_owned);
    }
    if voice.json {
        return answer::json(&json!({ "environments": all }));
    }
    let all: Vec<Environment> = read(api, Value::Array(all))?;
    if all.is_empty() {
        return answer::text("no environment\n");
    }
    answer::text(&text::table(&all, voice.out))
}

/// Shows one, and what happened to it.
pub fn show(api: &Api, one: &One, voice: &Voice) -> Result<(), Stopped> {
    let path = path(one);
    let mut environment = api.get(&path, &[])?;
    let history = api.get(&format!("{path}/history"), &[])?;
    if voice.json {
        environment["history"] = history;
        return answer::json(&environment);
    }
    let environment: Environment = read(api, environment)?;
    let history: Vec<Entry> = read(api, history)?;
    answer::text(&text::one(&environment, &history))
}

/// Has something happen to one.
pub fn act(api: &Api, one: &One, action: &str, voice: &Voice) -> Result<(), Stopped> {
    acted(api, &format!("{}/{action}", path(one)), voice)
}

/// Says that a commit may be run.
pub fn approve(
    api: &Api,
    Approval { one, commit }: &Approval,
    voice: &Voice,
) -> Result<(), Stopped> {
    acted(
        api,
        &format!("{}/approve?commit={commit}", path(one)),
        voice,
    )
}

fn acted(api: &Api, path: &str, voice: &Voice) -> Result<(), Stopped> {
    let answer = api.post(path)?;
    if voice.json {
        return answer::json(&answer);
    }
    let one: Environment = read(api, answer)?;
    let asked = if one.is_asked && one.phase != "running" {
        ", and is to run"
    } else {
        ""
    };
    let pinned = if one.is_pinned { ", and is pinned" } else { "" };
    answer::text(&format!("{} is {}{asked}{pinned}\n", one.name(), one.phase))
}

/// Where an environment is in the API: by its id or label, which an address begins with.
pub fn path(one: &One) -> String {
    let text = one.environment.as_str();
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let label = host
        .split(['.', '/', ':', '?', '#'])
        .next()
        .unwrap_or_default();
    format!("/api/environments/{label}")
}

/// What the server has said, as far as it is shown to people.
pub fn read<T: DeserializeOwned>(api: &Api, value: Value) -> Result<T, PreviewError> {
    serde_json::from_value(legible(value)).map_err(|error| api.strange(error))
}

#[cfg(test)]
mod tests {
    use boatyard_preview::config::Address;
    use serde_json::json;

    use super::super::server::Server;
    use super::{Api, Entry, path, read};
    use crate::args::preview::One;

    #[test]
    fn an_environment_is_named_in_three_ways() {
        for text in [
            "shop-main-k3v7abcd",
            "http://shop-main-k3v7abcd.preview.localhost:8000/orders?x=1",
            "shop-main-k3v7abcd.preview.localhost",
        ] {
            let one = One {
                environment: text.to_owned(),
            };
            assert_eq!(path(&one), "/api/environments/shop-main-k3v7abcd", "{text}");
        }
    }

    #[test]
    fn nothing_that_is_read_tells_the_terminal_what_to_do() {
        let url = "http://a.test".to_owned();
        let api = Api::of(Server {
            address: Address::parse(&url).unwrap(),
            url,
            token: None,
        });
        let said = json!({ "at": "then", "by": "eve\u{1b}[2J", "phase": null, "why": "a\rb\nc" });
        let entry: Entry = read(&api, said).unwrap();
        assert_eq!([entry.by, entry.why], ["eve", "ab\nc"]);
    }
}
