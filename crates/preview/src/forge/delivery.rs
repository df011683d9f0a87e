//! One delivery of a hook.

use std::collections::BTreeSet;

use boatyard_plan::digest::Digest;

use super::command::{self, Command};
use super::pipeline::{self, Pipeline};
use super::word::Word;
use super::{Headers, Trouble, generic, gitea, github, gitlab, payload, signature};
use crate::config::{Config, Forge, Kind};
use crate::news::{About, News};
use crate::revision::{Place, Repository, Subject};

/// What has arrived at `/hooks/FORGE`.
#[derive(Clone, Copy, Debug)]
pub struct Hook<'a> {
    /// The forge, by the name that the configuration gives it.
    pub forge: &'a str,
    /// Its secrets, any of which is good.
    pub keys: &'a [Vec<u8>],
    /// The headers.
    pub headers: &'a Headers,
    /// The body, as it came.
    pub body: &'a [u8],
    /// Seconds since 1970, by the wall clock.
    pub now_seconds: u64,
}

/// What a hook says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What it is known by: the same one brings nothing new.
    pub id: Option<String>,
    /// What is said of what is watched.
    pub news: Vec<News>,
    /// What somebody wants of environments of pull requests that are watched.
    pub commands: Vec<Command>,
    /// Pipelines of repositories that are watched, which have ended.
    pub pipelines: Vec<Pipeline>,
    /// What is to be asked again, because payloads may be late: whatever it is, if it is watched.
    pub repositories: BTreeSet<Repository>,
    /// What it is, for whoever reads the log: `push`, `Merge Request Hook`.
    pub event: String,
}

/// Checks a hook and reads it. News of what is not watched is left out.
///
/// # Errors
/// If it is not from the forge, or cannot be understood.
pub fn deliver(config: &Config, hook: &Hook<'_>) -> Result<Delivery, Trouble> {
    let name = hook.forge.to_owned();
    let Some(forge) = config.forges.get(hook.forge) else {
        return Err(Trouble::NoForge { name });
    };
    if !forge.hooks {
        return Err(Trouble::NoHooks { name });
    }
    if !forge.is_unsigned {
        signature::check(
            forge.kind,
            hook.keys,
            hook.headers,
            hook.body,
            hook.now_seconds,
        )?;
    }
    let event = event(forge.kind, hook.headers)?;
    let content_type = hook.headers.get("Content-Type").unwrap_or_default();
    let body = payload::json(hook.body, content_type)?;
    let words = match forge.kind {
        Kind::GitHub => github::words(event, &body),
        Kind::Gitea => gitea::words(event, &body),
        Kind::GitLab => gitlab::words(&body),
        Kind::Git | Kind::Generic => generic::words(&body),
    }?;
    let mut delivery = Delivery {
        id: id(forge.kind, hook).map(|id| format!("{name} {id}")),
        event: event.to_owned(),
        ..Delivery::default()
    };
    for word in words {
        take(config, forge, word, &mut delivery);
    }
    if let Some(said) = command::said(forge.kind, event, &body)? {
        delivery.commands.extend(meant(config, forge, said));
    }
    if let Some((repository, ended)) = pipeline::ended(forge.kind, event, &body) {
        let repository = Repository {
            forge: forge.name(),
            name: repository,
        };
        let is_watched = config.watched(&repository).is_some();
        delivery.pipelines.extend(is_watched.then_some(ended));
    }
    Ok(delivery)
}

/// The command, if the repository is watched.
fn meant(config: &Config, forge: &Forge, said: command::Said) -> Option<Command> {
    let repository = Repository {
        forge: forge.name(),
        name: said.repository,
    };
    let repository = config.repository(config.watched(&repository)?)?;
    let (verb, word) = said.words;
    Some(Command {
        place: Place {
            repository,
            subject: Subject::PullRequest(said.request),
        },
        verb,
        word,
        author: said.author,
        comment: said.comment,
    })
}

/// Takes what is watched.
fn take(config: &Config, forge: &Forge, word: Word, delivery: &mut Delivery) {
    let said = Repository {
        forge: forge.name(),
        name: word.repository,
    };
    // From here on under the name that the configuration has, in its letters.
    let Some(watched) = config.watched(&said) else {
        return;
    };
    let Some(repository) = config.repository(watched) else {
        return;
    };
    delivery.repositories.insert(repository.clone());
    let Some(subject) = word.subject else {
        return;
    };
    if !watched.watch.follows(&subject, word.is_default) {
        return;
    }
    // Whether somebody else's commit may be run is no payload's to say: the forge is asked who may write, with the list.
    let is_strangers = matches!(&word.head, Some((head, _)) if !head.is_trusted);
    if is_strangers && forge.kind.has_api() {
        return;
    }
    let page = forge.page(&watched.name, &subject);
    let place = Place {
        repository,
        subject,
    };
    delivery.news.push(match word.head {
        Some((head, about)) => News::Head {
            place,
            head,
            about: About {
                url: if about.url.is_empty() {
                    page
                } else {
                    about.url
                },
                ..about
            },
        },
        None => News::Closed { place },
    });
}

fn event(kind: Kind, headers: &Headers) -> Result<&str, Trouble> {
    let names: &[&'static str] = match kind {
        Kind::GitHub => &["X-GitHub-Event"],
        Kind::Gitea => &["X-Gitea-Event", "X-Forgejo-Event", "X-Gogs-Event"],
        Kind::GitLab => &["X-Gitlab-Event"],
        Kind::Git | Kind::Generic => return Ok("news"),
    };
    let header = names[0];
    headers.first(names).ok_or(Trouble::NoEvent { header })
}

/// What a delivery is known by.
fn id(kind: Kind, hook: &Hook<'_>) -> Option<String> {
    let headers = hook.headers;
    match kind {
        Kind::GitHub => headers.get("X-GitHub-Delivery").map(str::to_owned),
        Kind::Gitea => headers
            .first(&["X-Gitea-Delivery", "X-Forgejo-Delivery", "X-Gogs-Delivery"])
            .map(str::to_owned),
        // GitLab's X-Gitlab-Event-UUID is the same for all hooks that one event leads to, so what is said counts as well.
        Kind::GitLab => headers
            .first(&["Idempotency-Key", "webhook-id", "X-Gitlab-Event-UUID"])
            .map(|id| format!("{id} {}", digest(hook.body))),
        Kind::Git | Kind::Generic => {
            let digested = |time| format!("{time} {}", digest(hook.body));
            let said = headers.get("X-Boatyard-Delivery").map(str::to_owned);
            said.or_else(|| headers.get("X-Boatyard-Timestamp").map(digested))
        }
    }
}

fn digest(body: &[u8]) -> String {
    Digest::of(body).hex()[..16].to_owned()
}
