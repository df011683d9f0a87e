//! `boatyard check`, as a user meets it.

mod boatyard;

use boatyard::Boatyard;

const DOCKERFILE: &str = "\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
USER 10001
CMD server run
";

#[test]
fn findings_are_underlined_and_counted() {
    let boatyard = Boatyard::new();
    boatyard.file("web/Dockerfile", DOCKERFILE);
    let said = boatyard.run(["check", "--ignore", "D12"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    insta::assert_snapshot!(said.out);
    assert!(!boatyard.home().exists(), "checking needs no home");
}

#[test]
fn fixes_are_shown_made_and_done() {
    let boatyard = Boatyard::new();
    boatyard.file("Dockerfile", DOCKERFILE);
    let said = boatyard.run(["check", "--diff"]);
    assert_eq!(said.code, 1);
    insta::assert_snapshot!(said.out);
    let file = boatyard.project().join("Dockerfile");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), DOCKERFILE);
    let said = boatyard.run(["check", "--fix", "--threshold", "error"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let once = std::fs::read_to_string(&file).unwrap();
    assert!(once.ends_with("CMD [\"server\", \"run\"]\n"), "{once}");
    let said = boatyard.run(["check", "--diff"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
}

#[test]
fn severities_baselines_and_settings() {
    let boatyard = Boatyard::new();
    boatyard.file("Dockerfile", DOCKERFILE);
    let code = |words: &[&str]| boatyard.run(words).code;
    assert_eq!(code(&["check"]), 1);
    assert_eq!(code(&["check", "--ignore", "D01,D11"]), 0);
    assert_eq!(code(&["check", "--write-baseline", "known"]), 0);
    assert_eq!(code(&["check", "--baseline", "known"]), 0);
    boatyard.file("boatyard.toml", "[project]\nname = \"a\"\n[check]\nignore = [\"D01\"]\n[check.path.\"Docker*\"]\nignore = [\"D11\"]\n");
    assert_eq!(code(&["check"]), 0);
    assert_eq!(code(&["plan"]), 0);
    boatyard.file(
        "boatyard.toml",
        "[project]\nname = \"a\"\n[check]\nignore = [\"D99\"]\n",
    );
    let said = boatyard.run(["check"]);
    assert!(
        said.code == 2 && said.out.contains("there is no rule \"D99\""),
        "{}",
        said.out
    );
}

#[test]
fn wrong_use_and_what_cannot_be_read() {
    let boatyard = Boatyard::new();
    boatyard.file("notes.txt", "a");
    for words in [
        &["check", "none"][..],
        &["check", "notes.txt"],
        &["check", "--explain", "D99"],
        &["check", "--ignore", "D99"],
    ] {
        assert_eq!(boatyard.run(words).code, 2, "{words:?}");
    }
    boatyard.file("Dockerfile", "FROM a:1\nRUNN x\nUSER root\nCMD [\"a\"]\n");
    std::fs::write(
        boatyard.project().join("x.Dockerfile"),
        b"FROM a:1\nRUN \xff\n",
    )
    .unwrap();
    let said = boatyard.run(["check", "--json"]);
    assert_eq!(said.code, 2);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let found: Vec<&str> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        found,
        ["P01", "D05", "P01"],
        "the rest of a file is checked"
    );
    assert_eq!(boatyard.run(["check", "--explain", "d01"]).code, 0);
}

#[test]
fn formats_for_programs() {
    let boatyard = Boatyard::new();
    boatyard.file("a b/Dockerfile", DOCKERFILE);
    let say = |format: &str| {
        let said = boatyard.run(["check", "--format", format]);
        assert_eq!((said.code, said.err.as_str()), (1, ""), "{format}");
        said.out
    };
    let sarif: serde_json::Value = serde_json::from_str(&say("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let fixed = results.iter().find(|one| one["ruleId"] == "D01").unwrap();
    let place = &fixed["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/Dockerfile");
    assert_eq!(place["region"]["startLine"], 4);
    let change = &fixed["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "[\"server\", \"run\"]");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let index = usize::try_from(fixed["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], "D01");
    let github = say("github");
    assert!(
        github.contains(
            "::error file=a b/Dockerfile,line=4,endLine=4,col=5,endColumn=15,title=D01%3A "
        ),
        "{github}"
    );
    let gitlab: serde_json::Value = serde_json::from_str(&say("gitlab")).unwrap();
    let prints: std::collections::BTreeSet<&str> = gitlab
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(prints.len(), gitlab.as_array().unwrap().len());
    let junit = say("junit");
    assert_eq!(junit.matches("<failure ").count(), results.len());
}

#[test]
fn a_compose_file_that_is_named_may_be_called_anything() {
    let boatyard = Boatyard::new();
    let text = "services:\n  web:\n    image: redis\n";
    boatyard.file("c.yaml", text);
    let said = boatyard.run(["check", "c.yaml"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert!(
        said.out.contains("web runs whatever redis is"),
        "{}",
        said.out
    );
    // What is mended stays one.
    boatyard.file("c.yaml", &format!("version: \"3\"\n{text}"));
    boatyard.run(["check", "--fix", "c.yaml"]);
    let file = boatyard.project().join("c.yaml");
    let mended = std::fs::read_to_string(file).unwrap();
    assert!(mended.starts_with("services:"), "{mended}");
    // In a folder it may be another program's.
    let said = boatyard.run(["check"]);
    assert_eq!(said.code, 0, "{}", said.out);
    boatyard.file("c.yaml", "a: 1\n");
    assert_eq!(boatyard.run(["check", "c.yaml"]).code, 2);
}

/// What is found is told without its value: logs of CI are read by many.
#[test]
fn secrets_that_are_found_are_not_told() {
    let boatyard = Boatyard::new();
    boatyard.file(
        "Dockerfile",
        "FROM debian:bookworm-slim\nENV API_TOKEN=hunter2 URL=postgres://app:hunter2@db\nUSER 10001\nCMD serve --db redis://:hunter2@cache\n",
    );
    boatyard.file(
        "compose.yaml",
        "services:\n  a:\n    image: redis:7\n    environment:\n      DB_PASSWORD: hunter2\n      URL: amqp://app:hunter2@queue\n",
    );
    let said = boatyard.run(["check"]);
    assert_eq!(said.code, 1, "{}", said.err);
    for name in ["API_TOKEN", "DB_PASSWORD"] {
        assert!(said.out.contains(name), "{name}: {}", said.out);
    }
    assert!(!said.out.contains("hunter2"), "{}", said.out);
}

/// They are known by what names them; what git ignores is there all the same.
#[test]
fn files_that_a_compose_file_names_are_read() {
    let boatyard = Boatyard::new();
    boatyard.file(
        "compose.yaml",
        "services:\n  web:\n    extends: {file: common/services.yaml, service: wbe}\n    env_file: [.env, web.env]\n",
    );
    boatyard.file(
        "common/services.yaml",
        "services:\n  web:\n    image: web:1\n    privileged: true\n",
    );
    boatyard.file(".env", "A=1\n");
    boatyard.file(".gitignore", ".env\n");
    let git = std::process::Command::new("git")
        .args(["init", "-q"])
        .current_dir(boatyard.project())
        .status();
    assert!(git.unwrap().success());
    for words in [
        &["check", "--format", "github"][..],
        &["check", "--format", "github", "compose.yaml"],
    ] {
        let said = boatyard.run(words);
        let found = |rule: &str| said.out.lines().filter(|line| line.contains(rule)).count();
        assert_eq!(found("C06"), 2, "{}", said.out);
        assert!(
            said.out
                .contains("common/services.yaml has no service \"wbe\"")
                && said.out.contains("env_file: web.env is not there"),
            "{}",
            said.out
        );
        let other = said
            .out
            .lines()
            .any(|line| line.contains("C01") && line.contains("file=common/services.yaml,line=4"));
        assert!(other, "{}", said.out);
    }
}
