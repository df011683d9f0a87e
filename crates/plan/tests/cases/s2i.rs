//! S2I repositories become plans and Dockerfiles.

use std::path::Path;

use crate::expected::{compare, json};
use boatyard_plan::dockerfile::parse;
use boatyard_plan::project::Package;
use boatyard_plan::s2i::{Options, Source, base, recipe};

#[test]
fn repositories_become_dockerfiles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s2i");
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let simple = Source {
        files: names(&["wsgi.py", "requirements.txt"]),
        requirements: Some("gunicorn\n".to_owned()),
        environment: vec![
            ("PORT".to_owned(), "8085".to_owned()),
            ("SAID".to_owned(), "a \"b\" $c".to_owned()),
        ],
        ..Source::default()
    };
    let own = Source {
        files: names(&["app.sh", "setup.py"]),
        scripts: names(&["assemble"]),
        hooks: names(&["build", "pre_build"]),
        ..Source::default()
    };
    let chosen = Options {
        python: Some("3.13".to_owned()),
        packages: vec![Package {
            run: Some("libpq5".to_owned()),
            build: Some("libpq-dev".to_owned()),
        }],
        ports: vec!["9000/tcp".to_owned()],
        volumes: vec!["/data".to_owned()],
        pip_conf: true,
        ..Options::default()
    };
    for (name, source, options) in [
        ("plain", &simple, &Options::default()),
        ("own", &own, &chosen),
    ] {
        let plan = base(options).expect("a base that has this Python");
        let text = recipe(source, options, &plan);
        assert!(parse(&text).is_ok(), "{text}");
        compare(&folder.join(name).with_extension("Dockerfile"), &text);
        compare(
            &folder.join(name).with_extension("build.json"),
            &json(&plan),
        );
    }
}
