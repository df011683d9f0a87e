//! Lines of bytes that somebody prints, who may print no text and no end of a line.

use std::io;
use std::mem;
use std::pin::Pin;

use futures_util::io::{AsyncBufRead, AsyncBufReadExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, LogParams};

/// Bytes of a line that are kept; what comes after them is left out.
const LONGEST: usize = 16 << 10;

/// Lines, as they come.
pub(super) struct Lines {
    bytes: Pin<Box<dyn AsyncBufRead + Send>>,
    /// What there is of the next one.
    line: Vec<u8>,
    /// Whether what comes is the rest of one that was told already.
    is_rest: bool,
}

impl Lines {
    pub(super) fn of(bytes: impl AsyncBufRead + Send + 'static) -> Self {
        Self {
            bytes: Box::pin(bytes),
            line: Vec::new(),
            is_rest: false,
        }
    }

    /// The next one, without its end; none: there is no more. What is no text is replaced.
    pub(super) async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            let buffer = self.bytes.fill_buf().await?;
            if buffer.is_empty() {
                let is_one = !self.line.is_empty();
                return Ok(is_one.then(|| self.take()));
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            let taken = part.len() + usize::from(end.is_some());
            if !self.is_rest {
                let room = LONGEST - self.line.len();
                self.line.extend_from_slice(&part[..part.len().min(room)]);
            }
            self.bytes.consume_unpin(taken);
            let was_rest = self.is_rest;
            let is_long = self.line.len() == LONGEST;
            self.is_rest = end.is_none() && (was_rest || is_long);
            if !was_rest && (end.is_some() || is_long) {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> String {
        let mut line = mem::take(&mut self.line);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        String::from_utf8(line)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// All that a container has printed.
pub(crate) async fn printed(
    pods: &Api<Pod>,
    name: &str,
    params: &LogParams,
) -> kube::Result<Vec<String>> {
    let mut lines = Lines::of(pods.log_stream(name, params).await?);
    let mut all = Vec::new();
    while let Some(line) = lines.next().await.map_err(kube::Error::ReadEvents)? {
        all.push(line);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use futures_util::io::{BufReader, Cursor};

    use super::*;

    fn read(bytes: &[u8], buffer: usize) -> Vec<String> {
        let bytes = BufReader::with_capacity(buffer, Cursor::new(bytes.to_vec()));
        let mut lines = Lines::of(bytes);
        let all = async {
            let mut all = Vec::new();
            while let Some(line) = lines.next().await.unwrap() {
                all.push(line);
            }
            all
        };
        all.now_or_never().expect("it is all there")
    }

    #[test]
    fn lines_are_told_whatever_they_are() {
        for buffer in [1, 3, 8192] {
            assert_eq!(read(b"a\r\n\nb", buffer), ["a", "", "b"]);
            assert_eq!(read(b"caf\xe9\nnext\n", buffer), ["caf\u{fffd}", "next"]);
        }
    }

    #[test]
    fn one_that_never_ends_is_told_as_far_as_it_is_kept() {
        for length in [LONGEST, LONGEST + 1, 5 * LONGEST] {
            let long = "x".repeat(length);
            let kept = "x".repeat(LONGEST);
            for end in ["", "\n"] {
                let printed = format!("{long}{end}");
                let lines = read(printed.as_bytes(), 4096);
                assert_eq!(lines, [kept.as_str()], "{length}");
            }
            let printed = format!("{long}\nnext\n");
            assert_eq!(read(printed.as_bytes(), 4096), [kept, "next".to_owned()]);
        }
    }
}
