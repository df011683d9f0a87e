//! S2I repositories of several kinds, built as they are on one base, and run.

mod index;
mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use support::{alone, boatyard, fail, kept_home, succeed};

/// Writes files; those with `#!` are executable.
fn repository(folder: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        let mode = if content.starts_with("#!") {
            0o755
        } else {
            0o644
        };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

/// Builds the repository in `folder`; what was printed.
fn build(folder: &Path, image: &str, more: &[&str]) -> String {
    let words = ["build", ".", "-t", image, "--progress", "plain"];
    let mut command = boatyard(&kept_home(), folder);
    let output = support::output(command.args(words).args(more));
    assert!(output.status.success());
    support::text(&output.stdout) + &support::text(&output.stderr)
}

fn run(image: &str, words: &[&str]) -> String {
    succeed(
        boatyard(&kept_home(), Path::new("/"))
            .args(["run", image])
            .args(words),
    )
}

/// Serves the image's application, asks it once inside the container, and prints the answer.
fn answer(image: &str, port: u16, path: &str) -> String {
    let ask = format!(
        "boatyard-init run >/tmp/said 2>&1 & python3 - <<'END'\nimport time, urllib.request\nfor _ in range(600):\n  try:\n    \
         print(urllib.request.urlopen('http://127.0.0.1:{port}{path}').read().decode())\n    break\n  \
         except OSError:\n    time.sleep(0.1)\nEND\nkill %1; wait; cat /tmp/said"
    );
    run(image, &["--", "exec", "--", "bash", "-c", &ask])
}

#[test]
fn scripts_and_hooks() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    repository(
        folder.path(),
        &[
            (
                "app.sh",
                "#!/bin/sh\nid -u; id -g; id -un; touch here; cat built; echo \"$SAID $MADE\"\n",
            ),
            (".s2i/environment", "# variables\nSAID=\"of the image\"\n"),
            (
                ".s2i/action_hooks/pre_build",
                "#!/bin/sh\necho before $SAID\n",
            ),
            (".s2i/action_hooks/build_env", "BUILT=by_build_env\n"),
            (
                ".s2i/action_hooks/build",
                "#!/bin/sh\necho built $BUILT > built\n",
            ),
            (".s2i/action_hooks/deploy_env", "MADE=made\n"),
            (
                ".s2i/action_hooks/deploy",
                "#!/bin/sh\necho deploying $MADE\n",
            ),
            (".git/HEAD", "ref: refs/heads/main\n"),
        ],
    );
    let said = build(folder.path(), "s2i-test/script", &[]);
    assert!(said.contains("before of the image"), "{said}");
    let ran = run("s2i-test/script", &[]);
    let expected = "deploying made\n---> Running application from script (app.sh)\n1001\n0\ndefault\nbuilt by_build_env\nof the image made\n";
    assert_eq!(ran, expected);

    // Another user of group 0 runs it as well, and can write where the application is.
    std::fs::write(
        folder.path().join("Dockerfile"),
        "FROM s2i-test/script\nUSER 123456:0\n",
    )
    .unwrap();
    build(folder.path(), "s2i-test/other", &[]);
    assert_eq!(
        run("s2i-test/other", &[]),
        expected.replace("1001", "123456")
    );
    std::fs::remove_file(folder.path().join("Dockerfile")).unwrap();

    // Nothing changed; then the repository brings scripts of its own, around those of the image.
    assert!(build(folder.path(), "s2i-test/script", &[]).contains("unchanged"));
    repository(
        folder.path(),
        &[
            (
                ".s2i/bin/assemble",
                "#!/bin/sh\n/usr/libexec/s2i/assemble && echo own > own\n",
            ),
            (
                ".s2i/bin/run",
                "#!/bin/sh\ncat own; exec $STI_SCRIPTS_PATH/run\n",
            ),
        ],
    );
    build(folder.path(), "s2i-test/own", &["--env", "SAID=by a flag"]);
    let ran = run("s2i-test/own", &[]);
    assert!(
        ran.contains("deploying made\nown\n---> Running") && ran.contains("by a flag made"),
        "{ran}"
    );
    let left = run(
        "s2i-test/own",
        &[
            "--",
            "exec",
            "--",
            "sh",
            "-c",
            "ls -A; command -v gcc; find /opt/app-root ! -perm -g=w ! -type l",
        ],
    );
    assert!(
        !left.contains(".git") && !left.contains("gcc") && !left.contains("/opt/app-root"),
        "{left}"
    );

    repository(
        folder.path(),
        &[(".s2i/environment", "A=1\nnot a variable\n")],
    );
    let told = fail(
        boatyard(&kept_home(), folder.path()).args(["build", "."]),
        2,
    );
    assert!(told.contains(".s2i/environment:2:1"), "{told}");
    let told = fail(
        boatyard(&kept_home(), folder.path()).args(["build", ".", "--entrypoint", "x"]),
        2,
    );
    assert!(
        told.contains("--entrypoint means nothing for an S2I repository"),
        "{told}"
    );
}

/// `app.py` counts before a module for gunicorn; `APP_MODULE` counts before `app.py`. Packages come from where pip's
/// configuration says, and that is in no image.
#[test]
fn a_script_in_python_and_an_index_of_one_s_own() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let module = "import os\nV = 'of the index'\ndef main():\n  import sys\n  print('gunicorn', *sys.argv[1:])\n";
    let programs = "[console_scripts]\ngunicorn = gunicorn:main\n";
    let files = [("gunicorn.py", module), ("INFO/entry_points.txt", programs)];
    let wheel = index::wheel("gunicorn", "99", "", &files);
    let port = index::index("gunicorn", "gunicorn-99-py3-none-any.whl", wheel);
    let conf = format!("[global]\nindex-url = http://user:s3cret@127.0.0.1:{port}/simple\n");
    repository(
        folder.path(),
        &[
            (
                "app.py",
                "import gunicorn, os, sys\nprint('app', gunicorn.V, os.getcwd(), sys.argv)\n",
            ),
            ("wsgi.py", "application = None\n"),
            ("requirements.txt", "gunicorn==99\n"),
            ("conf/pip.conf", &conf),
            (".s2iignore", "conf\n"),
        ],
    );
    let image = "s2i-test/script-in-python";
    let said = build(
        folder.path(),
        image,
        &["--s2i", "--pip-conf", "conf/pip.conf"],
    );
    assert!(!said.contains("s3cret"), "{said}");
    let ran = run(image, &[]);
    let expected = "---> Running application from Python script (app.py)\napp of the index /opt/app-root/src ['app.py']\n";
    assert_eq!(ran, expected);
    let search = "grep -rl -e s3cret -e dXNlcjpzM2NyZXQ /opt /etc /usr /home /root /run /tmp; true";
    assert_eq!(
        run(image, &["--", "exec", "--", "sh", "-c", search]).trim(),
        ""
    );
    let inspect = ["image", "inspect", "--json", image];
    let inspected = succeed(boatyard(&kept_home(), folder.path()).args(inspect));
    assert!(!inspected.contains("s3cret"), "{inspected}");

    let other = [
        "--s2i",
        "--pip-conf",
        "conf/pip.conf",
        "--env",
        "APP_MODULE=shop:app",
    ];
    build(folder.path(), image, &other);
    assert!(run(image, &[]).contains("---> Serving shop:app with gunicorn\ngunicorn shop:app\n"));
    std::fs::remove_file(folder.path().join("app.py")).unwrap();
    build(folder.path(), image, &other[..3]);
    assert!(run(image, &[]).contains("---> Serving wsgi with gunicorn\ngunicorn wsgi\n"));
}

#[test]
fn a_module_for_gunicorn() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let wsgi =
        "def application(environ, start):\n  start('200 OK', [])\n  return [b'first answer']\n";
    repository(
        folder.path(),
        &[
            ("wsgi.py", wsgi),
            ("requirements.txt", "gunicorn==23.0.0\n"),
            (".s2i/environment", "PORT=8085\nWEB_CONCURRENCY=1\n"),
        ],
    );
    build(folder.path(), "s2i-test/wsgi", &[]);
    let found = answer("s2i-test/wsgi", 8085, "/");
    assert!(
        found.contains("first answer") && found.contains("Serving wsgi with gunicorn"),
        "{found}"
    );

    // Another source: nothing is installed again, and the environment's layer stays.
    repository(
        folder.path(),
        &[("wsgi.py", &wsgi.replace("first", "second"))],
    );
    let said = build(folder.path(), "s2i-test/wsgi", &[]);
    assert!(
        !said.contains("Collecting") && !said.contains("Downloading"),
        "{said}"
    );
    assert!(answer("s2i-test/wsgi", 8085, "/").contains("second answer"));
}

#[test]
fn django() {
    let _alone = alone();
    // Without .s2i it is said by a flag. Django migrates, and collects its static files when it is built.
    let folder = tempfile::tempdir().unwrap();
    let settings = "import os\nSECRET_KEY = 'x'\nROOT_URLCONF = 'site_urls'\nALLOWED_HOSTS = ['*']\n\
                    STATIC_ROOT = os.getcwd() + '/static'\nSTATIC_URL = '/static/'\nSTATICFILES_DIRS = [os.getcwd() + '/assets']\n\
                    INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth', 'django.contrib.staticfiles']\n\
                    DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'data.sqlite'}}\n";
    let urls = "from django.http import HttpResponse\nfrom django.urls import path\nfrom django.contrib.auth.models import User\n\
                urlpatterns = [path('', lambda request: HttpResponse('users: %d' % User.objects.count()))]\n";
    let manage = "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'site_settings'\n\
                  from django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n";
    repository(
        folder.path(),
        &[
            ("site_settings.py", settings),
            ("site_urls.py", urls),
            ("manage.py", manage),
            ("requirements.txt", "django==5.1.4\n"),
            ("assets/logo.svg", "<svg/>"),
        ],
    );
    build(folder.path(), "s2i-test/django", &["--s2i"]);
    let found = answer("s2i-test/django", 8080, "/");
    assert!(
        found.contains("users: 0") && found.contains("Applying auth"),
        "{found}"
    );
    assert!(run("s2i-test/django", &["--", "exec", "--", "ls", "static"]).contains("logo.svg"));
}
