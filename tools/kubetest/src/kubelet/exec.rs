//! Programs in pods that have volumes: those of this machine, at the folders that are the volumes (`v5.channel.k8s.io`).
//!
//! ```text
//! binary messages: a byte that says which channel, then what goes over it; 255 and a channel: nothing more comes on that one
//!     0 stdin   1 stdout   2 stderr   3 how it ended, as a Status
//! ```

use std::io;
use std::process::Stdio;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::volume::Volumes;

/// The only protocol that is spoken here.
const PROTOCOL: &str = "v5.channel.k8s.io";
/// Ends a channel.
const CLOSE: u8 = 255;

/// A program that is to be started.
pub struct Program {
    words: Vec<String>,
}

impl Program {
    /// What `/exec/NAMESPACE/POD/CONTAINER?command=...` asks for; none: it asks for something else, or the pod has no volume.
    pub fn asked(target: &str, volumes: &Volumes) -> Option<Self> {
        let (path, query) = target.split_once('?')?;
        let mut parts = path.strip_prefix("/exec/")?.split('/');
        let mounts = volumes.mounts(parts.next()?, parts.next()?)?;
        let words = query.split('&').filter_map(|pair| {
            let word = decoded(pair.strip_prefix("command=")?);
            let mounted = mounts.iter().find(|(path, _)| *path == word);
            Some(mounted.map_or(word, |(_, folder)| folder.display().to_string()))
        });
        Some(Self {
            words: words.collect(),
        })
    }

    fn start(&self) -> io::Result<Child> {
        let (program, words) = self
            .words
            .split_first()
            .ok_or(io::ErrorKind::InvalidInput)?;
        Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

/// Takes the connection over, runs the program and says how it ended.
pub async fn answer<S>(mut stream: S, head: &str, program: Program) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_key = name.eq_ignore_ascii_case("sec-websocket-key");
        is_key.then(|| derive_accept_key(value.trim().as_bytes()))
    });
    let Some(key) = key else {
        return Err(io::Error::other("no websocket is asked for"));
    };
    let reply = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {key}\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    );
    stream.write_all(reply.as_bytes()).await?;
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let (mut to, mut from) = socket.split();
    let (sender, mut messages) = mpsc::channel::<Vec<u8>>(16);
    let mut child = match program.start() {
        Ok(child) => child,
        Err(error) => {
            let why = json!({"status": "Failure", "reason": "InternalError", "message": error.to_string()});
            to.send(message(3, why.to_string().as_bytes()))
                .await
                .map_err(io::Error::other)?;
            return to.close().await.map_err(io::Error::other);
        }
    };
    let mut input = child.stdin.take();
    let out = child
        .stdout
        .take()
        .map(|out| tokio::spawn(pass(1, out, sender.clone())));
    let err = child
        .stderr
        .take()
        .map(|err| tokio::spawn(pass(2, err, sender.clone())));
    let ended = tokio::spawn(async move {
        for copy in [out, err].into_iter().flatten() {
            let _ = copy.await;
        }
        let status = child.wait().await?;
        let text = ended(status.code()).to_string();
        let _ = sender.send([&[3], text.as_bytes()].concat()).await;
        Ok::<_, io::Error>(())
    });
    loop {
        tokio::select! {
            told = messages.recv() => match told {
                Some(bytes) => to.send(Message::Binary(bytes.into())).await.map_err(io::Error::other)?,
                None => break,
            },
            said = from.next() => match said {
                Some(Ok(Message::Binary(bytes))) => heard(&bytes, &mut input).await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    // Whoever asked is gone; so is the program.
                    ended.abort();
                    return Ok(());
                }
                Some(Ok(_)) => {}
            },
        }
    }
    to.close().await.map_err(io::Error::other)
}

/// Takes what comes for the program.
async fn heard(bytes: &[u8], input: &mut Option<ChildStdin>) {
    match bytes {
        [0, text @ ..] => {
            if let Some(stdin) = input
                && stdin.write_all(text).await.is_err()
            {
                // It reads no more.
                *input = None;
            }
        }
        [CLOSE, 0] => *input = None,
        _ => {}
    }
}

async fn pass(channel: u8, mut from: impl AsyncRead + Unpin, to: mpsc::Sender<Vec<u8>>) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if to
            .send([&[channel], &bytes[..count]].concat())
            .await
            .is_err()
        {
            return;
        }
    }
}

fn message(channel: u8, text: &[u8]) -> Message {
    Message::Binary([&[channel], text].concat().into())
}

/// As a kubelet says it.
fn ended(code: Option<i32>) -> Value {
    match code {
        Some(0) => json!({"metadata": {}, "status": "Success"}),
        code => {
            let code = code.unwrap_or(137);
            json!({
                "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
                "message": format!("command terminated with exit code {code}"),
                "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
            })
        }
    }
}

/// What is percent-encoded, as Go's `url.Values` writes it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{decoded, ended};

    #[test]
    fn words_come_as_they_were_sent() {
        assert_eq!(
            decoded("cd+%22%241%22+%26%26+tar%0A%C3%A9"),
            "cd \"$1\" && tar\n\u{e9}"
        );
        assert_eq!(ended(Some(3))["details"]["causes"][0]["message"], "3");
    }
}
