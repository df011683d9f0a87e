//! Data of what is deployed: kept aside, put back, begun with. Volumes of the scripted node are folders here.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use boatyard_kubetest::{Cluster, kubectl};

use crate::boatyard::{Boatyard, Said};
use crate::{PROJECT, ours};

const KEPT: &str = "
[backing.postgres]
cluster = \"kept\"
[backing.queue]
kind = \"redis\"
cluster = \"scratch\"
[job.setup]
command = \"fill\"
when = \"before-deploy\"
[job.migrate]
command = \"migrate\"
when = \"before-deploy\"
";
/// The claim of what is kept.
const CLAIM: &str = "data-shop-postgres";

struct Shop<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
    boatyard: &'a Boatyard,
}

impl Shop<'_> {
    fn says(&self, words: &[&str]) -> Said {
        let words = [words, &["--context", "kubetest", "-n", self.namespace]].concat();
        let mut command = self.boatyard.command(words);
        self.boatyard
            .said(command.env("KUBECONFIG", self.cluster.kubeconfig()))
    }

    fn does(&self, words: &[&str]) -> Said {
        let said = self.says(words);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
        said
    }

    fn refuses(&self, words: &[&str], code: i32, part: &str) {
        let said = self.says(words);
        assert_eq!(said.code, code, "{words:?}: {}{}", said.out, said.err);
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
        self.nothing_is_left();
    }

    fn kubectl(&self, words: &[&str]) -> String {
        let words = [&["-n", self.namespace], words].concat();
        ours(&mut kubectl().unwrap(), self.cluster, &words)
    }

    fn scale(&self, count: &str) {
        let all = "statefulset,deployment";
        self.kubectl(&["scale", all, "--all", "--replicas", count]);
        let begin = Instant::now();
        let runs = "--field-selector=status.phase=Running";
        while count == "0"
            && !self
                .kubectl(&["get", "pods", runs, "-o", "name"])
                .is_empty()
        {
            assert!(begin.elapsed() < Duration::from_secs(60), "pods do not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The folder that is the volume.
    fn volume(&self) -> PathBuf {
        self.cluster.volume(self.namespace, CLAIM).unwrap()
    }

    /// All that is in the volume, but for what is in `.boatyard`.
    fn has(&self) -> Vec<String> {
        let mut all: Vec<String> = fs::read_dir(self.volume())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        all.sort();
        all
    }

    fn row(&self) -> String {
        fs::read_to_string(self.volume().join("cluster/row")).unwrap()
    }

    /// No pod that copied anything, and no mark.
    fn nothing_is_left(&self) {
        let pods = self.kubectl(&["get", "pods", "-l", "boatyard.dev/data", "-o", "name"]);
        assert_eq!(pods, "");
        let claims = self.kubectl(&[
            "get",
            "pvc",
            "-o",
            "jsonpath={.items[*].metadata.annotations}",
        ]);
        assert!(!claims.contains("boatyard.dev/data"), "{claims}");
    }
}

/// As a server has written it.
fn fill(shop: &Shop<'_>, row: &str, release: &str) {
    let folder = shop.volume().join("cluster");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("row"), row).unwrap();
    fs::write(folder.join("PG_VERSION"), format!("{release}\n")).unwrap();
}

#[test]
fn data_goes_aside_and_comes_back() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let (here, other) = (cluster.namespace(), cluster.namespace());
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", &[PROJECT, KEPT].concat());
    let shop = Shop {
        cluster,
        namespace: here.name(),
        boatyard: &boatyard,
    };
    shop.refuses(&["data", "save", "first"], 2, "nothing of shop is deployed");
    shop.does(&["deploy", "--tag", "1"]);
    shop.refuses(&["data", "save", "first"], 2, "shop-postgres-0 in test-");
    shop.scale("0");

    fill(&shop, "first", "15");
    fs::write(shop.volume().join(".hidden"), "").unwrap();
    fs::create_dir(shop.volume().join("lost+found")).unwrap();
    let said = shop.does(&["data", "save", "first"]);
    assert!(said.out.starts_with("saved first: "), "{}", said.out);
    shop.nothing_is_left();
    shop.refuses(
        &["data", "save", "first"],
        2,
        "data is saved as \"first\" already",
    );
    let small = ["data", "save", "first", "--replace", "--room", "1000"];
    shop.refuses(&small, 3, "more than the 1000 bytes");
    let saved: serde_json::Value = serde_json::from_str(
        &boatyard
            .said(&mut boatyard.command(["data", "ls", "--json"]))
            .out,
    )
    .unwrap();
    assert_eq!(saved[0]["tars"][0]["claim"], CLAIM, "{saved}");
    assert_eq!(
        saved[0]["tars"][0]["releases"]["PostgreSQL"], "15",
        "{saved}"
    );
    assert_eq!(saved[0]["size_bytes"], saved[0]["tars"][0]["size_bytes"]);
    // Data of a cluster is not put into this machine's volumes.
    let said = boatyard.said(&mut boatyard.command(["data", "restore", "first"]));
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err
            .contains("is data of a cluster, and this is this machine"),
        "{}",
        said.err
    );

    // What was written since goes; what it had is there again.
    fill(&shop, "second", "15");
    fs::write(shop.volume().join("cluster/later"), "").unwrap();
    fs::write(shop.volume().join(".later"), "").unwrap();
    let said = shop.does(&["data", "restore", "first"]);
    assert!(said.out.starts_with("restored first: "), "{}", said.out);
    assert_eq!(shop.has(), [".hidden", "cluster", "lost+found"]);
    assert_eq!(shop.row(), "first");
    assert!(!shop.volume().join("cluster/later").exists());
    shop.nothing_is_left();

    nothing_changes(&shop);
    goes_on(&shop);
    begins(&Shop {
        namespace: other.name(),
        ..shop
    });
}

/// What cannot be put back changes nothing.
fn nothing_changes(shop: &Shop<'_>) {
    fill(shop, "second", "17");
    let part = "is data of PostgreSQL 15, and here is data of PostgreSQL 17";
    shop.refuses(&["data", "restore", "first"], 2, part);
    fill(shop, "second", "15");
    let tar = shop
        .boatyard
        .home()
        .join(format!("saved/first/tars/{CLAIM}.tar"));
    let whole = fs::read(&tar).unwrap();
    let mut bytes = whole.clone();
    let at = bytes.windows(5).position(|part| part == b"first").unwrap();
    bytes[at] = b'F';
    fs::write(&tar, &bytes).unwrap();
    shop.refuses(
        &["data", "restore", "first"],
        3,
        "is not what its digest says",
    );
    // Half of it.
    fs::write(&tar, &whole[..1000]).unwrap();
    let said = shop.says(&["data", "restore", "first"]);
    assert_ne!(said.code, 0, "{}{}", said.out, said.err);
    fs::write(&tar, &whole).unwrap();
    assert_eq!(shop.row(), "second");
    assert_eq!(shop.has(), [".hidden", "cluster", "lost+found"]);
    shop.nothing_is_left();
}

/// What was killed while the new took the place of the old is finished before anything else.
fn goes_on(shop: &Shop<'_>) {
    let beside = shop.volume().join(".boatyard");
    fs::create_dir_all(beside.join("new/cluster")).unwrap();
    fs::write(beside.join("new/cluster/row"), "third").unwrap();
    fs::create_dir(beside.join("old")).unwrap();
    fs::rename(shop.volume().join(".hidden"), beside.join("old/.hidden")).unwrap();
    shop.kubectl(&["annotate", "pvc", CLAIM, "boatyard.dev/data=new"]);
    shop.does(&["data", "save", "third"]);
    assert_eq!(shop.has(), ["cluster", "lost+found"]);
    assert_eq!(shop.row(), "third");
    shop.nothing_is_left();
}

/// Another deploy of the project begins with it, also where it says that nothing of it stays.
fn begins(shop: &Shop<'_>) {
    let words = ["deploy", "--preview", "--tag", "1", "--backing", "kept"];
    let none = [&words[..], &["--begin-with", "none"]].concat();
    shop.refuses(&none, 2, "no data is saved as \"none\"");
    let with = ["--begin-with", "third", "--skip", "setup"];
    let said = shop.does(&[&words[..], &with].concat());
    let jobs = said
        .err
        .lines()
        .filter(|line| line.contains("running   Job/"));
    assert_eq!(jobs.count(), 1, "{}", said.err);
    assert_eq!(shop.row(), "third");
    let claims = shop.kubectl(&["get", "pvc", "-o", "name"]);
    assert_eq!(claims.lines().count(), 2, "{claims}");
    shop.nothing_is_left();
}
