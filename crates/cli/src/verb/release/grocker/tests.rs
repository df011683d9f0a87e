//! Files of grocker, and what they are for us.

use boatyard_plan::project::Base;

use super::parse;

const WHOLE: &str = "\
# as grocker's documentation has it
runtime: bookworm/3.11
pip_constraint: constraints.txt
volumes: ['/data', '/cache/']
ports: [8080, 53/udp]
envs:
  SOME: value of it
  OTHER: 45
repositories:
  nginx:
    uri: deb http://nginx.org/packages/debian/ bookworm nginx
    key: |
      -----BEGIN PGP PUBLIC KEY BLOCK-----

      mQENBE5
      -----END PGP PUBLIC KEY BLOCK-----
dependencies:
  run: [libpq5]
  build:
    - libpq-dev
    - gcc
docker_image_prefix: host.example/team
image_base_name:
entrypoint_name: serve
manifest: True
";

#[test]
fn the_whole_file() {
    let options = parse(WHOLE).expect("all of it is known");
    assert_eq!(options.python.as_deref(), Some("3.11"));
    assert_eq!(
        options.base,
        Some(Base::Debian {
            suite: "bookworm".to_owned(),
            slim: true,
            mirror: None
        })
    );
    assert_eq!(options.constraints, ["constraints.txt"]);
    assert_eq!(options.volumes, ["/data", "/cache"]);
    assert_eq!(options.ports, ["8080/tcp", "53/udp"]);
    let env: Vec<_> = options
        .env
        .iter()
        .map(|(a, b)| format!("{a}={b}"))
        .collect();
    assert_eq!(env, ["OTHER=45", "SOME=value of it"]);
    let repository = &options.repositories[0];
    assert_eq!(repository.url, "http://nginx.org/packages/debian");
    assert_eq!(
        (repository.suite.as_str(), &repository.components[..]),
        ("bookworm", &["nginx".to_owned()][..])
    );
    assert!(repository.key.ends_with("BLOCK-----\n"));
    let packages: Vec<_> = options
        .packages
        .iter()
        .map(|package| (package.run.as_deref(), package.build.as_deref()))
        .collect();
    assert_eq!(
        packages,
        [
            (Some("libpq5"), None),
            (None, Some("libpq-dev")),
            (None, Some("gcc"))
        ]
    );
    assert_eq!(options.prefix.as_deref(), Some("host.example/team"));
    assert_eq!(
        (options.name, options.entry_point.as_deref()),
        (None, Some("serve"))
    );
}

#[test]
fn other_forms() {
    assert_eq!(parse(""), Ok(boatyard_plan::release::Options::default()));
    let options = parse("runtime: bookworm/3.12\n").expect("known");
    let Some(Base::Registry { reference }) = options.base else {
        panic!("Docker's image: Debian has no such Python");
    };
    assert!(reference.to_string().ends_with("python:3.12-slim-bookworm"));
    let options = parse("dependencies:\n- a\n- b: c\n- d: [e, f]\n").expect("known");
    let packages = options.packages.iter();
    let words: Vec<_> = packages
        .map(|one| one.run.clone().or(one.build.clone()).unwrap_or_default())
        .collect();
    assert_eq!(words, ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn mistakes_have_their_place() {
    for (text, place, expected) in [
        ("a: 1\nruntme: x\n", (1, 1), "unknown key \"a\""),
        ("runtime: alpine/3\n", (1, 10), "no base for the runtime"),
        ("runtime: alpine/3.12\n", (1, 10), "no release of Debian"),
        ("runtime: /3.11\n", (1, 10), "no release of Debian"),
        (
            "runtime: bookworm/3.1111\n",
            (1, 10),
            "no base for the runtime",
        ),
        ("runtimes:\n  a: {}\n", (1, 1), "runtimes of one's own"),
        ("ports:\n- 8080\n- http\n", (3, 3), "expected a port"),
        ("ports: 8080\n", (1, 8), "expected a list"),
        ("volumes: [data]\n", (1, 11), "expected an absolute path"),
        ("env: {1A: b}\n", (1, 7), "letters, digits"),
        ("dependencies: {test: [a]}\n", (1, 16), "unknown kind"),
        (
            "repositories: {a: {uri: deb http://x y z}}\n",
            (1, 16),
            "without uri or key",
        ),
        (
            "repositories: {a: {uri: ppa, key: b}}\n",
            (1, 25),
            "not the line",
        ),
        ("- a\n", (1, 1), "expected keys and values"),
    ] {
        let mistakes = parse(text).expect_err(text);
        let first = &mistakes[0];
        assert_eq!(first.position(text), place, "{text}");
        assert!(
            first.message.contains(expected),
            "{text}: {}",
            first.message
        );
    }
    assert_eq!(parse("a: 1\nruntme: x\n").expect_err("two").len(), 2);
}
