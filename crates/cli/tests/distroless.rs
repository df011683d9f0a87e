//! A web application on a base without a shell, with a package from a repository that has a key of its own.

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Down, alone, boatyard, fail, http, kept_home, not_run, project, succeed, text};

const APPLICATION: &str = r#"
import socket, ssl, sqlite3, zoneinfo
from flask import Flask

app = Flask(__name__)

@app.get("/")
def index():
    authorities = len(ssl.create_default_context().get_ca_certs()) > 100
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    return f"{authorities} {zone} {socket.gethostbyname('localhost')} {open('/usr/share/hello/hello').read()}"
"#;

/// What an image without a shell does not have.
const ABSENT: &str = "import os; print([path for path in ('/bin/sh', '/bin/bash', '/bin/dash', '/usr/bin/dpkg', \
                      '/usr/bin/apt', '/usr/bin/perl', '/sbin/ldconfig') if os.path.lexists(path)])";

#[test]
fn a_web_application_without_a_shell() {
    let _alone = alone();
    let Some(repository) = Repository::make() else {
        return not_run("dpkg-deb or gpg is not installed");
    };
    let home = kept_home();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let file = format!(
        "[project]\nname = \"bare\"\n\n[image]\nbase = \"debian:bookworm/distroless\"\npackages = [\"hello-added\"]\n\
         requirements = \"requirements.txt\"\n\n[[image.repository]]\nurl = \"http://127.0.0.1:{}\"\nsuite = \"added\"\n\
         key = \"added.asc\"\n\n[service.app]\ncopy = [\"app.py\"]\nroles = [\"web\"]\n\n[role.web]\n\
         command = 'gunicorn -w \"${{WORKERS:-1}}\" -b \"127.0.0.1:{port}\" app:app'\nport = {port}\nready = \"http://:{port}/\"\n",
        repository.port
    );
    let folder = project(
        &file,
        &[
            ("app.py", APPLICATION),
            ("requirements.txt", "flask==3.1.0\ngunicorn==23.0.0\n"),
            ("added.asc", &repository.key("signs")),
        ],
    );
    let _down = Down {
        home: home.clone(),
        project: folder.path().to_owned(),
    };
    succeed(boatyard(&home, folder.path()).args(["up", "-d"]));
    let answer = http(&format!("http://127.0.0.1:{port}"), "GET", "/", "");
    let (status, body) = answer.expect("it is ready, so it answers");
    assert_eq!(
        (status, body.as_str()),
        (200, "True Europe/Berlin 127.0.0.1 hello\n")
    );
    succeed(boatyard(&home, folder.path()).arg("down"));
    let absent =
        succeed(boatyard(&home, folder.path()).args(["run", "--", "python3", "-c", ABSENT]));
    assert_eq!(absent.trim(), "[]");
    let list = succeed(boatyard(&home, folder.path()).args(["image", "sbom", "bare/app"]));
    for package in [
        "pkg:deb/debian/libc6@",
        "pkg:deb/debian/ca-certificates@",
        "pkg:deb/debian/hello-added@1.0",
        "pkg:pypi/flask@3.1.0",
    ] {
        assert!(list.contains(package), "{package}: {list}");
    }

    // Only the key that the project names counts: neither another one nor Debian's.
    let key = folder.path().join("added.asc");
    std::fs::write(&key, repository.key("other")).unwrap();
    let told = fail(boatyard(&home, folder.path()).arg("build"), 3);
    assert!(told.contains("no trusted key signed this text"), "{told}");
    assert!(told.contains("only the key in added.asc counts"), "{told}");
    std::fs::write(&key, "no key\n").unwrap();
    let told = fail(boatyard(&home, folder.path()).arg("build"), 2);
    assert!(
        told.contains("there is no OpenPGP key in added.asc"),
        "{told}"
    );
    std::fs::remove_file(&key).unwrap();
    let told = fail(boatyard(&home, folder.path()).arg("build"), 2);
    assert!(told.contains("added.asc does not exist"), "{told}");
}

#[test]
fn trixie_is_made_twice_the_same() {
    let _alone = alone();
    let home = kept_home();
    let folder = project(
        "[project]\nname = \"bare-trixie\"\n\n[image]\nbase = \"debian:trixie/distroless\"\npython = \"3.13\"\npackages = [\"libblas3\"]\n",
        &[],
    );
    let build = || {
        let told = succeed(boatyard(&home, folder.path()).args(["build", "--no-cache", "--json"]));
        let image = told
            .lines()
            .find(|line| line.contains("\"event\":\"image\""));
        image.expect("there is one").to_owned()
    };
    assert_eq!(build(), build());
    let program = "import ssl, sqlite3, ctypes, lzma, zoneinfo; print(zoneinfo.ZoneInfo('UTC'))";
    let told =
        succeed(boatyard(&home, folder.path()).args(["run", "--", "python3", "-c", program]));
    assert_eq!(told.trim(), "UTC");
    // What the package's script would have said to update-alternatives.
    let program = "import ctypes, os; ctypes.CDLL('libblas.so.3').dgemm_; print(*os.listdir('/etc/alternatives'))";
    let told =
        succeed(boatyard(&home, folder.path()).args(["run", "--", "python3", "-c", program]));
    assert!(told.starts_with("libblas.so.3-"), "{told}");
}

/// A signed repository of one package, on loopback.
struct Repository {
    folder: tempfile::TempDir,
    port: u16,
}

impl Repository {
    /// Makes one, and serves it until the test ends. `None` if this machine lacks a program for it.
    fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let found = |program: &str| {
            let mut command = Command::new(program);
            command
                .arg("--version")
                .stdout(Stdio::null())
                .status()
                .is_ok()
        };
        if !found("dpkg-deb") || !found("gpg") {
            return None;
        }
        let top = folder.path();
        let script = r#"
            set -eu
            arch=$(dpkg --print-architecture)
            mkdir -p deb/DEBIAN deb/usr/share/hello pool dists/added/main/binary-$arch
            echo hello > deb/usr/share/hello/hello
            printf 'Package: hello-added\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@example.com>\nDescription: hello\n' > deb/DEBIAN/control
            dpkg-deb --root-owner-group -Zgzip --build deb pool/hello.deb
            list=dists/added/main/binary-$arch/Packages
            {
              cat deb/DEBIAN/control
              printf 'Filename: pool/hello.deb\nSize: %s\nSHA256: %s\n' \
                "$(stat -c %s pool/hello.deb)" "$(sha256sum pool/hello.deb | cut -d' ' -f1)"
            } > $list
            gzip -n $list
            {
              printf 'Suite: added\nCodename: added\nDate: %s\nSHA256:\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %T UTC')"
              printf ' %s %s main/binary-%s/Packages.gz\n' "$(sha256sum $list.gz | cut -d' ' -f1)" "$(stat -c %s $list.gz)" $arch
            } > Release
            export GNUPGHOME="$PWD/gnupg"
            mkdir -m 700 gnupg
            for name in signs other; do
              gpg --batch --quiet --passphrase '' --quick-gen-key $name@example.com ed25519 sign never
              gpg --batch --armor --export $name@example.com > $name.asc
            done
            gpg --batch --quiet --local-user signs@example.com --clearsign -o dists/added/InRelease Release
            gpgconf --kill all
        "#;
        let mut made = Command::new("sh");
        made.args(["-c", script]).current_dir(top);
        let made = made.output().unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = top.to_owned();
        // Ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &served);
            }
        });
        Some(Self { folder, port })
    }

    /// The public key of that name, armoured.
    fn key(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{name}.asc"))).unwrap()
    }
}

/// Answers one request with a file of the folder.
fn serve(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let path: PathBuf = request
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .trim_start_matches('/')
        .into();
    let (status, body) = match std::fs::read(folder.join(path)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
