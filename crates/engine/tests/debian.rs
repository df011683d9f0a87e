//! Root file systems from a real mirror, and from one that somebody tampered with.

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use boatyard_engine::debian::{
    Archive, DownloadError, Downloads, Exit, Form, Http, Indexes, InstallError, Invocation, Mirror,
    Owners, Request, Suite, apt_sources, download, fetch_indexes, host_architecture, install, plan,
};

fn suite(name: &str) -> Suite {
    Suite::new(name).expect("a code name")
}

fn archive(mirror: Mirror, cache: &Path) -> Archive {
    Archive {
        mirror,
        architecture: host_architecture().to_owned(),
        cache: cache.to_owned(),
        refresh: false,
        offline: false,
        ignore_valid_until: true,
    }
}

/// The mirror of this machine, and its indexes; says why not if there is none.
fn real(name: &str, cache: &Path) -> Option<(Archive, Http, Indexes)> {
    let archive = archive(
        Mirror::choose(&suite(name), None, &apt_sources(Path::new("/etc"))),
        cache,
    );
    let http = Http::of_host();
    match fetch_indexes(&archive, &http, SystemTime::now(), &|_| {}) {
        Ok(indexes) => Some((archive, http, indexes)),
        Err(error) => {
            println!("not run: no mirror of {name} can be reached: {error}");
            None
        }
    }
}

fn request(packages: &[&str]) -> Request {
    Request {
        packages: packages.iter().map(|name| (*name).to_owned()).collect(),
        form: Form::Whole,
        owners: Owners::Kept,
        epoch: None,
    }
}

/// Runs a command in a root, in namespaces of its own.
fn inside(root: &Path, invocation: &Invocation) -> io::Result<Exit> {
    let enter = "mkdir -p $0/proc && mount -t proc proc $0/proc && mount --rbind /dev $0/dev && exec chroot $0 \"$@\"";
    let output = Command::new("unshare")
        .args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--",
            "sh",
            "-c",
            enter,
        ])
        .arg(root)
        .args(&invocation.argv)
        .env_clear()
        .envs(&invocation.env)
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    Ok(Exit {
        code: output.status.code().unwrap_or(255),
        output: text,
    })
}

fn shell(root: &Path, script: &str) -> String {
    let invocation = Invocation {
        argv: ["sh", "-c", script].map(ToOwned::to_owned).to_vec(),
        env: [("PATH".to_owned(), "/usr/sbin:/usr/bin".to_owned())].into(),
    };
    let exit = inside(root, &invocation).expect("a shell runs");
    assert_eq!(exit.code, 0, "{script}: {}", exit.output);
    exit.output
}

/// Paths, modes, owners and contents of a root.
fn tree(root: &Path) -> String {
    let script = "find . -xdev ! -path './proc/*' ! -path './dev/*' -printf '%p %m %U %G %l\\n' | sort; \
                  find . -xdev -type f ! -path './proc/*' ! -path './dev/*' -exec sha256sum {} + | sort -k 2";
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(root)
        .output()
        .expect("find runs");
    String::from_utf8(output.stdout).expect("paths of Debian are UTF-8")
}

fn bootstraps(name: &str) {
    if !rustix::process::geteuid().is_root() {
        println!("not run: making a root file system this way needs root");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = folder.path().join("cache");
    let Some((archive, http, indexes)) = real(name, &cache) else {
        return;
    };
    let downloads = Downloads {
        cache: &archive.cache,
        http: &http,
        offline: false,
    };
    let build = |folder: &str| {
        let root = archive.cache.join(folder);
        fs::create_dir_all(&root).expect("a folder");
        let mut run = |invocation: &Invocation| inside(&root, invocation);
        install(
            &root,
            &request(&["ca-certificates"]),
            &indexes,
            &downloads,
            &|_| {},
            &mut run,
        )
        .expect("it installs");
        root
    };
    let (one, two) = (build("one"), build("two"));
    assert_eq!(tree(&one), tree(&two), "two runs give the same files");
    assert_eq!(shell(&one, "dpkg --audit; dpkg -V"), "");
    assert!(one.join("etc/ssl/certs/ca-certificates.crt").is_file());
    // More on top of it: only what is missing.
    let mut run = |invocation: &Invocation| inside(&one, invocation);
    let more = request(&["libpq5", "redis-server", "ca-certificates"]);
    let report =
        install(&one, &more, &indexes, &downloads, &|_| {}, &mut run).expect("it installs");
    assert!(report.added.iter().any(|(name, _)| name == "libpq5"));
    assert!(
        !report
            .added
            .iter()
            .any(|(name, _)| name == "ca-certificates" || name == "dpkg")
    );
    assert_eq!(shell(&one, "dpkg --audit; dpkg -V"), "");
    assert!(shell(&one, "redis-server --version").starts_with("Redis server"));
}

#[test]
fn bookworm_is_made_twice_the_same_and_grows() {
    bootstraps("bookworm");
}

#[test]
fn trixie_is_made_twice_the_same_and_grows() {
    bootstraps("trixie");
}

#[test]
fn a_package_that_does_not_exist_is_named_with_what_was_meant() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((_, _, indexes)) = real("bookworm", folder.path()) else {
        return;
    };
    let error = plan(folder.path(), &request(&["libpq"]), &indexes).expect_err("there is none");
    assert_eq!(error.to_string(), "there is no Debian package named libpq");
    let help = boatyard_plan::failure::Failure::help(&error).expect("it helps");
    assert!(help.contains("libpq5"), "{help}");
}

/// All messages of an error and its causes.
fn messages(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", messages(source)),
        None => error.to_string(),
    }
}

#[test]
fn what_was_tampered_with_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((original, http, indexes)) = real("bookworm", &folder.path().join("cache")) else {
        return;
    };
    let url = format!("{}/dists/bookworm", original.mirror.sources[0].url);
    let signed = http
        .read(&format!("{url}/InRelease"), 1 << 30)
        .expect("it is there");
    let list = format!("main/binary-{}/Packages.xz", host_architecture());
    let packed = http
        .read(&format!("{url}/{list}"), 1 << 30)
        .expect("it is there");
    let attempt = |signed: &[u8], packed: &[u8]| {
        let place = tempfile::tempdir().expect("a temporary folder");
        let dists = place.path().join("debian/dists/bookworm");
        fs::create_dir_all(dists.join(&list).parent().expect("it has one")).expect("a folder");
        fs::write(dists.join("InRelease"), signed).expect("it is written");
        fs::write(dists.join(&list), packed).expect("it is written");
        let given = format!("file:{}", place.path().join("debian").display());
        let mirror = Mirror::choose(&suite("bookworm"), Some(&given), &[]);
        let notices = std::sync::Mutex::new(0);
        let count = |_| *notices.lock().expect("nothing panics with it") += 1;
        let result = fetch_indexes(
            &archive(mirror, &place.path().join("cache")),
            &http,
            SystemTime::now(),
            &count,
        );
        let notices = *notices.lock().expect("nothing panics with it");
        result.map(|_| notices).map_err(|error| messages(&error))
    };
    assert_eq!(
        attempt(&signed, &packed),
        Ok(2),
        "a copy without updates is used, and that is said"
    );
    let mut altered = signed.clone();
    let at = signed
        .windows(8)
        .position(|word| word == b"Codename")
        .expect("it has one");
    altered[at + 2] ^= 1;
    assert!(
        attempt(&altered, &packed)
            .expect_err("refused")
            .contains("no trusted key signed this text")
    );
    let mut altered = packed.clone();
    altered[packed.len() / 2] ^= 1;
    assert!(
        attempt(&signed, &altered)
            .expect_err("refused")
            .contains("is not the one that was signed")
    );

    let mut package = indexes.catalog.versions("hostname").remove(0);
    let mut deb = http.read(&package.url, 1 << 30).expect("it is there");
    deb[1000] ^= 1;
    let file = folder.path().join("hostname.deb");
    fs::write(&file, deb).expect("it is written");
    package.url = format!("file:{}", file.display());
    let downloads = Downloads {
        cache: folder.path(),
        http: &http,
        offline: false,
    };
    let error = download(&[package], &downloads, &|_| {}).expect_err("refused");
    assert!(matches!(error, DownloadError::Altered { .. }), "{error}");
}

#[test]
fn without_a_network_the_mirror_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Nobody listens on the discard port of this machine.
    let mirror = Mirror::choose(&suite("bookworm"), Some("http://127.0.0.1:9/debian"), &[]);
    let http = Http::new(None, None);
    let error = fetch_indexes(
        &archive(mirror, folder.path()),
        &http,
        SystemTime::now(),
        &|_| {},
    )
    .expect_err("nobody");
    assert!(
        error
            .to_string()
            .contains("http://127.0.0.1:9/debian/dists/bookworm/InRelease"),
        "{error}"
    );
    assert!(
        boatyard_plan::failure::Failure::help(&error).is_some_and(|help| help.contains("mirror"))
    );
}

#[test]
fn a_script_that_fails_shows_its_last_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((archive, http, indexes)) = real("bookworm", &folder.path().join("cache")) else {
        return;
    };
    let root = folder.path().join("root");
    fs::create_dir(&root).expect("a folder");
    let downloads = Downloads {
        cache: &archive.cache,
        http: &http,
        offline: false,
    };
    let seen = RefCell::new(Vec::new());
    let mut run = |invocation: &Invocation| {
        seen.borrow_mut().push(invocation.argv.clone());
        Ok(Exit {
            code: 7,
            output: "first\nmkfifo: no such luck\n".to_owned(),
        })
    };
    let wanted = Request {
        owners: Owners::Ignored,
        ..request(&[])
    };
    let error =
        install(&root, &wanted, &indexes, &downloads, &|_| {}, &mut run).expect_err("it fails");
    assert!(matches!(error, InstallError::Configure(_)));
    assert!(
        error
            .to_string()
            .ends_with("ended with code 7\nfirst\nmkfifo: no such luck"),
        "{error}"
    );
    assert_eq!(seen.borrow().len(), 1, "nothing is run after that");
}
