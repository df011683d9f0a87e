//! What forges send, case by case: written after their documentation, each signed as the forge signs.

#![expect(
    clippy::disallowed_methods,
    reason = "the cases of the tests are files; the crate they test reads none"
)]

mod order;
mod signed;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use boatyard_preview::config::{self, Config};
use boatyard_preview::forge::{Command, Hook, Trouble, deliver};
use boatyard_preview::news::News;
use boatyard_preview::revision::Subject;
use proptest::prelude::*;
use serde_json::{Value, json};
use signed::{KEY, NOW, Signed};

const FORGES: [&str; 4] = ["github", "gitlab", "gitea", "generic"];
const CONFIG: &str = r#"
[forge.github]
kind = "github"
secret = { env = "S" }
[forge.gitlab]
kind = "gitlab"
secret = { env = "S" }
[forge.gitea]
kind = "gitea"
url = "https://git.example.org"
secret = { env = "S" }
[forge.generic]
kind = "generic"
url = "https://code.example.org"
secret = { env = "S" }
[forge.quiet]
kind = "gitea"
url = "https://quiet.example.org"
hooks = false

[[repository]]
forge = "github"
name = "acme/shop"
branches = ["**", "!old"]
[[repository]]
forge = "github"
name = "acme/blog"
[[repository]]
forge = "github"
name = "acme/docs"
pull-requests = false
[[repository]]
forge = "gitlab"
name = "group/part/shop"
branches = "**"
[[repository]]
forge = "gitea"
name = "acme/shop"
branches = "**"
[[repository]]
forge = "generic"
name = "acme/shop"
branches = "**"
"#;

fn config() -> Config {
    config::parse(CONFIG).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// The cases of a forge, read once.
fn cases(forge: &'static str) -> &'static [(String, Value)] {
    static CASES: LazyLock<BTreeMap<&str, Vec<(String, Value)>>> =
        LazyLock::new(|| FORGES.map(|forge| (forge, read(forge))).into());
    &CASES[forge]
}

fn read(forge: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/forge")
        .join(forge);
    let entries = std::fs::read_dir(&folder).expect("the cases are there");
    let mut cases = Vec::new();
    for entry in entries {
        let path = entry.expect("it can be read").path();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let case = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        cases.push((path.display().to_string(), case));
    }
    cases
}

/// One line of news, as the cases have it.
fn line(news: &News) -> String {
    let name = |subject: &Subject| match subject {
        Subject::Branch(name) => name.clone(),
        Subject::PullRequest(number) => format!("#{number}"),
    };
    match news {
        News::Closed { place } => format!("{} closed", name(&place.subject)),
        News::Head { place, head, about } => {
            let mut line = format!("{} = {}", name(&place.subject), &head.commit[..7]);
            line += if head.is_trusted { " trusted" } else { "" };
            line += if head.is_draft { " draft" } else { "" };
            if let Some(source) = &head.source {
                write!(line, " of {source}").unwrap();
            }
            write!(line, " \"{}\" by {}", about.title, about.author).unwrap();
            for (word, text) in [(" to", &about.target), ("", &about.url)] {
                if !text.is_empty() {
                    write!(line, "{word} {text}").unwrap();
                }
            }
            line
        }
        News::Listing { .. } => panic!("a hook lists nothing"),
    }
}

/// One line of a command, as the cases have it.
fn wanted(said: &Command) -> String {
    let Subject::PullRequest(number) = said.place.subject else {
        panic!("{said:?} is about no pull request");
    };
    let words: Vec<&str> = [&*said.verb]
        .into_iter()
        .chain(said.word.as_deref())
        .collect();
    let (author, words) = (&said.author, words.join(" "));
    format!("{author} wants {words} of #{number} in {}", said.comment)
}

#[test]
fn what_forges_send() {
    let config = config();
    let mut count = 0;
    for forge in FORGES {
        for (path, case) in cases(forge) {
            let signed = Signed::of(forge, case);
            let found = match signed.deliver(&config) {
                Ok(delivery) => {
                    let lists = |names: &[&str]| {
                        names
                            .iter()
                            .map(|name| (*name).to_owned())
                            .collect::<Vec<_>>()
                    };
                    let own = if forge == "gitlab" {
                        "group/part/shop"
                    } else {
                        "acme/shop"
                    };
                    let relist = case.get("relist").map_or_else(
                        || lists(&[own]),
                        |names| {
                            names
                                .as_array()
                                .unwrap()
                                .iter()
                                .map(|name| name.as_str().unwrap().to_owned())
                                .collect()
                        },
                    );
                    let again: Vec<String> = delivery
                        .repositories
                        .iter()
                        .map(|one| one.name.clone())
                        .collect();
                    assert_eq!(again, relist, "{path}: what is asked again");
                    let said = delivery.news.iter().map(line);
                    json!(
                        said.chain(delivery.commands.iter().map(wanted))
                            .collect::<Vec<_>>()
                    )
                }
                Err(trouble) => json!({"status": trouble.status(), "message": trouble.to_string()}),
            };
            assert_eq!(found, case["expected"], "{path}");
            count += 1;
        }
    }
    assert!(count >= 80, "{count} cases");
}

#[test]
fn hooks_for_nobody() {
    let config = config();
    let none = signed::none();
    let to = |forge| Hook {
        forge,
        keys: &[],
        headers: &none,
        body: b"{}",
        now_seconds: NOW,
    };
    let name = "nobody".to_owned();
    assert_eq!(
        deliver(&config, &to("nobody")),
        Err(Trouble::NoForge { name })
    );
    let name = "quiet".to_owned();
    assert_eq!(
        deliver(&config, &to("quiet")),
        Err(Trouble::NoHooks { name })
    );
}

/// Without a secret nothing is good, least of all the signature with an empty one; of two secrets either is.
#[test]
fn which_secrets_are_good() {
    let config = config();
    let (_, case) = cases("github")
        .iter()
        .find(|(path, _)| path.ends_with("/push.json"))
        .unwrap();
    for (signs, keys, is_good) in [
        (KEY, vec![], false),
        ("", vec![Vec::new()], false),
        (KEY, vec![b"other".to_vec()], false),
        (KEY, vec![b"new".to_vec(), KEY.into()], true),
        (KEY, vec![KEY.into(), b"old".to_vec()], true),
    ] {
        let mut signed = Signed::with("github", case, signs);
        signed.keys.clone_from(&keys);
        assert_eq!(
            signed.deliver(&config).is_ok(),
            is_good,
            "{signs:?} with {keys:?}"
        );
    }
}

/// The same delivery has the same number, and other ones have others.
#[test]
fn deliveries_are_told_apart() {
    let config = config();
    let mut ids = std::collections::BTreeSet::new();
    let mut count = 0;
    for forge in FORGES {
        for (path, case) in cases(forge) {
            let signed = Signed::of(forge, case);
            if let Ok(delivery) = signed.deliver(&config) {
                assert_eq!(
                    Ok(&delivery.id),
                    signed.deliver(&config).as_ref().map(|again| &again.id)
                );
                assert!(ids.insert(delivery.id.expect("it has a number")), "{path}");
                count += 1;
            }
        }
    }
    assert!(count > 40, "{count}");
}

/// A change somewhere in a value.
fn change(value: &mut Value, path: &mut impl Iterator<Item = usize>, put: &Value) {
    let at = path.next();
    match (value, at) {
        (Value::Object(map), Some(at)) if !map.is_empty() => {
            let at = at % map.len();
            let key = map.keys().nth(at).unwrap().clone();
            change(&mut map[&key], path, put);
        }
        (Value::Array(items), Some(at)) if !items.is_empty() => {
            let at = at % items.len();
            change(&mut items[at], path, put);
        }
        (value, _) => value.clone_from(put),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever is sent, it is taken or refused: and nothing else but names of commits and branches comes through.
    #[test]
    fn garbage_is_refused(
        forge in 0..FORGES.len(),
        which in any::<prop::sample::Index>(),
        path in prop::collection::vec(0..20_usize, 0..4),
        put in prop_oneof![
            Just(Value::Null), Just(json!([])), Just(json!({})), Just(json!(-1)), Just(json!("")),
            Just(json!("refs/heads/../x")), Just(json!("--help")), any::<u64>().prop_map(|n| json!(n)),
            ".{0,8}".prop_map(|text| json!(text)),
        ],
    ) {
        let config = config();
        let forge = FORGES[forge];
        let cases = cases(forge);
        let mut case = which.get(cases).1.clone();
        change(&mut case["body"], &mut path.into_iter(), &put);
        if let Ok(delivery) = Signed::of(forge, &case).deliver(&config) {
            for news in &delivery.news {
                if let News::Head { place, head, .. } = news {
                    prop_assert!(head.commit.bytes().all(|b| b.is_ascii_hexdigit()));
                    if let Subject::Branch(name) = &place.subject {
                        prop_assert!(!name.contains("..") && !name.starts_with('-') && !name.is_empty());
                    }
                }
            }
        }
    }

    /// What is signed and then changed by a bit, and what is signed by another letter, is forged.
    #[test]
    fn a_bit_is_enough(
        forge in 0..FORGES.len(),
        which in any::<prop::sample::Index>(),
        at in any::<usize>(),
        bit in 0..8_u8,
    ) {
        let config = config();
        let forge = FORGES[forge];
        let case = &which.get(cases(forge)).1;
        let mut signed = Signed::of(forge, case);
        prop_assume!(signed.deliver(&config).is_ok());
        // GitLab's older way proves nothing of the body.
        let is_of_body = forge != "gitlab" || case["standard"].is_i64();
        if is_of_body {
            let place = at % signed.body.len();
            signed.body[place] ^= 1 << bit;
            prop_assert_eq!(signed.deliver(&config).unwrap_err(), Trouble::Forged);
            signed.body[place] ^= 1 << bit;
        }
        signed.bend(at);
        prop_assert!(signed.deliver(&config).is_err());
    }

    #[test]
    fn any_bytes_are_refused(body in prop::collection::vec(any::<u8>(), 0..64), form in any::<bool>()) {
        let config = config();
        for forge in FORGES {
            let case = json!({"event": "push", "body": {}, "form": form});
            let mut signed = Signed::of(forge, &case);
            signed.body.clone_from(&body);
            signed.sign(KEY);
            let is_object = serde_json::from_slice::<Value>(&body).is_ok_and(|value| value.is_object());
            prop_assert!(is_object || signed.deliver(&config).is_err());
        }
    }
}
