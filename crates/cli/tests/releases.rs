//! Images of Python releases: from a wheel with all that can be said, and from the Python index with a file.

mod index;
mod support;

use std::path::Path;

use index::{index, wheel};
use serde_json::Value;
use support::{alone, boatyard, fail, kept_home, output, project, succeed, text};

fn inspect(here: &Path, image: &str) -> Value {
    serde_json::from_str(&succeed(
        boatyard(&kept_home(), here).args(["image", "inspect", "--json", image]),
    ))
    .unwrap()
}

fn write(here: &Path, path: &str, bytes: &[u8]) {
    let path = here.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// A wheel that needs a helper in two versions, which a folder has, and another that only a private index has.
fn shop(here: &Path) {
    let module = "import helper, hidden, os\n\
                  def main():\n  print('helper', helper.V, hidden.V, os.environ['A'], os.getuid())\n  open('/data/x', 'w')\n";
    let programs = "[console_scripts]\nshop = my_shop:main\nother = my_shop:main\n";
    let needs =
        "Provides-Extra: web\nRequires-Dist: helper\nRequires-Dist: hidden; extra == 'web'\n";
    let files = [("my_shop.py", module), ("INFO/entry_points.txt", programs)];
    let shop = wheel("my_shop", "1.2+local", needs, &files);
    write(here, "dist/my_shop-1.2+local-py3-none-any.whl", &shop);
    for version in ["1.0", "2.0"] {
        let module = format!("V = '{version}'\n");
        let helper = wheel("helper", version, "", &[("helper.py", &module)]);
        write(
            here,
            &format!("links/helper-{version}-py3-none-any.whl"),
            &helper,
        );
    }
    write(here, "constraints.txt", b"helper<2\n");
    let hidden = wheel("hidden", "3", "", &[("hidden.py", "V = 'hidden'\n")]);
    let port = index("hidden", "hidden-3-py3-none-any.whl", hidden);
    let conf = format!("[global]\nindex-url = http://user:s3cret@127.0.0.1:{port}/simple\n");
    write(here, "pip.conf", conf.as_bytes());
}

#[test]
fn a_wheel_with_all_that_can_be_said() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    shop(here);
    let mut command = boatyard(&kept_home(), here);
    let words = "build dist/my_shop-1.2+local-py3-none-any.whl[web] --progress plain --python 3.11 \
                 --find-links links --constraint constraints.txt --pip-conf pip.conf --entrypoint shop --env A=said \
                 --port 9000 --volume /data --image-prefix host.example/team --label a=b --result-file out.json \
                 --annotation team=shop --annotation index:kind=release";
    command.args(words.split_whitespace());
    let built = output(&mut command);
    let said = text(&built.stdout) + &text(&built.stderr);
    assert!(built.status.success(), "{said}");

    let image = "host.example/team/my-shop-web:1.2-local";
    let found = inspect(here, image);
    let config = &found["config"]["config"];
    assert_eq!(config["Cmd"], serde_json::json!(["shop"]));
    assert_eq!(config["ExposedPorts"], serde_json::json!({"9000/tcp": {}}));
    assert_eq!(config["Volumes"], serde_json::json!({"/data": {}}));
    assert_eq!(config["Labels"]["a"], "b");
    // An annotation of an index makes one.
    assert_eq!(found["manifest"]["annotations"]["team"], "shop");
    let to = here.join("saved").display().to_string();
    succeed(
        boatyard(&kept_home(), here).args(["image", "save", image, "-o", &to, "--format", "oci"]),
    );
    let blob = |digest: &Value| -> Value {
        let name = digest.as_str().unwrap().replace(':', "/");
        serde_json::from_slice(&std::fs::read(here.join("saved/blobs").join(name)).unwrap())
            .unwrap()
    };
    let layout: Value =
        serde_json::from_slice(&std::fs::read(here.join("saved/index.json")).unwrap()).unwrap();
    let index = blob(&layout["manifests"][0]["digest"]);
    assert_eq!(index["annotations"]["kind"], "release");
    let manifest = blob(&index["manifests"][0]["digest"]);
    assert_eq!(manifest["annotations"]["team"], "shop");
    let result: Value =
        serde_json::from_slice(&std::fs::read(here.join("out.json")).unwrap()).unwrap();
    assert_eq!(
        (&result["image"], &result["tag"]),
        (&image.into(), &"1.2-local".into())
    );
    assert_eq!(result["digest"], found["digest"]);
    assert_eq!(
        result["layers"].as_array().map(Vec::len),
        found["manifest"]["layers"].as_array().map(Vec::len)
    );

    // It runs as its user, writes its volume, and has the helper that the constraint allows.
    let ran = succeed(boatyard(&kept_home(), here).args(["run", image]));
    assert_eq!(ran.trim(), "helper 1.0 hidden said 10001");
    // A secret is nowhere: not in what was told, nor in the image.
    let search = [
        "run",
        image,
        "--",
        "sh",
        "-c",
        "grep -rl -e s3cret -e dXNlcjpzM2NyZXQ /opt /etc /usr /home /root /run; true",
    ];
    assert_eq!(
        succeed(boatyard(&kept_home(), here).args(search)).trim(),
        ""
    );
    for text in [said, found.to_string(), result.to_string()] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_mistake_in_pip_s_configuration_is_told_without_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(
        here,
        "pip.conf",
        b"[global]\nindex-ulr = http://user:s3cret@host\n",
    );
    let words = ["build", "a==1", "--pip-conf", "pip.conf"];
    let told = fail(boatyard(&kept_home(), here).args(words), 2);
    assert!(
        told.contains("pip.conf:2:1") && told.contains("index-url"),
        "{told}"
    );
    assert!(!told.contains("s3cret"), "{told}");
}

#[test]
fn a_release_of_the_index_with_roles() {
    let _alone = alone();
    let file = "[project]\nname = \"cow\"\n\n[image]\npython = \"3.11\"\nenv = { SAID = \"by the file\" }\n\n\
                [role.web]\ncommand = 'cowsay -t \"$SAID\"'\n\n[job.count]\ncommand = \"python -c 'print(6 * 7)'\"\n\n\
                [release]\nname = \"cow-server\"\n";
    let folder = project(file, &[]);
    let here = folder.path();
    succeed(boatyard(&kept_home(), here).args(["build", "cowsay==6.1", "--quiet"]));
    let run = |words: &[&str]| {
        succeed(
            boatyard(&kept_home(), here)
                .args(["run", "cow-server:6.1"])
                .args(words),
        )
    };
    assert!(run(&[]).contains("by the file"));
    assert!(run(&["--", "start", "web"]).contains("by the file"));
    assert_eq!(run(&["--", "job", "count"]).trim(), "42");
    assert!(run(&["--", "cowsay", "-t", "a command"]).contains("a command"));

    for (words, expected) in [
        (
            &["build", "a==1", "b"][..],
            "a release is built on its own: cannot build a==1 together with b",
        ),
        (
            &["build", "a==1", "--target", "x"],
            "--target means nothing for a release",
        ),
        (
            &["build", "--port", "80"],
            "--port is about releases and S2I repositories, and none is named",
        ),
        (
            &["build", "a==1", "--port", "http"],
            "expected a port such as 8080 or 53/udp",
        ),
        (
            &["build", "a==1", "--config", "none.toml"],
            "cannot read the options",
        ),
    ] {
        let told = fail(boatyard(&kept_home(), here).args(words), 2);
        assert!(told.contains(expected), "{words:?}: {told}");
    }
}

#[test]
fn a_file_of_grocker_s() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    shop(here);
    let file = "runtime: bookworm/3.11\npip_constraint: constraints.txt\nvolumes: [/data]\nports: [9000]\n\
                envs:\n  A: said\ndocker_image_prefix: host.example/grocker\nentrypoint_name: shop\n";
    write(here, ".grocker.yml", file.as_bytes());
    let words = "build dist/my_shop-1.2+local-py3-none-any.whl[web] --find-links links --pip-conf pip.conf -q";
    succeed(boatyard(&kept_home(), here).args(words.split_whitespace()));
    let image = "host.example/grocker/my-shop-web:1.2-local";
    let config = &inspect(here, image)["config"]["config"];
    assert_eq!(config["ExposedPorts"], serde_json::json!({"9000/tcp": {}}));
    let ran = succeed(boatyard(&kept_home(), here).args(["run", image]));
    assert_eq!(ran.trim(), "helper 1.0 hidden said 10001");

    write(
        here,
        ".grocker.yml",
        b"runtime: bookworm/3.11\nprots: [80]\n",
    );
    let told = fail(boatyard(&kept_home(), here).args(["build", "a==1"]), 2);
    assert!(
        told.contains(".grocker.yml:2:1") && told.contains("unknown key \"prots\""),
        "{told}"
    );
    write(here, "other.yaml", b"runtime: alpine/3\n");
    let told = fail(
        boatyard(&kept_home(), here).args(["build", "a==1", "--config", "other.yaml"]),
        2,
    );
    assert!(
        told.contains("other.yaml:1:10") && told.contains("bookworm/3.11"),
        "{told}"
    );
}
