//! Configurations and what becomes of them, file by file. `UPDATE_EXPECTED=1 cargo test -p boatyard-preview` writes what is
//! expected anew: review it like code.

#![expect(
    clippy::disallowed_methods,
    reason = "the cases of the tests are files; the crate they test reads none"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_preview::config::{self, Begin, Config, Scope};
use boatyard_preview::revision::{Place, Repository, Subject};
use proptest::prelude::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each mistake as `line:column: message`, the line with the wrong bytes underlined, and the help.
fn render(text: &str, mistakes: &[Diagnostic]) -> String {
    let mut out = String::new();
    for mistake in mistakes {
        let (line, column) = mistake.position(text);
        let source = text.lines().nth(line - 1).unwrap_or("");
        let wrong = text[mistake.span.clone()].lines().next().unwrap_or("");
        let marks = " ".repeat(column - 1) + &"^".repeat(wrong.chars().count().max(1));
        let Diagnostic { message, label, .. } = mistake;
        writeln!(
            out,
            "{line}:{column}: {message}\n    {source}\n    {marks} {label}"
        )
        .unwrap();
        if let Some(help) = &mistake.help {
            writeln!(out, "help: {help}").unwrap();
        }
    }
    out
}

fn good(text: &str) -> Config {
    config::parse(text).unwrap_or_else(|mistakes| panic!("{}", render(text, &mistakes)))
}

#[test]
fn bad_files_are_explained() {
    let entries = std::fs::read_dir(folder().join("bad")).expect("the cases are there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let cases = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let mut count = 0;
    for case in cases {
        let text = read(&case);
        let mistakes = config::parse(&text).expect_err(&case.display().to_string());
        let (found, expected) = (render(&text, &mistakes), case.with_extension("expected"));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&expected, &found).expect("it can be written");
        }
        assert_eq!(found, read(&expected), "{}", case.display());
        count += 1;
    }
    assert!(count > 5, "{count} cases");
}

/// The sample in the documentation is taken, and says what it says it says: with nothing but what is needed all the same.
#[test]
fn the_sample_is_a_configuration() {
    let page = read(&folder().join("../../../../docs/reference/serve.md"));
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("it ends"))
        .collect();
    assert!(blocks.len() >= 2, "a short one and one with everything");
    for block in &blocks {
        good(block);
    }
    let short = good(blocks[0]);
    let with_defaults = format!("{}\n{}", blocks[0], defaults(blocks[1]));
    assert_eq!(
        short,
        good(&with_defaults),
        "what is said of defaults holds"
    );
}

/// The sections of which the sample says that they have the defaults.
fn defaults(sample: &str) -> String {
    let mut kept = String::new();
    let mut keeps = false;
    for line in sample.lines() {
        if line.starts_with('[') {
            keeps = line.ends_with("# these are the defaults");
        }
        if keeps {
            writeln!(kept, "{line}").unwrap();
        }
    }
    assert!(
        kept.contains("[limits]") && kept.contains("[times]"),
        "{kept}"
    );
    kept
}

#[test]
fn what_a_configuration_means() {
    let config = good(
        "[forge.hub]\nkind = \"github\"\nsecret = { env = \"S\" }\ntoken = { value = \"geheim\" }\n\
         [forge.lab]\nkind = \"gitlab\"\nurl = \"https://lab.example.org/git\"\nhooks = false\n\
         [forge.local]\nkind = \"git\"\nurl = \"file:///srv/git\"\n\
         [[repository]]\nforge = \"hub\"\nname = \"acme/shop\"\nroot = \"./apps//shop/\"\n\
         [[repository]]\nforge = \"lab\"\nname = \"a/b/c\"\n\
         [[repository]]\nforge = \"local\"\nname = \"blog.git\"\nbranches = \"**\"\n",
    );
    assert!(
        !format!("{config:?}").contains("geheim"),
        "secrets are never printed"
    );
    let repository = |forge: &str, name: &str| Repository {
        forge: forge.to_owned(),
        name: name.to_owned(),
    };
    let rows = [
        (
            "github.com",
            "Acme/Shop",
            "https://github.com/acme/shop.git",
            "refs/pull/7/head",
        ),
        (
            "lab.example.org/git",
            "a/b/c",
            "https://lab.example.org/git/a/b/c.git",
            "refs/merge-requests/7/head",
        ),
        (
            "/srv/git",
            "blog.git",
            "file:///srv/git/blog.git",
            "refs/pull/7/head",
        ),
    ];
    for (forge, name, url, reference) in rows {
        let place = |subject| Place {
            repository: repository(forge, name),
            subject,
        };
        let remote = config.remote(&place(Subject::PullRequest(7))).expect(name);
        assert_eq!(
            (remote.url.as_str(), remote.reference.as_str()),
            (url, reference)
        );
        let branch = place(Subject::Branch("a/b".to_owned()));
        assert_eq!(
            config.remote(&branch).expect(name).reference,
            "refs/heads/a/b"
        );
    }
    let policy = config.policy();
    let shop = &policy.repositories[&repository("github.com", "acme/shop")];
    assert_eq!(shop.recipe, "apps/shop");
    assert_eq!(policy.repositories.len(), 3);
    assert_eq!(config.url(), "http://preview.localhost:8000");
}

#[test]
fn what_data_begins_with() {
    let begin = |keys: &str, subject: Subject| {
        let config = good(&format!(
            "[forge.hub]\nkind = \"github\"\nunsigned = true\n[[repository]]\nname = \"acme/shop\"\n{keys}\n"
        ));
        let place = Place {
            repository: Repository {
                forge: "github.com".to_owned(),
                name: "Acme/shop".to_owned(),
            },
            subject,
        };
        let begin = config.begin(&place);
        if let Begin::Makes(name) | Begin::With(name) = &begin {
            assert!(config.templates().contains(name), "{name}");
        }
        match begin {
            Begin::Nothing => "nothing",
            Begin::Makes(_) => "makes",
            Begin::With(_) => "with",
        }
    };
    let branch = |name: &str| Subject::Branch(name.to_owned());
    let named = "branches = [\"**\", \"17.0\", \"main\"]";
    for (keys, subject, expected) in [
        ("", branch("whatever"), "makes"),
        ("", Subject::PullRequest(7), "with"),
        ("data = \"fresh\"", branch("main"), "nothing"),
        (named, branch("17.0"), "makes"),
        (named, branch("main"), "with"),
        ("branches = \"**\"", branch("master"), "makes"),
        ("branches = \"**\"", branch("x"), "with"),
        ("branches = \"**\"\nbase = \"x\"", branch("x"), "makes"),
    ] {
        assert_eq!(begin(keys, subject.clone()), expected, "{keys} {subject:?}");
    }
}

/// A default never makes a mistake of what somebody says.
#[test]
fn what_sleeps_soon_is_noted_sooner() {
    let noted = |times: &str| {
        let config = good(&format!(
            "[times]\n{times}\n[forge.local]\nkind = \"git\"\nurl = \"file:///srv/git\"\n[[repository]]\nname = \"a\"\n"
        ));
        config.visitors.noted.as_millis()
    };
    assert_eq!(noted("idle = \"1s\""), 500);
    assert_eq!(noted("idle = \"1h\""), 10_000);
    assert_eq!(noted("idle = \"1h\"\nnoted = \"40s\""), 40_000);
}

#[test]
fn who_may() {
    let config = good(&format!(
        "[forge.local]\nkind = \"git\"\nurl = \"file:///srv/git\"\n[[repository]]\nname = \"a/b\"\n\
         [[access.token]]\nname = \"ci\"\nsha256 = \"{0}\"\nscopes = [\"operate\"]\nrepositories = [\"a/*\"]\n\
         [[access.token]]\nname = \"root\"\nsha256 = \"{0}\"\nscopes = [\"admin\"]\n",
        "0".repeat(64)
    ));
    let [ci, root] = &config.access.tokens[..] else {
        panic!("two tokens");
    };
    let repository = |name: &str| Repository {
        forge: "/srv/git".to_owned(),
        name: name.to_owned(),
    };
    let (shop, other) = (repository("a/b"), repository("c/d"));
    assert!(ci.may(Scope::Operate, Some(&shop)) && ci.may(Scope::Read, Some(&shop)));
    assert!(!ci.may(Scope::Admin, Some(&shop)), "more than it has");
    assert!(!ci.may(Scope::Read, Some(&other)) && !ci.may(Scope::Read, None));
    assert!(root.may(Scope::Admin, None) && root.may(Scope::Use, Some(&other)));
}

proptest! {
    /// Whatever is wrong in a file, it is told, and at a place in the file.
    #[test]
    fn any_text_is_read(cut in 0..2000_usize, put in "[\\]\\[\"=a-z{}\n.#-]{0,12}") {
        let page = read(&folder().join("../../../../docs/reference/serve.md"));
        let sample = page.split("```toml\n").nth(2).unwrap().split("```").next().unwrap();
        let mut at = cut.min(sample.len());
        while !sample.is_char_boundary(at) {
            at -= 1;
        }
        let text = format!("{}{put}{}", &sample[..at], &sample[at..]);
        if let Err(mistakes) = config::parse(&text) {
            prop_assert!(!mistakes.is_empty());
            for mistake in &mistakes {
                prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?}", mistake);
            }
        }
    }
}
