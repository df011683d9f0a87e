//! An archive of the user's to entries, for those who place them themselves.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::entry::{Content, Entry, Kind};
use super::failure::LayerError;
use super::limits::Limits;
use super::read::{Archive, Header};
use super::root::relative;
use crate::disk::During as _;

const BUFFER: usize = 256 * 1024;

/// Whether a stream begins as a tar archive with at least one entry. Nothing that holds more is promised.
pub fn begins_tar(reader: impl Read) -> bool {
    let limits = Limits::default();
    let mut archive = Archive::new(BufReader::with_capacity(4096, reader), &limits);
    matches!(archive.next(), Ok(Some(_)))
}

/// Reads a tar stream (not compressed): its entries in the archive's order, names that come twice included. The content
/// of files is put into `folder` under numbers, never under names of the archive.
///
/// Fails with [`LayerError::Escapes`] on names with `..`, [`LayerError::OverLimit`] or [`LayerError::NoRoom`] past `limits`, and what a damaged
/// archive gives.
pub fn spool(reader: impl Read, folder: &Path, limits: &Limits) -> Result<Vec<Entry>, LayerError> {
    let mut archive = Archive::new(BufReader::with_capacity(BUFFER, reader), limits);
    let mut entries = Vec::new();
    let mut bytes = 0_u64;
    while let Some(header) = archive.next()? {
        if entries.len() as u64 >= limits.entries {
            return Err(LayerError::OverLimit {
                what: "entries",
                limit: limits.entries,
            });
        }
        bytes = bytes.saturating_add(header.size);
        if bytes > limits.bytes {
            return Err(LayerError::OverLimit {
                what: "bytes in files",
                limit: limits.bytes,
            });
        }
        let mut entry = entry(&header)?;
        if header.flag == b'0' && header.size > 0 {
            let at = folder.join(entries.len().to_string());
            write(&mut archive, &header, &at)?;
            entry.content = Content::File(at);
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(header: &Header) -> Result<Entry, LayerError> {
    let (major, minor) = header.device;
    let kind = match header.flag {
        b'0' => Kind::File,
        b'1' => Kind::Hardlink {
            target: clean(&header.link)?,
        },
        b'2' => {
            use std::os::unix::ffi::OsStrExt as _;
            Kind::Symlink {
                target: std::ffi::OsStr::from_bytes(&header.link).into(),
            }
        }
        b'3' => Kind::CharDevice { major, minor },
        b'4' => Kind::BlockDevice { major, minor },
        b'5' => Kind::Directory,
        _ => Kind::Fifo,
    };
    Ok(Entry {
        uid: header.uid,
        gid: header.gid,
        mtime: header.mtime.0,
        xattrs: header.xattrs.clone(),
        size: header.size,
        ..Entry::new(clean(&header.path)?, kind, header.mode)
    })
}

fn clean(path: &[u8]) -> Result<PathBuf, LayerError> {
    relative(path).ok_or_else(|| LayerError::Escapes {
        path: String::from_utf8_lossy(path).into_owned(),
    })
}

/// Writes the content of a file; holes stay holes.
fn write<R: BufRead>(
    archive: &mut Archive<'_, R>,
    header: &Header,
    at: &Path,
) -> Result<(), LayerError> {
    let file = File::create_new(at).during("create", at)?;
    let whole = [(0, header.size)];
    for &(mut offset, length) in header.parts.as_deref().unwrap_or(&whole) {
        let end = offset + length;
        while offset < end {
            let chunk = archive.chunk()?;
            if chunk.is_empty() {
                return Err(LayerError::CutOff {
                    at: archive.position(),
                });
            }
            let length = usize::try_from(end - offset).map_or(chunk.len(), |n| n.min(chunk.len()));
            file.write_all_at(&chunk[..length], offset)
                .during("write", at)?;
            archive.consume(length);
            offset += length as u64;
        }
    }
    if header.parts.is_some() {
        file.set_len(header.size).during("write", at)?;
    }
    Ok(())
}
