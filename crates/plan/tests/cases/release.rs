//! Plans of Python releases.

use std::path::Path;

use crate::expected::{compare, json, read};
use boatyard_plan::failure::Failure as _;
use boatyard_plan::project::{Base, Package};
use boatyard_plan::release::{Options, parse};

#[test]
fn releases_become_plans() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/release");
    let packages = vec![Package {
        run: Some("libpq5".to_owned()),
        build: Some("libpq-dev".to_owned()),
    }];
    let python = Some("3.13".to_owned());
    let chosen = Options {
        python,
        packages,
        entry_point: Some("http".to_owned()),
        ..Options::default()
    };
    let file = read(&folder.join("roles.toml"));
    let project = boatyard_plan::project::parse(&file).expect("the file has no mistakes");
    let of_file = Options::of(&project).expect("the file has [release]");
    for (name, text, options) in [
        ("httpie", "httpie==3.2.4", &Options::default()),
        ("roles", "Shop[web,api]==1.2", &of_file),
        (
            "wheel",
            "dist/My_Shop-1.2+local.3-py3-none-any.whl[x]",
            &chosen,
        ),
        (
            "address",
            "shop @ https://user:secret@host/shop.tar.gz",
            &Options::default(),
        ),
    ] {
        let plan = parse(text, options).unwrap_or_else(|error| panic!("{text}: {error}"));
        compare(
            &folder.join(name).with_extension("build.json"),
            &json(&plan),
        );
    }
    assert!(
        !read(&folder.join("address.build.json")).contains("install shop @ https://user"),
        "a password in a title"
    );
}

#[test]
fn what_cannot_be_planned_is_explained() {
    let python = |version: &str| Options {
        python: Some(version.to_owned()),
        ..Options::default()
    };
    let bookworm = Options {
        base: Some(Base::default()),
        ..python("3.13")
    };
    let scratch = Options {
        base: Some(Base::Scratch),
        ..Options::default()
    };
    let called = Options {
        name: Some("Shop".to_owned()),
        ..Options::default()
    };
    let has = "debian:bookworm has 3.11, debian:trixie has 3.13; for others choose an image that has it as base";
    for (text, options, message, help) in [
        (
            "a>=1",
            &Options::default(),
            "\"a>=1\" does not name one release: expected ==VERSION, found \">=1\"",
            "name one version: 'NAME==VERSION'",
        ),
        (
            "a==1",
            &python("3.12"),
            "no Debian release that Boatyard knows has Python 3.12",
            has,
        ),
        (
            "a==1",
            &bookworm,
            "Debian bookworm has Python 3.11, not 3.13",
            has,
        ),
        (
            "a==1",
            &called,
            "the image cannot be called Shop:1: a repository has lower-case letters, digits and . _ - between its slashes",
            "choose its name with -t NAME:TAG",
        ),
        (
            "a==1",
            &scratch,
            "a Python release cannot run on base \"scratch\"",
            "leave the base out, or use \"debian:bookworm-slim\"",
        ),
    ] {
        let error = parse(text, options).expect_err(text);
        assert_eq!(
            (error.to_string().as_str(), error.help().as_deref()),
            (message, Some(help))
        );
        assert_eq!(error.fault().exit_code(), 2);
    }
}
