//! Who builds: ours, and docker.

use std::path::Path;
use std::process::{Command, Stdio};

use super::case::{Case, folder};
use super::image::Image;
use super::support;
use super::truth::Truth;

/// The command under test, with a home that has `base` in it.
pub struct Ours {
    home: tempfile::TempDir,
    base: Image,
}

impl Ours {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let context = base_context();
        let mut command = build(home.path(), context.path(), "base");
        support::succeed(command.args(["-f", "Dockerfile", "."]));
        let base = Image::of_layout(home.path(), "base");
        Self { home, base }
    }

    /// What we make of a case, and what we say.
    pub fn truth(&self, case: &Case) -> (Truth, String) {
        let context = tempfile::tempdir().unwrap();
        case.lay_out(context.path());
        let name = format!("case-{}", case.name.replace('/', "-").to_lowercase());
        let mut command = build(self.home.path(), context.path(), &name);
        command.args(&case.words);
        if !case.words.iter().any(|word| word == "-f") {
            command.args(["-f", "Dockerfile"]);
        }
        let output = command.arg(".").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let truth = match output.status.code() {
            Some(0) => truth(&Image::of_layout(self.home.path(), &name), &self.base),
            Some(1..=3) => Truth::Refused,
            code => panic!("{}: ended with {code:?}\n{said}", case.name),
        };
        (truth, said)
    }
}

fn build(home: &Path, context: &Path, name: &str) -> Command {
    let mut command = Command::new(support::BOATYARD);
    command
        .args(["build", "--progress=plain", "-t", name])
        .current_dir(context)
        // Not the caller's proxies and certificates, which steps would see.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("BOATYARD_HOME", home)
        .stdin(Stdio::null());
    command
}

/// Docker, as named by `BOATYARD_ORACLE`.
pub struct Docker {
    words: Vec<String>,
    base: std::sync::OnceLock<Image>,
}

impl Docker {
    pub fn from_environment() -> Option<Self> {
        let words = std::env::var("BOATYARD_ORACLE").ok()?;
        Some(Self {
            words: words.split(' ').map(str::to_owned).collect(),
            base: std::sync::OnceLock::new(),
        })
    }

    /// Builds `base`.
    pub fn prepare(&self) {
        let context = base_context();
        let mut command = self.build(context.path(), &[]);
        let output = command.args(["-t", "base", "."]).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(self.base.set(self.image("base")).is_ok());
    }

    pub fn truth(&self, case: &Case) -> Truth {
        let context = tempfile::tempdir().unwrap();
        case.lay_out(context.path());
        let mut command = self.build(context.path(), &case.words);
        let output = command.arg(".").output().unwrap();
        if !output.status.success() {
            println!("{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
            return Truth::Refused;
        }
        let name = String::from_utf8(output.stdout).unwrap();
        truth(&self.image(name.trim()), self.base.get().unwrap())
    }

    /// All but the context; it prints the digest of what it made.
    fn build(&self, context: &Path, words: &[String]) -> Command {
        let mut command = Command::new(&self.words[0]);
        command
            .args(&self.words[1..])
            .args(["build", "--quiet", "--network=host"])
            .args(words)
            .current_dir(context)
            .stdin(Stdio::null());
        command
    }

    fn image(&self, name: &str) -> Image {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("saved.tar");
        let saved = Command::new(&self.words[0])
            .args(&self.words[1..])
            .args(["save", name, "-o"])
            .arg(&archive)
            .status();
        assert!(saved.unwrap().success());
        let archive = std::fs::File::open(archive).unwrap();
        tar::Archive::new(archive).unpack(folder.path()).unwrap();
        Image::of_archive(folder.path())
    }
}

/// What `base` is made of: its Dockerfile and a static busybox.
fn base_context() -> tempfile::TempDir {
    let context = tempfile::tempdir().unwrap();
    let busybox = support::busybox().unwrap();
    std::fs::copy(busybox, context.path().join("busybox")).unwrap();
    std::fs::copy(
        folder().join("base.Dockerfile"),
        context.path().join("Dockerfile"),
    )
    .unwrap();
    context
}

fn truth(image: &Image, base: &Image) -> Truth {
    let mut lines = image.files.lines_beside(&base.files);
    lines.push(format!("config {}", image.config));
    Truth::Image(lines)
}
