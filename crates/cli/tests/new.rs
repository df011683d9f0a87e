//! `boatyard new`: a first project file.

mod boatyard;

use boatyard::Boatyard;

#[test]
fn a_first_project_file() {
    let boatyard = Boatyard::new();
    boatyard.file("app.py", "app = Flask(__name__)\n");
    boatyard.file("requirements.txt", "flask\ngunicorn\nredis\n");
    boatyard.file("node_modules/x/app.py", "app = Flask(__name__)\n");
    boatyard.file("env/pyvenv.cfg", "");
    boatyard.file("env/manage.py", "");
    boatyard.file("Pipfile.lock", "");
    boatyard.file(
        "compose.yaml",
        "services:\n  mail:\n    image: mailhog/mailhog\n",
    );
    let printed = boatyard.run(["new", "--print"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    assert!(!boatyard.project().join("boatyard.toml").exists());
    let said = boatyard.run(["new"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        "role web: gunicorn",
        "image mailhog/mailhog",
        "compose.yaml:3",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    let text = std::fs::read_to_string(boatyard.project().join("boatyard.toml")).unwrap();
    assert_eq!(text, printed.out);
    assert!(
        !text.contains("node_modules") && !text.contains("migrate"),
        "{text}"
    );
    let planned = boatyard.run(["plan"]);
    assert_eq!(planned.code, 0, "{}", planned.err);
    assert!(
        planned.out.contains("project/app:latest"),
        "{}",
        planned.out
    );

    // What is there is not written over.
    let again = boatyard.run(["new"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already"), "{}", again.err);
    let elsewhere = boatyard.run(["new", "services/Other_One", "--json"]);
    assert_eq!(elsewhere.code, 0, "{}", elsewhere.err);
    let answer: serde_json::Value = serde_json::from_str(&elsewhere.out).unwrap();
    assert!(
        answer["path"]
            .as_str()
            .unwrap()
            .ends_with("Other_One/boatyard.toml")
    );
    assert!(
        answer["text"]
            .as_str()
            .unwrap()
            .contains("name = \"other-one\"")
    );
}

#[test]
fn from_one_file_alone() {
    let boatyard = Boatyard::new();
    boatyard.file("Procfile", "web: ./serve\n");
    boatyard.file("docker/Dockerfile", "FROM scratch\nCMD [\"/bin/app\"]\n");
    boatyard.file(
        "compose.yaml",
        "services:\n  app:\n    build: {dockerfile: docker/Dockerfile}\n    privileged: true\n  db:\n    image: postgres:16\n",
    );
    boatyard.file("broken.yaml", "services: [\n");
    boatyard.file("notes.txt", "");
    for (file, expected) in [
        ("compose.yaml", "[role.app]\ncommand = \"/bin/app\"\n"),
        (
            "compose.yaml",
            "# - compose.yaml:4:5: privileged: true of app",
        ),
        ("compose.yaml", "[backing.db]\nkind = \"postgres\""),
        (
            "docker/Dockerfile",
            "base = { dockerfile = \"docker/Dockerfile\" }",
        ),
        ("./Procfile", "[role.web]\ncommand = \"./serve\"\n"),
    ] {
        let said = boatyard.run(["new", "--print", "--from", file]);
        assert_eq!(said.code, 0, "{file}: {}", said.err);
        assert!(said.out.contains(expected), "{file}: {}", said.out);
        let roles = said.out.matches("[role.").count();
        assert_eq!(roles, 1, "{file}: {}", said.out);
    }
    for (file, expected) in [
        ("broken.yaml", "broken.yaml:"),
        ("notes.txt", "nothing that a project is made from"),
        ("nowhere.yaml", "is not there"),
        ("/etc/hostname", "not in the project's folder"),
    ] {
        let said = boatyard.run(["new", "--print", "--from", file]);
        assert_eq!(said.code, 2, "{file}: {}", said.out);
        assert!(said.err.contains(expected), "{file}: {}", said.err);
    }
    let answer = boatyard.run(["new", "--from", "compose.yaml", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    let left = answer["left"].as_array().expect("a list");
    assert!(
        left.iter()
            .any(|left| left["line"] == 4 && left["column"] == 5),
        "{answer}"
    );
}

/// What a Compose file names is read, and nothing that lies outside of the project, also behind a link.
#[test]
fn files_beside_a_compose_file_are_read() {
    let boatyard = Boatyard::new();
    let outside = tempfile::tempdir().expect("a folder");
    let secret = outside.path().join("values.env");
    std::fs::write(&secret, "GREETING=outside\n").expect("a file");
    let link = boatyard.project().join("linked.env");
    std::os::unix::fs::symlink(&secret, link).expect("a link");
    boatyard.file("Dockerfile", "FROM scratch\nCMD [\"/bin/app\"]\n");
    boatyard.file(
        "compose.yaml",
        "include: [more/compose.yaml]\nservices:\n  app:\n    extends: {file: base.yaml, service: base}\n    env_file: [app.env, linked.env]\n",
    );
    boatyard.file("base.yaml", "services:\n  base:\n    build: .\n");
    boatyard.file("app.env", "COLOUR=blue\n");
    boatyard.file(
        "more/compose.yaml",
        "services:\n  cache:\n    image: redis:7\n",
    );
    let said = boatyard.run(["new", "--print", "--from", "compose.yaml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for expected in [
        "env = { COLOUR = \"blue\" }",
        "[backing.cache]",
        "compose.yaml:5:15: env_file of app: linked.env is not there",
    ] {
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    }
    assert!(!said.out.contains("outside"), "{}", said.out);
}
