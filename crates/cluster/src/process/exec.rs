//! A program in a container that runs.

use std::io::{Read, Write};
use std::thread;

use futures_util::{SinkExt as _, join};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::ResourceExt as _;
use kube::api::{AttachParams, AttachedProcess, TerminalSize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, watch};

use super::error::Error;
use super::pods;
use crate::connect::Cluster;
use crate::owner::Owner;
use crate::refusal::{Refusal, Said};

/// How much is passed on at once, bytes.
const CHUNK: usize = 32 << 10;

/// What is started, and what it is connected to.
pub struct Command<'a> {
    /// In a container of which role.
    pub process: &'a str,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// What it reads; read on a thread of its own, which ends with the process.
    pub input: Box<dyn Read + Send>,
    /// What it prints.
    pub output: Box<dyn Write + Send>,
    /// What it says beside; nothing where it has a terminal.
    pub errors: Box<dyn Write + Send>,
    /// Its terminal; none: it has none.
    pub terminal: Option<Terminal>,
}

/// A terminal, whose size may change.
pub struct Terminal {
    size: watch::Receiver<(u16, u16)>,
}

/// Tells that the size has changed.
#[derive(Clone)]
pub struct Resizer {
    size: watch::Sender<(u16, u16)>,
}

impl Terminal {
    /// One of so many columns and lines.
    pub fn new(columns: u16, lines: u16) -> (Self, Resizer) {
        let (sender, size) = watch::channel((columns, lines));
        (Self { size }, Resizer { size: sender })
    }
}

impl Resizer {
    /// It has so many columns and lines now.
    pub fn resize(&self, columns: u16, lines: u16) {
        self.size.send_replace((columns, lines));
    }
}

/// Starts the program in the newest pod that is ready, connects it, and answers its exit code.
pub async fn exec(cluster: &Cluster, owner: &Owner, command: Command<'_>) -> Result<u8, Error> {
    cluster.reach().await?;
    let whose = pods::Whose::Process(owner.clone(), command.process.to_owned());
    let pod = pods::newest(cluster, &whose).await?;
    within(cluster, &pod.name_any(), pods::container(&pod), command).await
}

/// The same in a pod that is known.
pub(crate) async fn within(
    cluster: &Cluster,
    name: &str,
    container: Option<String>,
    command: Command<'_>,
) -> Result<u8, Error> {
    let params = AttachParams {
        container,
        stdin: true,
        stdout: true,
        stderr: command.terminal.is_none(),
        tty: command.terminal.is_some(),
        max_stdin_buf_size: Some(CHUNK),
        max_stdout_buf_size: Some(CHUNK),
        ..AttachParams::default()
    };
    let api = cluster.lasting::<Pod>();
    let doing = format!("start a program in {name}");
    // Not tried again: it could run twice.
    let asked = api.exec(name, &command.words, &params);
    let started = cluster.calls().once(doing.as_str(), asked).await?;
    let status = connect(started, command, name).await?;
    match status.as_ref().and_then(code) {
        Some(code) => Ok(code),
        // It was not started, and this says why.
        None => match status {
            Some(status) => Err(Refusal {
                doing,
                source: said(status),
            }
            .into()),
            None => Err(Error::Cut {
                pod: name.to_owned(),
            }),
        },
    }
}

async fn connect(
    mut started: AttachedProcess,
    command: Command<'_>,
    pod: &str,
) -> Result<Option<Status>, Error> {
    let status = started.take_status();
    let mut input = reader(command.input);
    let stdin = started.stdin();
    let typed = tokio::spawn(async move {
        let Some(mut stdin) = stdin else { return };
        while let Some(bytes) = input.recv().await {
            // Who has closed its standard input reads no more.
            if stdin.write_all(&bytes).await.is_err() || stdin.flush().await.is_err() {
                return;
            }
        }
        let _ = stdin.shutdown().await;
    });
    let sizes = started.terminal_size();
    let resized = tokio::spawn(async move {
        let (Some(mut sizes), Some(mut terminal)) = (sizes, command.terminal) else {
            return;
        };
        loop {
            let (width, height) = *terminal.size.borrow_and_update();
            if sizes.send(TerminalSize { height, width }).await.is_err()
                || terminal.size.changed().await.is_err()
            {
                return;
            }
        }
    });
    let (out, errors) = (started.stdout(), started.stderr());
    let (out, errors) = join!(copy(out, command.output), copy(errors, command.errors));
    let status = match status {
        Some(status) => status.await,
        None => None,
    };
    typed.abort();
    resized.abort();
    let failed = |source| Error::Output {
        pod: pod.to_owned(),
        source,
    };
    out.map_err(failed)?;
    errors.map_err(failed)?;
    Ok(status)
}

/// What can be read, until it ends. The thread ends at the next thing that it reads after we do.
fn reader(mut input: Box<dyn Read + Send>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        let mut bytes = vec![0; CHUNK];
        while let Ok(count @ 1..) = input.read(&mut bytes) {
            if sender.blocking_send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

async fn copy(
    from: Option<impl AsyncRead + Unpin>,
    mut to: Box<dyn Write + Send>,
) -> std::io::Result<()> {
    let Some(mut from) = from else {
        return Ok(());
    };
    let mut bytes = vec![0; CHUNK];
    // A connection that breaks is told by the status that does not come.
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        to.write_all(&bytes[..count])?;
        to.flush()?;
    }
    Ok(())
}

/// The exit code that a status says (`v4.channel.k8s.io`: the reason `NonZeroExitCode`, and a cause `ExitCode`).
pub(crate) fn code(status: &Status) -> Option<u8> {
    if status.status.as_deref() == Some("Success") {
        return Some(0);
    }
    if status.reason.as_deref() != Some("NonZeroExitCode") {
        return None;
    }
    let causes = status.details.as_ref()?.causes.iter().flatten();
    let mut codes = causes.filter(|cause| cause.reason.as_deref() == Some("ExitCode"));
    let code: i32 = codes.next()?.message.as_ref()?.parse().ok()?;
    Some(u8::try_from(code).unwrap_or(u8::MAX))
}

/// What a status says of a program that was not started.
pub(crate) fn said(status: Status) -> Said {
    Said::Server {
        code: status
            .code
            .and_then(|code| u16::try_from(code).ok())
            .unwrap_or(500),
        message: status.message.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_exit_code_is_in_the_status() {
        let of = |status| code(&serde_json::from_value(status).unwrap());
        assert_eq!(of(json!({"status": "Success"})), Some(0));
        let exited = |code: &str| {
            json!({
                "status": "Failure", "reason": "NonZeroExitCode", "message": "command terminated with non-zero exit code",
                "details": {"causes": [{"reason": "ExitCode", "message": code}]},
            })
        };
        assert_eq!(of(exited("3")), Some(3));
        assert_eq!(of(exited("300")), Some(255));
        let missing =
            json!({"status": "Failure", "reason": "InternalError", "message": "no such file"});
        assert_eq!(of(missing), None);
    }
}
