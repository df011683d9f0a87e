//! What is said beside images, as people ask for it.

#[path = "../../store/tests/distribution/mod.rs"]
mod distribution;
mod support;

use std::path::Path;
use std::process::Command;

use distribution::Registry;
use serde_json::{Value, json};
use support::{alone, boatyard, fail, new_home, not_run, project, succeed};

const SLSA: &str = "https://slsa.dev/provenance/v1";
const SPDX: &str = "https://spdx.dev/Document";

const DOCKERFILE: &str = "FROM scratch AS below\nCOPY os-release /etc/os-release\nCOPY status /var/lib/dpkg/status\n\
    FROM below\nARG VERSION\nARG API_TOKEN\nCOPY app /app\n";

/// A context with a package database, dated.
fn context(dockerfile: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("Dockerfile", dockerfile),
        ("app", "the application"),
        (
            "os-release",
            "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
        ),
        (
            "status",
            "Package: tzdata\nStatus: install ok installed\nArchitecture: all\nVersion: 2025b-0+deb12u1\n\n",
        ),
    ];
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn command(home: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = boatyard(home, folder);
    command.args(words).env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

/// The blob of a layout.
fn blob(layout: &Path, digest: &Value) -> Value {
    let hex = digest.as_str().unwrap().strip_prefix("sha256:").unwrap();
    let bytes = std::fs::read(layout.join("blobs/sha256").join(hex)).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The statements beside the only image of a layout, by what they say; everything around them is checked.
fn statements(layout: &Path) -> (Value, Vec<Value>) {
    let top: Value =
        serde_json::from_slice(&std::fs::read(layout.join("index.json")).unwrap()).unwrap();
    let index = blob(layout, &top["manifests"][0]["digest"]);
    let entries = index["manifests"].as_array().unwrap();
    let [image, said] = &entries[..] else {
        panic!("{index:#}")
    };
    assert_eq!(image["platform"]["os"], "linux");
    let unknown = json!({ "architecture": "unknown", "os": "unknown" });
    assert_eq!(said["platform"], unknown);
    let expected = json!({
        "vnd.docker.reference.digest": image["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    });
    assert_eq!(said["annotations"], expected);
    let manifest = blob(layout, &said["digest"]);
    assert_eq!(manifest["subject"]["digest"], image["digest"]);
    let config = blob(layout, &manifest["config"]["digest"]);
    let layers = manifest["layers"].as_array().unwrap();
    let digests: Vec<&Value> = layers.iter().map(|layer| &layer["digest"]).collect();
    assert_eq!(config["rootfs"]["diff_ids"], json!(digests));
    let hex = image["digest"].as_str().unwrap().replace("sha256:", "");
    let statements = layers.iter().map(|layer| {
        assert_eq!(layer["mediaType"], "application/vnd.in-toto+json");
        let statement = blob(layout, &layer["digest"]);
        let kind = &layer["annotations"]["in-toto.io/predicate-type"];
        assert_eq!(statement["predicateType"], *kind);
        assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
        assert_eq!(statement["subject"][0]["digest"]["sha256"], hex);
        statement
    });
    let statements = statements.collect();
    (index, statements)
}

#[test]
fn what_is_said_goes_with_the_image_and_is_the_same_each_time() {
    let _alone = alone();
    let folder = context(DOCKERFILE);
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "gold").unwrap();
    let words = [
        "build",
        "-t",
        "team/said:1",
        "--sbom",
        "--attest=type=provenance,mode=max",
        "--build-arg=VERSION=1.2",
        "--build-arg=API_TOKEN=tell-nobody",
        "--build-arg=HTTPS_PROXY=http://me:pw@127.0.0.1:1",
        "--secret=id=key,src=secret",
        "--annotation=manifest:a=b",
        "--annotation=index:c=d",
        ".",
    ];
    let digest = |home: &Path| {
        succeed(&mut command(home, folder.path(), &words));
        let said = succeed(&mut command(
            home,
            folder.path(),
            &["image", "inspect", "--json", "team/said:1"],
        ));
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let (home, other) = (new_home(), new_home());
    let inspected = digest(home.path());
    assert_eq!(inspected["digest"], digest(other.path())["digest"]);
    assert_eq!(inspected["attestations"], json!([SLSA, SPDX]));
    assert_eq!(inspected["manifest"]["annotations"], json!({ "a": "b" }));
    let image = |words: &[&str]| {
        let mut all = vec!["image"];
        all.extend(words);
        command(home.path(), folder.path(), &all)
    };
    // What nothing names is removed; a statement is named.
    succeed(&mut image(&["prune"]));
    assert_eq!(succeed(&mut image(&["fsck"])), "the store is whole\n");
    let shown = succeed(&mut image(&["attest", "team/said:1"]));
    assert!(
        shown.contains("tzdata") && shown.contains("context"),
        "{shown}"
    );

    let saved = folder.path().join("saved");
    let to = saved.to_str().unwrap();
    succeed(&mut image(&[
        "save",
        "team/said:1",
        "-o",
        to,
        "--format",
        "oci",
    ]));
    let (index, said) = statements(&saved);
    travels(home.path(), folder.path(), &index);
    assert_eq!(index["annotations"], json!({ "c": "d" }));
    let [made, contains] = &said[..] else {
        panic!("{said:#?}")
    };
    assert_eq!(made["predicateType"], SLSA);
    let definition = &made["predicate"]["buildDefinition"];
    let asked = &definition["externalParameters"];
    assert_eq!(asked["arguments"], json!({ "VERSION": "1.2" }));
    assert_eq!(asked["withheld"], json!(["API_TOKEN"]));
    assert_eq!(asked["secrets"], json!(["key"]));
    assert_eq!(asked["configSource"]["path"], "Dockerfile");
    let everything = made.to_string();
    for hidden in ["tell-nobody", "gold", "pw@"] {
        assert!(!everything.contains(hidden), "{everything}");
    }
    assert_eq!(contains["predicateType"], SPDX);
    let purl = &contains["predicate"]["packages"][1]["externalRefs"][0]["referenceLocator"];
    assert!(purl.as_str().unwrap().starts_with("pkg:deb/debian/tzdata@"));

    // Less is said if less is asked for.
    let words = ["build", "-t", "team/said:1", "--provenance", "."];
    succeed(&mut command(home.path(), folder.path(), &words));
    let said = succeed(&mut image(&[
        "attest",
        "team/said:1",
        "--type",
        "provenance",
    ]));
    let predicate: Value = serde_json::from_str(&said).unwrap();
    let asked = &predicate["buildDefinition"]["externalParameters"];
    assert!(asked.get("dockerfile").is_none(), "{asked}");
    fail(&mut image(&["attest", "team/said:1", "--type", "sbom"]), 2);
    for word in [
        "--attest=type=magic",
        "--provenance=mode=all",
        "--annotation=a",
    ] {
        let words = ["build", word, "."];
        fail(&mut command(home.path(), folder.path(), &words), 2);
    }
}

/// The same through Debian's docker-registry, read back with skopeo.
fn travels(home: &Path, folder: &Path, index: &Value) {
    if Command::new("skopeo").arg("--version").output().is_err() {
        return not_run("skopeo is not installed");
    }
    let Some(registry) = Registry::start("statements in a registry", false) else {
        return;
    };
    let name = registry.name("team/said:1").to_string();
    let tagged = ["image", "tag", "team/said:1", &name];
    succeed(&mut command(home, folder, &tagged));
    succeed(&mut command(home, folder, &["image", "push", &name]));
    let back = folder.join("back");
    succeed(
        Command::new("skopeo")
            .args(["copy", "--all", "--quiet", "--src-tls-verify=false"])
            .arg(format!("docker://{name}"))
            .arg(format!("oci:{}:1", back.display())),
    );
    let (copied, said) = statements(&back);
    assert_eq!((&copied, said.len()), (index, 2));
    let tags = ["image", "tags", &registry.name("team/said").to_string()].map(str::to_owned);
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let image = index["manifests"][0]["digest"].as_str().unwrap();
    // Debian's registry keeps no list of what refers to an image: the tag has it.
    let list = image.replace(':', "-");
    let listed = succeed(&mut command(home, folder, &tags));
    assert_eq!(listed, format!("1\n{list}\n"));
    comes_back(folder, &registry, image);
    let missing = registry.name("team/nothing").to_string();
    let said = fail(&mut command(home, folder, &["image", "tags", &missing]), 2);
    assert!(said.contains("team/nothing"), "{said}");
}

/// Elsewhere what was said comes along: with the name, with the image's digest alone, and in an archive.
fn comes_back(folder: &Path, registry: &Registry, image: &str) {
    let said = |home: &Path, name: &str| -> Vec<Value> {
        let words = ["image", "attest", name, "--json"];
        let text = succeed(&mut command(home, folder, &words));
        let said: Vec<Value> = serde_json::from_str(&text).unwrap();
        said.iter()
            .map(|one| one["predicateType"].clone())
            .collect()
    };
    let tagged = registry.name("team/said:1").to_string();
    let exact = format!("{}@{image}", registry.name("team/said"));
    for name in [tagged, exact] {
        let home = new_home();
        let home = home.path();
        succeed(&mut command(home, folder, &["image", "pull", &name]));
        assert_eq!(said(home, &name), [SLSA, SPDX], "{name}");
        succeed(&mut command(
            home,
            folder,
            &["image", "tag", &name, "team/copy:1"],
        ));
        let archive = folder.join("said.tar");
        let path = archive.to_str().unwrap();
        succeed(&mut command(
            home,
            folder,
            &[
                "image",
                "save",
                "team/copy:1",
                "-o",
                path,
                "--format",
                "oci-archive",
            ],
        ));
        let other = new_home();
        succeed(&mut command(other.path(), folder, &["image", "load", path]));
        assert_eq!(said(other.path(), "team/copy:1"), [SLSA, SPDX]);
        succeed(&mut command(other.path(), folder, &["image", "fsck"]));
        let again = registry.name("team/again:1").to_string();
        succeed(&mut command(
            other.path(),
            folder,
            &["image", "push", "team/copy:1", &again],
        ));
    }
}

#[test]
fn a_project_says_it_too() {
    let _alone = alone();
    let home = new_home();
    let folder = project(
        "[project]\nname = \"said\"\n\n[image]\nbase = \"scratch\"\n\n[service.app]\ncopy = [\"a.txt\"]\n\
         roles = [\"web\"]\n\n[role.web]\ncommand = \"/a\"\n",
        &[("a.txt", "a")],
    );
    let words = ["build", "--sbom", "--provenance=mode=max"];
    succeed(&mut command(home.path(), folder.path(), &words));
    let words = ["image", "attest", "said/app", "--json"];
    let said = succeed(&mut command(home.path(), folder.path(), &words));
    let said: Vec<Value> = serde_json::from_str(&said).unwrap();
    let asked = &said[0]["predicate"]["buildDefinition"]["externalParameters"];
    assert_eq!(asked["project"], "said");
    assert_eq!(asked["services"], json!(["app"]));
    assert_eq!(said[1]["predicateType"], SPDX);
}
