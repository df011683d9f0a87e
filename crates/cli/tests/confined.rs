//! Builds of what nobody trusts, on a machine made for the case: a network with addresses, names and servers that note who calls.

mod dockerfile;
mod support;

use std::path::PathBuf;
use std::process::Command;

use dockerfile::Events;
use support::{alone, boatyard, fail, is_root, kept_home, not_run, project, succeed};

/// The index that the machine is set up with.
const INDEX: &str = "http://index.test:8080/simple";
const HOSTS: &str = "127.0.0.1 localhost\n198.51.100.7 index.test\n198.51.100.7 other.test\n10.77.0.1 inner.example.test\n";

/// The machine.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// `None`, and why, where it cannot be made.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("run.sh", include_str!("confined/run.sh")),
            ("world.py", include_str!("confined/world.py")),
            ("backend.py", include_str!("confined/backend.py")),
            ("hosts", HOSTS),
            ("calls", ""),
        ];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        if !is_root() {
            not_run("only root makes a machine of its own with unshare");
            return None;
        }
        let world = Self { folder };
        let tried = world.on_it(&Command::new("true")).output().unwrap();
        if !tried.status.success() {
            let why = support::text(&tried.stderr);
            not_run(&format!("a machine of its own cannot be made: {why}"));
            return None;
        }
        Some(world)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same command, on the machine.
    fn on_it(&self, command: &Command) -> Command {
        let _ = std::fs::remove_file(self.path("ready"));
        let mut on_it = Command::new("unshare");
        on_it.args(["--net", "--mount", "--", "sh"]);
        on_it.arg(self.path("run.sh")).arg(command.get_program());
        on_it.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => on_it.env(name, value),
                None => on_it.env_remove(name),
            };
        }
        for name in [
            "UV_DEFAULT_INDEX",
            "UV_INDEX_URL",
            "PIP_EXTRA_INDEX_URL",
            "UV_INDEX",
        ] {
            on_it.env_remove(name);
        }
        on_it
            .env("WORLD", self.folder.path())
            .env("PIP_INDEX_URL", INDEX)
            .env("BOATYARD_IGNORE_VALID_UNTIL", "1");
        on_it
    }

    /// Who was called since this was asked last.
    fn calls(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("calls")).unwrap();
        std::fs::write(self.path("calls"), "").unwrap();
        let mut calls: Vec<String> = text.lines().map(str::to_owned).collect();
        calls.dedup();
        calls
    }
}

/// Builds of a Dockerfile whose base is Debian, if it names no other.
struct Dockerfile<'a> {
    world: &'a World,
    context: dockerfile::Context,
}

impl<'a> Dockerfile<'a> {
    fn new(world: &'a World) -> Self {
        let context = dockerfile::Context::new("FROM debian:bookworm\n", &[]);
        // The base comes from elsewhere.
        context.build(&[]);
        Self { world, context }
    }

    fn command(&self, line: &str, words: &[&str]) -> Command {
        let begin = if line.starts_with("FROM") {
            ""
        } else {
            "FROM debian:bookworm\n"
        };
        let line = line.replace("WORD", &self.context.word);
        self.context
            .write("Dockerfile", &format!("{begin}{line}\n"));
        self.world.on_it(&self.context.command(words))
    }
}

/// A command that calls a host.
fn call(host: &str) -> String {
    format!(
        "RUN [\"bash\", \"-c\", \"exec 3<>/dev/tcp/{host}/8080 && printf 'GET /WORD HTTP/1.0\\\\r\\\\n\\\\r\\\\n' >&3 && cat <&3 > /got\"]"
    )
}

/// What a confined build says besides.
const CONFINED: &str = "--confined=acme/shop#1";

#[test]
fn commands_reach_the_sources_alone() {
    let _alone = alone();
    let Some(world) = World::new() else {
        return;
    };
    let build = Dockerfile::new(&world);
    // The index, by its name; the result is nobody's who is not confined in the same way.
    let line = call("index.test");
    let run = |words: &[&str]| {
        let mut all = words.to_vec();
        all.push("--json");
        let events = Events::of(&succeed(&mut build.command(&line, &all)));
        let is_run = |title: &String| title.starts_with("RUN");
        (events.ended("done").iter().any(is_run), world.calls())
    };
    let called = (true, vec!["198.51.100.7".to_owned()]);
    assert_eq!(run(&[CONFINED]), called);
    assert_eq!(run(&[CONFINED]), (false, Vec::new()), "it is done once");
    assert_eq!(run(&["--confined=acme/shop#2"]), called);
    assert_eq!(run(&[]), called);
    assert_eq!(run(&[]), (false, Vec::new()), "as always");

    // A name that is not on the list: told, also what to do, and where.
    let other = call("other.test");
    let said = fail(&mut build.command(&other, &[CONFINED]), 1);
    for part in [
        "Dockerfile:2",
        "other.test was asked for, which is not among the sources of this build",
        "sources = [\"other.test\"]",
        "--source other.test",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert_eq!(world.calls(), Vec::<String>::new());
    succeed(&mut build.command(&other, &[CONFINED, "--source", "other.test:8080"]));
    assert_eq!(world.calls(), ["198.51.100.7"]);
    // Below a name that anybody may have, private addresses are not reached; with no source, nothing is.
    let inner = call("inner.example.test");
    let words = [CONFINED, "--source", "*.example.test:8080"];
    let said = fail(&mut build.command(&inner, &words), 1);
    assert!(
        said.contains("inner.example.test is 10.77.0.1 for this machine"),
        "{said}"
    );
    let none = [CONFINED, "--source", "none"];
    let said = fail(&mut build.command(&line, &none), 1);
    assert!(
        said.contains("index.test: Temporary failure in name resolution"),
        "{said}"
    );
    assert_eq!(world.calls(), Vec::<String>::new());

    // What we fetch for it.
    for (line, place) in [
        ("FROM 10.77.0.1:8080/base:1", "Dockerfile:1:6"),
        ("COPY --from=10.77.0.1:8080/base:1 /x /x", "Dockerfile:2:1"),
        ("ADD http://10.77.0.1:8080/x /x", "Dockerfile:2:1"),
        (
            "ADD http://index.test:8080@10.77.0.1:8080/x /x",
            "Dockerfile:2:1",
        ),
        ("ADD http://index.test/x.git /x", "Dockerfile:2:1"),
    ] {
        let said = fail(&mut build.command(line, &[CONFINED]), 2);
        assert!(said.contains(place), "{line}: {place} is not in {said}");
        assert!(
            said.contains("of this build") || said.contains("Git"),
            "{said}"
        );
    }
    let away = "ADD http://index.test:8080/away /x";
    let said = fail(&mut build.command(away, &[CONFINED]), 2);
    assert!(said.contains("the server answered 302"), "{said}");
    assert_eq!(world.calls(), ["198.51.100.7"], "it is not led away");
}

/// A package whose own code builds it looks around: in a confined build it is installed and has reached nothing; in another one it
/// fails with all that it has reached.
#[test]
fn what_builds_a_package_reaches_nothing() {
    let _alone = alone();
    let Some(world) = World::new() else {
        return;
    };
    let text = "[project]\nname = \"kits\"\n\n[image]\nbase = \"debian:bookworm\"\npython = \"3.11\"\nrequirements = \"requirements.txt\"\n\n\
                [service.app]\ncopy = [\"app.py\"]\nroles = [\"web\"]\n\n[role.web]\ncommand = \"python app.py\"\n";
    let files = [
        ("requirements.txt", "itsdangerous==2.2.0\n"),
        ("app.py", ""),
    ];
    let folder = project(text, &files);
    let build = |words: &[&str]| {
        let mut command = boatyard(&kept_home(), folder.path());
        command.arg("build").args(words);
        command
    };
    // Its base and its installer come from elsewhere.
    succeed(&mut build(&[]));
    std::fs::write(folder.path().join("requirements.txt"), "kit==1.0\n").unwrap();
    // Each time anew: what was built once is kept.
    let name = format!("--confined={}", folder.path().display());
    succeed(&mut world.on_it(&build(&[&name])));
    assert_eq!(world.calls(), ["198.51.100.7"]);

    let output = world.on_it(&build(&[])).output().unwrap();
    let said = support::text(&output.stderr);
    assert!(!output.status.success(), "{said}");
    let all = "reached: loopback, loopback six, private, metadata, address, six, other name, name server, local";
    assert!(said.contains(all), "{said}");
    let mut calls = world.calls();
    calls.retain(|call| call != "198.51.100.7");
    assert!(calls.len() >= 7, "{calls:?}");

    std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join(".dockerignore")).unwrap();
    for (change, place) in [
        ("\"10.77.0.1:8080/base:1\"", "boatyard.toml:5:8"),
        (
            "{ debian = \"bookworm\", mirror = \"http://10.77.0.1:8080\" }",
            "boatyard.toml:5:40",
        ),
        ("{ layout = \"/\" }", "leads out of the project"),
        (
            "{ dockerfile = \"Dockerfile\" }",
            ".dockerignore leads out of the project",
        ),
    ] {
        let text = text.replace("\"debian:bookworm\"", change);
        std::fs::write(folder.path().join("boatyard.toml"), text).unwrap();
        let said = fail(&mut world.on_it(&build(&[&name])), 2);
        assert!(said.contains(place), "{change}: {place:?} is not in {said}");
    }
    assert_eq!(world.calls(), Vec::<String>::new());

    // A source that leads elsewhere.
    let away = "{ debian = \"bookworm\", mirror = \"http://index.test:8080/away\" }";
    let text = text.replace("\"debian:bookworm\"", away);
    std::fs::write(folder.path().join("boatyard.toml"), text).unwrap();
    let said = fail(&mut world.on_it(&build(&[&name])), 3);
    assert!(said.contains("it sends us elsewhere"), "{said}");
    assert_eq!(world.calls(), ["198.51.100.7"], "it is not led away");
}
