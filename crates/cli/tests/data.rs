//! Data that is saved and brought back: killed at any moment, it is the old or the new, never a mixture.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{boatyard, fail, project, succeed};

const FILES: usize = 200;

/// Writes a volume all of whose files say `word`.
fn write(volume: &Path, word: &str) {
    for at in 0..FILES {
        let folder = volume.join(format!("{}", at % 7));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(at.to_string()), word).unwrap();
    }
}

/// What all files of a volume say.
fn word(volume: &Path) -> String {
    let mut words: Vec<String> = (0..FILES)
        .map(|at| volume.join(format!("{}/{at}", at % 7)))
        .map(|path| {
            std::fs::read_to_string(&path).unwrap_or_else(|_| format!("no {}", path.display()))
        })
        .collect();
    words.dedup();
    assert_eq!(words.len(), 1, "{words:?}");
    words.remove(0)
}

/// Runs the command, and kills it after that time.
fn killed(command: &mut Command, after: Duration) {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + after;
    while Instant::now() < until && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap();
}

/// The folder of the volume `db` of the only project of a home.
fn volume(home: &Path) -> PathBuf {
    let mut places = home.join("run").read_dir().unwrap();
    let place = places.next().unwrap().unwrap().file_name();
    home.join("volumes").join(place).join("db")
}

#[test]
fn whatever_is_killed_data_is_whole() {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = project(
        "[project]\nname = \"shop\"\n[role.web]\ncommand = \"true\"\n",
        &[],
    );
    let run = |words: &[&str]| {
        let mut command = boatyard(home.path(), folder.path());
        command.args(words);
        command
    };
    // A project without data is saved as such, and its place is known then.
    succeed(&mut run(&["data", "save", "nothing"]));
    let volume = volume(home.path());
    write(&volume, "old");
    let begin = Instant::now();
    succeed(&mut run(&["data", "save", "kept"]));
    let takes = begin.elapsed();
    assert!(fail(&mut run(&["data", "save", "kept"]), 2).contains("--replace"));
    assert!(fail(&mut run(&["data", "restore", "other"]), 2).contains("there is: kept, nothing"));

    let moments = [0_u32, 2, 4, 6, 8, 10];
    for moment in moments {
        write(&volume, "new");
        killed(&mut run(&["data", "restore", "kept"]), takes * moment / 10);
        assert!(["old", "new"].contains(&word(&volume).as_str()));
    }
    succeed(&mut run(&["data", "restore", "kept"]));
    assert_eq!(word(&volume), "old");

    write(&volume, "new");
    for moment in moments {
        killed(
            &mut run(&["data", "save", "kept", "--replace"]),
            takes * moment / 10,
        );
        succeed(&mut run(&["data", "restore", "kept"]));
        assert!(["old", "new"].contains(&word(&volume).as_str()));
        write(&volume, "new");
        killed(&mut run(&["data", "save", "half"]), takes * moment / 10);
        let listed = succeed(&mut run(&["data", "ls", "--json"]));
        if listed.contains("\"half\"") {
            succeed(&mut run(&["data", "restore", "half"]));
            assert_eq!(word(&volume), "new");
            succeed(&mut run(&["data", "rm", "half"]));
        }
    }
    succeed(&mut run(&["data", "rm", "kept", "nothing"]));
    assert_eq!(succeed(&mut run(&["data", "ls", "--json"])).trim(), "[]");
    let left = home.path().join("tmp").read_dir().unwrap().count();
    assert_eq!(left, 0, "work in progress was left in tmp/");
}
