//! Every `tests/mistakes/*.toml` is refused with exit code 2 and tells what its snapshot says.

mod boatyard;

use boatyard::Boatyard;

#[test]
fn mistakes_are_underlined() {
    insta::glob!("mistakes/*.toml", |path| {
        let boatyard = Boatyard::new();
        let text = std::fs::read_to_string(path).unwrap();
        std::fs::write(boatyard.project().join("boatyard.toml"), text).unwrap();
        let said = boatyard.run(["plan"]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{}", said.err);
        insta::assert_snapshot!(said.err);
    });
}

#[test]
fn programs_get_places() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", include_str!("mistakes/unknown-key.toml"));
    let said = boatyard.run(["plan", "--json"]);
    assert_eq!(said.code, 2);
    let error: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        error,
        serde_json::json!({"error": {
            "message": "boatyard.toml has a mistake",
            "exit_code": 2,
            "diagnostics": [{
                "file": "boatyard.toml",
                "line": 5,
                "column": 1,
                "span": {"start": 30, "end": 37},
                "message": "unknown key \"pakages\" in [image]",
                "label": "not a key here",
                "help": "did you mean \"packages\"?",
            }],
        }})
    );
    assert!(
        said.err.starts_with("error: unknown key"),
        "people still read it: {}",
        said.err
    );
}

#[test]
fn colours_only_where_they_are_wanted() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", include_str!("mistakes/unknown-key.toml"));
    for (words, variables, coloured) in [
        (vec!["plan"], vec![], false),
        (vec!["plan", "--color=always"], vec![], true),
        (
            vec!["plan", "--color=always"],
            vec![("NO_COLOR", "1")],
            true,
        ),
        (vec!["plan"], vec![("CLICOLOR_FORCE", "1")], true),
        (
            vec!["plan"],
            vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            false,
        ),
    ] {
        let said = boatyard.run_with(&words, &variables);
        assert_eq!(
            said.err.contains('\u{1b}'),
            coloured,
            "{words:?} {variables:?}"
        );
    }
}
