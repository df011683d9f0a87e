//! Real repositories of Git.

use std::path::Path;
use std::process::Command;

use super::yard::{Yard, map};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let out = Command::new("git")
        .args(["-c", "user.name=anne", "-c", "user.email=anne@example.org"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(
        out.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// From a push to an environment, and only a deleted branch takes one away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_remote() {
    let folder = tempfile::tempdir().unwrap();
    let (bare, work) = (folder.path().join("shop.git"), folder.path().join("work"));
    for path in [&bare, &work] {
        std::fs::create_dir(path).unwrap();
    }
    git(&bare, &["init", "-q", "--bare", "-b", "main"]);
    git(&work, &["init", "-q", "-b", "main"]);
    git(&work, &["remote", "add", "origin", bare.to_str().unwrap()]);
    let text = format!(
        "[forge.local]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"1h\"\n[[repository]]\nname = \"shop.git\"\n\
         branches = [\"**\", \"!old/**\"]\n",
        folder.path().display()
    );
    let mut yard = Yard::new(&text);
    let state = yard
        .until("a first answer", |state| state.trouble.is_some())
        .await;
    let trouble = state.trouble.unwrap();
    assert!(
        trouble.contains("it has no branches, nor anything else"),
        "an empty repository says nothing: {trouble}"
    );

    let push = |branch: &str| {
        git(&work, &["commit", "-q", "--allow-empty", "-m", branch]);
        git(
            &work,
            &["push", "-q", "origin", &format!("HEAD:refs/heads/{branch}")],
        );
        git(&work, &["rev-parse", "HEAD"])[..1].to_owned()
    };
    let main = push("main");
    let feature = push("alice/main");
    push("old/one");
    git(&work, &["tag", "main"]);
    git(&work, &["push", "-q", "origin", "refs/tags/main"]);
    yard.list().await;
    let both = map(&format!("main={main} alice/main={feature}"));
    assert_eq!(yard.open(), both);
    yard.until_environments(2).await;

    // Where there was a repository there is none: that says nothing, and neither does a new one in its place.
    let moved = folder.path().join("moved.git");
    std::fs::rename(&bare, &moved).unwrap();
    let trouble = yard.fail().await;
    assert!(trouble.contains("git cannot list"), "{trouble}");
    std::fs::create_dir(&bare).unwrap();
    git(&bare, &["init", "-q", "--bare", "-b", "main"]);
    let trouble = yard.fail().await;
    assert!(
        trouble.contains("it has no branches, nor anything else"),
        "{trouble}"
    );
    assert_eq!(yard.open(), both);
    assert_eq!(yard.environments(), 2);

    std::fs::remove_dir_all(&bare).unwrap();
    std::fs::rename(&moved, &bare).unwrap();
    git(&work, &["push", "-q", "origin", ":refs/heads/alice/main"]);
    yard.list().await;
    assert_eq!(yard.open(), map(&format!("main={main}")));
    yard.until_environments(1).await;

    // The last branch goes: of a repository that has a tag this is believed.
    git(&bare, &["update-ref", "-d", "refs/heads/main"]);
    yard.list().await;
    assert_eq!(yard.open(), map(""));
    yard.until_environments(0).await;
}

/// Without patterns it is the branch that the remote says is its default; when that is another one, the other one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_branch_of_a_plain_remote() {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("shop.git");
    std::fs::create_dir(&bare).unwrap();
    git(&bare, &["init", "-q", "--bare", "-b", "trunk"]);
    let tree = git(&bare, &["hash-object", "-w", "-t", "tree", "/dev/null"]);
    let commit = git(&bare, &["commit-tree", &tree, "-m", "first"]);
    for branch in ["trunk", "main"] {
        git(
            &bare,
            &["update-ref", &format!("refs/heads/{branch}"), &commit],
        );
    }
    let text = format!(
        "[forge.local]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"1h\"\n[[repository]]\nname = \"shop.git\"\n",
        folder.path().display()
    );
    let mut yard = Yard::new(&text);
    yard.until("the first list", |state| state.lists > 0).await;
    assert_eq!(yard.open(), map(&format!("trunk={}", &commit[..1])));
    git(&bare, &["symbolic-ref", "HEAD", "refs/heads/main"]);
    yard.list().await;
    assert_eq!(yard.open(), map(&format!("main={}", &commit[..1])));
}
