//! One file of a layer, without unpacking it.

use std::io::BufRead;

use super::failure::LayerError;
use super::limits::Limits;
use super::read::Archive;

/// The content of the file at `path` (relative, without `./`), if the tar stream has one.
pub(crate) fn first_file(stream: impl BufRead, path: &str) -> Result<Option<Vec<u8>>, LayerError> {
    let limits = Limits::default();
    let mut archive = Archive::new(stream, &limits);
    while let Some(header) = archive.next()? {
        let name = header.path.strip_prefix(b"./").unwrap_or(&header.path);
        let is_file = matches!(header.flag, b'0' | 0);
        if !is_file || name != path.as_bytes() {
            continue;
        }
        let mut content = Vec::new();
        loop {
            let chunk = archive.chunk()?;
            if chunk.is_empty() {
                return Ok(Some(content));
            }
            let length = chunk.len();
            content.extend_from_slice(chunk);
            archive.consume(length);
        }
    }
    Ok(None)
}
