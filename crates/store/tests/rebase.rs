//! Images on other bases, and several under one name.

mod distribution;
mod image;

use std::collections::BTreeMap;

use boatyard_plan::failure::Failure as _;
use boatyard_plan::image::{Descriptor, History, ImageConfig, Platform};
use boatyard_plan::reference::Reference;
use boatyard_store::rebase::{RebaseError, find_base, rebase};
use boatyard_store::registry::{self, Options};
use boatyard_store::{IndexError, Store};
use distribution::{Registry, options};
use image::layered;

fn name(text: &str) -> Reference {
    text.parse().unwrap()
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The image with these layers and a changed configuration.
fn made(store: &Store, layers: &[&str], change: impl FnOnce(&mut ImageConfig)) -> Descriptor {
    let (plain, layers) = layered(store, &bytes(layers));
    let mut config = store.config(&store.manifest(&plain).unwrap()).unwrap();
    config.history = (0..layers.len()).map(|_| History::default()).collect();
    change(&mut config);
    let blobs: Vec<_> = layers.into_iter().map(|layer| layer.blob).collect();
    store.put_image(&config, &blobs).unwrap()
}

#[test]
fn the_upper_layers_move_to_the_new_base() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let base = |layers: &[&str], release: &str| {
        made(&store, layers, |config| {
            config.config.env = vec![format!("PATH=/{release}"), format!("RELEASE={release}")];
            config.config.user = release.to_owned();
        })
    };
    let old = base(&["one"], "old");
    let new = base(&["two", "three"], "new");
    let app = made(&store, &["one", "app"], |config| {
        config.config.env = vec!["PATH=/app:/old".into(), "RELEASE=old".into(), "A=1".into()];
        config.config.user = "old".into();
        config.config.working_dir = "/app".into();
    });
    store.tag(&name("base:1"), &old).unwrap();
    store.tag(&name("base:2"), &new).unwrap();
    assert_eq!(find_base(&store, &app, &name("base:2")).unwrap(), old);
    let onto = name("base:2");
    let got = rebase(&store, &app, &old, (&onto, &new)).unwrap();
    let manifest = store.manifest(&got).unwrap();
    let layers = store.layers(&manifest).unwrap();
    let (_, expected) = layered(&store, &bytes(&["two", "three", "app"]));
    assert_eq!(layers, expected);
    let config = store.config(&manifest).unwrap();
    assert_eq!(config.config.env, ["PATH=/app:/new", "RELEASE=new", "A=1"]);
    assert_eq!(config.config.user, "new");
    assert_eq!(config.config.working_dir, "/app");
    assert_eq!(config.history.len(), 3);
    // The same input gives the same image, and the way back gives the layers that were.
    let again = rebase(&store, &app, &old, (&onto, &new)).unwrap();
    assert_eq!(again, got);
    assert_eq!(find_base(&store, &got, &name("elsewhere")).unwrap(), new);
    let back = rebase(&store, &got, &new, (&name("base:1"), &old)).unwrap();
    let back = store.config(&store.manifest(&back).unwrap()).unwrap();
    let before = store.config(&store.manifest(&app).unwrap()).unwrap();
    assert_eq!(back.config, before.config);
    assert_eq!(back.rootfs, before.rootfs);
}

#[test]
fn what_does_not_fit_is_refused_with_a_reason() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let old = made(&store, &["one", "more"], |_| {});
    let new = made(&store, &["two"], |_| {});
    let app = made(&store, &["one", "app"], |_| {});
    let onto = name("base:2");
    let refused = rebase(&store, &app, &old, (&onto, &new)).unwrap_err();
    assert!(
        matches!(refused, RebaseError::NotOnBase { layer: 2, .. }),
        "{refused}"
    );
    assert!(refused.help().unwrap().contains("--from"), "{refused}");
    let short = made(&store, &["one"], |_| {});
    let refused = rebase(&store, &short, &old, (&onto, &new)).unwrap_err();
    assert!(refused.to_string().contains("nothing"), "{refused}");

    store.tag(&onto, &new).unwrap();
    let refused = find_base(&store, &app, &onto).unwrap_err();
    assert!(
        matches!(refused, RebaseError::UnknownBase { .. }),
        "{refused}"
    );
    let base = made(&store, &["one"], |_| {});
    let foreign = made(&store, &["two"], |config| {
        config.architecture = "s390x".into();
    });
    let refused = rebase(&store, &app, &base, (&onto, &foreign)).unwrap_err();
    assert!(
        matches!(refused, RebaseError::OtherPlatform { .. }),
        "{refused}"
    );
}

#[test]
fn an_index_holds_one_image_for_each_platform_and_is_pushed_whole() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let on = |architecture: &str| {
        made(&store, &[architecture], |config| {
            config.architecture = architecture.into();
        })
    };
    let (amd64, arm64) = (on("amd64"), on("arm64"));
    let twice = store.put_index(
        &[amd64.clone(), arm64.clone(), amd64.clone()],
        BTreeMap::new(),
    );
    let note = BTreeMap::from([("who".to_owned(), "me".to_owned())]);
    let index = store
        .put_index(&[amd64.clone(), arm64.clone()], BTreeMap::new())
        .unwrap();
    assert_eq!(twice.unwrap(), index, "the same image twice is one");
    let other = made(&store, &["other"], |config| {
        config.architecture = "arm64".into();
    });
    let refused = store
        .put_index(&[index.clone(), other], BTreeMap::new())
        .unwrap_err();
    assert!(
        matches!(&refused, IndexError::SamePlatform { platform } if platform == "linux/arm64"),
        "{refused}"
    );
    let noted = store.annotate(&index, note.clone()).unwrap();
    let direct = store.put_index(std::slice::from_ref(&index), note).unwrap();
    let read = |descriptor: &Descriptor| -> serde_json::Value {
        serde_json::from_slice(&store.read_blob(&descriptor.digest).unwrap()).unwrap()
    };
    assert_eq!(read(&noted), read(&direct));
    assert_eq!(read(&noted)["annotations"]["who"], "me");

    let Some(registry) = Registry::start("an_index_is_pushed_whole", false) else {
        return;
    };
    let many = registry.name("team/many:1");
    registry::push(&store, &noted, &many, &options(), &|_| {}).unwrap();
    for (architecture, expected) in [("amd64", amd64), ("arm64", arm64)] {
        let options = Options {
            platform: Platform {
                architecture: architecture.to_owned(),
                os: "linux".to_owned(),
                variant: None,
            },
            ..options()
        };
        let into = Store::open(&registry.home.path().join(architecture)).unwrap();
        let pulled = registry::pull(&into, &many, &options, &|_| {}).unwrap();
        assert_eq!(pulled.digest, expected.digest);
    }
}
