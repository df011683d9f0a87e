//! `logs`, `exec`, `shell` and `run` of what is deployed. The scripted node starts no programs: what `exec` does inside is
//! tested on a real one (../node/remote.rs).

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use boatyard_kubetest::{Behaviour, Cluster, Namespace, kubectl};

use crate::boatyard::{Boatyard, Said};
use crate::{PROJECT, ours};

const JOBS: &str = "\
[role.worker]
command = \"work\"
[job.migrate]
command = \"migrate\"
when = \"before-deploy\"
[job.seed]
command = \"seed\"
";

fn printing(lines: &str) -> Behaviour {
    Behaviour::Ready {
        log: lines.to_owned(),
    }
}

/// A project that is on a cluster.
struct There<'a> {
    boatyard: Boatyard,
    cluster: &'a Cluster,
    namespace: &'a Namespace<'a>,
}

impl There<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.boatyard.command(words);
        command.env("KUBECONFIG", self.cluster.kubeconfig());
        command
    }

    /// What the verb says with the context.
    fn says(&self, words: &[&str]) -> Said {
        let (verb, rest) = words.split_first().unwrap();
        let words = [&[*verb, "--context", "kubetest"], rest].concat();
        self.boatyard.said(&mut self.command(&words))
    }

    fn prints(&self, words: &[&str], code: i32, out: &str) {
        let said = self.says(words);
        assert_eq!((said.code, said.out.as_str()), (code, out), "{}", said.err);
    }

    fn refuses(&self, words: &[&str], code: i32, parts: &[&str]) {
        let said = self.says(words);
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        for part in parts {
            assert!(said.err.contains(part), "no {part:?} in {}", said.err);
        }
    }

    fn kubectl(&self, words: &[&str]) -> String {
        let words = [&["-n", self.namespace.name()], words].concat();
        ours(&mut kubectl().unwrap(), self.cluster, &words)
    }
}

#[test]
fn the_same_words_as_here() {
    let Some(cluster) = Cluster::scripted() else {
        return;
    };
    let namespace = cluster.namespace();
    let there = There {
        boatyard: Boatyard::new(),
        cluster,
        namespace: &namespace,
    };
    let project = PROJECT.replace("[\"web\"]", "[\"web\", \"worker\"]") + JOBS;
    let place = format!("[deploy]\nnamespace = \"{}\"\n", namespace.name());
    there.boatyard.file("boatyard.toml", &(project + &place));

    let help = "is it the right --context and --namespace?";
    there.refuses(
        &["run", "seed"],
        2,
        &["nothing of shop is deployed in test-", help],
    );
    there.refuses(&["logs"], 2, &["there are no pods of shop in test-", help]);
    there.refuses(
        &["logs", "web"],
        2,
        &["there is no pod of web in test-", help],
    );

    namespace.script("shop-web", printing("first\nsecond"));
    namespace.script("shop-worker", printing("works"));
    let said = there
        .boatyard
        .said(&mut there.command(&["deploy", "--tag", "1"]));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    shows_logs(&there);
    follows_logs(&there);
    runs_jobs(&there);

    there.refuses(
        &["exec", "beat", "--", "true"],
        2,
        &["there is no pod of beat"],
    );
    let parts = ["no pod of migrate runs in test-", "is Succeeded"];
    there.refuses(&["exec", "migrate", "--", "true"], 1, &parts);
    let parts = ["cannot start a program in shop-web-"];
    there.refuses(&["exec", "web", "--", "true"], 3, &parts);
    there.refuses(&["shell"], 3, &parts);
}

fn shows_logs(there: &There<'_>) {
    let said = there.says(&["logs"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in ["first", "second", "works"] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    assert!(
        said.out.find("first") < said.out.find("second"),
        "{}",
        said.out
    );
    let said = there.says(&["logs", "web", "--lines", "1", "--json"]);
    let line: serde_json::Value = serde_json::from_str(said.out.trim()).unwrap();
    let found = (line["process"].as_str(), line["line"].as_str());
    assert_eq!(found, (Some("web"), Some("second")));
    let parts = ["there is no pod of beat", "migrate, web, worker"];
    there.refuses(&["logs", "beat"], 2, &parts);
}

/// What goes on sees pods that come.
fn follows_logs(there: &There<'_>) {
    let mut child = there
        .command(&["logs", "--context", "kubetest", "-f", "web"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, seen) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = lines.map_while(Result::ok);
        lines.try_for_each(|line| sender.send(line))
    });
    let wait_for = |text: &str| {
        let begin = Instant::now();
        let limit = Duration::from_secs(60);
        while let Ok(line) = seen.recv_timeout(limit.saturating_sub(begin.elapsed())) {
            if line.contains(text) {
                return;
            }
        }
        panic!("no line with {text:?} after {:?}", begin.elapsed());
    };
    wait_for("second");
    there.namespace.script("shop-web", printing("third"));
    there.kubectl(&["delete", "pods", "-l", "app.kubernetes.io/component=web"]);
    wait_for("third");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn runs_jobs(there: &There<'_>) {
    let sowing = "sowing\nno such table: book\n";
    there
        .namespace
        .script("seed-run-", Behaviour::exits(3, sowing));
    there.prints(&["run", "seed"], 3, sowing);
    there
        .namespace
        .script("migrate-run-", Behaviour::exits(0, "nothing to do"));
    there.prints(&["run", "migrate"], 0, "nothing to do\n");
    let jobs = there.kubectl(&["get", "jobs", "-o", "name"]);
    assert!(!jobs.contains("-run-"), "{jobs}");
    let parts = ["has no job nothing", "it has: migrate, seed"];
    there.refuses(&["run", "nothing"], 2, &parts);
    let parts = ["only a job of the project", "boatyard exec"];
    there.refuses(&["run", "--", "true"], 2, &parts);
}
