//! A child process: its lines, its end, and how it is ended.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::lane::{Stop, Trouble};

/// How long each way of ending may take: gracefully, at once.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a line that are kept.
const LINE: usize = 16 << 10;

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Out,
    Err,
}

/// Our own command with a home; on a leash, so that it does not go on without us.
pub(crate) fn boatyard<I, S>(program: &Path, home: &Path, words: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command
        .args(["--leash", "--json"])
        .args(words)
        .env("BOATYARD_HOME", home)
        .stdin(Stdio::piped());
    command
}

/// Runs a command to its end, or until nothing more is wanted of it; gives each line to `take`.
pub(crate) async fn run(
    mut command: Command,
    stop: &Stop,
    mut take: impl FnMut(From, &str) + Send,
) -> Result<ExitStatus, Trouble> {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C at our terminal is for us.
        .process_group(0);
    let name = command.as_std().get_program().to_owned();
    let failed = |error| Trouble::failed(&format!("run {}", name.display()), error);
    let mut child = command.spawn().map_err(failed)?;
    // The leash: it must stay open while the child runs.
    let leash = child.stdin.take();
    let (sender, mut lines) = mpsc::channel(256);
    let out = child.stdout.take().expect("it is piped");
    let err = child.stderr.take().expect("it is piped");
    tokio::spawn(each(out, From::Out, sender.clone()));
    tokio::spawn(each(err, From::Err, sender));
    let status = loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some((from, line)) => take(from, &line),
                // Whoever left it behind with other streams is none of ours: the child itself counts.
                None => break child.wait().await.map_err(failed)?,
            },
            () = stop.wanted() => {
                if !stop.is_at_once() {
                    end(&mut child).await;
                }
                kill(&mut child).await;
                return Err(Trouble::GivenUp);
            }
        }
    };
    drop(leash);
    Ok(status)
}

/// Asks the child to stop, then more and more firmly.
async fn end(child: &mut Child) {
    let Some(pid) = id(child) else {
        return;
    };
    for _ in 0..2 {
        // Gone in the meantime: what we wanted.
        let _ = kill_process(pid, Signal::TERM);
        if timeout(PATIENCE, child.wait()).await.is_ok() {
            return;
        }
    }
}

/// Ends the child and those that it began; one that has ended is none.
async fn kill(child: &mut Child) {
    if let Some(pid) = id(child) {
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = child.wait().await;
    }
}

fn id(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()?).ok()?)
}

/// Sends each line; what is too long is cut, what is no text replaced.
async fn each(stream: impl AsyncRead + Unpin, from: From, sender: mpsc::Sender<(From, String)>) {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    loop {
        let taken = match reader.fill_buf().await {
            Ok([]) | Err(_) => break,
            Ok(buffer) => {
                let end = buffer.iter().position(|byte| *byte == b'\n');
                let part = &buffer[..end.unwrap_or(buffer.len())];
                let room = LINE.saturating_sub(bytes.len());
                bytes.extend_from_slice(&part[..part.len().min(room)]);
                (part.len() + usize::from(end.is_some()), end.is_some())
            }
        };
        reader.consume(taken.0);
        if taken.1 {
            let line = String::from_utf8_lossy(&std::mem::take(&mut bytes)).into_owned();
            if sender.send((from, line)).await.is_err() {
                return;
            }
        }
    }
    if !bytes.is_empty() {
        let _ = sender
            .send((from, String::from_utf8_lossy(&bytes).into_owned()))
            .await;
    }
}
