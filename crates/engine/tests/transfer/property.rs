//! A result that was kept is the one that would be made: over random parents and contexts, equal keys mean layers of
//! equal bytes, and what a copy shows on its parent does not depend on where the layer came from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use boatyard_engine::snapshot::Tree;
use boatyard_plan::digest::Digest;
use boatyard_store::layer::{self, Entry, Kind};
use proptest::prelude::*;

use super::world::{MOMENT, World};

/// Paths of the parents: few, so that they meet often.
const PLACES: &[&str] = &["a", "b", "a/c", "b/c", "a/c/d", "x", "x/e"];

#[derive(Clone, Debug)]
enum Thing {
    Folder(u32),
    File(u8),
    Link(&'static str),
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        4 => prop::sample::select(vec![0o755_u32, 0o700, 0o1777]).prop_map(Thing::Folder),
        1 => (0_u8..3).prop_map(Thing::File),
        3 => prop::sample::select(vec!["/a", "/b", "a", "../b", "c", "/x/e", "../../..", "/a/c/d"])
            .prop_map(Thing::Link),
    ]
}

/// One layer: some places, each only where its folders are folders of the same layer or left to the layers below.
fn lines() -> impl Strategy<Value = Vec<(&'static str, Thing)>> {
    prop::collection::btree_map(prop::sample::select(PLACES), thing(), 0..6).prop_map(|things| {
        let blocked = |path: &str| {
            things.iter().any(|(above, thing)| {
                !matches!(thing, Thing::Folder(_))
                    && path
                        .strip_prefix(above)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let kept = things.iter().filter(|(path, _)| !blocked(path));
        kept.map(|(path, thing)| (*path, thing.clone())).collect()
    })
}

fn layer_of(world: &World, lines: &[(&str, Thing)]) -> layer::Layer {
    let mut entries: BTreeMap<PathBuf, Entry> = BTreeMap::new();
    for (path, thing) in lines {
        // A folder on the way that the layer does not name is one of this layer all the same.
        let mut above = PathBuf::from(path);
        while above.pop() && !above.as_os_str().is_empty() {
            entries
                .entry(above.clone())
                .or_insert_with(|| Entry::directory(above.clone(), 0o755));
        }
        let entry = match thing {
            Thing::Folder(mode) => Entry::directory(*path, *mode),
            Thing::File(content) => Entry::file(*path, 0o644, vec![*content]),
            Thing::Link(target) => Entry::symlink(*path, *target),
        };
        entries.insert(path.into(), entry);
    }
    let entries = entries.into_values().collect();
    layer::write(&world.store, entries, &layer::Options::default()).unwrap()
}

fn tree_of(world: &World, layers: &[Vec<(&'static str, Thing)>]) -> Tree {
    layers.iter().fold(Tree::default(), |tree, lines| {
        tree.with(layer_of(world, lines))
    })
}

/// All of a tree, as lines, by unpacking and merging its layers on the disk.
fn shown(world: &World, tree: &Tree) -> Vec<String> {
    let scratch = world.store.scratch().unwrap();
    let flat = scratch.new_dir("flat").unwrap();
    layer::flatten(&tree.snapshots(&world.store).unwrap(), &flat).unwrap();
    let entries = layer::walk_tree(&flat).unwrap();
    let line = |entry: &Entry| {
        let kind = match &entry.kind {
            Kind::Symlink { target } => format!("-> {}", target.display()),
            other => format!("{other:?} {}", entry.size),
        };
        format!(
            "{} {:o} {}:{} {kind}",
            entry.path.display(),
            entry.mode,
            entry.uid,
            entry.gid
        )
    };
    entries.iter().map(line).collect()
}

const COPIES: &[&str] = &[
    "COPY d /a/c/",
    "COPY d /x",
    "COPY f /a/c",
    "COPY f /b/",
    "COPY d /a",
    "COPY d f /x/e/",
    "COPY --link d /a/c/",
    "COPY --chown=3:4 --chmod=u=rwX,go= d /b/c/new/",
    "COPY --parents d/c/f /",
    "COPY l /a/l",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn cached_is_uncached(
        parents in prop::collection::vec(prop::collection::vec(lines(), 0..3), 2..6),
        copy in prop::sample::select(COPIES),
    ) {
        let world = World::new();
        world.write(&["d/a=1", "d/c/@700", "d/c/f=2", "d/l -> ../f", "f=3", "l -> d"]);
        let options = layer::Options { epoch: Some(MOMENT), ..Default::default() };
        let mut known: BTreeMap<Digest, layer::Layer> = BTreeMap::new();
        for layers in &parents {
            let parent = tree_of(&world, layers);
            let Ok(prepared) = world.copy(&parent, copy) else { continue };
            let key = prepared.key();
            let made = prepared.layer(&world.store, &options).unwrap();
            if let Some(cached) = known.get(&key) {
                prop_assert_eq!(&cached.diff_id, &made.diff_id, "{} over {:?}", copy, layers);
                prop_assert_eq!(&cached.blob, &made.blob);
            }
            // Another parent in which the destination lies as it does here.
            let other = parent.with(layer_of(&world, &[("zz", Thing::File(0))]));
            let there = world.copy(&other, copy).unwrap();
            prop_assert_eq!(there.key(), key.clone());
            let there = there.layer(&world.store, &options).unwrap();
            prop_assert_eq!(&there.diff_id, &made.diff_id);
            // Looked at again, nothing has changed.
            prop_assert_eq!(world.copy(&parent, copy).unwrap().key(), key.clone());
            known.insert(key, made);
        }
    }

    #[test]
    fn a_copy_changes_nothing_but_what_it_names(
        layers in prop::collection::vec(lines(), 0..4),
        copy in prop::sample::select(COPIES),
    ) {
        let world = World::new();
        world.write(&["d/a=1", "d/c/@700", "d/c/f=2", "d/l -> ../f", "f=3", "l -> d"]);
        let parent = tree_of(&world, &layers);
        let Ok(prepared) = world.copy(&parent, copy) else { return Ok(()) };
        let options = layer::Options { epoch: Some(MOMENT), ..Default::default() };
        let entries = prepared.entries(Some(MOMENT));
        let child = parent.with(prepared.layer(&world.store, &options).unwrap());
        let before = shown(&world, &parent);
        let after = shown(&world, &child);
        let named = |line: &String| entries.iter().any(|entry| {
            line.starts_with(&format!("{} ", entry.path.display()))
        });
        for line in before.iter().filter(|line| !named(line)) {
            let hidden = copy.contains("--link");
            prop_assert!(hidden || after.contains(line), "{copy} over {layers:?} lost {line}");
        }
        for line in after.iter().filter(|line| !named(line)) {
            prop_assert!(before.contains(line), "{copy} over {layers:?} made {line}");
        }
        for entry in &entries {
            let begin = format!("{} ", entry.path.display());
            prop_assert!(after.iter().any(|line| line.starts_with(&begin)), "{copy}: no {begin}");
        }
    }
}
