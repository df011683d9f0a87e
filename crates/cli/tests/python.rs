//! Every way to say what Python dependencies there are, and what is left of it in the image.

mod support;

use support::{alone, boatyard, kept_home, project, succeed};

/// Builds a project with these lines in `[image]` and these files; what its environment holds.
fn environment(image: &str, files: &[(&str, &str)]) -> String {
    let text = format!(
        "[project]\nname = \"snakes\"\n\n[image]\nbase = \"debian:bookworm\"\npython = \"3.11\"\n{image}\n\n\
         [service.app]\ncopy = [\"app.py\"]\nroles = [\"web\"]\n\n[role.web]\ncommand = \"python app.py\"\n"
    );
    let mut files = files.to_vec();
    files.push(("app.py", "print('hi')\n"));
    let folder = project(&text, &files);
    let script = "ls -A /opt/venv /opt/venv/lib/python3.11/site-packages; command -v gcc pip uv; \
                  python -c 'import psycopg2; print(psycopg2.__libpq_version__)' 2>/dev/null; \
                  python -c 'import itsdangerous as i; print(\"bytecode\", open(i.__cached__, \"rb\").read(8)[4:])' 2>/dev/null; true";
    succeed(boatyard(&kept_home(), folder.path()).args(["run", "--", "sh", "-c", script]))
}

#[test]
fn constraints() {
    let _alone = alone();
    let found = environment(
        "requirements = [\"requirements.txt\"]\nconstraints = [\"constraints.txt\"]",
        &[
            ("requirements.txt", "itsdangerous\n"),
            ("constraints.txt", "itsdangerous==2.1.2\n"),
        ],
    );
    assert!(found.contains("itsdangerous-2.1.2.dist-info"), "{found}");
    // By hash, not checked (PEP 552): what Python itself would have made goes by time.
    let unchecked = r"bytecode b'\x01\x00\x00\x00'";
    assert!(found.contains(unchecked), "{found}");
}

#[test]
fn a_lock_with_an_extra() {
    let _alone = alone();
    let found = environment(
        "lock = \"uv.lock\"\nextras = [\"extra\"]",
        &[
            ("uv.lock", include_str!("python/uv.lock")),
            ("pyproject.toml", include_str!("python/pyproject.toml")),
        ],
    );
    for part in ["itsdangerous-2.2.0.dist-info", "blinker-1.9.0.dist-info"] {
        assert!(found.contains(part), "{part} is not in {found}");
    }
    assert!(!found.contains("exported"), "{found}");
}

#[test]
fn pip_instead_of_uv() {
    let _alone = alone();
    let found = environment(
        "requirements = \"requirements.txt\"\ninstaller = \"pip\"",
        &[("requirements.txt", "itsdangerous==2.2.0\n")],
    );
    assert!(found.contains("itsdangerous-2.2.0.dist-info"), "{found}");
    assert!(
        !found.contains("/bin/"),
        "an installer or a compiler is in the image: {found}"
    );
}

#[test]
fn a_package_is_compiled_and_its_compiler_stays_out() {
    let _alone = alone();
    let found = environment(
        "requirements = \"requirements.txt\"\npackages = [{ libpq5 = \"libpq-dev\" }]",
        &[("requirements.txt", "psycopg2==2.9.9\n")],
    );
    assert!(
        found.contains("psycopg2-2.9.9.dist-info") && found.contains("\n15"),
        "{found}"
    );
    assert!(
        !found.contains("/bin/"),
        "an installer or a compiler is in the image: {found}"
    );
}
