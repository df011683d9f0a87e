//! Help, wrong use, completions, version.

mod boatyard;

use std::fmt::Write as _;

use boatyard::Boatyard;

/// Every verb with its own help, found in the help of the command: nobody has to keep a list.
fn verbs(boatyard: &Boatyard, before: &[&str]) -> Vec<String> {
    let mut words = before.to_vec();
    words.push("--help");
    let said = boatyard.run(&words);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
    let lines = said.out.lines().skip_while(|line| *line != "Commands:");
    let names = lines.skip(1).take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn help_of_the_command() {
    insta::assert_snapshot!(Boatyard::new().run(["--help"]).out);
}

#[test]
fn help_of_every_verb() {
    let boatyard = Boatyard::new();
    let all = verbs(&boatyard, &[]);
    assert!(all.len() >= 3, "{all:?}");
    let mut text = String::new();
    for verb in &all {
        let mut words = vec![vec![verb.as_str()]];
        let parts = verbs(&boatyard, &[verb]);
        words.extend(parts.iter().map(|part| vec![verb.as_str(), part.as_str()]));
        for mut words in words {
            let title = words.join(" ");
            words.push("-h");
            let said = boatyard.run(&words);
            assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
            // What all verbs have in common is in the help of the command.
            let own = |line: &&str| !line.starts_with("Output:");
            let lines: Vec<_> = said.out.lines().take_while(own).collect();
            let examples: Vec<_> = said
                .out
                .lines()
                .skip_while(|line| *line != "Examples:")
                .collect();
            let body = [lines.join("\n").trim_end(), &examples.join("\n")].join("\n\n");
            writeln!(text, "=== {title}\n{}\n", body.trim_end()).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn wrong_use_is_told_on_standard_error() {
    let boatyard = Boatyard::new();
    let cases: &[&[&str]] = &[
        &["paln"],
        &["plan", "--jsn"],
        &["plan", "--color=blue"],
        &["--quiet", "--verbose", "plan"],
        &["-C"],
    ];
    let mut text = String::new();
    for words in cases {
        let said = boatyard.run(*words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words:?}");
        writeln!(text, "$ boatyard {}\n{}", words.join(" "), said.err).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn no_words_at_all_show_the_help() {
    let said = Boatyard::new().run::<&str>([]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("Usage: boatyard"), "{}", said.err);
}

#[test]
fn completions_of_every_shell() {
    let boatyard = Boatyard::new();
    for (shell, sign) in [
        ("bash", "complete -F _boatyard"),
        ("zsh", "#compdef boatyard"),
        ("fish", "complete -c boatyard"),
    ] {
        let said = boatyard.run(["completions", shell]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{shell}");
        assert!(said.out.contains(sign), "{shell}: {}", said.out);
        assert!(said.out.contains("plan"), "{shell}: {}", said.out);
    }
}

#[test]
fn version() {
    let boatyard = Boatyard::new();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        boatyard.run(["version"]).out,
        format!("boatyard {version}\n")
    );
    assert_eq!(
        boatyard.run(["--version"]).out,
        format!("boatyard {version}\n")
    );
    let answer: serde_json::Value =
        serde_json::from_str(&boatyard.run(["version", "--json"]).out).unwrap();
    assert_eq!(answer["version"], version);
    assert_eq!(answer["plan_schema"], boatyard_plan::build::SCHEMA);
    let init = answer["init"].as_str().unwrap();
    assert!(init.starts_with(std::env::consts::ARCH), "{init}");
    assert!(
        ["-musl", "-gnu"].iter().any(|libc| init.ends_with(libc)),
        "{init}"
    );
}
