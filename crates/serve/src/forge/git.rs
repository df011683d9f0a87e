//! A plain Git remote: what `git ls-remote` says.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use boatyard_preview::config::Concealed;
use boatyard_preview::forge::{is_branch, is_commit};
use boatyard_preview::news::About;
use boatyard_preview::revision::Subject;
use boatyard_preview::watch::Watch;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::listed::branch;
use super::{ForgeError, Listed, Said};
use crate::git;

/// How long a remote may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes that it may say: a million references.
const LARGEST: u64 = 128 << 20;

/// A plain Git remote.
pub struct Git {
    /// Where it is, without a token.
    pub url: String,
    /// The token for `https`, and whom it is of.
    pub token: Option<(&'static str, Concealed)>,
    /// More certificates to trust.
    pub authority: Option<PathBuf>,
}

impl Git {
    /// Every branch that is watched.
    ///
    /// # Errors
    /// If it cannot be listed, or has nothing at all.
    pub async fn list(&self, watch: &Watch) -> Result<Listed, ForgeError> {
        let (default_branch, all) = self.branches().await?;
        let is_watched = |name: &str| {
            let subject = Subject::Branch(name.to_owned());
            watch
                .follows(&subject, name == default_branch)
                .then_some(subject)
        };
        let open = all.iter().filter_map(|(name, commit)| {
            Some((is_watched(name)?, branch(commit), About::default()))
        });
        Ok(Listed {
            open: open.collect(),
            default_branch: default_branch.clone(),
        })
    }

    /// What the remote says of these subjects. Of pull requests it says nothing.
    ///
    /// # Errors
    /// If it cannot be listed, or has nothing at all.
    pub async fn ask(&self, subjects: &[Subject]) -> Result<Vec<(Subject, Said)>, ForgeError> {
        let (_, all) = self.branches().await?;
        let said = subjects.iter().filter_map(|subject| {
            let Subject::Branch(name) = subject else {
                return None;
            };
            let found = all.iter().find(|(found, _)| found == name);
            let said = found.map_or(Said::Closed, |(_, commit)| {
                Said::Open(branch(commit), About::default())
            });
            Some((subject.clone(), said))
        });
        Ok(said.collect())
    }

    /// The default branch, and all branches with their commits. That there are none is believed of a remote that has something
    /// else, such as a tag: whoever lost his repositories and makes them anew has empty ones.
    async fn branches(&self) -> Result<(String, Vec<(String, String)>), ForgeError> {
        let found = read(&self.references(&["HEAD", "refs/heads/*"]).await?);
        if found.1.is_empty() && !has_others(&self.references(&[]).await?) {
            let what = "it has no branches, nor anything else: it may have been lost and made anew, so nothing is removed";
            return Err(self.error(what.to_owned()));
        }
        Ok(found)
    }

    /// What it says of the references that the patterns mean; of all, without any.
    async fn references(&self, patterns: &[&str]) -> Result<String, ForgeError> {
        let mut child = self
            .command()
            .args(patterns)
            .spawn()
            .map_err(|error| self.error(format!("cannot run git: {error}")))?;
        let group = child.id();
        let said = tokio::time::timeout(PATIENCE, said(&mut child)).await;
        // What it has begun itself ends with it, also when it was cut off.
        if !matches!(said, Ok(Ok(_)))
            && let Some(group) =
                group.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        match said {
            Err(_) => Err(self.error(format!("no answer for {} s", PATIENCE.as_secs()))),
            Ok(Err(error)) => Err(self.error(error.to_string())),
            Ok(Ok((true, text, _))) => Ok(text),
            Ok(Ok((false, _, error))) => Err(self.error(last_line(&error))),
        }
    }

    fn command(&self) -> Command {
        let mut command = git::command();
        command
            .args(["ls-remote", "--symref", "--", &self.url])
            .env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let token = self.token.as_ref().map(|(user, token)| (*user, token));
        git::say_token(&mut command, &self.url, token, self.authority.as_deref());
        command
    }

    fn error(&self, what: String) -> ForgeError {
        ForgeError::Git {
            url: self.url.clone(),
            what,
        }
    }
}

/// Whether it ended well, and what it said on both channels.
async fn said(child: &mut Child) -> std::io::Result<(bool, String, String)> {
    let (out, error) = (child.stdout.take(), child.stderr.take());
    let (out, error) = tokio::join!(all(out), all(error));
    let status = child.wait().await?;
    Ok((status.success(), out?, error?))
}

async fn all(from: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(LARGEST + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it says too much"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The default branch, and all branches with their commits.
fn read(text: &str) -> (String, Vec<(String, String)>) {
    let (mut default, mut all) = (String::new(), Vec::new());
    for (first, name) in text.lines().filter_map(|line| line.split_once('\t')) {
        if let (Some(branch), "HEAD") = (first.strip_prefix("ref: refs/heads/"), name) {
            branch.clone_into(&mut default);
        }
        if let Some(branch) = name.strip_prefix("refs/heads/")
            && is_branch(branch)
            && is_commit(first)
        {
            all.push((branch.to_owned(), first.to_owned()));
        }
    }
    (default, all)
}

/// Whether there is any reference but branches.
fn has_others(text: &str) -> bool {
    let names = text.lines().filter_map(|line| line.split_once('\t'));
    names
        .map(|(_, name)| name)
        .any(|name| name.starts_with("refs/") && !name.starts_with("refs/heads/"))
}

fn last_line(text: &str) -> String {
    let line = text
        .lines()
        .rev()
        .find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    let line = line.or_else(|| text.lines().rev().find(|line| !line.trim().is_empty()));
    line.unwrap_or("it failed").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{has_others, read};

    #[test]
    fn what_git_prints() {
        let commit = "1".repeat(40);
        let text = format!(
            "ref: refs/heads/main\tHEAD\n{commit}\tHEAD\n{commit}\trefs/heads/a/b\n{commit}\trefs/heads/main\n{commit}\trefs/heads/-x\nnonsense\n"
        );
        let branch = |name: &str| (name.to_owned(), commit.clone());
        assert_eq!(
            read(&text),
            ("main".to_owned(), vec![branch("a/b"), branch("main")])
        );
        assert!(!has_others(&text) && !has_others(""));
        assert!(has_others(&format!("{commit}\trefs/tags/v1\n")));
    }
}
