//! Real servers under `boatyard-init` as PID 1: what they were doing when the stop came is finished.
//!
//! Celery and gunicorn come from the Python index, into a virtual environment below the target folder. Where that cannot
//! be made, or the machine permits no namespaces, the tests say `not run` and why.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

#[path = "../../shipped/binary.rs"]
mod binary;

/// The longest that a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(120);

fn not_run(why: &str) {
    // Not by eprintln, which the test harness keeps to itself.
    let _ = std::io::stderr().write_all(format!("not run: {why}\n").as_bytes());
}

/// The programs of the virtual environment, made once.
fn programs() -> Option<&'static Path> {
    static PROGRAMS: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-peers");
        let programs = folder.join("bin");
        let run = |program: &Path, words: &[&str]| {
            let output = Command::new(program)
                .args(words)
                .output()
                .map_err(|e| e.to_string())?;
            if output.status.success() {
                Ok(())
            } else {
                Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
            }
        };
        if !programs.join("celery").exists() || !programs.join("gunicorn").exists() {
            run(
                Path::new("python3"),
                &["-m", "venv", folder.to_str().unwrap_or_default()],
            )?;
            run(
                &programs.join("pip"),
                &["install", "--quiet", "celery", "gunicorn"],
            )?;
        }
        run(Path::new("unshare"), &["-fpm", "--mount-proc", "true"])?;
        Ok(programs)
    });
    match programs {
        Ok(programs) => Some(programs),
        Err(why) => {
            not_run(why);
            None
        }
    }
}

/// Init with a command, as PID 1; ends with this value.
struct Running(Child);

impl Running {
    fn new(folder: &Path, words: &[&str]) -> Self {
        let log = fs::File::create(folder.join("log")).unwrap();
        let child = Command::new("unshare")
            .args(["-fpm", "--mount-proc", "--kill-child"])
            .arg(binary::binary())
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self(child)
    }

    fn terminate(&self) {
        let unshare = self.0.id();
        let children =
            fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).unwrap();
        let status = Command::new("kill")
            .args(["-TERM", children.trim()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    fn end(&mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A pipe with a name, through which a server tells that it has come so far.
fn milestone(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let status = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(status.success());
    path
}

/// Waits until a server has opened and closed a milestone; what it printed is told if it never does.
fn wait_for(folder: &Path, milestone: PathBuf) {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(fs::read(milestone)));
    let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
    assert!(
        receiver.recv_timeout(PATIENCE).is_ok(),
        "it never comes so far: {}",
        log()
    );
}

const TASKS: &str = r"
import pathlib, time
from celery import Celery
app = Celery('tasks', broker='filesystem://')
app.conf.broker_transport_options = {'data_folder_in': 'queue', 'data_folder_out': 'queue', 'control_folder': 'queue'}
@app.task
def slow():
    open('begun', 'w').close()
    time.sleep(4)
    pathlib.Path('finished').touch()
";

/// Whether a task that runs when the stop comes is finished.
fn finishes_its_task(programs: &Path, flags: &[&str]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("queue")).unwrap();
    fs::write(folder.join("tasks.py"), TASKS).unwrap();
    let begun = milestone(folder, "begun");
    let celery = programs.join("celery");
    let worker = [
        celery.to_str().unwrap(),
        "-A",
        "tasks",
        "worker",
        "--concurrency=1",
        "--loglevel=INFO",
    ];
    let mut running = Running::new(folder, &[flags, &["--"], &worker].concat());
    let sent = Command::new(programs.join("python"))
        .args(["-c", "import tasks; tasks.slow.delay()"])
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(sent.success());
    wait_for(folder, begun);
    running.terminate();
    running.end();
    folder.join("finished").exists()
}

#[test]
fn a_task_of_celery_is_finished_unless_the_group_is_told() {
    let Some(programs) = programs() else {
        return;
    };
    assert!(finishes_its_task(programs, &[]));
    // Its pool dies of the same signal: why the group is not the default.
    assert!(!finishes_its_task(programs, &["-g"]));
}

const APPLICATION: &str = r"
import time
def application(environ, start_response):
    open('begun', 'w').close()
    time.sleep(2)
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'whole\n']
";

const CONFIGURATION: &str = r"
def when_ready(server):
    open('listening', 'w').close()
";

#[test]
fn a_request_at_gunicorn_is_answered() {
    let Some(programs) = programs() else {
        return;
    };
    for flags in [&[][..], &["-g"]] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("app.py"), APPLICATION).unwrap();
        fs::write(folder.join("gunicorn.conf.py"), CONFIGURATION).unwrap();
        let (listening, begun) = (milestone(folder, "listening"), milestone(folder, "begun"));
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let gunicorn = programs.join("gunicorn");
        let bind = format!("127.0.0.1:{port}");
        let server = [gunicorn.to_str().unwrap(), "--bind", &bind, "app"];
        let mut running = Running::new(folder, &[flags, &["--stop-ok", "--"], &server].concat());
        wait_for(folder, listening);
        let asked = thread::spawn(move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        wait_for(folder, begun);
        running.terminate();
        assert!(
            asked.join().unwrap().ends_with("\r\n\r\nwhole\n"),
            "{flags:?}"
        );
        assert_eq!(running.end().code(), Some(0), "{flags:?}");
    }
}
