//! The same scenario as on one machine, see tests/serve, in pods that run: what they have is on volumes of the node.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::scenario;
use crate::shop::Shop;
use crate::support::{alone, not_run};

const PREFIX: &str = "scenario";
/// Six minutes, most of them waited: on the cluster whose nodes follow scripts the same is played in CI.
const ASKED_FOR: &str = "BOATYARD_TEST_SCENARIO_ON_NODE";

/// The folder of the node that is the volume of an environment.
fn volume(shop: &Shop, id: &str) -> PathBuf {
    let words = ["get", "persistentvolumes", "-o", "json"];
    let all: Value = serde_json::from_str(&shop.kubectl(&words)).unwrap();
    let all = all["items"].as_array().unwrap();
    let of = |one: &&Value| {
        let namespace = &one["spec"]["claimRef"]["namespace"];
        *namespace == format!("{PREFIX}-{id}") && one["status"]["phase"] == "Bound"
    };
    let one = all.iter().find(of).expect("it has a volume");
    one["spec"]["local"]["path"].as_str().unwrap().into()
}

#[test]
fn what_happens_on_one_machine_happens_in_pods() {
    if std::env::var_os(ASKED_FOR).is_none() {
        return not_run(&format!("{ASKED_FOR}=1 plays the scenario on a node"));
    }
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let home = shop.home();
    let _ = fs::remove_dir_all(home.join("serve"));
    // Three commits, and one that is made anew.
    shop.give_volumes(PREFIX, 4);
    let born = |id: &str| fs::read_to_string(volume(shop, id).join("born")).unwrap();
    let first = RefCell::new(String::new());
    let look = |step: &str, id: &str| match step {
        "phase first running" => *first.borrow_mut() = born(id),
        // It has begun with what the base branch had once it was prepared.
        "phase third running" => assert_eq!(born(id), *first.borrow()),
        // What it has is in the snapshot; what comes later is not.
        "visit main" => fs::write(volume(shop, id).join("early"), "").unwrap(),
        "snapshot main before" => fs::write(volume(shop, id).join("later"), "").unwrap(),
        "restore main before" => {
            let is_there = ["early", "later"].map(|name| volume(shop, id).join(name).exists());
            assert_eq!(is_there, [true, false]);
        }
        "end" => {
            let label = format!("boatyard.dev/server={PREFIX}");
            let left = shop.kubectl(&["get", "namespaces", "-l", &label, "-o", "name"]);
            assert_eq!(left, "");
        }
        _ => {}
    };
    let registry = shop.cluster.registry();
    let played = scenario::play(&scenario::Stage {
        home,
        more: format!("[cluster]\nregistry = \"{registry}/{PREFIX}\"\nprefix = \"{PREFIX}\"\n"),
        variables: vec![(
            "KUBECONFIG",
            shop.cluster.kubeconfig().display().to_string(),
        )],
        jumps: false,
        keeps: true,
        answers: true,
        forgets: true,
        look: &look,
    });
    if played.is_none() {
        return not_run("there is no static busybox");
    }
    fs::remove_dir_all(home.join("serve")).unwrap();
}
