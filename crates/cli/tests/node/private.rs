//! A registry that gives nothing to whoever has no password: Debian's `docker-registry`, where pods reach it.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::wait_for;

/// User "me", password "secret" (bcrypt).
const USER: &str = "me:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";
/// The same as saved logins have it.
pub const LOGIN: &str = "bWU6c2VjcmV0";
const PORT: u16 = 5001;

/// The registry, until this is dropped.
pub struct Private {
    child: Child,
    folder: tempfile::TempDir,
    /// As pods and we name it.
    pub name: String,
}

impl Private {
    /// At the address of `beside`, another registry, in the network that this thread is in.
    pub fn start(beside: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("users"), USER).unwrap();
        let settings = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 0.0.0.0:{PORT}\n\
             auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
            path("data").display(),
            path("users").display()
        );
        fs::write(path("config.yml"), settings).unwrap();
        let (host, _) = beside.rsplit_once(':').unwrap();
        let name = format!("{host}:{PORT}");
        let login = format!(r#"{{"auths":{{"{name}":{{"auth":"{LOGIN}"}}}}}}"#);
        fs::write(path("config.json"), login).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(path("config.yml"))
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let private = Self {
            child,
            folder,
            name,
        };
        wait_for("the registry with a password", 60, || {
            TcpStream::connect(&private.name).ok()
        });
        private
    }

    /// The folder for `DOCKER_CONFIG` of who may pull.
    pub fn config(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // Its end is all that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
