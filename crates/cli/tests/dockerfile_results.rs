//! Where contexts come from and where results go.

mod dockerfile;
mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use dockerfile::{Context, run};
use support::{alone, boatyard, fail, kept_home, not_run, succeed, text};

/// Runs a command with something on its standard input; its standard output.
fn fed(command: &mut Command, input: &[u8]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}");
    text(&output.stdout)
}

/// A step's folder in the overlay has copies of /etc and others that it touched. The layer has not, and a copy of the same file
/// on nothing makes the same layer.
#[test]
fn what_a_step_left_alone_is_not_in_its_layer() {
    let _alone = alone();
    let made = Context::new("FROM debian:bookworm\nRUN echo WORD > /made\n", &[]);
    made.build(&[]);
    let copy = format!("FROM scratch\nCOPY --from={} /made /\n", made.tag());
    let copied = Context::new(&copy, &[]);
    let out = tempfile::tempdir().unwrap();
    let to = out.path().join("out");
    // Words of docker's that change nothing.
    let habits = ["--load", "--rm=false", "--force-rm", "--compress"];
    copied.build(&[&habits[..], &["-o", &to.to_string_lossy()]].concat());
    assert_eq!(names(&to), ["made"]);
}

#[test]
fn dockerfiles_and_contexts_on_standard_input() {
    let _alone = alone();
    let context = Context::new(
        "FROM scratch\nCOPY a /a\n",
        &[
            ("a", "a\n"),
            ("other/Dockerfile", "FROM scratch\nCOPY a /b\n"),
        ],
    );
    // The Dockerfile alone.
    let out = tempfile::tempdir().unwrap();
    let to = |name: &str| out.path().join(name).display().to_string();
    fed(
        &mut context.command(&["-f", "-", "-o", &to("one")]),
        b"FROM scratch\nCOPY a /from-stdin\n",
    );
    assert_eq!(names(&out.path().join("one")), ["from-stdin"]);
    // A tar with everything.
    let tar = Command::new("tar")
        .args(["cz", "-C"])
        .arg(context.folder.path())
        .arg(".")
        .output()
        .unwrap();
    fed(context.bare(&["-o", &to("two")]).arg("-"), &tar.stdout);
    assert_eq!(names(&out.path().join("two")), ["a"]);
    fed(
        context
            .bare(&["-f", "other/Dockerfile", "-o", &to("three")])
            .arg("-"),
        &tar.stdout,
    );
    assert_eq!(names(&out.path().join("three")), ["b"]);
    // A Dockerfile without a context.
    fed(
        context.bare(&["-o", &to("four")]).arg("-"),
        b"FROM scratch\nCOPY <<EOF /x\ny\nEOF\n",
    );
    assert_eq!(names(&out.path().join("four")), ["x"]);
    let said = fail(context.bare(&["-f", "-"]).arg("-"), 2);
    assert!(said.contains("standard input cannot be both"), "{said}");
}

/// Names in a folder, sorted.
fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_repository_as_the_context() {
    let _alone = alone();
    let context = Context::new("FROM scratch\nCOPY sub/a /a\n", &[("sub/a", "WORD\n")]);
    let git = |args: &[&str]| {
        let done = Command::new("git")
            .arg("-C")
            .arg(context.folder.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(args)
            .output();
        done.is_ok_and(|output| output.status.success())
    };
    if !(git(&["init", "-q", "-b", "main"])
        && git(&["add", "."])
        && git(&["commit", "-q", "-m", "x"]))
    {
        return not_run("git is not installed");
    }
    let served = tempfile::tempdir().unwrap();
    let bare = served.path().join("repo.git");
    assert!(git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]));
    let port = free_port();
    // The program itself: "git daemon" would leave it behind.
    let programs = Command::new("git").arg("--exec-path").output().unwrap();
    let program = std::path::Path::new(text(&programs.stdout).trim()).join("git-daemon");
    let daemon = Command::new(program)
        .args(["--export-all", "--listen=127.0.0.1"])
        .arg(format!("--base-path={}", served.path().display()))
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(daemon) = daemon else {
        return not_run("git cannot serve repositories here");
    };
    let _daemon = Ended(daemon);
    support::wait_for("git's server", 20, || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let out = tempfile::tempdir().unwrap();
    let url = |rest: &str| format!("git://127.0.0.1:{port}/repo.git{rest}");
    let place = out.path().join("one").display().to_string();
    succeed(context.bare(&["-o", &place]).arg(url("#main")));
    assert_eq!(names(&out.path().join("one")), ["a"]);
    let said = fail(context.bare(&[]).arg(url("#main:missing")), 2);
    assert!(said.contains("there is no folder missing"), "{said}");
    let said = fail(context.bare(&[]).arg(url("#other")), 3);
    assert!(said.contains("git could not fetch"), "{said}");
}

/// Ends a process when dropped.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn contexts_with_names() {
    let _alone = alone();
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("file"), "beside\n").unwrap();
    let base = Context::new("FROM scratch\nCOPY <<EOF /in-image\nWORD\nEOF\n", &[]);
    base.build(&[]);
    let layout = other.path().join("layout");
    succeed(
        boatyard(&kept_home(), other.path())
            .args(["image", "save", &base.tag(), "--format", "oci", "-o"])
            .arg(&layout),
    );
    let context = Context::new(
        "FROM base AS start\nCOPY --from=beside file /a\nCOPY --from=layout in-image /b\nCOPY --from=image in-image /c\n",
        &[],
    );
    let out = context.path("out");
    succeed(
        context
            .command(&["-o", out.to_str().unwrap()])
            .arg("--build-context")
            .arg(format!("beside={}", other.path().display()))
            .arg("--build-context")
            .arg(format!("layout=oci-layout://{}", layout.display()))
            .arg("--build-context")
            .arg(format!("image=docker-image://{}", base.tag()))
            .arg("--build-context")
            .arg(format!("base={}", base.tag())),
    );
    assert_eq!(names(&out), ["a", "b", "c", "in-image"]);
}

#[test]
fn results_as_files() {
    let _alone = alone();
    let context = Context::new(
        "FROM scratch\nCOPY a /a\nCOPY b /b\nCOPY a /c\nCMD [\"/a\"]\n",
        &[("a", "1\n"), ("b", "2\n")],
    );
    let path = |name: &str| context.path(name).display().to_string();
    let quiet = succeed(&mut context.command(&[
        "-q",
        "-o",
        &format!("type=tar,dest={}", path("out.tar")),
        "-o",
        &format!("type=oci,dest={}", path("oci.tar")),
        "-o",
        &format!("type=oci,tar=false,dest={}", path("oci")),
        "-o",
        &format!("type=docker,dest={}", path("docker.tar")),
        "--iidfile",
        &path("id"),
        "--metadata-file",
        &path("meta.json"),
    ]));
    let read = |name: &str| std::fs::read_to_string(context.path(name)).unwrap();
    let meta: serde_json::Value = serde_json::from_str(&read("meta.json")).unwrap();
    assert_eq!(quiet.trim(), read("id"));
    assert_eq!(meta["containerimage.config.digest"], read("id"));
    assert_ne!(meta["containerimage.digest"], read("id"));
    assert_eq!(meta["image.name"], context.tag());
    let listed = |name: &str| {
        let output = Command::new("tar")
            .arg("tf")
            .arg(context.path(name))
            .output()
            .unwrap();
        text(&output.stdout)
    };
    assert_eq!(listed("out.tar"), "a\nb\nc\n");
    assert!(listed("oci.tar").contains("index.json"));
    assert!(listed("docker.tar").contains("manifest.json"));
    assert!(context.path("oci/index.json").is_file());
    // To standard output, and nothing else there.
    let output = support::output(&mut context.command(&["-o", "-"]));
    assert!(output.status.success());
    assert!(
        output
            .stdout
            .get(257..262)
            .is_some_and(|magic| magic == b"ustar")
    );
    // One layer of all.
    context.build(&["--squash", "--compression", "gzip"]);
    let config = context.config();
    assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), 1);
    let out = context.path("squashed");
    succeed(&mut context.command(&["--squash", "-o", out.to_str().unwrap()]));
    assert_eq!(names(&out), ["a", "b", "c"]);
}

#[test]
fn what_is_left_out_of_the_context() {
    let _alone = alone();
    let context = Context::new(
        "FROM scratch\nCOPY . /\n",
        &[
            ("a", ""),
            ("b", ""),
            (".dockerignore", "b\nDockerfile*\n.dockerignore\nout*\n"),
            ("Dockerfile.two", "FROM scratch\nCOPY . /\n"),
            ("Dockerfile.two.dockerignore", "**\n!b\n"),
        ],
    );
    let out = context.path("out1");
    succeed(&mut context.command(&["-o", out.to_str().unwrap()]));
    assert_eq!(names(&out), ["a"]);
    let out = context.path("out2");
    succeed(&mut context.command(&["-f", "Dockerfile.two", "-o", out.to_str().unwrap()]));
    assert_eq!(names(&out), ["b"]);
}

#[test]
fn triggers_of_a_base() {
    let _alone = alone();
    let base = Context::new(
        "FROM debian:bookworm\nONBUILD COPY a /brought\nONBUILD RUN cat /brought > /made # WORD\n",
        &[("a", "not this\n")],
    );
    base.build(&[]);
    let context = Context::new(
        &format!("FROM {}\nCMD [\"cat\", \"/made\"]\n", base.tag()),
        &[("a", "this\n")],
    );
    context.build(&[]);
    assert_eq!(run(&context.tag(), context.folder.path(), &[]), "this\n");
    assert_eq!(
        context.config()["config"]["OnBuild"],
        serde_json::Value::Null
    );
}

#[test]
fn wrong_words() {
    let _alone = alone();
    let context = Context::new("FROM scratch\n", &[]);
    for (args, expected) in [
        (&["--secret", "src=x"][..], "no id"),
        (&["--build-context", "x=./missing"], "no such folder"),
        (
            &["--platform", "linux/s390x"],
            "cannot build for linux/s390x",
        ),
        (&["-o", "type=other,dest=x"], "unknown type"),
        (&["--target", "x"], "there is no stage \"x\""),
    ] {
        let output = support::output(&mut context.command(args));
        assert!(matches!(output.status.code(), Some(2 | 3)), "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{args:?}: {said}");
    }
    let said = fail(&mut context.bare(&[]), 2);
    assert!(said.contains("none was named"), "{said}");
    let said = fail(&mut context.bare(&["missing/folder"]), 2);
    assert!(said.contains("cannot enter the context"), "{said}");
}

#[test]
fn what_is_probably_not_meant() {
    let _alone = alone();
    let context = Context::new("FROM scratch AS Build\nCOPY a /a\n", &[("a", "")]);
    let said = context.refuse(&["--check"], 1);
    assert!(
        said.contains("StageNameCasing") && said.contains("Dockerfile:1:"),
        "{said}"
    );
    let built = support::output(&mut context.command(&[]));
    assert!(built.status.success());
    assert!(text(&built.stderr).contains("warning: Dockerfile:1:17: StageNameCasing"));
    context.write("Dockerfile", "# check=error=true\nFROM scratch AS Build\n");
    let said = context.refuse(&[], 1);
    assert!(said.contains("StageNameCasing"), "{said}");
    context.write("Dockerfile", "FROM scratch AS build\nCOPY a /a\n");
    let said = succeed(&mut context.command(&["--check"]));
    assert_eq!(said, "Dockerfile: nothing found\n");
}
