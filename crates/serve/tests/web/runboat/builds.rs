//! Builds that there are in these tests, on the forge that speaks as GitHub does.

use std::time::Duration;

use boatyard_preview::id::Id;
use boatyard_preview::news::{About, News};
use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_preview::revision::{Place, Revision};
use boatyard_preview::wanted::Head;
use boatyard_preview::watch::{Branches, Watch};
use boatyard_serve::logs::Part;
use serde_json::{Value, json};

use crate::yard::{HOST, Yard, revision};

/// The builds, by the names that they have in what was recorded.
pub const NAMES: [&str; 5] = ["main", "16.0", "#7", "#8", "#9"];

/// On the forge that speaks as GitHub does.
pub fn shown(name: &str) -> Revision {
    let Revision { place, commit } = revision("shop", name);
    let mut repository = place.repository;
    repository.forge = "hub.test".into();
    Revision {
        place: Place {
            repository,
            ..place
        },
        commit,
    }
}

pub fn id(name: &str) -> Id {
    Id::of(&shown(name), "")
}

pub fn pushed(name: &str, is_trusted: bool) -> News {
    let Revision { place, commit } = shown(name);
    let target = if name == "#8" { "16.0" } else { "main" };
    News::Head {
        place,
        head: Head {
            commit,
            is_trusted,
            is_draft: false,
            source: None,
        },
        about: About {
            target: target.into(),
            ..About::default()
        },
    }
}

/// Watches that repository too.
pub async fn yard() -> Yard {
    Yard::with(|settings, policy| {
        settings.visitors.per_minute = 1000;
        policy.limits.preparing = 1;
        policy.times.back_off = Duration::from_secs(3600);
        let watch = Watch {
            branches: Branches::named(["*"]),
            ..Watch::default()
        };
        policy
            .repositories
            .insert(shown("main").place.repository, watch);
    })
    .await
}

/// One that has all of these builds.
pub async fn full() -> Yard {
    let yard = yard().await;
    for name in ["main", "16.0"] {
        yard.hear(vec![pushed(name, true)]).await;
        yard.until(&id(name), Phase::Asleep).await;
    }
    yard.keeper
        .ask(&id("16.0"), Event::Use, "anne")
        .await
        .unwrap();
    yard.until(&id("16.0"), Phase::Running).await;
    yard.backend.fail("pip found no version");
    yard.hear(vec![pushed("#7", true)]).await;
    yard.until(&id("#7"), Phase::Failed).await;
    yard.backend.hold(Effect::Prepare);
    yard.hear(vec![pushed("#8", true)]).await;
    yard.until(&id("#8"), Phase::Preparing).await;
    yard.hear(vec![pushed("#9", true)]).await;
    yard.until(&id("#9"), Phase::Queued).await;
    for line in ["built", "\u{1b}[31mred <b>\u{1b}[0m"] {
        yard.logs.append(&id("main"), Part::Prepare, line);
    }
    yard.logs.append(&id("16.0"), Part::Run, "listens");
    yard
}

/// What differs between any two servers is made the same: names, addresses, times.
pub fn plain(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(plain),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "deploy_link" | "deploy_link_mailhog" => {
                        let link = field.as_str().unwrap();
                        let is_fine = link.starts_with("http://") && link.ends_with(HOST);
                        assert!(is_fine, "{link}");
                        *field = json!("LINK");
                    }
                    "created" | "last_scaled" => {
                        assert!(field.as_str().unwrap().ends_with('Z'), "{field}");
                        *field = json!("TIME");
                    }
                    _ => plain(field),
                }
            }
        }
        Value::String(text) => {
            for name in NAMES {
                *text = text.replace(id(name).as_str(), name);
            }
            *text = text.replace("https://hub.test", "https://github.com");
        }
        _ => {}
    }
}
