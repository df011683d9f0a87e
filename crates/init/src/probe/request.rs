//! HTTP/1.1, as much of it as a probe needs.

/// The longest request that is read, in bytes.
pub const LONGEST: usize = 4096;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// `/ready`
    Ready,
    /// `/alive`
    Alive,
}

/// What has been understood of the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The request is not at its end.
    Incomplete,
    /// A question.
    Asked(Question),
    /// Nothing that has an answer but this status.
    Refused(u16),
}

/// Reads a request: bytes that may be anything. The end of the headers ends it; a body is not looked at.
pub fn read(bytes: &[u8]) -> Progress {
    let is_whole = bytes.windows(4).any(|four| four == b"\r\n\r\n")
        || bytes.windows(2).any(|two| two == b"\n\n");
    if !is_whole {
        return if bytes.len() >= LONGEST {
            Progress::Refused(431)
        } else {
            Progress::Incomplete
        };
    }
    let line = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let Ok(line) = str::from_utf8(line) else {
        return Progress::Refused(400);
    };
    let mut words = line.trim_end_matches('\r').split(' ');
    let (Some(method), Some(path), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Progress::Refused(400);
    };
    if !version.starts_with("HTTP/1.") || !path.starts_with('/') {
        return Progress::Refused(400);
    }
    let path = path.split('?').next().unwrap_or(path);
    match (method, path) {
        ("GET" | "HEAD", "/ready") => Progress::Asked(Question::Ready),
        ("GET" | "HEAD", "/alive") => Progress::Asked(Question::Alive),
        ("GET" | "HEAD", _) => Progress::Refused(404),
        _ => Progress::Refused(405),
    }
}

/// The whole response with a status. Each connection has one.
pub fn answer(status: u16) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    };
    let body = format!("{}\n", reason.to_lowercase());
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
