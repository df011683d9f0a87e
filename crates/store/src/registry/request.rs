//! One request, as it can be sent again.

use std::fs::File;
use std::io;

use boatyard_plan::image::media;
use ureq::http::Method;

use super::address::Address;

/// What is asked.
pub(crate) struct Request<'r> {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: RequestBody<'r>,
}

/// What is sent along.
#[derive(Clone, Copy)]
pub(crate) enum RequestBody<'r> {
    None,
    Bytes(&'r [u8]),
    /// Part of a file.
    File(FilePart<'r>),
}

impl Request<'_> {
    pub(crate) fn new(method: Method, url: String) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: RequestBody::None,
        }
    }

    /// About the manifest or index that a tag or digest names, whichever it is.
    pub(crate) fn of_manifest(method: Method, address: &Address, name: &str) -> Self {
        let mut request = Self::new(method, address.url(&format!("manifests/{name}")));
        let types = [
            media::INDEX,
            media::MANIFEST,
            media::DOCKER_INDEX,
            media::DOCKER_MANIFEST,
        ];
        request.headers.push(("accept", types.join(", ")));
        request
    }
}

/// Part of a file, as a reader.
#[derive(Clone, Copy)]
pub(crate) struct FilePart<'f> {
    file: &'f File,
    offset: u64,
    left: u64,
    /// Told the offset up to which the file was read.
    note: &'f dyn Fn(u64),
}

impl<'f> FilePart<'f> {
    pub(super) fn new(file: &'f File, offset: u64, left: u64, note: &'f dyn Fn(u64)) -> Self {
        Self {
            file,
            offset,
            left,
            note,
        }
    }

    /// Bytes that come.
    pub(super) fn left(&self) -> u64 {
        self.left
    }
}

impl io::Read for FilePart<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use std::os::unix::fs::FileExt as _;
        let room = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let count = self.file.read_at(&mut into[..room], self.offset)?;
        self.offset += count as u64;
        self.left -= count as u64;
        (self.note)(self.offset);
        Ok(count)
    }
}
