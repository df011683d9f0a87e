//! A real process that is killed while it hears: what it said that it had heard, it has heard.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::yard::{Yard, head, id, place};
use boatyard_preview::forge::Command as Said;
use boatyard_preview::time::Time;
use boatyard_serve::journal::Inbox;
use boatyard_serve::keeper::Heard;

/// Set for the process that is killed: its folder.
const FOLDER: &str = "BOATYARD_TEST_KEEPER";
const KILLS: u32 = 12;

/// Not a test by itself: hears one push after another, and says so.
#[tokio::test]
async fn hears_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let (keeper, ..) = Yard::open(folder.as_ref()).unwrap();
    let known = keeper.look(|known| known.inventory.all().count());
    // Bounded, should nobody kill it.
    for number in known..known + 100_000 {
        let name = format!("b{number}");
        let heard = Heard {
            digest: None,
            delivery: Some(name.clone()),
            by: "forge".into(),
            news: vec![head(&name)],
            commands: vec![said(number)],
        };
        assert!(keeper.hear(heard).await.unwrap());
        println!("heard {name}");
    }
}

/// Somebody says something in the comment of that number.
fn said(number: usize) -> Said {
    Said {
        place: place("main"),
        verb: "stop".into(),
        word: None,
        author: "anne".into(),
        comment: number as u64,
    }
}

#[test]
fn what_was_answered_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered = Vec::new();
    for kill in 1..=KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::hears_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard = lines
            .map_while(Result::ok)
            .filter_map(|line| line.split_once("heard ").map(|(_, name)| name.to_owned()));
        // At another moment each time, also in the middle of what comes after the last answer.
        answered.extend(heard.take(kill as usize * 3));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (keeper, thread, _) = Yard::open(folder.path()).unwrap();
    assert!(answered.len() >= KILLS as usize * 3, "{answered:?}");
    for name in &answered {
        let is_there = keeper.look(|known| known.inventory.get(&id(name)).is_some());
        assert!(is_there, "{name} was answered and is not there");
    }
    let inbox = Inbox::open(folder.path()).unwrap().unanswered(Time(0));
    let inbox: Vec<Said> = inbox.unwrap().into_iter().map(|one| one.command).collect();
    for name in &answered {
        let number = name[1..].parse().unwrap();
        assert!(inbox.contains(&said(number)), "{name}");
    }
    let reader = boatyard_serve::journal::Reader::open(folder.path()).unwrap();
    assert_eq!(reader.verify().unwrap(), None);
    keeper.stop();
    thread.join().unwrap();
}
