//! All tests, as `cargo test --workspace` runs them, but not one program after another: most of them wait most of their time.
//!
//! ```text
//! cargo test --no-run --> programs --> a lane for those of boatyard, which share a home
//!                                  |-> a lane for those of them that wait for clusters, with a home of their own
//!                                  '-> a lane for all others
//! ```
//! In a lane one follows another. What a program prints is shown once it has ended, in one piece; why some failed, once more at the end.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::{excerpt, hung};

/// How many lanes there are.
const LANES: usize = 3;
/// How often a program is asked whether it has ended.
const AGAIN: Duration = Duration::from_millis(50);
/// How long one may print nothing; a test that takes longer than a few minutes is one that hangs.
const SILENCE: Duration = Duration::from_secs(900);

/// A program that cargo has built.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Program {
    /// The folder of its package.
    package: PathBuf,
    /// That folder's name, and the program's.
    name: String,
    file: PathBuf,
}

impl Program {
    /// Which lane it is in.
    fn lane(&self) -> usize {
        match self.name.as_str() {
            "cli/deploy" | "cli/node" => 1,
            name if name.starts_with("cli/") => 0,
            _ => 2,
        }
    }

    /// Where boatyard keeps what its tests build; none: where they think best.
    fn home(&self) -> Option<PathBuf> {
        let built = self.file.ancestors().nth(3)?;
        (self.lane() == 1).then(|| built.join("tmp/beside"))
    }

    /// Where what it prints is kept.
    fn log(&self) -> PathBuf {
        self.file.with_extension("log")
    }
}

/// A line of `cargo test --message-format=json`, as far as it matters.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Builds and runs all tests of the checkout at `root`; whether all have passed. What still runs after `limit` is ended, and has not;
/// with a limit, so is what hangs, so that it does not take the time of the others.
///
/// # Errors
/// If they cannot be built or begun.
pub fn run(root: &Path, limit: Option<Duration>) -> anyhow::Result<bool> {
    let end = limit.map(|limit| Instant::now() + limit);
    let mut lanes: [Vec<Program>; LANES] = Default::default();
    for program in build(root)? {
        lanes[program.lane()].push(program);
    }
    let shown = Mutex::new(());
    let failed: Vec<&Program> = thread::scope(|scope| {
        let lanes = lanes.each_ref().map(|programs| {
            let shown = &shown;
            scope.spawn(move || lane(programs, end, shown))
        });
        let ended = lanes.into_iter().map(|lane| {
            let ended = lane.join();
            ended.unwrap_or_else(|_| bail!("a lane of tests ended too early"))
        });
        ended
            .collect::<anyhow::Result<Vec<_>>>()
            .map(|all| all.concat())
    })?;
    let examples = cargo(root)
        .args(["test", "--workspace", "--doc", "--quiet"])
        .status()?;
    for program in &failed {
        println!("\n== failed: {}", program.name);
        let printed = fs::read(program.log())?;
        for line in excerpt::of(&String::from_utf8_lossy(&printed)) {
            println!("  {line}");
        }
    }
    Ok(failed.is_empty() && examples.success())
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(root);
    command
}

fn build(root: &Path) -> anyhow::Result<Vec<Program>> {
    let words = [
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ];
    let mut command = cargo(root);
    let output = command.args(words).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the tests cannot be built");
    }
    let text = String::from_utf8(output.stdout)?;
    let programs = text
        .lines()
        .map(program)
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(programs.into_iter().flatten().collect())
}

/// The test program that a message of cargo is about, if it is about one.
fn program(line: &str) -> anyhow::Result<Option<Program>> {
    let message: Message =
        serde_json::from_str(line).with_context(|| format!("cargo said: {line}"))?;
    let Message {
        executable: Some(file),
        manifest_path: Some(manifest),
        target: Some(target),
        profile: Some(profile),
    } = message
    else {
        return Ok(None);
    };
    let package = manifest.parent().map(Path::to_owned).unwrap_or_default();
    let folder = package.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{folder}/{}", target.name);
    Ok(profile.test.then_some(Program {
        package,
        name,
        file,
    }))
}

/// Runs programs one after another; those that failed.
fn lane<'p>(
    programs: &'p [Program],
    end: Option<Instant>,
    shown: &Mutex<()>,
) -> anyhow::Result<Vec<&'p Program>> {
    let mut failed = Vec::new();
    for program in programs {
        let begin = Instant::now();
        let log = program.log();
        let status = run_one(program, &log, end).with_context(|| program.name.clone())?;
        let outcome = match status {
            Some(status) if status.success() => "passed".to_owned(),
            Some(status) => format!("failed ({status})"),
            None => "was ended".to_owned(),
        };
        if !status.is_some_and(|status| status.success()) {
            failed.push(program);
        }
        let _one = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = io::stdout().lock();
        writeln!(out, "\n     Running {}", program.name)?;
        io::copy(&mut File::open(&log)?, &mut out)?;
        let seconds = begin.elapsed().as_secs_f64();
        writeln!(out, "     {} {outcome} in {seconds:.1} s", program.name)?;
    }
    Ok(failed)
}

/// Runs one in the folder of its package; none: it had to be ended.
fn run_one(
    program: &Program,
    log: &Path,
    end: Option<Instant>,
) -> anyhow::Result<Option<ExitStatus>> {
    let printed = File::create(log)?;
    let home = program.home().map(|home| ("BOATYARD_TEST_HOME", home));
    let mut child = Command::new(&program.file)
        .envs(home)
        .current_dir(&program.package)
        .env("CARGO_MANIFEST_DIR", &program.package)
        .stdin(Stdio::null())
        .stdout(printed.try_clone()?)
        .stderr(printed)
        .spawn()?;
    let mut heard = (0, Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let length = fs::metadata(log)?.len();
        if length != heard.0 {
            heard = (length, Instant::now());
        }
        let why = match end {
            Some(end) if Instant::now() > end => "there is no more time",
            Some(_) if heard.1.elapsed() > SILENCE => "it says nothing any more",
            _ => {
                thread::sleep(AGAIN);
                continue;
            }
        };
        let doing = hung::doing(child.id()).join("\n");
        child.kill()?;
        child.wait()?;
        writeln!(
            File::options().append(true).open(log)?,
            "{why}; it was doing\n{doing}"
        )?;
        return Ok(None);
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, program};

    #[test]
    fn programs_are_those_that_test() {
        let message = |executable: &str, test: bool| {
            let line = format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/x/crates/cli/Cargo.toml","target":{{"name":"words"}},
                "profile":{{"test":{test}}},"executable":{executable}}}"#
            );
            program(&line).unwrap()
        };
        let expected = Program {
            package: "/x/crates/cli".into(),
            name: "cli/words".to_owned(),
            file: "/x/words-1".into(),
        };
        assert_eq!(message("\"/x/words-1\"", true), Some(expected));
        assert_eq!(message("\"/x/boatyard\"", false), None);
        assert_eq!(message("null", true), None);
        let done = r#"{"reason":"build-finished","success":true}"#;
        assert_eq!(program(done).unwrap(), None);
        assert!(program("warning").is_err());
    }
}
