//! What the cases run in, and how they run programs.

use std::io::Read;
use std::path::PathBuf;

use boatyard_engine::host::{self, Host, Isolation, Networks, Options, Privilege};
use boatyard_engine::sandbox::{Caps, Program, Running, Sandbox, SandboxError, Spec, Stdio, User};

use crate::root;

/// Name, where it makes sense, what it does: panics if it fails.
pub type Case = (&'static str, On, fn(&World));

/// Where a case makes sense.
#[derive(Clone, Copy)]
pub enum On {
    All,
    /// Where sandboxes have namespaces.
    Namespaces,
    /// Where they have not.
    Chroot,
    /// Where there are many users.
    ManyUsers,
    /// Where there is one.
    OneUser,
}

impl On {
    pub fn permits(self, world: &World) -> Result<(), &'static str> {
        let namespaces = world.host.isolation == Isolation::Namespaces;
        let single = world.host.privilege == Privilege::Single;
        let (permitted, reason) = match self {
            Self::All => (true, ""),
            Self::Namespaces => (
                namespaces && world.host.network == Networks::Own,
                "no namespaces here",
            ),
            Self::Chroot => (!namespaces, "namespaces here"),
            Self::ManyUsers => (!single, "one user here"),
            Self::OneUser => (single, "many users here"),
        };
        if permitted { Ok(()) } else { Err(reason) }
    }
}

/// A host, and a root to run in.
pub struct World {
    pub host: Host,
    pub root: PathBuf,
    pub scratch: tempfile::TempDir,
}

impl World {
    pub fn enter(kind: &str) -> Self {
        let start = std::time::Instant::now();
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let options = Options {
            scratch: Some(scratch.path().to_owned()),
            ..Options::default()
        };
        let host =
            host::enter(&options).unwrap_or_else(|error| panic!("{kind}: {}", chain(&error)));
        let expected = match kind {
            "root" => host.privilege == Privilege::Root,
            "confined" => {
                host.privilege == Privilege::Confined && host.isolation == Isolation::Chroot
            }
            "rootless" => host.privilege == Privilege::Mapped { count: 65_537 },
            "single" => host.privilege == Privilege::Single,
            _ => true,
        };
        assert!(expected, "{kind}: {host:?}");
        println!("{kind}: entered after {:.1?}", start.elapsed());
        println!(
            "{kind}: {:?} {:?} {:?} {:?}",
            host.privilege, host.isolation, host.snapshots, host.network
        );
        for notice in &host.notices {
            println!("{kind}: notice: {}", notice.message);
        }
        let root = scratch.path().join("root");
        root::build(&root);
        Self {
            host,
            root,
            scratch,
        }
    }

    /// A build step: a line for the shell, as root.
    pub fn line(&self, line: &str) -> Spec {
        Spec::new(&self.root, Program::new(["sh", "-c", line]))
    }

    /// A container: a line for the shell, as an ordinary user.
    pub fn container(&self, line: &str) -> Spec {
        let mut spec = self.line(line);
        spec.program.user = User {
            uid: 1000,
            gid: 1000,
            groups: vec![1000, 20],
        };
        spec.program.caps = Caps::Run;
        spec
    }

    /// Starts it; what it prints can be read.
    pub fn start(&self, spec: &Spec) -> Result<(Running, std::io::PipeReader), SandboxError> {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let errors = writer.try_clone().expect("another descriptor");
        let stdio = [Stdio::Null, writer.into(), errors.into()];
        Ok((Sandbox::default().spawn(&self.host, spec, stdio)?, reader))
    }

    /// Runs it to its end: its exit code, and what it printed.
    pub fn run(&self, spec: &Spec) -> (i32, String) {
        let (mut running, mut output) = self
            .start(spec)
            .unwrap_or_else(|error| panic!("{}", chain(&error)));
        let mut text = String::new();
        output.read_to_string(&mut text).expect("it prints text");
        (running.wait().expect("it ends").code, text)
    }

    /// Runs it to its end, which must be a good one: what it printed.
    pub fn output(&self, spec: &Spec) -> String {
        let (code, text) = self.run(spec);
        assert_eq!(code, 0, "it printed: {text}");
        text
    }

    /// What all files of the root look like: to see whether a run left traces.
    pub fn listing(&self) -> Vec<String> {
        let output = std::process::Command::new("find")
            .arg(&self.root)
            .args(["-printf", "/%P %y %m %U:%G %s %T@\\n"])
            .output()
            .expect("find runs");
        let text = String::from_utf8(output.stdout).expect("names are text");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    }

    /// Fails unless the root looks as it did.
    pub fn looks_like(&self, before: &[String]) {
        let now = self.listing();
        let gone: Vec<&String> = before.iter().filter(|line| !now.contains(line)).collect();
        let new: Vec<&String> = now.iter().filter(|line| !before.contains(line)).collect();
        assert!(
            gone.is_empty() && new.is_empty(),
            "the root had {gone:#?} and has {new:#?}"
        );
    }
}

/// An error with its causes.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
