//! Secrets of a project are found and shown nowhere: not in a report, a difference, a plan, or in files that are made.

mod boatyard;

use boatyard::Boatyard;

/// All of them begin so.
const SECRET: &str = "hunter2";

const COMPOSE: &str = r#"
services:
  web:
    build: .
    command: gunicorn -e SECRET_KEY=hunter2a -b 0.0.0.0:8000 shop.wsgi
    environment:
      DATABASE_URL: postgres://shop:hunter2b@db/shop
      SECRET_KEY: hunter2c
    ports: ["8000:8000"]
  worker:
    build: .
    command: ["celery", "-A", "shop", "-b", "redis://:hunter2d@redis:6379/0", "worker", "--password", "hunter2e"]
  redis:
    image: redis:7
    command: redis-server --requirepass hunter2f
    healthcheck:
      test: ["CMD", "redis-cli", "-a", "hunter2f", "ping"]
"#;

const DOCKERFILE: &str = "\
FROM python:3.11-slim
ENV API_TOKEN hunter2g
COPY . /app
RUN pip install --extra-index-url https://u:hunter2h@pypi.example.com/simple -r requirements.txt
CMD gunicorn -e SECRET_KEY=hunter2i --password=hunter2j shop.wsgi
";

const SCRIPT: &str = "\
#!/bin/sh
export DB_PASSWORD=hunter2k
flask db upgrade --token hunter2l
celery -A shop -b redis://:hunter2m@redis worker
";

const MANIFEST: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          command: [sh, -c, "flask db upgrade --token hunter2n && celery -b redis://:hunter2o@redis worker"]
          env:
            - name: SECRET_KEY
              value: hunter2p
            - name: URL
              value: postgres://a:hunter2q@db
          readinessProbe:
            exec: {command: [redis-cli, -a, hunter2r, ping]}
"#;

const PROJECT: &str = "\
[project]
name = \"shop\"
[image]
base = \"debian:bookworm\"
env = { API_TOKEN = \"hunter2s\" }
[service.app]
copy = []
roles = [\"web\", \"worker\"]
[role.web]
command = \"gunicorn -e SECRET_KEY=hunter2t -b redis://:hunter2u@x --password hunter2v shop\"
port = 8000
[role.worker]
command = [\"celery\", \"--password\", \"hunter2w\"]
env = { OTHER_TOKEN = \"hunter2x\" }
[job.migrate]
command = \"migrate --password=hunter2y\"
";

fn project() -> Boatyard {
    let boatyard = Boatyard::new();
    boatyard.file("compose.yaml", COMPOSE);
    boatyard.file("Dockerfile", DOCKERFILE);
    boatyard.file("entrypoint.sh", SCRIPT);
    boatyard.file("k8s.yaml", MANIFEST);
    boatyard.file("requirements.txt", "gunicorn\n");
    boatyard.file(
        "Procfile",
        "web: gunicorn -e SECRET_KEY=hunter2z shop.wsgi\n",
    );
    boatyard
}

#[test]
fn no_report_shows_one() {
    let boatyard = project();
    boatyard.file("toml/boatyard.toml", PROJECT);
    for format in ["text", "json", "sarif", "github", "gitlab", "junit"] {
        let said = boatyard.run(["check", "--format", format]);
        assert_eq!(said.code, 1, "{format}: {}", said.err);
        assert!(!said.out.contains(SECRET), "{format}:\n{}", said.out);
        for rule in ["C02", "D15", "M17", "P05", "S07"] {
            assert!(said.out.contains(rule), "{format} tells no {rule}");
        }
    }
    for words in [
        &["check", "--diff"][..],
        &["check", "--diff", "--unsafe"],
        &["check", "--plan"],
        &["check", "--plan", "--json"],
        &["check", "--fix", "--unsafe"],
    ] {
        let said = boatyard.run(words);
        assert!(!said.out.is_empty(), "{words:?}: {}", said.err);
        let all = said.out + &said.err;
        assert!(!all.contains(SECRET), "{words:?}:\n{all}");
    }
    // It is made all the same.
    let dockerfile = std::fs::read_to_string(boatyard.project().join("Dockerfile")).unwrap();
    assert!(dockerfile.contains("SECRET_KEY=hunter2i"), "{dockerfile}");
}

#[test]
fn none_is_carried_over() {
    for from in ["compose.yaml", "Dockerfile", "Procfile"] {
        let boatyard = project();
        let said = boatyard.run(["new", "--from", from]);
        assert_eq!(said.code, 0, "{}", said.err);
        let made = std::fs::read_to_string(boatyard.project().join("boatyard.toml")).unwrap();
        let all = [said.out, said.err, made].concat();
        assert!(!all.contains(SECRET), "{from}:\n{all}");
        assert!(
            all.contains("gunicorn -e SECRET_KEY=${SECRET_KEY}")
                && all.contains("a secret in the command of web"),
            "{from}:\n{all}"
        );
    }
}

#[test]
fn none_is_rendered() {
    let boatyard = Boatyard::new();
    boatyard.file("boatyard.toml", PROJECT);
    for target in ["k8s", "compose", "quadlet", "dockerfile"] {
        let said = boatyard.run(["render", target]);
        assert_eq!(said.code, 0, "{target}: {}", said.err);
        let all = said.out + &said.err;
        assert!(!all.contains(SECRET), "{target}:\n{all}");
        if target == "dockerfile" {
            assert!(
                all.contains("SECRET_KEY=${SECRET_KEY}") && all.contains("REDIS_PASSWORD"),
                "{all}"
            );
        }
    }
}
