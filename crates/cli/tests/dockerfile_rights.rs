//! Builds with fewer rights, killed builds, and builds at the same time.

mod dockerfile;
mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerfile::Context;
use support::{
    Traces, alone, boatyard, copy_folder, is_root, kept_home, not_run, succeed, text, wait_for,
};

/// What uses most of what commands can ask for.
const EVERYTHING: &str = "FROM debian:bookworm AS one\nRUN mkdir /seed && echo seed > /seed/a\n\
     FROM debian:bookworm\n\
     RUN echo app:x:1234:1234::/home/app:/bin/sh >> /etc/passwd && echo app:x:1234: >> /etc/group && sed -i 's/^www-data:.*/&app/' /etc/group\n\
     WORKDIR /srv/app\n\
     COPY --chown=app file .\n\
     RUN --mount=type=bind,from=one,source=/seed,target=/mnt/seed --mount=type=cache,target=/var/cache/x \
     --mount=type=secret,id=s --mount=type=tmpfs,target=/scratch \
     cat /mnt/seed/a file /run/secrets/s > /all && touch /var/cache/x/y /scratch/z\n\
     USER app\n\
     RUN echo mine > /tmp/mine && id -un > /tmp/who && id -Gn >> /tmp/who\n\
     CMD cat /all /tmp/who && ls /scratch /mnt/seed /var/cache/x /run/secrets 2>/dev/null; true\n";

/// The test's own files where everybody may go.
struct Elsewhere {
    folder: tempfile::TempDir,
}

impl Elsewhere {
    fn new(layout: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("boatyard-test")
            .tempdir_in("/var/tmp")
            .unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::copy(support::BOATYARD, path("boatyard")).unwrap();
        std::fs::create_dir(path("context")).unwrap();
        std::fs::create_dir(path("home")).unwrap();
        std::fs::write(path("context/Dockerfile"), EVERYTHING).unwrap();
        std::fs::write(path("context/file"), "file\n").unwrap();
        std::fs::write(path("secret"), "shown\n").unwrap();
        copy_folder(layout, &path("layout"));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new(program[0]);
        command
            .args(&program[1..])
            .arg(self.path("boatyard"))
            .args(args)
            .current_dir(self.path("context"))
            .env("BOATYARD_HOME", self.path("home"))
            .env("HOME", self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Builds and runs the image, and finds that nothing is left; the digest.
    fn builds(&self, with: &dyn Fn(&[&str]) -> Command) -> String {
        let home = self.path("home");
        let before = Traces::now(&home);
        let base = format!(
            "debian:bookworm=oci-layout://{}",
            self.path("layout").display()
        );
        let secret = format!("id=s,src={}", self.path("secret").display());
        let args = [
            "build",
            "-t",
            "all:1",
            "--build-context",
            &base,
            "--secret",
            &secret,
            "--json",
            ".",
        ];
        let build = || dockerfile::Events::of(&succeed(&mut with(&args)));
        let first = build();
        let second = build();
        assert_eq!(second.ended("done"), Vec::<String>::new());
        assert_eq!(first.digest(), second.digest());
        let said = succeed(&mut with(&["run", "all:1"]));
        assert!(said.starts_with("seed\nfile\nshown\n"), "{said}");
        let left = Traces::now(&home).left_since(&before);
        assert!(left.is_empty(), "left behind: {left:?}");
        said
    }
}

/// The base as a folder that others can read.
fn base_layout() -> tempfile::TempDir {
    let context = Context::new("FROM debian:bookworm\n", &[]);
    context.build(&[]);
    let folder = tempfile::tempdir().unwrap();
    succeed(
        boatyard(&kept_home(), folder.path())
            .args(["image", "save", &context.tag(), "--format", "oci", "-o"])
            .arg(folder.path().join("layout")),
    );
    folder
}

#[test]
fn as_root() {
    let _alone = alone();
    if !is_root() {
        return not_run("compares with what root gets");
    }
    let layout = base_layout();
    let elsewhere = Elsewhere::new(&layout.path().join("layout"));
    let said = elsewhere.builds(&|args| elsewhere.command(&["env"], args));
    assert_eq!(said, "seed\nfile\nshown\napp\napp www-data\n");
}

#[test]
fn as_a_user_with_one_id() {
    let _alone = alone();
    if !is_root() {
        return not_run("becoming somebody else needs root");
    }
    let layout = base_layout();
    let elsewhere = Elsewhere::new(&layout.path().join("layout"));
    give_away(&elsewhere.path("home"), "65500");
    // A number without an account has no subordinate ids.
    elsewhere.builds(&|args| {
        elsewhere.command(
            &[
                "setpriv",
                "--reuid=65500",
                "--regid=65500",
                "--clear-groups",
                "--inh-caps=-all",
            ],
            args,
        )
    });
    give_away(&elsewhere.path("home"), "0");
}

#[test]
fn where_nothing_may_be_mounted() {
    let _alone = alone();
    if !is_root() {
        return not_run("chroot needs root");
    }
    let layout = base_layout();
    let elsewhere = Elsewhere::new(&layout.path().join("layout"));
    let chroot = |args: &[&str]| {
        let mut command = elsewhere.command(&["env"], args);
        command
            .env("BOATYARD_ISOLATION", "chroot")
            .env("BOATYARD_SNAPSHOTS", "copy");
        command
    };
    let said = elsewhere.builds(&chroot);
    assert_eq!(said, "seed\nfile\nshown\napp\napp www-data\n");
    std::fs::write(
        elsewhere.path("context/Dockerfile"),
        "FROM debian:bookworm\nRUN --network=none true\n",
    )
    .unwrap();
    let base = format!(
        "debian:bookworm=oci-layout://{}",
        elsewhere.path("layout").display()
    );
    let output = support::output(&mut chroot(&["build", "--build-context", &base, "."]));
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("RUN --network=none is not possible"));
}

fn give_away(path: &Path, uid: &str) {
    let owner = format!("{uid}:{uid}");
    let done = Command::new("chown")
        .args(["-R", &owner])
        .arg(path)
        .status();
    assert!(done.unwrap().success());
}

#[test]
fn killed_in_the_middle_it_goes_on_next_time() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN echo first WORD > /first\n\
         RUN --mount=type=cache,id=WORD,target=/c echo begun >> /c/log && [ $(wc -l < /c/log) -gt 1 ] || sleep 600 # WORD\n\
         RUN cat /first > /second\nCMD [\"cat\", \"/second\"]\n",
        &[],
    );
    let home = kept_home();
    let before = Traces::now(&home);
    let mut child = context
        .command(&["--progress", "plain"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Until the cache has the line, the command has not begun.
    wait_for("the command", 60, || {
        let entries = std::fs::read_dir(home.join("cache")).ok()?;
        entries.flatten().find_map(|entry| {
            let log = std::fs::read_to_string(entry.path().join("log")).ok()?;
            let mine = std::fs::metadata(entry.path().join("log"))
                .ok()?
                .modified()
                .ok()?;
            (log == "begun\n" && mine.elapsed().ok()?.as_secs() < 60).then_some(())
        })
    });
    child.kill().unwrap();
    child.wait().unwrap();
    wait_for("the end of all it began", 20, || {
        Traces::now(&home)
            .left_since(&before)
            .is_empty()
            .then_some(())
    });
    let events = context.build(&[]);
    let done = events.ended("done");
    assert_eq!(done.len(), 2, "{done:?}");
    assert_eq!(context.run(&[]), format!("first {}\n", context.word));
}

#[test]
fn two_builds_at_once_do_it_once() {
    let _alone = alone();
    let context = Context::new(
        "FROM debian:bookworm\nRUN --mount=type=cache,id=WORD,target=/c echo done >> /c/log; sleep 1; wc -l < /c/log > /count\n\
         CMD [\"cat\", \"/count\"]\n",
        &[],
    );
    let build = || {
        context
            .command(&["--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = [build(), build()].map(|child| child.wait_with_output().unwrap());
    let done: usize = both
        .iter()
        .map(|output| {
            assert!(output.status.success(), "{}", text(&output.stderr));
            let events = dockerfile::Events::of(&text(&output.stdout));
            let done = events.ended("done");
            done.iter().filter(|title| title.starts_with("RUN")).count()
        })
        .sum();
    assert_eq!(done, 1);
    assert_eq!(context.run(&[]), "1\n");
}
