//! One blob into a repository: mounted, or uploaded over connections that break.
//!
//! ```text
//! HEAD blobs/<digest>                          there already?
//! POST blobs/uploads/?mount=<digest>&from=R    201: mounted; 202: an upload begins instead
//! PATCH <place>                                all of it, or from where it broke off
//! GET <place>                                  after a break: how much has arrived?
//! PUT <place>?digest=<digest>                  whole
//! ```

use std::cell::Cell;
use std::fs::File;

use boatyard_plan::image::Descriptor;
use ureq::Body;
use ureq::http::{Method, Response, StatusCode};

use super::client::Client;
use super::failure::RegistryError;
use super::request::{FilePart, Request, RequestBody};

/// The smallest piece: below it, what requests cost counts more than what is lost by a break.
const PIECE_MIN: u64 = 256 << 10;
/// The largest piece once a registry has thrown away an upload that broke off.
const PIECE_MAX: u64 = 8 << 20;
/// Progress is told in steps of so many bytes.
const STEP: u64 = 256 << 10;

/// How a blob gets there.
pub(super) enum Start {
    /// The repository has it now.
    There,
    /// An upload is open at this URL.
    At(String),
}

/// Looks whether the repository has a blob, mounts it from `source` (another repository of the registry), or opens an
/// upload.
pub(super) fn start(
    client: &Client<'_>,
    blob: &Descriptor,
    source: Option<&str>,
) -> Result<Start, RegistryError> {
    if has(client, blob)? {
        return Ok(Start::There);
    }
    let Some(source) = source else {
        return begin(client, "").map(Start::At);
    };
    let query = format!("?mount={}&from={source}", blob.digest);
    let response = match client.send(&opening(client, &query)) {
        // Whoever may push here need not be allowed to read there.
        Err(RegistryError::Unauthorized { .. }) => return begin(client, "").map(Start::At),
        answer => answer?,
    };
    match response.status() {
        StatusCode::CREATED => Ok(Start::There),
        StatusCode::ACCEPTED => location(client, &response).map(Start::At),
        // Registries may refuse the source instead of beginning an upload.
        _ => begin(client, "").map(Start::At),
    }
}

fn has(client: &Client<'_>, blob: &Descriptor) -> Result<bool, RegistryError> {
    let url = client.address.url(&format!("blobs/{}", blob.digest));
    let response = client.send(&Request::new(Method::HEAD, url))?;
    match response.status() {
        StatusCode::NOT_FOUND => Ok(false),
        status if status.is_success() => Ok(true),
        _ => Err(client.refused(response, &format!("blob {}", blob.digest))),
    }
}

/// Uploads a blob to the open upload at `place`; `count` is told of bytes that go for the first time.
///
/// Tries count from the last time that the registry had more than ever before: a long upload may break often.
pub(super) fn upload(
    client: &Client<'_>,
    file: &File,
    blob: &Descriptor,
    mut place: String,
    count: &dyn Fn(u64),
) -> Result<(), RegistryError> {
    let attempts = client.options.attempts;
    let meter = Meter::new(blob.size, count);
    let (mut sent, mut most, mut failures, mut broke) = (0, 0, 0, false);
    let mut piece = u64::MAX;
    while sent < blob.size {
        let length = piece.min(blob.size - sent);
        let read = Cell::new(sent);
        let note = |offset| {
            read.set(offset);
            meter.reached(offset);
        };
        let part = FilePart::new(file, sent, length, &note);
        let error = match patch(client, &place, part, sent, piece != u64::MAX) {
            Ok(response) if response.status().is_success() => {
                place = location(client, &response)?;
                sent += length;
                if sent > most {
                    (most, failures) = (sent, 0);
                }
                continue;
            }
            Ok(response) if may_go_on(response.status(), broke) => {
                client.refused(response, "part of a blob")
            }
            Ok(response) => return Err(client.refused(response, "part of a blob")),
            Err(error) => error,
        };
        broke = true;
        failures += 1;
        if failures >= attempts {
            return Err(error);
        }
        client.wait(failures);
        // How much has arrived, by the registry's word. Some give up an upload that broke off within a request
        // (distribution 2.8 does): then from the beginning, in pieces that are likely to get through, each on a
        // connection of its own.
        let status = client.send(&Request::new(Method::GET, place))?;
        if status.status().is_success() {
            sent = received(&status).min(blob.size);
            place = location(client, &status)?;
            if sent > most {
                (most, failures) = (sent, 0);
            }
        } else {
            piece = smaller(piece, read.get() - sent);
            sent = 0;
            place = begin(client, "")?;
        }
    }
    finish(client, &place, blob)
}

/// The next size of pieces, after one of `piece` bytes got no further than `got`.
fn smaller(piece: u64, got: u64) -> u64 {
    (got.min(piece) / 2).clamp(PIECE_MIN, PIECE_MAX)
}

/// Whether another try may do better: an overloaded registry, a token that ran out, or an upload that the registry has
/// lost with a connection.
fn may_go_on(status: StatusCode, broke: bool) -> bool {
    let lost = [
        StatusCode::BAD_REQUEST,
        StatusCode::NOT_FOUND,
        StatusCode::RANGE_NOT_SATISFIABLE,
    ];
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::UNAUTHORIZED
        || (broke && lost.contains(&status))
}

fn opening(client: &Client<'_>, query: &str) -> Request<'static> {
    let url = client.address.url(&format!("blobs/uploads/{query}"));
    Request {
        body: RequestBody::Bytes(b""),
        ..Request::new(Method::POST, url)
    }
}

/// Opens an upload and gives its place.
fn begin(client: &Client<'_>, query: &str) -> Result<String, RegistryError> {
    let answer = client.send(&opening(client, query))?;
    location(client, &expect(client, answer, "a new upload")?)
}

/// Closes an upload that is whole.
fn finish(client: &Client<'_>, place: &str, blob: &Descriptor) -> Result<(), RegistryError> {
    let separator = if place.contains('?') { '&' } else { '?' };
    let url = format!("{place}{separator}digest={}", blob.digest);
    let request = Request {
        body: RequestBody::Bytes(b""),
        ..Request::new(Method::PUT, url)
    };
    let answer = client.send(&request)?;
    // If the answer to a first try was lost, the upload is gone because it is done.
    if answer.status() == StatusCode::NOT_FOUND && has(client, blob)? {
        return Ok(());
    }
    expect(client, answer, "a whole blob")?;
    Ok(())
}

/// Sends part of a blob. Not with [`Client::send`]'s own tries: a second one must begin elsewhere.
fn patch(
    client: &Client<'_>,
    place: &str,
    part: FilePart<'_>,
    sent: u64,
    own_connection: bool,
) -> Result<Response<Body>, RegistryError> {
    let mut request = Request::new(Method::PATCH, place.to_owned());
    request
        .headers
        .push(("content-type", "application/octet-stream".to_owned()));
    if sent > 0 {
        let range = format!("{sent}-{}", sent + part.left().saturating_sub(1));
        request.headers.push(("content-range", range));
    }
    if own_connection {
        request.headers.push(("connection", "close".to_owned()));
    }
    request.body = RequestBody::File(part);
    client.send_once(&request)
}

/// Bytes that the registry has, from `Range: 0-<last>`.
fn received(response: &Response<Body>) -> u64 {
    response
        .headers()
        .get("range")
        .and_then(|range| range.to_str().ok()?.rsplit_once('-')?.1.parse::<u64>().ok())
        // Registries say `0-0` of an upload that is empty. If it was one byte, they refuse to take it again.
        .map_or(0, |last| if last == 0 { 0 } else { last + 1 })
}

fn location(client: &Client<'_>, response: &Response<Body>) -> Result<String, RegistryError> {
    response
        .headers()
        .get("location")
        .and_then(|location| location.to_str().ok())
        .map(|location| client.address.located(location))
        .ok_or_else(|| client.not_a_registry(response))
}

/// The answer, if it says that it went well.
pub(super) fn expect(
    client: &Client<'_>,
    response: Response<Body>,
    what: &str,
) -> Result<Response<Body>, RegistryError> {
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(client.refused(response, what))
    }
}

/// Tells how much of a blob went, each byte once however often it is sent.
struct Meter<'m> {
    size: u64,
    told: Cell<u64>,
    count: &'m dyn Fn(u64),
}

impl<'m> Meter<'m> {
    fn new(size: u64, count: &'m dyn Fn(u64)) -> Self {
        Self {
            size,
            told: Cell::new(0),
            count,
        }
    }

    fn reached(&self, offset: u64) {
        let fresh = offset.saturating_sub(self.told.get());
        if fresh >= STEP || (fresh > 0 && offset >= self.size) {
            self.told.set(offset);
            (self.count)(fresh);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_shrink_to_what_gets_through() {
        let cases = [
            (u64::MAX, 10 << 20, 5 << 20),
            (u64::MAX, 100 << 20, PIECE_MAX),
            (5 << 20, 5 << 20, (5 << 20) / 2),
            (5 << 20, 0, PIECE_MIN),
            (PIECE_MIN, PIECE_MIN, PIECE_MIN),
        ];
        for (piece, got, expected) in cases {
            assert_eq!(smaller(piece, got), expected, "{piece} {got}");
        }
    }

    #[test]
    fn bytes_that_are_sent_again_are_not_told_again() {
        let sum = Cell::new(0);
        let count = |bytes| sum.set(sum.get() + bytes);
        let meter = Meter::new(1 << 20, &count);
        for offset in [100, 300 << 10, 10, 200 << 10, 700 << 10, 1 << 20, 1 << 20] {
            meter.reached(offset);
        }
        assert_eq!(sum.get(), 1 << 20);
    }
}
