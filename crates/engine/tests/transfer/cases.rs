//! How a table of copies is checked.

use boatyard_engine::transfer::TransferError;
use boatyard_plan::failure::Failure as _;
use boatyard_store::layer::{self, Kind};

use super::world::{MOMENT, World, lines};

/// What is there, what is said, what the layer holds.
pub struct Case {
    pub what: &'static str,
    pub parent: &'static [&'static str],
    pub context: &'static [&'static str],
    pub copy: &'static str,
    pub layer: &'static [&'static str],
}

/// Checks that each layer is as expected, and that it can be written, unpacked and looked at.
pub fn check(cases: &[Case]) {
    for case in cases {
        let world = World::new();
        world.write(case.context);
        let parent = if case.parent.is_empty() {
            world.tree(&[])
        } else {
            world.tree(&[case.parent])
        };
        let what = format!("{}: {}", case.what, case.copy);
        let prepared = world
            .copy(&parent, case.copy)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(lines(&prepared), case.layer, "{what}");
        let options = layer::Options {
            epoch: Some(MOMENT),
            ..Default::default()
        };
        let layer = prepared.layer(&world.store, &options).unwrap();
        let unpacked = world.store.ensure_snapshot(&layer).unwrap();
        for entry in prepared.entries(Some(MOMENT)) {
            if entry.kind != Kind::Opaque {
                let at = unpacked.join(&entry.path);
                assert!(at.symlink_metadata().is_ok(), "{what}: {}", at.display());
            }
        }
    }
}

/// What is there, what is said, why it is refused and what helps.
pub struct Refusal {
    pub what: &'static str,
    pub parent: &'static [&'static str],
    pub context: &'static [&'static str],
    pub ignore: &'static str,
    pub copy: &'static str,
    pub message: &'static str,
    pub help: &'static str,
}

/// Checks that each copy is refused with these words.
pub fn check_refused(cases: &[Refusal]) {
    for case in cases {
        let world = World::new();
        world.write(case.context);
        let parent = world.tree(&[case.parent]);
        let what = format!("{}: {}", case.what, case.copy);
        let refused = world.copy_ignoring(&parent, case.copy, case.ignore);
        let error: TransferError = match refused {
            Ok(prepared) => panic!("{what}: not refused, but {:?}", lines(&prepared)),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), case.message, "{what}");
        let help = error.help().unwrap_or_default();
        assert!(help.contains(case.help), "{what}: {help}");
    }
}
