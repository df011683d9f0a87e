//! `check(render(project))` is empty: for the examples, and for projects that are drawn.

use std::collections::BTreeSet;

use boatyard_harden::check::check;
use boatyard_harden::render::File;
use boatyard_harden::render::k8s::{Form, Options, Platform, render};
use boatyard_harden::settings::Settings;
use boatyard_harden::workspace::{Source, Workspace};
use proptest::prelude::*;

use super::chart;
use super::draw::Draw;
use super::expected::{EXAMPLES, FULL, options, parsed};

/// All ways in which a project is rendered.
fn ways() -> Vec<Options> {
    let mut ways = Vec::new();
    for form in [Form::Plain, Form::Kustomize, Form::Helm] {
        for platform in [Platform::Kubernetes, Platform::Openshift] {
            for (host, gateway) in [
                (None, None),
                (Some("a.example.com"), None),
                (Some("a.example.com"), Some("infra/edge")),
            ] {
                ways.push(Options {
                    form,
                    platform,
                    host: host.map(str::to_owned),
                    gateway: gateway.map(str::to_owned),
                    ..options()
                });
            }
        }
    }
    ways
}

#[test]
fn something_is_found_where_something_is_wrong() {
    let rendered = render(&parsed(EXAMPLES[0].1), &options());
    for (right, wrong, rule) in [
        (
            "readOnlyRootFilesystem: true",
            "readOnlyRootFilesystem: false",
            "M07",
        ),
        ("maxUnavailable: 1", "maxUnavailable: 0", "M13"),
        ("type: Recreate", "type: RollingUpdate", ""),
    ] {
        let files = rendered.files.iter().map(|file| File {
            path: file.path.clone(),
            text: file.text.replace(right, wrong),
        });
        let files: Vec<File> = files.collect();
        assert_ne!(files, rendered.files, "{right} is nowhere");
        let found = findings(&files);
        // Whether a role is beat stands in the project only.
        assert_eq!(found.is_empty(), rule.is_empty(), "{wrong}: {found:?}");
        assert!(found.iter().all(|one| one.contains(rule)), "{found:?}");
    }
}

/// Fails if something is found in what `text` is rendered to, or if it cannot be read.
fn nothing_found(text: &str, options: &Options) {
    let project = parsed(text);
    let rendered = render(&project, options);
    let mut files = vec![File {
        path: "boatyard.toml".to_owned(),
        text: text.to_owned(),
    }];
    let paths: BTreeSet<&String> = rendered.files.iter().map(|file| &file.path).collect();
    assert_eq!(paths.len(), rendered.files.len(), "a path twice: {paths:?}");
    files.extend(match options.form {
        // A chart is read as what comes out of it.
        Form::Helm => chart::evaluated(&rendered.files),
        Form::Plain | Form::Kustomize => rendered.files,
    });
    let mut told = findings(&files);
    // Drawn projects have secrets, so that it is seen that nothing is rendered that has them.
    told.retain(|one| !one.starts_with("boatyard.toml P05: "));
    assert!(told.is_empty(), "{told:#?}\n{options:?}\n{text}");
}

/// What is found in these files, one line each.
fn findings(files: &[File]) -> Vec<String> {
    let sources = files.iter().map(|file| Source {
        path: file.path.clone(),
        text: file.text.clone(),
        executable: None,
        not_text: None,
        named: false,
    });
    let workspace = Workspace::read(sources.collect(), BTreeSet::new(), Settings::default());
    check(&workspace)
        .iter()
        .map(|finding| format!("{} {}: {}", finding.file, finding.rule.id, finding.message))
        .collect()
}

#[test]
fn nothing_is_found_in_the_examples() {
    for (_, text) in EXAMPLES.iter().chain([&("full", FULL)]) {
        for options in ways() {
            nothing_found(text, &options);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_found_in_drawn_projects(choices in prop::collection::vec(any::<u16>(), 64)) {
        let mut draw = Draw::new(&choices);
        let ways = ways();
        let options = &ways[draw.below(ways.len())];
        let text = draw.project();
        nothing_found(&text, options);
    }
}
