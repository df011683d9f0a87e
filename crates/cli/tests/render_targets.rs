//! `boatyard render compose` and `render quadlet`.

mod boatyard;

use boatyard::Boatyard;

const FILE: &str = "[project]\nname = \"shop\"\n[role.web]\ncommand = \"serve\"\nport = 8080\n[schedule.tidy]\ncron = \"@daily\"\ncommand = \"tidy\"\n[backing.postgres]\n";

#[test]
fn files_are_printed_and_written() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", FILE);
    let printed = boatyard.run(["render", "compose", "--tag", "v1"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    for part in ["image: shop/shop:v1\n", "\n  cron:\n", "\n  postgres:\n"] {
        assert!(printed.out.contains(part), "{part}: {}", printed.out);
    }
    assert!(printed.err.contains("boatyard build"), "{}", printed.err);
    let written = boatyard.run(["render", "compose", "--tag", "v1", "-o", "out"]);
    let path = boatyard.project().join("out/compose.yaml");
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        printed.out,
        "{}",
        written.err
    );

    let named = boatyard.run(["render", "quadlet", "--tag", "v1"]);
    assert!(named.out.starts_with("# shop.network\n"), "{}", named.out);
    let written = boatyard.run(["render", "quadlet", "--tag", "v1", "-o", "units"]);
    let lines: Vec<&str> = written.out.lines().collect();
    let expected = [
        "shop.network",
        "shop-postgres.volume",
        "shop-postgres.container",
        "shop-web.container",
        "shop-tidy.timer",
        "shop-tidy.container",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, name) in lines.iter().zip(expected) {
        assert!(line.ends_with(name), "{line}");
    }
    let found = boatyard.run(["check", "out", "units"]);
    assert_eq!(found.code, 0, "{}", found.out);
}

/// Where distributions have Podman's generator of units.
const GENERATORS: [&str; 3] = [
    "/usr/libexec/podman/quadlet",
    "/usr/lib/podman/quadlet",
    "/usr/lib/systemd/system-generators/podman-system-generator",
];

/// Podman makes a service of each unit: 5.0 and later, for which they are written.
#[test]
fn quadlet_reads_the_units() {
    let Some(generator) = GENERATORS
        .iter()
        .find(|path| std::path::Path::new(path).exists())
    else {
        println!("not run: there is no Quadlet here, which comes with Podman 5");
        return;
    };
    let said = |command: &mut std::process::Command| {
        let output = command.output().expect("the generator starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let (_, version, _) = said(std::process::Command::new(generator).arg("-version"));
    let major = version
        .trim()
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 5) {
        println!(
            "not run: the units are for Podman 5, and Quadlet here is of {}",
            version.trim()
        );
        return;
    }
    let boatyard = Boatyard::new();
    boatyard.file(
        "boatyard.toml",
        &format!(
            "{FILE}[job.shell]\ncommand = \"sh\"\n[role.worker]\ncommand = \"work\"\nwritable = [\"/app/cache\"]\nenv = {{ NOTE = \"a $B 100%\", API_TOKEN = \"x\" }}\n\
             [deploy.volume.media]\npath = \"/app/media\"\nof = [\"worker\"]\nsize = \"1Gi\"\n"
        ),
    );
    let rendered = boatyard.run(["render", "quadlet", "--tag", "v1", "-o", "units"]);
    assert_eq!(rendered.code, 0, "{}", rendered.err);
    let units = boatyard.project().join("units");
    let (success, out, err) = said(
        std::process::Command::new(generator)
            .arg("-dryrun")
            .env("QUADLET_UNIT_DIRS", &units),
    );
    assert!(success, "{err}");
    for service in ["web", "worker", "tidy", "shell", "postgres"] {
        let name = format!("---shop-{service}.service---");
        assert!(out.contains(&name), "{name}: {out}{err}");
    }
    for part in [
        "--tmpfs /app/cache",
        "shop-kept-media:/app/media:U",
        "a $$B 100%%",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn kubefiles_are_put_together_and_their_contract_is_told() {
    let boatyard = Boatyard::new();
    let shop = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../cluster/tests/kubefiles/shop/files"
    );
    let words = [
        "render",
        "kubefiles",
        shop,
        "--name",
        "b7",
        "--image",
        "r.example.com:5000/shop:1",
        "--var",
        "storageClassName=fast",
    ];
    let said = boatyard.run(words);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    for part in [
        "storageClassName: fast",
        "image: r.example.com:5000/shop:1",
        "host: b7.preview.localhost",
    ] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    let said = boatyard.run(words.iter().chain(&["--mode", "stop", "-o", "out"]));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("out/deployment-b7-worker.yaml\n"));
    let said = boatyard.run(words.iter().chain(&["--mode", "begin"]));
    assert_eq!(said.code, 2, "{}", said.err);

    boatyard.file("kube/kustomization.yaml", "resources: [a.yaml]");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    boatyard.file("kube/a.yaml", map);
    let said = boatyard.run(["render", "kubefiles", "kube"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        "expects ConfigMap/a: the label runboat/build: build",
        "expects one Deployment",
    ] {
        assert!(said.err.contains(part), "no {part:?} in {}", said.err);
    }
    boatyard.file("kube/kustomization.yaml", "components: [a]");
    let said = boatyard.run(["render", "kubefiles", "kube"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("components"), "{}", said.err);
}
