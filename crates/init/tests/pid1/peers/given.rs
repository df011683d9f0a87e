//! What main is given, and what init keeps for itself.

use std::time::Duration;

use super::ending::told_or;
use super::run::{bash, sleeps};
use super::table::Init;
use crate::container::{Container, User, finish};

pub fn state(container: &Container, init: &Init) -> String {
    let masks = |words: &[&str]| -> [u64; 2] {
        let start = ["env", "--block-signal=USR1", "--ignore-signal=HUP"];
        let show = ["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"];
        let words = [&start, words, &show].concat();
        let shown = finish(container.command(User::Nobody, &words)).stdout;
        let masks = shown.lines().map(|line| {
            let hex = line.split_once('\t').unwrap().1;
            u64::from_str_radix(hex, 16).unwrap()
        });
        masks.collect::<Vec<_>>().try_into().unwrap()
    };
    let (with, without) = (masks(&init.words(&[])), masks(&[]));
    let mut told = Vec::new();
    for ((with, without), what) in with.iter().zip(without).zip(["blocked", "ignored"]) {
        for (more, how) in [(with & !without, "too"), (without & !with, "")] {
            if more != 0 {
                let before = if how.is_empty() { "no longer " } else { "" };
                told.push(
                    format!("{} {before}{what} {how}", names(more))
                        .trim()
                        .to_owned(),
                );
            }
        }
    }
    told_or(&told.join("\n"), "as they were")
}

/// The names of the signals of a mask.
fn names(mask: u64) -> String {
    let numbers = (1..=64).filter(|n| mask >> (n - 1) & 1 == 1);
    let names = numbers.map(|n| {
        let signal = boatyard_init::signal::Signal::from_number(n).unwrap();
        signal.to_string()
    });
    names.collect::<Vec<_>>().join(" ")
}

pub fn pipe(container: &Container, init: &Init) -> String {
    let line = init.line("bash -c 'yes | head -1 > /dev/null; echo ${PIPESTATUS[0]}'");
    match bash(container, User::Nobody, &format!("exec {line}"))
        .stdout
        .as_str()
    {
        "141\n" => "ends it by PIPE".to_owned(),
        other => format!("{other:?}"),
    }
}

pub fn environment(container: &Container, init: &Init) -> String {
    let variables = |words: &[&str]| -> Vec<String> {
        let start = ["env", "ODD=a=b c", "EMPTY="];
        let show = ["perl", "-e", "print qq($_=$ENV{$_}\\n) for sort keys %ENV"];
        let shown = finish(container.command(User::Root, &[&start, words, &show].concat()));
        shown.stdout.lines().map(str::to_owned).collect()
    };
    let (with, without) = (variables(&init.words(&[])), variables(&[]));
    match without.iter().find(|variable| !with.contains(variable)) {
        Some(lost) => format!("without {lost}"),
        None if with.len() > without.len() => "as it was, and more".to_owned(),
        None => "as it was".to_owned(),
    }
}

pub fn descriptors(container: &Container, init: &Init) -> String {
    let show = "[ -e /proc/self/fd/7 ] && printf open, || printf closed,; [ $LISTEN_PID = $$ ] && echo ' names main' || echo \" names $LISTEN_PID\"";
    let line = "exec 7</dev/null; export LISTEN_PID=$$ SHOW; exec \"$@\"";
    let words = [
        &["bash", "-c", line, "bash"][..],
        &init.words(&["bash", "-c", show]),
    ]
    .concat();
    let outcome = finish(container.command(User::Nobody, &words));
    outcome.stdout.trim().replace("names 1", "names init")
}

pub fn folder(container: &Container, init: &Init) -> String {
    let start = ["env", "-C", "/usr/lib"];
    // One that changes its folder may do so after main has started, and before it waits.
    let line = "until grep -q '^State:.S' /proc/1/status; do :; done; readlink /proc/1/cwd; pwd";
    let show = ["sh", "-c", line];
    let words = [&start[..], &init.words(&show)].concat();
    match finish(container.command(User::Root, &words))
        .stdout
        .as_str()
    {
        "/\n/usr/lib\n" => "/".to_owned(),
        "/usr/lib\n/usr/lib\n" => "where it was started".to_owned(),
        other => other.to_owned(),
    }
}

pub fn idle(container: &Container, init: &Init) -> String {
    let running = init.start(container, User::Nobody, &["sh", "-c", "echo ready; read x"]);
    running.expect("ready");
    let sleeps = sleeps(&running, Duration::from_secs(3));
    if sleeps { "sleeps" } else { "wakes up" }.to_owned()
}
