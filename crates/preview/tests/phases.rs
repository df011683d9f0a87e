//! The table of phases, as people read it: `phases.txt` is what it says.

use std::fmt::Write as _;

use boatyard_preview::phase::{Kind, Phase, To, leads};

const KINDS: [Kind; 10] = [
    Kind::Approve,
    Kind::Prepare,
    Kind::Start,
    Kind::Stop,
    Kind::Expire,
    Kind::Reset,
    Kind::Undeploy,
    Kind::Remove,
    Kind::Done,
    Kind::Fail,
];

#[test]
fn the_table_is_what_is_written() {
    let mut table = String::new();
    for from in Phase::ALL {
        for kind in KINDS {
            let to = match leads(from, kind) {
                None => continue,
                Some(To::Gone) => "gone".to_owned(),
                Some(To::Phase(to, None)) => format!("{to:?}"),
                Some(To::Phase(to, Some(effect))) => format!("{to:?}, {effect:?}"),
            };
            let _ = writeln!(table, "{from:?} {kind:?} -> {to}");
        }
    }
    assert_eq!(table, include_str!("phases.txt"), "{table}");
}

#[test]
fn every_phase_can_be_left() {
    for from in Phase::ALL {
        let ways = KINDS.into_iter().filter_map(|kind| leads(from, kind));
        assert!(
            ways.into_iter()
                .any(|to| !matches!(to, To::Phase(to, _) if to == from)),
            "{from:?}"
        );
    }
}
