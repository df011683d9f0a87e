//! Backing services that are deployed with the project.

use boatyard_kubetest::{Behaviour, Cluster, kubectl};
use serde_json::Value;

use crate::boatyard::{Boatyard, Said};
use crate::{PROJECT, ours};

pub const BACKED: &str = "
[job.migrate]
command = \"migrate\"
when = \"before-deploy\"
[backing.postgres]
cluster = \"scratch\"
[backing.queue]
kind = \"redis\"
";

struct Shop<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
    boatyard: Boatyard,
}

impl Shop<'_> {
    fn deploy(&self, words: &[&str]) -> Said {
        let words = [&["deploy", "-n", self.namespace], words].concat();
        let mut command = self.boatyard.command(words);
        self.boatyard
            .said(command.env("KUBECONFIG", self.cluster.kubeconfig()))
    }

    fn kubectl(&self, words: &[&str]) -> String {
        let words = [&["-n", self.namespace], words].concat();
        ours(&mut kubectl().unwrap(), self.cluster, &words)
    }

    /// A value of a Secret as the cluster has it, in Base64, and all of its metadata.
    fn secret(&self, name: &str) -> Value {
        serde_json::from_str(&self.kubectl(&["get", "secret", name, "-o", "json"])).unwrap()
    }
}

/// What is in Base64 (RFC 4648), as kubectl decodes it.
fn decoded(shop: &Shop, secret: &str, key: &str) -> String {
    let template = format!("go-template={{{{index .data {key:?} | base64decode}}}}");
    shop.kubectl(&["get", "secret", secret, "-o", &template])
}

/// They are ready before jobs begin, their password is made once and seen by nobody, and what is new of the project does not touch them.
#[test]
fn backing_services_come_first_and_keep_their_password() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let shop = Shop {
        cluster,
        namespace: namespace.name(),
        boatyard: Boatyard::new(),
    };
    shop.boatyard
        .file("boatyard.toml", &[PROJECT, BACKED].concat());
    // Somebody runs the queue elsewhere.
    let address = "--from-literal=REDIS_URL=redis://elsewhere:6379/0";
    let words = ["create", "secret", "generic", "shop-queue", address];
    shop.kubectl(&words);

    // The first one fails: what it has made goes, but for the password.
    namespace.script("shop-migrate", Behaviour::exits(3, "no such table"));
    let said = shop.deploy(&["--tag", "1"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert_eq!(
        shop.kubectl(&["get", "statefulset,deployment", "-o", "name"]),
        "",
        "{}",
        said.err
    );
    let made = shop.secret("shop-postgres");
    let password = decoded(&shop, "shop-postgres", "PGPASSWORD");
    assert_eq!(password.len(), 48);
    assert!(
        password.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "letters and digits"
    );
    assert_eq!(
        decoded(&shop, "shop-postgres", "DATABASE_URL"),
        format!("postgresql://app:{password}@shop-postgres:5432/shop")
    );
    let known = |said: &Said| said.out.contains(&password) || said.err.contains(&password);
    assert!(!known(&said), "a password is told");

    namespace.script("shop-migrate", Behaviour::exits(0, ""));
    let said = shop.deploy(&["--tag", "1"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let order = [
        "created  Service/shop-postgres",
        "created  StatefulSet/shop-postgres",
        "ready    StatefulSet/shop-postgres",
        "running   Job/shop-migrate",
        "created  Deployment/shop-web",
    ];
    let places: Vec<_> = order.iter().map(|line| said.err.find(line)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?} in {}",
        said.err
    );
    assert!(!known(&said), "a password is told");
    assert_eq!(
        shop.secret("shop-postgres"),
        made,
        "the Secret is left alone"
    );
    let record = decoded(&shop, "boatyard-shop", "manifests");
    assert!(
        record.contains("StatefulSet") && !record.contains(&password),
        "the record has no password"
    );
    let set = ["get", "statefulset", "shop-postgres", "-o"];
    let pods = ["get", "pods", "shop-postgres-0", "-o"];
    let uid = "jsonpath={.metadata.uid}";
    let generation = "jsonpath={.metadata.generation}";
    let before = [(set, generation), (pods, uid)]
        .map(|(words, path)| shop.kubectl(&[&words[..], &[path]].concat()));
    // A later version, after somebody has removed a key: it comes back with the same password.
    let patch = "{\"data\": {\"PGPORT\": null, \"DATABASE_URL\": null}}";
    shop.kubectl(&["patch", "secret", "shop-postgres", "-p", patch]);
    let said = shop.deploy(&["--tag", "2", "--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let told = "{\"change\":\"changed\",\"event\":\"applied\",\"object\":\"Secret/shop-postgres\"}";
    assert!(said.out.starts_with(told), "{}", said.out);
    assert!(!known(&said), "a password is told");
    assert_eq!(shop.secret("shop-postgres")["data"], made["data"]);
    let after = [(set, generation), (pods, uid)]
        .map(|(words, path)| shop.kubectl(&[&words[..], &[path]].concat()));
    assert_eq!(after, before, "it was not restarted");

    // What leads elsewhere has no password of ours: it is not taken over.
    let said = shop.deploy(&["--tag", "3", "--backing", "scratch"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    for part in [
        "Secret/shop-queue",
        "without REDIS_PASSWORD",
        "cluster = \"elsewhere\"",
    ] {
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
    }
    // Elsewhere from now on: what ran goes, the password stays as its data would.
    let said = shop.deploy(&["--tag", "2", "--backing", "elsewhere"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("removed  StatefulSet/shop-postgres"),
        "{}",
        said.err
    );
    assert_eq!(shop.secret("shop-postgres")["data"], made["data"]);
}
