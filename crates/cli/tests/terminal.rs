//! `boatyard build` by an ordinary user at a terminal: what is drawn, without colours, and Ctrl-C. The terminal is that of
//! script(1), which has one of its own and passes on what is typed.

mod somebody;
mod support;

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use somebody::{Somebody, give_away};
use support::{Traces, alone, is_root, not_run, wait_for};

const ROWS: NonZero<u16> = NonZero::new(30).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(100).unwrap();

/// A user, and a folder of theirs with the command, a context and a home.
struct World {
    somebody: Somebody,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Result<Self, &'static str> {
        if !is_root() {
            return Err("making a user for the test needs root");
        }
        let busybox = support::busybox().ok_or("busybox is not installed")?;
        if !Path::new("/usr/bin/script").exists() {
            return Err("script is not installed (Debian: bsdutils)");
        }
        let somebody = Somebody::new()?;
        let folder = tempfile::Builder::new()
            .prefix("boatyard-test")
            .tempdir_in("/var/tmp")
            .unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let world = Self { somebody, folder };
        std::fs::copy(support::BOATYARD, world.path("boatyard")).unwrap();
        for name in ["home", "context"] {
            std::fs::create_dir(world.path(name)).unwrap();
        }
        std::fs::copy(busybox, world.path("context/busybox")).unwrap();
        give_away(&world.path("home"), &world.somebody.uid);
        Ok(world)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Begins a build whose last step is `command`, at a terminal.
    fn build(&self, command: &str, env: &[(&str, &str)]) -> Terminal {
        let text = format!(
            "FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/busybox\nRUN {command}\n"
        );
        std::fs::write(self.path("context/Dockerfile"), text).unwrap();
        let words = self.somebody.words();
        let line = format!(
            "stty rows {ROWS} cols {COLUMNS}; exec {} build -t typed:1 .",
            self.path("boatyard").display()
        );
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .args(["script", "-qefc", &line, "/dev/null"]);
        command
            .current_dir(self.path("context"))
            .env_remove("NO_COLOR")
            .env_remove("CI")
            .env("TERM", "xterm-256color")
            .env("BOATYARD_HOME", self.path("home"))
            .env("HOME", self.folder.path())
            .envs(env.iter().copied());
        Terminal::of(&mut command)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What is left belongs to subordinate ids.
        give_away(&self.path("home"), "0");
    }
}

/// A program at a terminal, and what it has drawn.
struct Terminal {
    script: Child,
    drawn: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    fn of(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = command.spawn().unwrap();
        let mut output = script.stdout.take().unwrap();
        let drawn: Arc<Mutex<Vec<u8>>> = Arc::default();
        let shared = drawn.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                shared.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            script,
            drawn,
            reader: Some(reader),
        }
    }

    fn drawn(&self) -> Vec<u8> {
        self.drawn.lock().unwrap().clone()
    }

    /// What stands on the screen.
    fn screen(&self) -> String {
        let mut parser = vt100::Parser::new(ROWS, COLUMNS, 1000);
        parser.process(&self.drawn());
        assert!(
            !parser.screen().hide_cursor() || self.reader.is_some(),
            "the cursor is gone"
        );
        parser.screen().contents()
    }

    fn press(&mut self, key: u8) {
        self.script
            .stdin
            .as_mut()
            .unwrap()
            .write_all(&[key])
            .unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        let status = wait_for("the end of the build", 60, || {
            self.script.try_wait().unwrap()
        });
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Without its terminal the build ends too.
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// Whether there are colours among what was drawn.
fn has_colours(drawn: &[u8]) -> bool {
    let text = String::from_utf8_lossy(drawn);
    let codes = text
        .split("\x1b[")
        .skip(1)
        .filter_map(|code| code.split_once('m'));
    let mut numbers = codes.filter(|(code, _)| {
        code.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';')
    });
    numbers.any(|(code, _)| {
        code.split(';')
            .any(|number| matches!(number.parse(), Ok(30..=38 | 90..=97)))
    })
}

#[test]
fn a_user_builds_at_a_terminal() {
    let _alone = alone();
    let world = match World::new() {
        Ok(world) => world,
        Err(why) => return not_run(why),
    };
    let before = Traces::now(&world.path("home"));
    let mut plain = world.build("echo one; echo two", &[("NO_COLOR", "1")]);
    let status = plain.wait();
    let screen = plain.screen();
    assert!(status.success(), "{screen}");
    assert!(screen.contains("RUN echo one"), "{screen}");
    assert!(!has_colours(&plain.drawn()), "{screen}");

    let mut drawn = world.build("echo three; /bin/busybox id -u", &[]);
    let status = drawn.wait();
    let screen = drawn.screen();
    assert!(status.success(), "{screen}");
    assert!(screen.contains("RUN echo three"), "{screen}");
    assert!(screen.contains("typed:1"), "{screen}");
    assert!(has_colours(&drawn.drawn()), "{screen}");
    let moves = String::from_utf8_lossy(&drawn.drawn()).contains("\x1b[");
    assert!(moves, "it is drawn in place");

    let mut failing = world.build("echo what went wrong; exit 3", &[]);
    let status = failing.wait();
    let screen = failing.screen();
    assert_eq!(status.code(), Some(1), "{screen}");
    assert!(
        screen.contains("what went wrong") && screen.contains('3'),
        "{screen}"
    );

    let mut stopped = world.build("echo it runs; exec /bin/busybox sleep 4217", &[]);
    wait_for("the command's first words on the screen", 60, || {
        stopped.screen().contains("it runs").then_some(())
    });
    stopped.press(3);
    let status = stopped.wait();
    let screen = stopped.screen();
    assert_eq!(status.code(), Some(130), "{screen}");
    // What it started goes with it, a moment later.
    wait_for("nothing to be left behind", 60, || {
        let left = Traces::now(&world.path("home")).left_since(&before);
        left.is_empty().then_some(())
    });
    // And the next one is as if nothing had been.
    let mut again = world.build("echo three; /bin/busybox id -u", &[]);
    assert!(again.wait().success());
}
