//! `boatyard.lock`: bases that stay what they are.

#[path = "../../store/tests/distribution/mod.rs"]
mod distribution;
mod support;

use std::path::Path;
use std::process::Command;

use distribution::Registry;
use support::{alone, boatyard, fail, kept_home, new_home, succeed, text};

/// A context with one file.
fn context(dockerfile: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("Dockerfile", dockerfile), ("app", "the application")] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn command(home: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = boatyard(home, folder);
    command.args(words).env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

/// Builds a base, gives it to the registry and forgets it here.
fn release(home: &Path, name: &str, content: &str) {
    let base = context("FROM scratch\nCOPY app /base\n");
    std::fs::write(base.path().join("app"), content).unwrap();
    let words = ["build", "-q", "--push", "-t", name, "."];
    succeed(&mut command(home, base.path(), &words));
    succeed(&mut command(home, base.path(), &["image", "rm", name]));
}

#[test]
fn a_locked_base_stays_what_it_was() {
    let _alone = alone();
    let Some(registry) = Registry::start("a_locked_base_stays_what_it_was", false) else {
        return;
    };
    let home = new_home();
    let home = home.path();
    let name = registry.name("team/base:1").to_string();
    release(home, &name, "first");
    let app = context(&format!("FROM {name}\nCOPY app /app\n"));
    let out = app.path().join("out");
    let to = format!("--output={}", out.display());
    let build = |words: &[&str]| {
        let all = [&["build"], words, &[&to, "."]].concat();
        command(home, app.path(), &all)
    };
    let base = || std::fs::read_to_string(out.join("base")).unwrap();
    let lock = || std::fs::read_to_string(app.path().join("boatyard.lock")).unwrap();
    let said = fail(&mut build(&["--locked"]), 2);
    assert!(said.contains("there is no boatyard.lock"), "{said}");
    succeed(&mut build(&["--lock"]));
    let first = lock();
    assert!(
        first.contains(&format!("reference = \"{name}\"")),
        "{first}"
    );

    // The name moves on, in the registry and here; the lock does not.
    succeed(&mut command(home, app.path(), &["image", "rm", &name]));
    release(home, &name, "second");
    for words in [&[][..], &["--locked"], &["--lock"], &["--pull"]] {
        succeed(&mut build(words));
        assert_eq!(base(), "first", "{words:?}");
        assert_eq!(lock(), first);
    }
    // Another machine has only the lock.
    let other = new_home();
    let words = ["build", "--locked", &to, "."];
    succeed(&mut command(other.path(), app.path(), &words));
    assert_eq!(base(), "first");

    succeed(&mut build(&["--update-lock"]));
    assert_eq!(base(), "second");
    assert_ne!(lock(), first);
    // A name that is not locked: told, unless it is added.
    release(home, &registry.name("team/more:1").to_string(), "more");
    let more = registry.name("team/more:1").to_string();
    std::fs::write(
        app.path().join("Dockerfile"),
        format!("FROM {name}\nCOPY --from={more} /base /more\n"),
    )
    .unwrap();
    let told = |words: &[&str]| {
        let said = build(words).output().unwrap();
        assert!(said.status.success(), "{}", text(&said.stderr));
        text(&said.stderr)
    };
    let notice = format!("{more} for linux/");
    let is_told = |said: &str| said.contains(&notice) && said.contains("is not in boatyard.lock");
    let locked = lock();
    assert!(is_told(&told(&[])));
    assert_eq!(lock(), locked);
    assert!(!is_told(&told(&["--lock"])));
    assert!(lock().contains(&more) && lock() != locked);
    assert!(!is_told(&told(&[])));
    std::fs::write(
        app.path().join("Dockerfile"),
        format!("FROM {name}\nCOPY --from=team/tools:1 /x /y\n"),
    )
    .unwrap();
    let said = fail(&mut build(&["--locked"]), 2);
    assert!(
        said.contains("team/tools:1") && said.contains("--lock"),
        "{said}"
    );
    std::fs::write(app.path().join("boatyard.lock"), "version = 9\n").unwrap();
    let said = fail(&mut build(&[]), 2);
    assert!(said.contains("version 9"), "{said}");
}

/// The mirror of a locked base has moved on: what was made from the locked indexes is used as long as it is there. To see the
/// rest, the lock names indexes that nobody has.
#[test]
fn packages_that_moved_on() {
    let _alone = alone();
    let app = context("FROM debian:bookworm\nCOPY app /app\n");
    let home = kept_home();
    let build = |words: &[&str]| {
        let all = [&["build", "--debian-base"], words, &["."]].concat();
        let mut command = command(&home, app.path(), &all);
        command.env("BOATYARD_IGNORE_VALID_UNTIL", "1");
        command
    };
    let path = app.path().join("boatyard.lock");
    succeed(&mut build(&["--lock"]));
    let locked = std::fs::read_to_string(&path).unwrap();
    assert!(locked.contains("indexes = \"sha256:"), "{locked}");
    succeed(&mut build(&["--locked"]));
    let at = locked.find("sha256:").unwrap() + "sha256:".len();
    let gone = format!("{}{}{}", &locked[..at], "0".repeat(64), &locked[at + 64..]);
    std::fs::write(&path, &gone).unwrap();
    let moved = "debian:bookworm is locked to the package indexes of";
    let said = fail(&mut build(&["--locked"]), 2);
    assert!(
        said.contains(moved) && said.contains("--update-lock"),
        "{said}"
    );
    let said = build(&[]).output().unwrap();
    assert!(said.status.success() && text(&said.stderr).contains(moved));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), gone);
    succeed(&mut build(&["--update-lock"]));
    assert_ne!(std::fs::read_to_string(&path).unwrap(), gone);
    succeed(&mut build(&["--locked"]));
}
