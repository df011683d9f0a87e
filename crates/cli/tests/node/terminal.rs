//! A program in a pod at a terminal of ours.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::shop::Shop;
use crate::support::{alone, wait_for};

/// A terminal of our own, and a program at it.
struct Terminal {
    ours: File,
    child: Child,
    shown: Arc<Mutex<Vec<u8>>>,
    /// How it treats keys, before.
    modes: LocalModes,
}

impl Terminal {
    fn of(command: &Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        let theirs = File::options().read(true).write(true).open(name).unwrap();
        resize(&ours, 33, 101);
        let modes = tcgetattr(&ours).unwrap().local_modes;
        // It becomes the one that signals of that terminal go to.
        let mut at = Command::new("setsid");
        at.args(["--ctty", "--wait"]);
        at.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => at.env(name, value),
                None => at.env_remove(name),
            };
        }
        let child = at
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs)
            .spawn()
            .unwrap();
        let shown: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (mut reader, shared) = (File::from(ours.try_clone().unwrap()), shown.clone());
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                shared.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            ours: File::from(ours),
            child,
            shown,
            modes,
        }
    }

    fn kind(&mut self, text: &str) {
        self.ours.write_all(text.as_bytes()).unwrap();
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    fn modes(&self) -> LocalModes {
        tcgetattr(&self.ours).unwrap().local_modes
    }

    /// Types a line until its answer is there.
    fn ask(&mut self, line: &str, answer: &str) {
        wait_for(&format!("{answer:?} after {line:?}"), 60, || {
            self.kind(&format!("{line}\n"));
            thread::sleep(std::time::Duration::from_millis(200));
            self.shown().contains(answer).then_some(())
        });
    }

    fn end(&mut self) -> ExitStatus {
        let status = wait_for("the end", 60, || self.child.try_wait().unwrap());
        println!("{}", self.shown());
        assert_eq!(
            self.modes(),
            self.modes,
            "the terminal is left as it was lent"
        );
        status
    }
}

fn resize(terminal: impl std::os::fd::AsFd, ws_row: u16, ws_col: u16) {
    let size = Winsize {
        ws_row,
        ws_col,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).unwrap();
}

#[test]
fn a_terminal_is_lent_with_its_size_and_comes_back() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let namespace = shop.namespace.name();
    let place = ["--context", "kubetest", "--namespace", namespace];

    let mut shell = Terminal::of(&shop.command(&[&["shell"], &place[..], &["web"]].concat()));
    shell.ask("stty size", "33 101");
    assert!(
        !shell
            .modes()
            .intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    );
    resize(&shell.ours, 44, 111);
    shell.ask("stty size", "44 111");
    // The key is the program's, not ours.
    shell.ask("trap 'echo cau''ght' INT; echo re''ady", "ready");
    shell.kind("\x03");
    shell.ask("", "caught");
    shell.kind("exit 7\n");
    assert_eq!(shell.end().code(), Some(7));

    // Ended by a signal, it gives the terminal back as well.
    let words = [
        &["exec"],
        &place[..],
        &["web", "--", "sh", "-c", "echo be''gun; exec sleep 600"],
    ];
    let mut exec = Terminal::of(&shop.command(&words.concat()));
    wait_for("the program", 60, || {
        exec.shown().contains("begun").then_some(())
    });
    assert!(!exec.modes().contains(LocalModes::ICANON));
    // Of the process that waits for it, which passes on how it ended.
    let parent = exec.child.id();
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let children = children.unwrap_or_default();
    let ours = children
        .split_whitespace()
        .next()
        .map_or(parent, |child| child.parse().unwrap());
    kill_process(Pid::from_raw(ours.cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert_eq!(exec.end().code(), Some(128 + 15));
}
