//! Pull and push through a real registry: Debian's `docker-registry`, on a loopback port of its own.

mod distribution;
mod image;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boatyard_plan::failure::{Failure as _, Fault};
use boatyard_plan::image::media;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::registry::{self, Credentials, Options, RegistryError, Removed};
use distribution::{Registry, options};
use image::image;

#[test]
fn what_is_pushed_can_be_pulled() {
    let Some(registry) = Registry::start("what_is_pushed_can_be_pulled", false) else {
        return;
    };
    let from = Store::open(&registry.home.path().join("from")).unwrap();
    let into = Store::open(&registry.home.path().join("into")).unwrap();
    let (manifest, layer) = image(&from, &"text ".repeat(100_000));
    let name = registry.name("team/app:1.2");
    let pushed = registry::push(&from, &manifest, &name, &options(), &|_| {}).unwrap();
    assert_eq!(pushed, manifest);
    // Everything is there already.
    registry::push(&from, &manifest, &name, &options(), &|_| {}).unwrap();

    let last = std::sync::Mutex::new(None);
    let pulled = registry::pull(&into, &name, &options(), &|progress| {
        *last.lock().unwrap() = Some(progress);
    });
    assert_eq!(pulled.unwrap(), manifest);
    let last = last.into_inner().unwrap().unwrap();
    assert_eq!(last.done, last.total);
    assert!(last.total > layer.blob.size);
    let tree = into.ensure_snapshot(&layer).unwrap();
    assert_eq!(fs::metadata(tree.join("text")).unwrap().len(), 500_000);

    let by_digest = registry.name(&format!("team/app@{}", manifest.digest));
    let third = Store::open(&registry.home.path().join("third")).unwrap();
    assert_eq!(
        registry::pull(&third, &by_digest, &options(), &|_| {}).unwrap(),
        manifest
    );
}

#[test]
fn an_index_gives_the_image_for_the_platform() {
    let Some(registry) = Registry::start("an_index_gives_the_image_for_the_platform", false) else {
        return;
    };
    let from = Store::open(&registry.home.path().join("from")).unwrap();
    let mut entries = Vec::new();
    for architecture in ["amd64", "arm64", "unknown"] {
        let (mut manifest, _) = image(&from, architecture);
        let name = registry.name(&format!("many@{}", manifest.digest));
        registry::push(&from, &manifest, &name, &options(), &|_| {}).unwrap();
        manifest.platform = Some(boatyard_plan::image::Platform {
            architecture: architecture.to_owned(),
            os: "linux".to_owned(),
            variant: None,
        });
        entries.push(manifest);
    }
    let index = serde_json::json!({
        "schemaVersion": 2, "mediaType": media::INDEX, "manifests": entries,
    });
    let url = format!("http://127.0.0.1:{}/v2/many/manifests/1", registry.port);
    let sent = ureq::put(&url)
        .header("content-type", media::INDEX)
        .send(index.to_string());
    assert_eq!(sent.unwrap().status(), 201);
    for (architecture, expected) in [("amd64", 0), ("arm64", 1)] {
        let mut options = options();
        options.platform.architecture = architecture.to_owned();
        options.platform.variant = None;
        let into = Store::open(&registry.home.path().join(architecture)).unwrap();
        let pulled = registry::pull(&into, &registry.name("many:1"), &options, &|_| {}).unwrap();
        assert_eq!(pulled.digest, entries[expected].digest);
    }
    let mut options = options();
    options.platform.architecture = "riscv64".to_owned();
    let refused = registry::pull(&from, &registry.name("many:1"), &options, &|_| {}).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("linux/riscv64") && said.contains("linux/arm64"),
        "{said}"
    );
}

#[test]
fn a_password_is_asked_for_and_taken_from_the_saved_ones() {
    let Some(registry) = Registry::start("a_password_is_asked_for", true) else {
        return;
    };
    let store = Store::open(&registry.home.path().join("store")).unwrap();
    let (manifest, _) = image(&store, "text");
    let name = registry.name("team/app:1");
    let file = registry.home.path().join("config.json");
    let known = Options {
        credentials: Credentials {
            files: vec![file.clone()],
            ..Credentials::default()
        },
        ..options()
    };
    let save = |auth: &str| {
        let text = format!(
            "{{\"auths\":{{\"127.0.0.1:{}\":{{\"auth\":\"{auth}\"}}}}}}",
            registry.port
        );
        fs::write(&file, text).unwrap();
    };
    // me:wrong
    save("bWU6d3Jvbmc=");
    for (options, user) in [(&options(), "anonymous"), (&known, "user me")] {
        let refused = registry::push(&store, &manifest, &name, options, &|_| {}).unwrap_err();
        assert!(
            matches!(refused, RegistryError::Unauthorized { .. }),
            "{refused}"
        );
        let said = refused.to_string();
        assert!(
            said.contains(user) && said.contains("push team/app"),
            "{said}"
        );
        assert!(refused.help().unwrap().contains("login"), "{said}");
    }
    // me:secret
    save("bWU6c2VjcmV0");
    registry::push(&store, &manifest, &name, &known, &|_| {}).unwrap();
    assert_eq!(
        registry::pull(&store, &name, &known, &|_| {}).unwrap(),
        manifest
    );
}

#[test]
fn what_is_not_there_is_said_by_name() {
    let Some(registry) = Registry::start("what_is_not_there_is_said_by_name", false) else {
        return;
    };
    let store = Store::open(&registry.home.path().join("store")).unwrap();
    let missing = registry.name("no/such:tag");
    let refused = registry::pull(&store, &missing, &options(), &|_| {}).unwrap_err();
    assert!(
        matches!(refused, RegistryError::NotFound { .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("no/such:tag"), "{refused}");
    assert_eq!(refused.fault(), Fault::User);
    let port = registry.port;
    drop(registry);
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let gone = format!("127.0.0.1:{port}/x").parse().unwrap();
    let refused = registry::pull(&store, &gone, &options(), &|_| {}).unwrap_err();
    assert!(
        matches!(refused, RegistryError::Unreachable { .. }),
        "{refused}"
    );
    assert_eq!(refused.fault(), Fault::Refused);
}

/// Passes connections on to `port`, but breaks the first uploads off, each after so many bytes as `cuts` says.
fn cutting(port: u16, cuts: &'static [u64]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let cut = Arc::new(AtomicUsize::new(0));
    let counted = cut.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (mut to_client, mut from_server) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                // Either side may go first.
                let _ = std::io::copy(&mut from_server, &mut to_client);
                let _ = to_client.shutdown(Shutdown::Both);
            });
            let done = counted.clone();
            std::thread::spawn(move || {
                let mut left = u64::MAX;
                let mut chunk = vec![0; 65536];
                while let Ok(count @ 1..) = client.read(&mut chunk) {
                    if chunk.starts_with(b"PATCH") {
                        let cut = cuts.get(done.load(Ordering::SeqCst));
                        left = cut.copied().unwrap_or(u64::MAX);
                    }
                    left = left.saturating_sub(count as u64);
                    if left == 0 {
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                    if left == 0 || server.write_all(&chunk[..count]).is_err() {
                        break;
                    }
                }
                let _ = server.shutdown(Shutdown::Both);
                let _ = client.shutdown(Shutdown::Both);
            });
        }
    });
    (own, cut)
}

#[test]
fn an_upload_that_breaks_off_goes_on() {
    let Some(registry) = Registry::start("an_upload_that_breaks_off_goes_on", false) else {
        return;
    };
    // The second one is below the smallest piece: how large the pieces are after the first depends on how much of it
    // the machine had buffered.
    let (port, cut) = cutting(registry.port, &[300_000, 100_000]);
    let store = Store::open(&registry.home.path().join("store")).unwrap();
    let noise: String = (0..400_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_string())
        .collect();
    let (manifest, layer) = image(&store, &noise);
    assert!(layer.blob.size > 1_000_000, "{}", layer.blob.size);
    // For some moments the registry answers for an upload that it is about to give up; each time is a try.
    let options = Options {
        attempts: 12,
        pause: std::time::Duration::from_millis(10),
        jobs: 1,
        ..options()
    };
    let name = format!("127.0.0.1:{port}/cut:1").parse().unwrap();
    registry::push(&store, &manifest, &name, &options, &|_| {}).unwrap();
    assert_eq!(cut.load(Ordering::SeqCst), 2);
    let into = Store::open(&registry.home.path().join("into")).unwrap();
    let pulled = registry::pull(&into, &registry.name("cut:1"), &options, &|_| {});
    assert_eq!(pulled.unwrap(), manifest);
}

/// What a name stands for is told without a pull, and what is in a small layer is read without the large ones.
#[test]
fn an_image_is_looked_at_without_being_pulled() {
    let Some(registry) = Registry::start("an_image_is_looked_at_without_being_pulled", false)
    else {
        return;
    };
    let from = Store::open(&registry.home.path().join("from")).unwrap();
    let into = Store::open(&registry.home.path().join("into")).unwrap();
    let (manifest, layer) = image(&from, "small");
    let name = registry.name("team/app:1.2");
    assert_eq!(registry::digest(&name, &options()).unwrap(), None);
    registry::push(&from, &manifest, &name, &options(), &|_| {}).unwrap();
    let digest = registry::digest(&name, &options()).unwrap();
    assert_eq!(digest.as_ref(), Some(&manifest.digest));
    let other = registry.name("team/app:1.3");
    assert_eq!(registry::digest(&other, &options()).unwrap(), None);

    let seen = registry::look(&into, &name, "text", &options()).unwrap();
    let seen = seen.expect("it is for this machine");
    assert_eq!(
        (Some(seen.digest), seen.file.as_deref()),
        (digest, Some(&b"small"[..]))
    );
    let none = registry::look(&into, &name, "other", &options()).unwrap();
    assert_eq!(none.and_then(|seen| seen.file), None);

    let mut state = 1_u32;
    let noise: String = std::iter::repeat_with(|| {
        // Xorshift (Marsaglia): nothing packs it.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        format!("{state:08x}")
    })
    .take(400_000)
    .collect();
    let (large, fat) = image(&from, &noise);
    assert!(fat.blob.size > 1 << 20, "{}", fat.blob.size);
    registry::push(&from, &large, &other, &options(), &|_| {}).unwrap();
    let seen = registry::look(&into, &other, "text", &options()).unwrap();
    assert_eq!(seen.and_then(|seen| seen.file), None);
    assert!(!into.has_blob(&fat.blob.digest) && into.has_blob(&layer.blob.digest));
}

/// A name goes with what it names; what another tag names, too, stays; and a registry that does not permit it says so.
#[test]
fn names_are_removed_unless_others_name_the_same() {
    let Some(registry) = Registry::that_deletes("names_are_removed_unless_others_name_the_same")
    else {
        return;
    };
    let from = Store::open(&registry.home.path().join("from")).unwrap();
    let (one, _) = image(&from, "one");
    let (two, _) = image(&from, "two");
    let names = ["a/app:1", "a/app:same", "a/app:2", "b/app:1"].map(|name| registry.name(name));
    for (name, manifest) in names.iter().zip([&one, &one, &two, &one]) {
        registry::push(&from, manifest, name, &options(), &|_| {}).unwrap();
    }
    let [first, same, second, elsewhere] = names;
    let remove = |going: &[&Reference]| {
        let going: Vec<Reference> = going.iter().map(|one| (*one).clone()).collect();
        let removed = registry::remove(&going, &options()).unwrap();
        removed
            .into_iter()
            .map(|(_, removed)| removed)
            .collect::<Vec<_>>()
    };
    let is_there = |name| registry::digest(name, &options()).unwrap().is_some();
    assert_eq!(
        remove(&[&first, &second]),
        [Removed::Kept("same".to_owned()), Removed::Gone]
    );
    assert!(is_there(&first) && is_there(&same) && !is_there(&second));
    assert_eq!(remove(&[&first, &same]), [Removed::Gone, Removed::Gone]);
    assert!(!is_there(&first) && !is_there(&same) && is_there(&elsewhere));
    assert_eq!(remove(&[&first]), [Removed::Absent]);

    let Some(strict) = Registry::start("names_are_removed_unless_others_name_the_same", false)
    else {
        return;
    };
    let name = strict.name("a/app:1");
    registry::push(&from, &one, &name, &options(), &|_| {}).unwrap();
    let refused = registry::remove(std::slice::from_ref(&name), &options()).unwrap_err();
    assert!(
        matches!(refused, RegistryError::Refused { status: 405, .. }),
        "{refused}"
    );
    assert!(is_there(&name));
}
