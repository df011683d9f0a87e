//! Where state lives, and what is said where it cannot.

mod boatyard;

use boatyard::Boatyard;

#[test]
fn everything_is_below_the_home() {
    let boatyard = Boatyard::new();
    let said = boatyard.run(["image", "ls", "--json"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (0, "[]\n", "")
    );
    assert!(boatyard.home().is_dir());
    assert_eq!(std::fs::read_dir(boatyard.project()).unwrap().count(), 0);
}

#[test]
fn a_home_that_cannot_be_made() {
    let boatyard = Boatyard::new();
    std::fs::write(boatyard.home(), "a file is in the way").unwrap();
    let said = boatyard.run(["image", "ls"]);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    insta::assert_snapshot!(said.err);
}

#[test]
fn a_home_that_is_read_only() {
    // A folder that nobody may write to, root included: the kernel's own file system of processes.
    let boatyard = Boatyard::new();
    let said = boatyard.run_with(
        &["image", "ls", "--json"],
        &[("BOATYARD_HOME", "/proc/sys")],
    );
    assert_eq!(said.code, 3);
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(
        lines[0],
        "error: cannot write to the folder \"/proc/sys\" that keeps images"
    );
    assert!(
        lines.last().unwrap().starts_with("help: set BOATYARD_HOME"),
        "{}",
        said.err
    );
    let error: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(error["error"]["exit_code"], 3);
}

#[test]
fn a_home_that_is_relative() {
    let boatyard = Boatyard::new();
    let said = boatyard.run_with(&["image", "ls"], &[("BOATYARD_HOME", "here")]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err.lines().next().unwrap(),
        "error: BOATYARD_HOME is \"here\"; expected an absolute path"
    );
}

#[test]
fn an_image_that_is_not_there() {
    let boatyard = Boatyard::new();
    for words in [
        &["image", "inspect", "guestbook/app"][..],
        &["image", "tag", "guestbook/app", "x"],
        &["image", "rm", "guestbook/app"],
    ] {
        let said = boatyard.run(words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}");
        assert_eq!(
            said.err,
            "error: there is no image guestbook/app:latest\n\
             help: \"boatyard image ls\" lists what there is\n"
        );
    }
}

#[test]
fn what_this_machine_permits() {
    let boatyard = Boatyard::new();
    let said = boatyard.run(["doctor", "--json"]);
    let findings = said
        .out
        .lines()
        .take_while(|line| !line.starts_with("{\"error\""));
    let findings: Vec<boatyard_engine::host::Finding> =
        serde_json::from_str(&findings.collect::<String>()).unwrap();
    assert!(!findings.is_empty());
    for finding in &findings {
        let ok = finding.state == boatyard_engine::host::State::Ok;
        assert_eq!(finding.remedy.is_none(), ok, "{finding:?}");
    }
}

#[test]
fn purge_asks_before_it_removes_everything() {
    let boatyard = Boatyard::new();
    assert_eq!(boatyard.run(["image", "ls"]).code, 0);
    let said = boatyard.run(["purge"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: this would remove all images, volumes and caches in HOME\n\
         help: say --yes if that is what you want\n"
    );
    assert!(std::fs::read_dir(boatyard.home()).unwrap().count() > 0);
}
