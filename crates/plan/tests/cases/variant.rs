//! Forms of images: configurations and facts of images in, both forms out, file by file; and the forms of whole projects.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use boatyard_plan::build;
use boatyard_plan::image::RunConfig;
use boatyard_plan::project::{self, User};
use boatyard_plan::variant::{
    Derived, Facts, Folder, Forms, Revision, Variant, Wishes, derive, fork,
};
use serde::Deserialize;

use crate::check::mistakes;
use crate::expected::{compare, json, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    config: RunConfig,
    account: Option<(u32, u32)>,
    #[serde(default)]
    passwd: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    has_init: bool,
    #[serde(default)]
    has_ready: bool,
    #[serde(default)]
    written: Vec<Written>,
    #[serde(default)]
    leftovers: Vec<String>,
    user: Option<(u32, u32)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    what: String,
    mode: u32,
    uid: u32,
    gid: u32,
}

#[test]
fn images_become_their_forms() {
    let folder = tests().join("variant");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let case: Case = serde_json::from_str(&read(&path))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (facts, wishes) = (facts(&case), wishes(&case));
        let mut text = String::new();
        for variant in Variant::ALL {
            let derived = derive(variant, &case.config, &facts, &wishes);
            render(&mut text, variant, &derived);
            // What is on top of the image is there the next time.
            let after = Facts {
                account: derived
                    .config
                    .user
                    .split_once(':')
                    .map_or(facts.account, |(uid, gid)| {
                        Some((
                            uid.parse().expect("a number"),
                            gid.parse().expect("a number"),
                        ))
                    }),
                has_init: true,
                leftovers: Vec::new(),
                ..facts.clone()
            };
            let again = derive(variant, &derived.config, &after, &wishes);
            assert_eq!(
                again.config,
                derived.config,
                "{}: the form of a form",
                path.display()
            );
            assert!(
                again.additions.is_empty() && again.changes.is_empty(),
                "{}",
                path.display()
            );
        }
        compare(&path.with_extension("expected"), &text);
    }
}

#[test]
fn projects_become_their_forms() {
    let schema = tests().join("../../../docs/reference/plan.schema.json");
    let schema = serde_json::from_str(&read(&schema)).expect("the schema is JSON");
    for (name, revision) in [
        ("guestbook", Some("1a2b3c4")),
        ("shapes", None),
        ("root", None),
    ] {
        let text = read(&tests().join("project/good").join(format!("{name}.toml")));
        let project = project::parse(&text).expect("a good project");
        let services: BTreeSet<String> = project
            .services
            .iter()
            .map(|service| service.name.clone())
            .collect();
        let revision = revision.map(|tag| Revision {
            tag: tag.to_owned(),
            commit: Some(format!("{tag}5d6e")),
            ..Revision::default()
        });
        let forms = Forms {
            variants: &Variant::ALL,
            ready: &services,
            services: &services,
            revision: revision.as_ref(),
            wishes: &Wishes::default(),
        };
        let forked = fork(&build::plan(&project), &forms);
        let path = tests().join("variant").join(format!("{name}.project"));
        compare(&path.with_extension("plan.txt"), &build::render(&forked));
        let value = serde_json::to_value(&forked).expect("a plan is JSON");
        let found = mistakes(&schema, &schema, &value, name);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn facts(case: &Case) -> Facts {
    let known = ["the working folder", "a volume", "the home"];
    let folder = |written: &Written| Folder {
        path: written.path.clone(),
        what: known
            .into_iter()
            .find(|what| *what == written.what)
            .expect("what a folder is for"),
        mode: written.mode,
        uid: written.uid,
        gid: written.gid,
    };
    Facts {
        account: case.account,
        passwd: case.passwd.clone(),
        group: case.group.clone(),
        has_init: case.has_init,
        has_ready: case.has_ready,
        written: case.written.iter().map(folder).collect(),
        leftovers: case.leftovers.clone(),
    }
}

fn wishes(case: &Case) -> Wishes {
    let user = case.user.map(|(uid, gid)| User {
        uid,
        gid,
        ..User::default()
    });
    Wishes {
        always: user.is_some(),
        user: user.unwrap_or_default(),
    }
}

fn render(text: &mut String, variant: Variant, derived: &Derived) {
    let _ = writeln!(text, "# {}", variant.name());
    for change in &derived.changes {
        let _ = writeln!(text, "{}\n    {}", change.what, change.why);
    }
    for addition in &derived.additions {
        let action = serde_json::to_string(&addition.action).expect("plain data");
        let _ = writeln!(
            text,
            "on top: {}\n    {}\n    {action}",
            addition.title, addition.why
        );
    }
    for remark in &derived.remarks {
        let _ = writeln!(text, "note: {}\n    {}", remark.message, remark.help);
    }
    text.push_str(&json(&derived.config));
}
