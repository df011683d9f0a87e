//! A mirror remembers few commits: with all of thousands each fetch takes seconds, because Git looks at each reference, and tells the
//! other side of each commit whose parents it does not have.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::fs;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::git::on_mirror;

/// How many it remembers at least: what is like them need not be fetched.
const FEW: usize = 64;

/// Has a mirror forget all but its newest commits, once there are twice as many. Nobody else may work on it meanwhile. Whoever has the sources
/// of one that is forgotten needs it no more; it can be fetched again.
pub(super) async fn keep_few(mirror: &Path) -> io::Result<()> {
    if loose(&mirror.join("refs/boatyard")).await? < 2 * FEW {
        return Ok(());
    }
    let words = [
        "for-each-ref",
        "--sort=-committerdate",
        "--format=%(refname)",
    ];
    let all = said(mirror, &words).await?;
    let mut old = String::new();
    for name in all.lines().skip(FEW) {
        old.extend(["delete ", name, "\n"]);
    }
    tell(mirror, &["update-ref", "--stdin"], &old).await?;
    let file = mirror.join("shallow");
    let Ok(shallow) = fs::read_to_string(&file).await else {
        // It has the parents of all.
        return Ok(());
    };
    let left = said(mirror, &["rev-list", "--all"]).await?;
    let left: BTreeSet<&str> = left.lines().collect();
    let kept = shallow.lines().filter(|commit| left.contains(commit));
    let kept: String = kept.flat_map(|commit| [commit, "\n"]).collect();
    let new = mirror.join("shallow.new");
    fs::write(&new, kept).await?;
    fs::rename(&new, &file).await
}

/// How many references have a file of their own: those that came since all were packed.
async fn loose(folder: &Path) -> io::Result<usize> {
    let mut entries = fs::read_dir(folder).await?;
    let mut count = 0;
    while entries.next_entry().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

async fn said(mirror: &Path, words: &[&str]) -> io::Result<String> {
    tell(mirror, words, "").await
}

/// What Git answers to that.
async fn tell(mirror: &Path, words: &[&str], text: &str) -> io::Result<String> {
    let mut git: Command = on_mirror(mirror);
    git.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
    git.stderr(Stdio::null()).kill_on_drop(true);
    let mut child = git.spawn()?;
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(text.as_bytes()).await?;
    drop(input);
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "git {}: {}",
            words[0], output.status
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many commits, each newer than the one before, whose parents are elsewhere.
    async fn remembers(mirror: &Path, count: usize) -> Vec<String> {
        tell(mirror, &["init", "--quiet", "--bare"], "")
            .await
            .unwrap();
        let tree = tell(mirror, &["mktree"], "").await.unwrap();
        let mut commits = Vec::new();
        let mut names = String::new();
        for number in 0..count {
            let text = format!(
                "tree {}\nparent {:040}\nauthor a <a@b> {number} +0000\ncommitter a <a@b> {number} +0000\n\n{number}\n",
                tree.trim(),
                number + 1
            );
            let words = ["hash-object", "-t", "commit", "-w", "--stdin"];
            let commit = tell(mirror, &words, &text).await.unwrap().trim().to_owned();
            names.extend(["create refs/boatyard/", &commit, " ", &commit, "\n"]);
            commits.push(commit);
        }
        std::fs::write(mirror.join("shallow"), commits.join("\n") + "\n").unwrap();
        tell(mirror, &["update-ref", "--stdin"], &names)
            .await
            .unwrap();
        commits
    }

    async fn state(mirror: &Path) -> [BTreeSet<String>; 2] {
        let names = said(mirror, &["for-each-ref", "--format=%(objectname)"])
            .await
            .unwrap();
        let shallow = std::fs::read_to_string(mirror.join("shallow")).unwrap();
        [names, shallow].map(|text| text.lines().map(str::to_owned).collect())
    }

    #[tokio::test]
    async fn the_newest_are_kept_once_there_are_twice_as_many() {
        for (count, kept) in [(2 * FEW - 1, 2 * FEW - 1), (2 * FEW, FEW)] {
            let folder = tempfile::tempdir().unwrap();
            let mirror = folder.path();
            let commits = remembers(mirror, count).await;
            keep_few(mirror).await.unwrap();
            let newest: BTreeSet<String> = commits[count - kept..].iter().cloned().collect();
            assert_eq!(state(mirror).await, [newest.clone(), newest], "{count}");
            // What is left is whole for Git.
            said(mirror, &["rev-list", "--all", "--objects"])
                .await
                .unwrap();
        }
    }
}
