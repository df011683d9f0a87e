//! What others write, bent: nothing panics, and nothing is written outside.
//!
//! A few cases in CI; `PROPTEST_CASES=100000 cargo test -p boatyard-store --release --test fuzz` for a night.

mod archive;
mod image;

use std::fs;
use std::path::Path;

use archive::{entry, pax};
use boatyard_plan::image::{Descriptor, media};
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::layer::{Devices, Limits, Owners, Unpack, unpack};
use boatyard_store::registry::{self, Credentials, Options};
use image::image;
use proptest::collection::vec;
use proptest::prelude::*;

/// Changes of bytes: where, in parts of a whole, and what to.
fn changes() -> impl Strategy<Value = Vec<(u16, u8)>> {
    vec((any::<u16>(), any::<u8>()), 0..12)
}

fn bent(bytes: &[u8], changes: &[(u16, u8)], cut: u16) -> Vec<u8> {
    let place = |part: u16, length: usize| length * usize::from(part) / 65_536;
    let mut bytes = bytes.to_vec();
    for (part, byte) in changes {
        let at = place(*part, bytes.len());
        bytes[at] = *byte;
    }
    // Most of the time everything stays.
    if cut < 8_192 {
        bytes.truncate(place(cut * 8, bytes.len()));
    }
    bytes
}

/// Text with one word in another's place, which is JSON more often than bent bytes are.
fn reworded(text: &str, from: usize, to: &str) -> String {
    let words: Vec<&str> = text
        .split_inclusive(['"', ',', ':', '{', '}', '[', ']'])
        .collect();
    let at = from % words.len();
    let mut words = words;
    words[at] = to;
    words.concat()
}

const WORDS: [&str; 12] = [
    "null,",
    "-1,",
    "\"",
    "{}",
    "[]",
    "1e999,",
    "\"sha256:",
    "../../x\"",
    "\u{0}",
    "18446744073709551616,",
    "\"mediaType\":",
    "}}}}",
];

/// Names that lead out, links, and headers that say other things than the ones behind them.
fn tar() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "a",
        "a/b",
        "a/../b",
        "../out",
        "/abs",
        "d/",
        "d/.wh.x",
        "d/.wh..wh..opq",
        ".wh.a",
        "l/x",
        "",
    ]);
    let target = prop::sample::select(vec!["a", "../out", "/", "/proc/self/root", "l", "d", ""]);
    let flag = prop::sample::select(b"0123457xgLKSVD".to_vec());
    let key = prop::sample::select(vec![
        "path",
        "linkpath",
        "size",
        "uid",
        "mtime",
        "GNU.sparse.name",
        "GNU.sparse.major",
        "GNU.sparse.realsize",
        "GNU.sparse.map",
        "SCHILY.xattr.user.a",
        "SCHILY.xattr.security.capability",
        "hdrcharset",
    ]);
    let value = prop::sample::select(vec![
        "../out",
        "/abs",
        "l/x",
        "-1",
        "99999999999",
        "1.5",
        "",
        "a\0b",
        "1",
    ]);
    let one = (flag, name, target, key, value, any::<bool>()).prop_map(
        |(flag, name, target, key, value, with_header)| {
            let plain = entry(flag, name.as_bytes(), target.as_bytes(), b"evil");
            if with_header {
                [pax(key, value.as_bytes()), plain].concat()
            } else {
                plain
            }
        },
    );
    vec(one, 0..12).prop_map(|entries| entries.concat())
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(
            std::env::var("PROPTEST_CASES").map_or(count, |set| set.parse().unwrap_or(count)),
        )
    }
}

fn inside(home: &Path) -> usize {
    fs::read_dir(home).unwrap().count()
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn archives_stay_inside(tar in tar(), changes in changes(), cut in any::<u16>()) {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("out"), "good").unwrap();
        for (number, base) in [Unpack::flat(), Unpack::snapshot()].into_iter().enumerate() {
            for bytes in [tar.clone(), if tar.is_empty() { vec![] } else { bent(&tar, &changes, cut) }] {
                let dest = home.path().join(format!("dest{number}"));
                let _ = fs::remove_dir_all(&dest);
                fs::create_dir(&dest).unwrap();
                let how = Unpack {
                    limits: Limits { entries: 100, bytes: 10_000_000, ..Limits::default() },
                    owners: Owners::Ours,
                    devices: Devices::Refuse,
                    ..base
                };
                let _ = unpack(&bytes[..], &dest, &how);
                prop_assert_eq!(fs::read_to_string(home.path().join("out")).unwrap(), "good");
                prop_assert_eq!(inside(home.path()), number + 2);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn manifests_and_names(
        changes in changes(), cut in any::<u16>(), from in any::<u16>(), word in prop::sample::select(&WORDS[..]),
    ) {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let (manifest, _) = image(&store, "text");
        let name: Reference = "team/app:1".parse().unwrap();
        store.tag(&name, &manifest).unwrap();
        let found = store.manifest(&manifest).unwrap();
        let index = store.put_index(std::slice::from_ref(&manifest), std::collections::BTreeMap::new()).unwrap();
        // Of a blob whose digest is right, as anybody can push one.
        let put = |bytes: &[u8], kind: &str| Descriptor {
            media_type: kind.to_owned(),
            digest: store.put_blob(bytes).unwrap(),
            size: bytes.len() as u64,
            ..manifest.clone()
        };
        for (blob, kind) in [
            (&manifest.digest, media::MANIFEST),
            (&index.digest, media::INDEX),
            (&found.config.digest, media::MANIFEST),
        ] {
            let bytes = store.read_blob(blob).unwrap();
            let text = String::from_utf8(bytes.clone()).unwrap();
            let other = reworded(&text, from.into(), word);
            for bytes in [bent(&bytes, &changes, cut), other.into_bytes()] {
                let top = put(&bytes, kind);
                if let Ok(image) = store.manifest(&top) {
                    let _ = store.config(&image);
                    let _ = store.layers(&image);
                }
                let _ = store.entries(&top);
                let _ = store.describe(&top.digest);
            }
        }
        let listed = home.path().join("index.json");
        let text = fs::read_to_string(&listed).unwrap();
        for bytes in [bent(text.as_bytes(), &changes, cut), reworded(&text, from.into(), word).into_bytes()] {
            fs::write(&listed, &bytes).unwrap();
            if let Ok(images) = store.images() {
                for (name, top) in images {
                    let _ = store.resolve(&name);
                    let _ = store.manifest(&top);
                }
                let _ = boatyard_store::prune::fsck(&store);
            } else {
                // What cannot be read is not written over.
                prop_assert!(store.tag(&name, &manifest).is_err());
                prop_assert_eq!(fs::read(&listed).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn credentials(
        changes in changes(), cut in any::<u16>(), from in any::<u16>(), word in prop::sample::select(&WORDS[..]),
    ) {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("config.json");
        let text = "{\"auths\":{\"127.0.0.1:1\":{\"auth\":\"bWU6c2VjcmV0\",\"username\":\"a\",\"password\":\"b\"}},\
                    \"credHelpers\":{\"example.com\":\"nobody-has-this\"},\"credsStore\":\"nobody-has-that\"}";
        let options = Options {
            credentials: Credentials { files: vec![file.clone()], ..Credentials::default() },
            attempts: 1,
            ..Options::from_variables(|_| None)
        };
        for bytes in [bent(text.as_bytes(), &changes, cut), reworded(text, from.into(), word).into_bytes()] {
            fs::write(&file, bytes).unwrap();
            // Nobody listens there.
            let refused = registry::tags(&"127.0.0.1:1/a".parse().unwrap(), &options).unwrap_err();
            prop_assert!(!refused.to_string().contains("secret"), "{refused}");
        }
    }
}
