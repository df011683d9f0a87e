//! Bills of materials of real images, judged by what the formats' makers publish.

mod dockerfile;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use dockerfile::Context;
use serde_json::Value;
use support::{alone, boatyard, fail, kept_home, not_run, output, root, succeed};

const DOCKERFILE: &str = "FROM scratch
COPY base /
COPY app /
LABEL word=WORD
";

/// What is in the image: a base whose status the application's layer replaces, and environments of Python.
const FILES: [(&str, &str); 8] = [
    ("base/usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
    (
        "base/var/lib/dpkg/status",
        "Package: hidden\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
    ),
    (
        "base/var/lib/dpkg/status.d/base-files",
        "Package: base-files\nVersion: 12.4+deb12u12\nArchitecture: amd64\n",
    ),
    (
        "base/var/lib/dpkg/status.d/base-files.md5sums",
        "0123  etc/os-release\n",
    ),
    (
        "app/var/lib/dpkg/status",
        "Package: libstdc++6\nStatus: install ok installed\nSource: gcc-12\n\
         Version: 12.2.0-14+deb12u1\nArchitecture: amd64\n",
    ),
    (
        "app/opt/venv/lib/python3.11/site-packages/Shop_Kit-1.2.dist-info/METADATA",
        "Name: Shop_Kit\nVersion: 1.2\nLicense: Very free\n of charge\n\nA description\n",
    ),
    (
        "app/opt/venv/lib/python3.11/site-packages/Shop_Kit-1.2.dist-info/direct_url.json",
        r#"{"url": "https://me:hunter2@example.com/shop.git",
            "vcs_info": {"vcs": "git", "commit_id": "0123456789abcdef0123456789abcdef01234567"}}"#,
    ),
    (
        "app/usr/lib/python3/dist-packages/half-0.dist-info/METADATA",
        "Name: half\n",
    ),
];

fn bill(context: &Context, words: &[&str]) -> String {
    let mut command = boatyard(&kept_home(), context.folder.path());
    succeed(command.args(["image", "sbom", &context.tag()]).args(words))
}

#[test]
fn what_is_in_an_image() {
    let _alone = alone();
    let context = Context::new(DOCKERFILE, &FILES);
    context.build(&[]);
    let cyclonedx = bill(&context, &["--format", "cyclonedx"]);
    let document: Value = serde_json::from_str(&cyclonedx).unwrap();
    let components = document["components"].as_array().unwrap();
    let purls: Vec<&str> = components
        .iter()
        .filter_map(|one| one["purl"].as_str())
        .collect();
    assert_eq!(
        purls,
        [
            "pkg:deb/debian/base-files@12.4%2Bdeb12u12?arch=amd64&distro=debian-12",
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12",
            "pkg:pypi/shop-kit@1.2?vcs_url=git%2Bhttps://example.com/shop.git%400123456789abcdef0123456789abcdef01234567",
        ]
    );
    assert!(!cyclonedx.contains("hunter2"));
    // The same image gives the same bytes, on standard output and in a file; another moment only if it is asked for.
    assert_eq!(bill(&context, &["--format", "cyclonedx"]), cyclonedx);
    let path = context.path("spdx.json");
    assert_eq!(bill(&context, &["-o", path.to_str().unwrap()]), "");
    let spdx = std::fs::read_to_string(&path).unwrap();
    assert_eq!(bill(&context, &[]), spdx);
    let mut later = boatyard(&kept_home(), context.folder.path());
    later.args(["image", "sbom", &context.tag()]);
    let later = succeed(later.env("SOURCE_DATE_EPOCH", "1760000000"));
    let later: Value = serde_json::from_str(&later).unwrap();
    assert_eq!(later["creationInfo"]["created"], "2025-10-09T08:53:20Z");

    // What could not be read is said.
    let mut command = boatyard(&kept_home(), context.folder.path());
    let said = output(command.args(["image", "sbom", &context.tag()]));
    let said = support::text(&said.stderr);
    assert!(said.contains("half-0.dist-info/METADATA"), "{said}");

    context.write("cyclonedx.json", &cyclonedx);
    judge(&context, &["cyclonedx.json", "spdx.json"]);
}

/// Asks the published schemas and validators, which must refuse a document with a fault, too.
fn judge(context: &Context, names: &[&str]) {
    let python = match validators() {
        Ok(python) => python,
        Err(why) => return not_run(&format!("validity against the schemas: {why}")),
    };
    let script = root().join("crates/cli/tests/sbom/validate.py");
    let asked = |name: &str| {
        let mut command = Command::new(&python);
        output(command.arg(&script).arg(context.path(name)))
    };
    for name in names {
        assert!(asked(name).status.success(), "{name} is not valid");
        let text = std::fs::read_to_string(context.path(name)).unwrap();
        let mut broken: Value = serde_json::from_str(&text).unwrap();
        for (place, value) in [
            ("/components/0/type", "nothing"),
            ("/packages/1/downloadLocation", "no where"),
        ] {
            if let Some(found) = broken.pointer_mut(place) {
                *found = value.into();
            }
        }
        assert_ne!(
            broken.to_string(),
            serde_json::from_str::<Value>(&text).unwrap().to_string()
        );
        context.write("broken.json", &broken.to_string());
        assert!(!asked("broken.json").status.success(), "{name}, broken");
    }
}

/// A Python that has the validators, kept between runs; why not, if the index or Python cannot be had.
fn validators() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sbom-validators");
    let python = folder.join("bin/python");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(support::text(&output.stderr)),
        Err(error) => Err(error.to_string()),
    };
    if run(Command::new(&python).args(["-c", "import cyclonedx, jsonschema, spdx_tools"])).is_ok() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args([
            "cyclonedx-python-lib[json-validation]==11.12.0",
            "spdx-tools==0.8.5",
        ]))?;
    Ok(python)
}

#[test]
fn images_that_are_not_there_and_folders_that_are_not_there() {
    let _alone = alone();
    let context = Context::new("FROM scratch\nCOPY a /\nLABEL word=WORD\n", &[("a", "a")]);
    let mut command = boatyard(&kept_home(), context.folder.path());
    let said = fail(command.args(["image", "sbom", "nobody/has:this"]), 2);
    assert!(said.contains("there is no image nobody/has:this"), "{said}");
    context.build(&[]);
    let mut command = boatyard(&kept_home(), context.folder.path());
    command.args(["image", "sbom", &context.tag(), "-o", "missing/bill.json"]);
    let said = fail(&mut command, 3);
    assert!(said.contains("missing/bill.json"), "{said}");
    // An image without packages has a bill without packages.
    let empty: Value = serde_json::from_str(&bill(&context, &[])).unwrap();
    assert_eq!(empty["packages"].as_array().map(Vec::len), Some(1));
}
