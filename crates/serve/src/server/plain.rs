//! Plain Git remotes, asked now and then which branches they have.

use std::collections::BTreeMap;
use std::process::Stdio;

use boatyard_preview::config::{Config, Kind, Remote, Watched};
use boatyard_preview::news::{About, News};
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::wanted::Head;
use tokio::process::Command;

use super::origins::Holding;
use super::said::{Said, Say};
use crate::keeper::{Heard, Keeper};

/// Asks all plain remotes, for ever.
pub(super) async fn watch(keeper: Keeper, holding: Holding, say: Say) {
    let mut trouble: BTreeMap<Repository, String> = BTreeMap::new();
    loop {
        let config = holding.now();
        let mut wait = std::time::Duration::from_secs(60);
        for watched in &config.repositories {
            let Some(forge) = config.forges.get(&watched.forge) else {
                continue;
            };
            if forge.kind != Kind::Git {
                continue;
            }
            wait = wait.min(forge.poll);
            let Some(repository) = config.repository(watched) else {
                continue;
            };
            match ask(&keeper, &config, watched, &repository).await {
                Ok(()) => {
                    trouble.remove(&repository);
                }
                Err(why) if trouble.get(&repository) != Some(&why) => {
                    say(&Said::Warning(format!("{repository}: {why}")));
                    trouble.insert(repository, why);
                }
                Err(_) => {}
            }
        }
        tokio::time::sleep(wait).await;
    }
}

async fn ask(
    keeper: &Keeper,
    config: &Config,
    watched: &Watched,
    repository: &Repository,
) -> Result<(), String> {
    let place = |name: &str| Place {
        repository: repository.clone(),
        subject: Subject::Branch(name.to_owned()),
    };
    let remote = config.remote(&place("HEAD")).ok_or("it is not watched")?;
    let (_, text) = list(&remote, &["--symref"], "HEAD").await?;
    let default = text.lines().find_map(|line| {
        let name = line.strip_prefix("ref: refs/heads/")?;
        name.strip_suffix("\tHEAD")
    });
    let (_, text) = list(&remote, &["--heads"], "*").await?;
    let branches = text.lines().filter_map(|line| {
        let (commit, name) = line.split_once('\t')?;
        Some((name.strip_prefix("refs/heads/")?, commit))
    });
    let open: Vec<(Subject, Head, About)> = branches
        .map(|(name, commit)| (Subject::Branch(name.to_owned()), name, commit))
        .filter(|(subject, name, _)| watched.watch.follows(subject, Some(*name) == default))
        .map(|(subject, name, commit)| {
            let head = Head {
                commit: commit.to_owned(),
                is_trusted: true,
                is_draft: false,
                source: None,
            };
            let about = About {
                title: name.to_owned(),
                ..About::default()
            };
            (subject, head, about)
        })
        .collect();
    let missing: Vec<String> = keeper.look(|known| {
        let listing = known.wanted.get(repository);
        let known = listing.into_iter().flat_map(|listing| listing.open.keys());
        known
            .filter(|subject| open.iter().all(|(one, ..)| one != *subject))
            .filter_map(|subject| match subject {
                Subject::Branch(name) => Some(name.clone()),
                Subject::PullRequest(_) => None,
            })
            .collect()
    });
    let mut news = vec![News::Listing {
        repository: repository.clone(),
        open,
    }];
    for name in missing {
        // Not in the list is no word: this very branch is asked for, and 2 says that it is not there.
        let (code, _) = list(&remote, &["--exit-code"], &format!("refs/heads/{name}")).await?;
        if code == 2 {
            news.push(News::Closed {
                place: place(&name),
            });
        }
    }
    let heard = Heard {
        delivery: None,
        by: "git".to_owned(),
        news,
    };
    keeper
        .hear(heard)
        .await
        .map(|_| ())
        .map_err(|stopped| stopped.to_string())
}

/// What a remote answers: 0, or 2 if there is no such reference. Anything else is an error.
async fn list(remote: &Remote<'_>, words: &[&str], what: &str) -> Result<(i32, String), String> {
    let mut git = Command::new("git");
    git.arg("ls-remote")
        .args(words)
        .args(["--", &remote.url, what])
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = git
        .output()
        .await
        .map_err(|error| format!("cannot run git: {error}"))?;
    match output.status.code() {
        Some(code @ (0 | 2)) => Ok((code, String::from_utf8_lossy(&output.stdout).into_owned())),
        _ => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}
