//! HTTP/1.1, as much of it as probes and scrapes need: one request for each connection, no body.

/// The longest request that is read, in bytes.
pub const LONGEST: usize = 4096;

/// What has been understood of a request so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head<'a> {
    /// It is not at its end.
    Incomplete,
    /// Somebody wants what is at this path, without its query.
    Wanted(&'a str),
    /// Somebody wants something done, as this path says, without its query.
    Posted(&'a str),
    /// Nothing that has an answer but this status.
    Refused(u16),
}

/// Reads a request: bytes that may be anything. The end of the headers ends it; a body is not looked at.
pub fn head(bytes: &[u8]) -> Head<'_> {
    let is_whole = bytes.windows(4).any(|four| four == b"\r\n\r\n")
        || bytes.windows(2).any(|two| two == b"\n\n");
    if !is_whole {
        return if bytes.len() >= LONGEST {
            Head::Refused(431)
        } else {
            Head::Incomplete
        };
    }
    let line = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let Ok(line) = str::from_utf8(line) else {
        return Head::Refused(400);
    };
    let mut words = line.trim_end_matches('\r').split(' ');
    let (Some(method), Some(path), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Head::Refused(400);
    };
    if !version.starts_with("HTTP/1.") || !path.starts_with('/') {
        return Head::Refused(400);
    }
    let path = path.split('?').next().unwrap_or(path);
    match method {
        "GET" | "HEAD" => Head::Wanted(path),
        "POST" => Head::Posted(path),
        _ => Head::Refused(405),
    }
}

/// The whole response with a status and this body. Each connection has one.
pub fn response(status: u16, body: &str) -> Vec<u8> {
    let reason = reason(status);
    let length = body.len();
    // The version is what Prometheus looks for; it does no harm to others.
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    (head + body).into_bytes()
}

/// The response with a status whose body says the same in words.
pub fn words(status: u16) -> Vec<u8> {
    response(status, &format!("{}\n", reason(status).to_lowercase()))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    }
}
