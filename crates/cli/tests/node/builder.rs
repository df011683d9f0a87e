//! `boatyard deploy --push --builder`: images are built in a pod of the node, and pushed from there.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use boatyard_kubetest::{Cluster, Namespace, kubectl};

use crate::private::{LOGIN, Private};
use crate::support::{
    BOATYARD, alone, boatyard, busybox, fail, http, kept_home, output, succeed, text, wait_for,
};
use crate::{leaf, shop};

/// What builders run.
const IMAGE: &str = "boatyard:1";

/// A project, where it is deployed to, and where builders are.
struct Yard {
    cluster: &'static Cluster,
    home: tempfile::TempDir,
    folder: tempfile::TempDir,
    namespace: Namespace<'static>,
    builders: Namespace<'static>,
}

impl Yard {
    fn new(cluster: &'static Cluster) -> Self {
        let folder = tempfile::tempdir().unwrap();
        leaf::write(folder.path(), cluster.registry_of_pods());
        Self {
            cluster,
            home: tempfile::tempdir().unwrap(),
            folder,
            namespace: cluster.namespace(),
            builders: cluster.namespace(),
        }
    }

    fn kubectl(&self, words: &[&str]) -> String {
        let mut command = kubectl().expect("there is a cluster");
        command
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .stdin(Stdio::null());
        succeed(command.args(words))
    }

    /// What Pod Security admits where builders are.
    fn admits(&self, level: &str) {
        let enforce = format!("pod-security.kubernetes.io/enforce={level}");
        let words = [
            "label",
            "--overwrite",
            "namespace",
            self.builders.name(),
            &enforce,
        ];
        self.kubectl(&words);
    }

    /// The deploy, with these words more, to be run inside.
    fn deploy(&self, more: &[&str]) -> Command {
        let registry = self.cluster.registry_of_pods();
        let prefix = format!("{registry}/leaf");
        let image = format!("{registry}/{IMAGE}");
        let mut command = boatyard(self.home.path(), self.folder.path());
        command
            .args(["deploy", "--push", "--prefix", &prefix, "--timeout", "120s"])
            .args(["--namespace", self.namespace.name()])
            .args(["--builder", self.builders.name()])
            .args(["--builder-image", &image, "--builder-cpu", "100m"])
            .args(["--builder-memory", "512Mi"])
            .args(more)
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("BOATYARD_PLAIN_HTTP", registry);
        command
    }

    fn in_builders(&self, words: &[&str]) -> String {
        let words = [&["-n", self.builders.name()], words].concat();
        self.kubectl(&words)
    }

    /// The builders that there are.
    fn pods(&self) -> Vec<String> {
        let names = self.in_builders(&["get", "pods", "-o", "name"]);
        names.lines().map(str::to_owned).collect()
    }

    fn page(&self) -> String {
        let path = "jsonpath={.spec.clusterIP}";
        let words = ["get", "service", "leaf-web", "-o", path];
        let words = [&["-n", self.namespace.name()], &words[..]].concat();
        let address = self.kubectl(&words);
        let url = format!("http://{address}:8080");
        wait_for("the page", 60, || {
            let (status, page) = http(&url, "GET", "/", "")?;
            (status == 200).then_some(page)
        })
    }

    /// What runs in it besides its first process, and who looks.
    fn runs(&self, pod: &str) -> String {
        let look = "for one in /proc/[0-9]*; do case $one in /proc/1|/proc/$$) ;; \
                    *) tr '\\0' ' ' <$one/cmdline;; esac; done";
        self.in_builders(&["exec", pod, "--", "sh", "-c", look])
    }

    /// Work in progress in it, or what is left of some.
    fn half(&self, pod: &str) -> String {
        self.in_builders(&["exec", pod, "--", "ls", "/var/lib/boatyard/tmp"])
    }
}

/// The image of builders: our own command, what it is linked to, and a shell to look around with.
fn push_image(cluster: &Cluster, home: &Path, folder: &Path) {
    let place = |path: &str| folder.join(path.trim_start_matches('/'));
    for path in ["bin", "usr/local/bin", "tmp", "var/lib/boatyard"] {
        fs::create_dir_all(place(path)).unwrap();
    }
    // What a release has: without what is for debuggers only.
    let strip = [
        "-o".into(),
        place("usr/local/bin/boatyard"),
        BOATYARD.into(),
    ];
    succeed(Command::new("strip").args(strip));
    let linked = succeed(Command::new("ldd").arg(BOATYARD));
    let files = linked
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    for file in files {
        let to = place(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    fs::copy(
        busybox().expect("busybox-static is installed"),
        place("bin/busybox"),
    )
    .unwrap();
    for name in ["sh", "ls", "tr", "grep"] {
        std::os::unix::fs::symlink("busybox", place("bin").join(name)).unwrap();
    }
    let dockerfile = "FROM scratch\nCOPY . /\n";
    fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
    let name = format!("{}/{IMAGE}", cluster.registry());
    let build = ["build", "-f", "Dockerfile", "-t", &name, "."];
    succeed(boatyard(home, folder).args(build));
    let _inside = cluster.enter();
    succeed(boatyard(home, folder).args(["image", "push", &name]));
}

#[test]
fn images_are_built_in_a_pod() {
    let _alone = alone();
    let Some(cluster) = Cluster::node() else {
        return;
    };
    let home = kept_home();
    let folder = tempfile::tempdir().unwrap();
    shop::push_pause(cluster, &home, folder.path());
    leaf::push_base(cluster, &home);
    push_image(cluster, &home, &folder.path().join("image"));
    let _inside = cluster.enter();
    let yard = Yard::new(cluster);

    // Where it is not admitted, that is said, with what to do.
    yard.admits("restricted");
    let said = fail(&mut yard.deploy(&[]), 3);
    assert!(said.contains("enforce=baseline"), "{said}");
    yard.admits("baseline");

    let said = output(&mut yard.deploy(&[]));
    let said_more = text(&said.stderr);
    assert!(said.status.success(), "{said_more}");
    assert!(said_more.contains("push "), "{said_more}");
    assert!(yard.page().contains("first"));
    // Not here.
    let images =
        succeed(boatyard(yard.home.path(), yard.home.path()).args(["image", "ls", "--json"]));
    assert!(!images.contains("leaf"), "{images}");
    let before = yard.pods();

    // The next one finds what is there.
    leaf::say(yard.folder.path(), "second");
    succeed(&mut yard.deploy(&[]));
    wait_for("the second page", 60, || {
        yard.page().contains("second").then_some(())
    });
    assert_eq!(yard.pods(), before);
    let [pod] = before.as_slice() else {
        panic!("one builder: {before:?}");
    };

    // A mistake in a file that only the builder has read is told as it is here.
    let dockerfile = yard.folder.path().join("Dockerfile");
    let well = fs::read_to_string(&dockerfile).unwrap();
    fs::write(&dockerfile, well.replace("RUN", "RUNS")).unwrap();
    let said = output(&mut yard.deploy(&[]));
    assert_eq!(said.status.code(), Some(2));
    assert!(
        text(&said.stderr).contains("RUNS"),
        "{}",
        text(&said.stderr)
    );

    // Whoever is killed leaves nothing that runs, and the next one sweeps what is half.
    fs::write(&dockerfile, well.replace("id -u", "sleep 600")).unwrap();
    killed_at_its_command(&yard);
    wait_for("the build to end with who wanted it", 60, || {
        yard.runs(pod).is_empty().then_some(())
    });
    fs::write(&dockerfile, well).unwrap();
    succeed(&mut yard.deploy(&[]));
    assert_eq!(yard.half(pod), "");

    with_a_login(&yard, &home, pod);
    strangers(&yard, pod);
}

/// Kills a deploy once its own command runs in the pod.
fn killed_at_its_command(yard: &Yard) {
    let mut child = yard
        .deploy(&["--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines
        .map_while(Result::ok)
        .inspect(|line| println!("{line}"));
    let begun = lines.any(|line| line.contains("\"started\"") && line.contains("sleep 600"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(begun, "it ended before its command ran");
}

/// A base that only a login can pull is there before the build begins, and no login is where builds are.
fn with_a_login(yard: &Yard, home: &Path, pod: &str) {
    let open = yard.cluster.registry_of_pods();
    let private = Private::start(open);
    let plain = format!("{open},{}", private.name);
    let may_pull = |command: &mut Command| {
        command.env("DOCKER_CONFIG", private.config());
        command.env("BOATYARD_PLAIN_HTTP", &plain);
    };
    let base = format!("{}/team/base:1", private.name);
    let there = format!("{}/busybox:1", yard.cluster.registry());
    succeed(boatyard(home, home).args(["image", "tag", &there, &base]));
    let mut push = boatyard(home, home);
    may_pull(push.args(["image", "push", &base]));
    succeed(&mut push);

    let dockerfile = yard.folder.path().join("Dockerfile");
    let before = fs::read_to_string(&dockerfile).unwrap();
    let on_private = before.replace(&format!("{open}/busybox:1"), &base);
    assert_ne!(on_private, before);
    fs::write(&dockerfile, on_private).unwrap();
    leaf::say(yard.folder.path(), "private");
    let mut without = yard.deploy(&[]);
    without.env("BOATYARD_PLAIN_HTTP", &plain);
    let said = fail(&mut without, 3);
    assert!(said.contains("anonymous"), "{said}");
    let mut with = yard.deploy(&[]);
    may_pull(&mut with);
    let said = output(&mut with);
    let said_more = text(&said.stderr);
    assert!(said.status.success(), "{said_more}");
    assert!(said_more.contains(&format!("pull {base}")), "{said_more}");
    wait_for("the page on a private base", 60, || {
        yard.page().contains("private").then_some(())
    });
    let look = format!("grep -rlE '{LOGIN}|me:secret' /var/lib/boatyard /tmp || true");
    assert_eq!(
        yard.in_builders(&["exec", pod, "--", "sh", "-c", &look]),
        ""
    );
    unseen(yard, pod);
    let described = yard.in_builders(&["get", pod, "-o", "yaml"]);
    assert!(!described.contains(LOGIN), "{described}");
    fs::write(&dockerfile, before).unwrap();
}

/// Who is handed logins cannot be looked into, also by root in the same pod; others can.
fn unseen(yard: &Yard, pod: &str) {
    let mut command = kubectl().expect("there is a cluster");
    let mut entrusted = command
        .env("KUBECONFIG", yard.cluster.kubeconfig())
        .args(["-n", yard.builders.name(), "exec", "-i", pod, "--"])
        .args(["boatyard", "builder", "pull"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let look = "for one in /proc/[0-9]*; do \
                if tr '\\0' ' ' <$one/cmdline | grep -q 'builder pul[l]'; then \
                if grep -q . $one/environ; then echo seen; else echo unseen; fi; fi; done 2>/dev/null; \
                grep -q . /proc/1/environ && echo control";
    wait_for("one that is entrusted", 60, || {
        let seen = yard.in_builders(&["exec", pod, "--", "sh", "-c", look]);
        (seen == "unseen\ncontrol\n").then_some(())
    });
    // It waits for its order.
    entrusted.kill().unwrap();
    entrusted.wait().unwrap();
}

/// What nobody trusts is built alone, and only where it can be kept from the network.
fn strangers(yard: &Yard, shared: &str) {
    let confined = ["--confined=somebody", "--source=none"];
    let registry = format!("--registry={}", yard.cluster.registry_of_pods());
    let words = [&confined[..], &[registry.as_str()]].concat();
    let said = fail(&mut yard.deploy(&words), 3);
    assert!(said.contains("network"), "{said}");
    gone_but(yard, shared);
    yard.admits("privileged");
    leaf::say(yard.folder.path(), "third");
    succeed(&mut yard.deploy(&[&words[..], &["--builder-mounts"]].concat()));
    wait_for("the page of a stranger", 60, || {
        yard.page().contains("third").then_some(())
    });
    gone_but(yard, shared);
}

/// Waits until no other builder is there.
fn gone_but(yard: &Yard, shared: &str) {
    wait_for("the builder to go with its build", 60, || {
        (yard.pods() == [shared]).then_some(())
    });
}
