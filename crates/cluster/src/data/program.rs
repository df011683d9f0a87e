//! Programs in pods that have volumes: what goes to them, and what comes from them.

use std::path::Path;
use std::pin::pin;

use futures_util::future::{Either, select};
use futures_util::join;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{AttachParams, AttachedProcess};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::carrier::CONTAINER;
use super::error::Error;
use super::pod::Running;
use super::script::Script;
use crate::connect::Cluster;
use crate::process::{code, said};
use crate::refusal::Refusal;

/// How much goes over a connection at once, bytes.
const CHUNK: usize = 64 * 1024;
/// How much of what a program says is told, bytes.
const WORDS: u64 = 2000;

/// What was taken or given: how much, and its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    pub size_bytes: u64,
    pub sha256: String,
}

impl Running<'_> {
    /// Runs a script; what it prints, of which not much is expected.
    pub(super) async fn run(
        &self,
        cluster: &Cluster,
        script: Script,
        words: &[&str],
    ) -> Result<String, Error> {
        let mut program = self.start(cluster, script, words, false).await?;
        let printed = beginning(program.started.stdout());
        let (text, ended) = join!(printed, program.end());
        ended?;
        Ok(text)
    }

    /// Runs a script that prints much: to a new file, of at most `room` bytes.
    pub(super) async fn take(
        &self,
        cluster: &Cluster,
        script: Script,
        path: &Path,
        room: u64,
    ) -> Result<Carried, Error> {
        let mut file = File::create_new(path).await.map_err(failed("make", path))?;
        let mut program = self.start(cluster, script, &[], false).await?;
        let out = program.started.stdout();
        let taken = pin!(async {
            let taken = taken(out, &mut file, room).await;
            taken.map_err(failed("write", path))
        });
        // Whoever takes no more has its pod removed, and it with it.
        match select(taken, pin!(program.end())).await {
            Either::Left((taken, ended)) => {
                let taken = taken?.ok_or(Error::NoRoom { room })?;
                ended.await?;
                Ok(taken)
            }
            Either::Right((ended, taken)) => {
                let taken = taken.await?.ok_or(Error::NoRoom { room })?;
                ended?;
                Ok(taken)
            }
        }
    }

    /// Runs a script that is sent so many bytes of a file; none: it has fewer, and the script waits for the rest as long as its pod
    /// is there.
    pub(super) async fn give(
        &self,
        cluster: &Cluster,
        script: Script,
        path: &Path,
        size_bytes: u64,
    ) -> Result<Option<Carried>, Error> {
        let file = File::open(path).await.map_err(failed("open", path))?;
        let mut file = file.take(size_bytes);
        let size = size_bytes.to_string();
        let mut program = self.start(cluster, script, &[&size], true).await?;
        // It stays open until the program has ended: closing it closes the whole connection on some clusters.
        let mut stdin = program.started.stdin();
        let sent = pin!(given(&mut file, stdin.as_mut(), size_bytes));
        let printed = beginning(program.started.stdout());
        let ended = pin!(async { join!(printed, program.end()).1 });
        let (sent, ended) = match select(sent, ended).await {
            Either::Left((Ok(None), _)) => return Ok(None),
            Either::Left((Err(error), _)) => return Err(failed("read", path)(error)),
            Either::Left((Ok(sent), ended)) => (sent, ended.await),
            // It has all of it, or reads no more and says why.
            Either::Right((Ok(()), sent)) => return sent.await.map_err(failed("read", path)),
            Either::Right((Err(error), _)) => return Err(error),
        };
        ended?;
        Ok(sent)
    }

    async fn start(
        &self,
        cluster: &Cluster,
        script: Script,
        words: &[&str],
        reads: bool,
    ) -> Result<Program, Error> {
        let claim = &self.carrier.claim;
        let params = AttachParams {
            container: Some(CONTAINER.to_owned()),
            stdin: reads,
            stdout: true,
            stderr: true,
            tty: false,
            max_stdin_buf_size: Some(CHUNK),
            max_stdout_buf_size: Some(CHUNK),
            ..AttachParams::default()
        };
        let folder = self.carrier.folder.as_str();
        let head = ["sh", "-c", script.text, "sh", folder];
        let words: Vec<&str> = head.into_iter().chain(words.iter().copied()).collect();
        let doing = format!("{} the volume of {claim}", script.doing);
        let api = cluster.lasting::<Pod>();
        let asked = api.exec(&self.name, words, &params);
        let started = cluster.calls().once(doing.as_str(), asked).await?;
        Ok(Program {
            started,
            doing: script.doing,
            claim: claim.clone(),
        })
    }
}

/// A program that was started.
struct Program {
    started: AttachedProcess,
    doing: &'static str,
    claim: String,
}

impl Program {
    /// Waits until it has ended well. Somebody has to read what it prints meanwhile.
    async fn end(mut self) -> Result<(), Error> {
        let status = self.started.take_status();
        let words = beginning(self.started.stderr()).await;
        let status = match status {
            Some(status) => status.await,
            None => None,
        };
        let (doing, claim) = (self.doing, self.claim);
        let Some(status) = status else {
            return Err(Error::Cut { doing, claim });
        };
        match code(&status) {
            Some(0) => Ok(()),
            Some(code) => Err(Error::Failed {
                doing,
                claim,
                code,
                said: words.trim().to_owned(),
            }),
            None => Err(Refusal {
                doing: format!("{doing} the volume of {claim}"),
                source: said(status),
            }
            .into()),
        }
    }
}

/// Reads to the end; the beginning of it.
async fn beginning(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else {
        return String::new();
    };
    let mut bytes = Vec::new();
    let _ = (&mut from).take(WORDS).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Copies all that comes; none: it is more than `room` bytes. A connection that breaks is told by the status that does not come.
async fn taken(
    from: Option<impl AsyncRead + Unpin>,
    to: &mut File,
    room: u64,
) -> std::io::Result<Option<Carried>> {
    let (mut digest, mut size_bytes) = (Sha256::new(), 0);
    let mut bytes = vec![0; CHUNK];
    if let Some(mut from) = from {
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            size_bytes += count as u64;
            if size_bytes > room {
                return Ok(None);
            }
            digest.update(&bytes[..count]);
            to.write_all(&bytes[..count]).await?;
        }
    }
    to.flush().await?;
    Ok(Some(Carried {
        size_bytes,
        sha256: hexadecimal(digest),
    }))
}

/// Sends all of it, as far as it is read; none: there is less than so many bytes.
async fn given(
    from: &mut (impl AsyncRead + Unpin),
    to: Option<&mut (impl AsyncWrite + Unpin)>,
    wanted: u64,
) -> std::io::Result<Option<Carried>> {
    let (mut digest, mut size_bytes) = (Sha256::new(), 0);
    let mut bytes = vec![0; CHUNK];
    if let Some(to) = to {
        loop {
            let count = from.read(&mut bytes).await?;
            if count == 0 && size_bytes < wanted {
                return Ok(None);
            }
            digest.update(&bytes[..count]);
            size_bytes += count as u64;
            // Who reads no more says why.
            if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
        let _ = to.flush().await;
    }
    Ok(Some(Carried {
        size_bytes,
        sha256: hexadecimal(digest),
    }))
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File {
        doing,
        path,
        source,
    }
}

fn hexadecimal(digest: Sha256) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in digest.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
