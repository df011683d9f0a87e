//! Two builds at once in one home, one of which is killed at a call: the other, and the next, are right.

use std::process::Stdio;

use super::DOCKERFILE;
use super::bench::Bench;
use super::injection::{self, Injection, was_hit};
use super::support::{alone, text};

/// Calls at which the first of the two is killed, and which of them in the sample.
const KILLED: [(&str, &[u32]); 14] = [
    ("openat", &[90]),
    ("read", &[]),
    ("write", &[4]),
    ("fsync", &[2]),
    ("rename", &[3, 7]),
    ("mkdir", &[12]),
    ("mkdirat", &[]),
    ("unlink", &[2]),
    ("unlinkat", &[5]),
    ("flock", &[2, 6]),
    ("close", &[]),
    ("clone3", &[4]),
    ("execve", &[2]),
    ("move_mount", &[1]),
];

#[test]
fn one_of_two_builds_is_killed() {
    let _alone = alone();
    let Some(bench) = Bench::new(DOCKERFILE) else {
        return;
    };
    let (mut tried, mut hit) = (0, 0);
    let mut wrong = Vec::new();
    for (call, sample) in KILLED {
        for number in injection::numbers(sample) {
            let injection = Injection {
                call,
                error: None,
                number,
            };
            tried += 1;
            if !check(&bench, injection, &mut wrong) {
                break;
            }
            hit += 1;
        }
    }
    println!("{hit} of {tried} builds were killed beside another");
    // How many is chance: whatever the other build does first, this one never comes to.
    assert!(hit > 0, "nothing was killed: none of {tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Builds twice at once, one with an injection; notes what is not as it must be. Whether the injection happened.
fn check(bench: &Bench, injection: Injection, wrong: &mut Vec<String>) -> bool {
    let (home, trace) = (bench.home("home"), bench.home("trace"));
    let words = injection.words(&trace);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [killed, other] = [words.as_slice(), &[]].map(|before| {
        let mut command = bench.command(&home, before);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    });
    let other = other.wait_with_output().unwrap();
    let killed = killed.wait_with_output().unwrap();
    let mut bad = bench.aftermath(&home);
    if !other.status.success() || text(&other.stdout) != bench.digest {
        bad.push(format!("the other build: {other:?}"));
    }
    // What was hit may have been a thread's or a step's last breath only.
    if killed.status.success() && text(&killed.stdout) != bench.digest {
        bad.push(format!("another image: {killed:?}"));
    }
    wrong.extend(bad.iter().map(|bad| format!("{injection:?}: {bad}")));
    was_hit(&text(&std::fs::read(&trace).unwrap_or_default()))
}
