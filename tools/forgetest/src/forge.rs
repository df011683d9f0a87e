//! The forge, from its start to its end.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::User;
use crate::http::ask;
use crate::program;
use crate::settings::settings;

/// How long it may take to start: it makes its tables, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often another port is tried where somebody else has taken it meanwhile.
const TRIES: usize = 5;
const PASSWORD: &str = "open sesame";

/// A forge that runs.
pub struct Forge {
    child: Child,
    port: u16,
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Forge {
    /// Starts one. Where none can be had this prints `not run: REASON`, and the test is to return.
    ///
    /// # Panics
    ///
    /// If there should be one and it does not start.
    pub fn start() -> Option<Self> {
        let program = match program::find() {
            Ok(program) => program,
            Err(reason) => {
                println!("not run: {reason}");
                return None;
            }
        };
        let mut log = String::new();
        for _ in 0..TRIES {
            match Self::try_start(&program) {
                Ok(Ok(forge)) => return Some(forge),
                Ok(Err(said)) => log = said,
                Err(error) => panic!("cannot start {}: {error}", program.display()),
            }
        }
        panic!("the forge ends at once: {log}");
    }

    /// A new user, who is nobody special.
    ///
    /// # Panics
    ///
    /// If there is one of that name.
    pub fn user(&self, name: &str) -> User {
        let made = self.as_admin(
            "POST /api/v1/admin/users",
            &json!({
                "username": name, "email": format!("{name}@example.org"), "password": PASSWORD, "must_change_password": false,
            }),
        );
        assert_eq!(made["login"], name);
        self.token(name)
    }

    /// Its URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The last lines that it printed.
    pub fn said(&self) -> String {
        last_lines(self.folder.path())
    }

    /// It, or what it said before it ended.
    fn try_start(program: &Path) -> io::Result<Result<Self, String>> {
        let folder = tempfile::Builder::new().prefix("forgetest").tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let text = settings(folder.path(), program, port);
        fs::write(folder.path().join("app.ini"), text)?;
        let log = File::create(folder.path().join("log"))?;
        let mut web = command(program, folder.path(), &["web"]);
        web.stdout(log.try_clone()?).stderr(log);
        let mut forge = Self {
            child: web.spawn()?,
            port,
            program: program.to_owned(),
            folder,
        };
        let deadline = Instant::now() + PATIENCE;
        while !forge.is_up() {
            if forge.child.try_wait()?.is_some() {
                return Ok(Err(forge.said()));
            }
            let said = || forge.said();
            assert!(
                Instant::now() < deadline,
                "the forge does not answer: {}",
                said()
            );
            sleep(Duration::from_millis(50));
        }
        forge.first_user()?;
        Ok(Ok(forge))
    }

    fn is_up(&self) -> bool {
        let answer = ask(self.port, "GET /api/v1/version", "", "");
        answer.is_ok_and(|(status, _)| status == 200)
    }

    /// The administrator, whom only its own command can make.
    fn first_user(&self) -> io::Result<()> {
        let words = [
            "admin",
            "user",
            "create",
            "--admin",
            "--username",
            "harbour",
            "--password",
            PASSWORD,
        ]
        .into_iter()
        .chain([
            "--email",
            "harbour@example.org",
            "--must-change-password=false",
        ]);
        let words: Vec<&str> = words.collect();
        let output = command(&self.program, self.folder.path(), &words).output()?;
        assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    fn token(&self, name: &str) -> User {
        let what = format!("POST /api/v1/users/{name}/tokens");
        let made = self.ask(&what, name, &json!({"name": "all", "scopes": ["all"]}));
        User {
            name: name.to_owned(),
            token: made["sha1"].as_str().expect("a token").to_owned(),
            port: self.port,
        }
    }

    fn as_admin(&self, what: &str, body: &Value) -> Value {
        self.ask(what, "harbour", body)
    }

    /// Asks with the password, which some things want.
    fn ask(&self, what: &str, name: &str, body: &Value) -> Value {
        let login = STANDARD.encode(format!("{name}:{PASSWORD}"));
        let header = format!("Authorization: Basic {login}\r\n");
        let (status, text) = ask(self.port, what, &header, &body.to_string())
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!((200..300).contains(&status), "{what}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"))
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, which the kernel kills when the thread ends that started it (prctl(2), `PR_SET_PDEATHSIG`).
fn command(program: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program.join("gitea"))
        .args(words)
        .arg("--config")
        .arg(folder.join("app.ini"))
        .current_dir(folder)
        .env("HOME", folder)
        .env_remove("GITEA_WORK_DIR")
        .stdin(Stdio::null());
    command
}

fn last_lines(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
