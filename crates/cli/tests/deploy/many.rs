//! Many environments on a real API server while much goes wrong: it ends as if nothing had. `bench/environments` does it with thousands.

use boatyard_kubetest::Cluster;

use crate::distribution::Registry;
use crate::fleet::{Fleet, RUNNING, all, branches};
use crate::support::{busybox, not_run, wait_for};

const COUNT: usize = 8;
/// One after the other, each as soon as so many more are prepared.
const FAULTS: &[&str] = &["kill", "jobs", "forget", "cut", "pods", "namespaces"];

#[test]
fn many_end_as_if_nothing_had_gone_wrong() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let Some(registry) = Registry::start("many previews", false) else {
        return;
    };
    let Some(busybox) = busybox() else {
        return not_run("there is no static busybox");
    };
    let mut fleet = Fleet::new(cluster, &registry, &busybox, "many", COUNT);
    fleet.begin();
    fleet.until(&all(COUNT, "asleep"), FAULTS);

    let mut wanted = all(COUNT, "asleep");
    for phase in wanted.values_mut().skip(1).take(RUNNING) {
        "running".clone_into(phase);
    }
    fleet.until(&wanted, &["pods", "forget"]);

    let closed: Vec<String> = branches(COUNT).step_by(3).collect();
    for branch in &closed {
        fleet.close(branch);
        wanted.remove(branch);
    }
    fleet.until(&wanted, &["kill"]);
    // What it finds when it begins again is what it goes by: nothing else is left.
    fleet.suffer("kill");
    fleet.until(&wanted, &[]);
    assert_eq!(fleet.there(), wanted);
    let running = wanted.values().filter(|phase| *phase == "running").count();
    assert_eq!(fleet.awake().len(), running);
    wait_for("nothing to be left", 60, || {
        fleet.left().is_empty().then_some(())
    });
    fleet.end();
}
