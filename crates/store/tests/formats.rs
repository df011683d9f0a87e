//! Images from and for other tools.

mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boatyard_plan::failure::{Failure as _, Fault};
use boatyard_plan::image::{Descriptor, ImageConfig, RootFs, RunConfig};
use boatyard_store::export::{Format, save};
use boatyard_store::import::{self, ImportError};
use boatyard_store::layer::{self, Compression, Options};
use boatyard_store::{Store, StoreError};

struct Fixture {
    home: tempfile::TempDir,
    store: Store,
    source: PathBuf,
    manifest: Descriptor,
}

/// A store with the image `fixture:1`, of one layer with a random tree.
fn fixture(compression: Compression) -> Fixture {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("store")).unwrap();
    let source = home.path().join("source");
    fs::create_dir(&source).unwrap();
    tree::Random(11).tree(&source);
    let options = Options {
        compression,
        ..Options::default()
    };
    let layer = layer::write(&store, layer::walk_tree(&source).unwrap(), &options).unwrap();
    let config = ImageConfig {
        created: Some("2026-01-01T00:00:00Z".to_owned()),
        author: None,
        architecture: boatyard_store::host_platform().architecture,
        os: "linux".to_owned(),
        config: RunConfig {
            env: vec!["A=b".to_owned()],
            ..RunConfig::default()
        },
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: vec![layer.diff_id.clone()],
        },
        history: Vec::new(),
    };
    let manifest = store
        .put_image(&config, std::slice::from_ref(&layer.blob))
        .unwrap();
    store.tag(&"fixture:1".parse().unwrap(), &manifest).unwrap();
    Fixture {
        home,
        store,
        source,
        manifest,
    }
}

/// Runs a tool; `None`, with a line on standard error, if it is not installed.
fn tool(test: &str, name: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(name).args(arguments).output() else {
        eprintln!("not run: {test}: no {name}");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {said}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn unpacked(store: &Store, manifest: &Descriptor) -> PathBuf {
    let layers = store.layers(&store.manifest(manifest).unwrap()).unwrap();
    store.ensure_snapshot(&layers[0]).unwrap()
}

#[test]
fn what_we_save_we_can_import() {
    for format in [Format::OciFolder, Format::OciArchive, Format::DockerArchive] {
        for compression in [Compression::Zstd, Compression::Gzip, Compression::None] {
            let made = fixture(compression);
            let path = made.home.path().join("saved");
            let name = "fixture:1".parse().unwrap();
            save(&made.store, &made.manifest, &name, &path, format).unwrap();
            let other = Store::open(&made.home.path().join("other")).unwrap();
            for asked in [None, Some("fixture:1")] {
                let imported = import::path(&other, &path, asked).unwrap();
                assert_eq!(imported.names, ["fixture:1"]);
                if format != Format::DockerArchive {
                    assert_eq!(imported.manifest, made.manifest);
                }
                let tree = unpacked(&other, &imported.manifest);
                assert_eq!(tree::describe(&tree), tree::describe(&made.source));
            }
            let refused = import::path(&other, &path, Some("x:y")).unwrap_err();
            assert!(
                matches!(refused, ImportError::NoSuchName { .. }),
                "{refused}"
            );
            assert_eq!(refused.fault(), Fault::User);
        }
    }
}

#[test]
fn skopeo_and_umoci_read_the_store_as_it_is() {
    const TEST: &str = "skopeo_and_umoci_read_the_store_as_it_is";
    let made = fixture(Compression::Gzip);
    let root = made.store.root().to_str().unwrap();
    let place = format!("oci:{root}:fixture:1");
    if let Some(said) = tool(TEST, "skopeo", &["inspect", "--config", &place]) {
        assert!(said.contains("A=b"), "{said}");
        let archive = made.home.path().join("docker.tar");
        let target = format!("docker-archive:{}:copied:2", archive.display());
        tool(
            TEST,
            "skopeo",
            &["copy", "--insecure-policy", &place, &target],
        );
        let other = Store::open(&made.home.path().join("other")).unwrap();
        let imported = import::path(&other, &archive, None).unwrap();
        assert!(imported.names[0].ends_with("copied:2"), "{imported:?}");
        let tree = unpacked(&other, &imported.manifest);
        assert_eq!(tree::describe(&tree), tree::describe(&made.source));
    }
    let bundle = made.home.path().join("bundle");
    let image = format!("{root}:fixture:1");
    let arguments = ["raw", "unpack", "--image", &image, bundle.to_str().unwrap()];
    if tree::is_root(TEST) && tool(TEST, "umoci", &arguments).is_some() {
        let theirs = strip_attributes(tree::describe(&bundle));
        assert_eq!(theirs, strip_attributes(tree::describe(&made.source)));
    }
}

/// Umoci adds attributes of its own.
fn strip_attributes(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .filter(|line| !line.starts_with("umoci.json "))
        .map(|line| line.split(" [").next().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_no_image_or_damaged_is_refused_by_name() {
    let made = fixture(Compression::Zstd);
    let other = Store::open(&made.home.path().join("other")).unwrap();
    let text = made.home.path().join("text");
    fs::write(&text, "x".repeat(2000)).unwrap();
    let empty = made.home.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for path in [&text, &empty] {
        let refused = import::path(&other, path, None).unwrap_err();
        assert!(
            matches!(refused, ImportError::NotAnImage { .. }),
            "{refused}"
        );
    }
    let missing = import::path(&other, Path::new("/nowhere/x"), None).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/x"));

    let saved = made.home.path().join("saved");
    let name = "fixture:1".parse().unwrap();
    save(
        &made.store,
        &made.manifest,
        &name,
        &saved,
        Format::OciFolder,
    )
    .unwrap();
    let layers = made.store.manifest(&made.manifest).unwrap().layers;
    let blob = saved.join("blobs/sha256").join(layers[0].digest.hex());
    let mut bytes = fs::read(&blob).unwrap();
    bytes[100] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let refused = import::path(&other, &saved, None).unwrap_err();
    let ImportError::Store { source, .. } = &refused else {
        panic!("{refused}");
    };
    assert!(
        matches!(source, StoreError::NotAsPromised { .. }),
        "{source}"
    );
    fs::remove_file(&blob).unwrap();
    let refused = import::path(&other, &saved, None).unwrap_err();
    assert!(
        matches!(refused, ImportError::MissingFile { .. }),
        "{refused}"
    );
    assert!(!other.has_blob(&layers[0].digest));
}
