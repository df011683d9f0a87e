//! A registry behind a network that breaks every connection after 5 MB, blobs that are mounted, and other tools.

mod distribution;
mod image;

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::prune::fsck;
use boatyard_store::registry::{self, Mirror, Options, Progress};
use distribution::{Registry, options};
use image::layered;

/// What went through a proxy.
#[derive(Default)]
struct Seen {
    /// Connections that were broken.
    breaks: AtomicUsize,
    /// Bytes from client to server.
    up: AtomicU64,
    /// Bytes from server to client.
    down: AtomicU64,
}

/// Passes connections on to `port` until the process ends, and breaks each when `limit` bytes went one way.
fn proxy(port: u16, limit: u64) -> (u16, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let seen = Arc::new(Seen::default());
    let noted = seen.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            for upwards in [true, false] {
                let (client, server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let seen = noted.clone();
                std::thread::spawn(move || {
                    if upwards {
                        pass(&client, &server, limit, &seen.up, &seen.breaks);
                    } else {
                        pass(&server, &client, limit, &seen.down, &seen.breaks);
                    }
                });
            }
        }
    });
    (own, seen)
}

fn pass(
    mut from: &TcpStream,
    mut to: &TcpStream,
    limit: u64,
    count: &AtomicU64,
    breaks: &AtomicUsize,
) {
    let mut left = limit;
    let mut chunk = vec![0; 65536];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        count.fetch_add(read as u64, Ordering::SeqCst);
        left = left.saturating_sub(read as u64);
        if left == 0 {
            breaks.fetch_add(1, Ordering::SeqCst);
        }
        if left == 0 || to.write_all(&chunk[..read]).is_err() {
            break;
        }
    }
    // Either side may have gone first.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Bytes that no compression makes smaller, the same every time (xorshift64).
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

fn behind(port: u16, rest: &str) -> Reference {
    format!("127.0.0.1:{port}/{rest}").parse().unwrap()
}

#[test]
fn sixty_megabytes_get_through_a_network_that_breaks_every_five() {
    let Some(registry) = Registry::start("sixty_megabytes", false) else {
        return;
    };
    let (port, seen) = proxy(registry.port, 5_000_000);
    let store = Store::open(&registry.home.path().join("store")).unwrap();
    // One layer is most of it: it must survive several breaks.
    let contents = [
        noise(1, 40_000_000),
        noise(2, 12_000_000),
        noise(3, 8_000_000),
    ];
    let (manifest, _) = layered(&store, &contents);
    let options = Options {
        attempts: 5,
        jobs: 3,
        ..options()
    };
    let last: Mutex<Vec<Progress>> = Mutex::default();
    let name = behind(port, "big:1");
    registry::push(&store, &manifest, &name, &options, &|told| {
        last.lock().unwrap().push(told);
    })
    .unwrap();
    assert!(seen.breaks.load(Ordering::SeqCst) >= 3);
    let told = last.into_inner().unwrap();
    let most = told.iter().map(|progress| progress.done).max().unwrap();
    assert_eq!(most, told[0].total, "every byte is told once");
    assert!(told.len() > 50, "{}", told.len());

    let before = seen.breaks.load(Ordering::SeqCst);
    let down = seen.down.load(Ordering::SeqCst);
    let into = Store::open(&registry.home.path().join("into")).unwrap();
    let pulled = registry::pull(&into, &name, &options, &|_| {}).unwrap();
    into.tag(&name, &pulled).unwrap();
    assert_eq!(pulled, manifest);
    assert!(seen.breaks.load(Ordering::SeqCst) >= before + 8);
    // Resumed, not begun again: at most what each break threw away comes twice.
    let came = seen.down.load(Ordering::SeqCst) - down;
    assert!(came < 75_000_000, "{came}");
    assert_eq!(fsck(&into).unwrap(), []);
}

#[test]
fn blobs_of_another_repository_are_mounted() {
    let Some(registry) = Registry::start("blobs_are_mounted", false) else {
        return;
    };
    let (port, seen) = proxy(registry.port, u64::MAX);
    let store = Store::open(&registry.home.path().join("store")).unwrap();
    let (base, _) = layered(&store, &[noise(4, 3_000_000)]);
    let (app, _) = layered(&store, &[noise(4, 3_000_000), noise(5, 10_000)]);
    let name = behind(port, "team/base:1");
    registry::push(&store, &base, &name, &options(), &|_| {}).unwrap();
    store.tag(&name, &base).unwrap();
    let before = seen.up.load(Ordering::SeqCst);
    let name = behind(port, "team/app:1");
    registry::push(&store, &app, &name, &options(), &|_| {}).unwrap();
    let sent = seen.up.load(Ordering::SeqCst) - before;
    assert!((10_000..100_000).contains(&sent), "{sent}");
    // The store believes that `gone` has the layer; the registry knows better and takes an upload.
    store.tag(&behind(registry.port, "gone:1"), &app).unwrap();
    let name = registry.name("other:1");
    registry::push(&store, &app, &name, &options(), &|_| {}).unwrap();
    let into = Store::open(&registry.home.path().join("into")).unwrap();
    let pulled = registry::pull(&into, &name, &options(), &|_| {}).unwrap();
    assert_eq!(pulled, app);
}

#[test]
fn skopeo_reads_what_was_pushed() {
    let Some(registry) = Registry::start("skopeo_reads_what_was_pushed", false) else {
        return;
    };
    if Command::new("skopeo").arg("--version").output().is_err() {
        eprintln!("not run: skopeo_reads_what_was_pushed: no skopeo");
        return;
    }
    let store = Store::open(&registry.home.path().join("store")).unwrap();
    let (manifest, layers) = layered(&store, &[noise(6, 100_000), noise(7, 100_000)]);
    let name = registry.name("team/app:1");
    registry::push(&store, &manifest, &name, &options(), &|_| {}).unwrap();
    let copy = registry.home.path().join("copy");
    let output = Command::new("skopeo")
        .args(["copy", "--src-tls-verify=false", "--insecure-policy"])
        .arg(format!("docker://{name}"))
        .arg(format!("dir:{}", copy.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let bytes = std::fs::read(copy.join("manifest.json")).unwrap();
    assert_eq!(boatyard_plan::digest::Digest::of(&bytes), manifest.digest);
    for layer in layers {
        let hex = layer.blob.digest.to_string().replace("sha256:", "");
        let found = std::fs::metadata(copy.join(hex)).unwrap().len();
        assert_eq!(found, layer.blob.size);
    }
}

#[test]
fn a_mirror_is_asked_first_and_the_registry_where_it_fails() {
    let Some(mirror) = Registry::start("a_mirror_is_asked_first", false) else {
        return;
    };
    let Some(own) = Registry::start("a_mirror_is_asked_first", false) else {
        return;
    };
    let store = Store::open(&own.home.path().join("store")).unwrap();
    let (first, _) = layered(&store, &[noise(8, 1000)]);
    let (second, _) = layered(&store, &[noise(9, 1000)]);
    registry::push(&store, &first, &mirror.name("app:1"), &options(), &|_| {}).unwrap();
    registry::push(&store, &second, &own.name("app:2"), &options(), &|_| {}).unwrap();
    let options = Options {
        mirrors: vec![Mirror {
            registry: format!("127.0.0.1:{}", own.port),
            host: format!("127.0.0.1:{}", mirror.port),
        }],
        ..options()
    };
    let into = Store::open(&own.home.path().join("into")).unwrap();
    let expected = HashMap::from([("app:1", first), ("app:2", second)]);
    for (name, manifest) in expected {
        let pulled = registry::pull(&into, &own.name(name), &options, &|_| {}).unwrap();
        assert_eq!(pulled, manifest, "{name}");
    }
}
