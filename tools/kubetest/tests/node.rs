//! The node of `Cluster::node` ends with its process, also when that is killed.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use boatyard_kubetest::{Cluster, kubectl};

const HOLDS: &str = "BOATYARD_KUBETEST_HOLDS";
/// How long it may take to be gone; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the machine has that is a node's: folders, control groups, devices, who sees a node's files.
fn traces(folder: &Path) -> BTreeSet<String> {
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let groups = fs::read_dir("/sys/fs/cgroup").into_iter().flatten();
    let groups = groups.flatten().map(|entry| entry.path().join(&name));
    let mounts = PathBuf::from("/sys/fs/cgroup").join(&name);
    let found = groups
        .chain([mounts, folder.to_owned()])
        .filter(|path| path.exists());
    let found = found.map(|path| path.display().to_string());
    let processes = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        let said = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let mounts = fs::read(entry.path().join("mountinfo")).unwrap_or_default();
        let mentions = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&name);
        mentions(&said) || mentions(&mounts)
    });
    let processes = processes.map(|entry| entry.path().display().to_string());
    found.chain(processes).collect()
}

/// Started by the test below: has a node until it is killed.
#[test]
fn held() {
    if env::var_os(HOLDS).is_none() {
        return;
    }
    let Some(cluster) = Cluster::node() else {
        return;
    };
    let _inside = cluster.enter();
    let output = kubectl()
        .unwrap()
        .args(["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"])
        .env("KUBECONFIG", cluster.kubeconfig())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "kubetest");
    println!("\nholds {}", cluster.kubeconfig().display());
    // Longer than anybody waits for it.
    thread::sleep(Duration::from_secs(600));
}

#[test]
fn killed_it_leaves_nothing() {
    let devices = || {
        fs::read_dir("/sys/class/net")
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
    };
    let before: BTreeSet<_> = devices().collect();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "held", "--nocapture"])
        .env(HOLDS, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut kubeconfig = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(path) = line.strip_prefix("holds ") {
            kubeconfig = Some(PathBuf::from(path));
            break;
        }
        println!("{line}");
    }
    let Some(kubeconfig) = kubeconfig else {
        // It has said why.
        assert!(child.wait().unwrap().success(), "no node began");
        return;
    };
    let folder = kubeconfig.parent().unwrap();
    let held = traces(folder);
    assert!(held.len() > 5, "what is looked for is not found: {held:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    let begin = Instant::now();
    loop {
        let left = traces(folder);
        if left.is_empty() {
            break;
        }
        assert!(
            begin.elapsed() < PATIENCE,
            "left after {PATIENCE:?}: {left:?}"
        );
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(devices().collect::<BTreeSet<_>>(), before);
}
