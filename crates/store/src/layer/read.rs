//! Tar streams read from those whom we do not trust: ustar, PAX, GNU long names and GNU sparse files.
//!
//! Every number is checked before it is used; no header makes us hold more than [`Limits::header_bytes`] in memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, ErrorKind};
use std::os::unix::ffi::OsStringExt as _;

use super::failure::LayerError;
use super::field::{check_sum, name, number, parse_records, signed, time, until_nul};
use super::header::BLOCK;
use super::limits::Limits;

/// An entry's header.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// Where it begins in the stream, for messages.
    pub at: u64,
    /// The name as it stands in the archive.
    pub path: Vec<u8>,
    /// Target of links.
    pub link: Vec<u8>,
    /// `b'0'` file, `b'1'` hard link, `b'2'` symbolic link, `b'3'` and `b'4'` devices, `b'5'` folder, `b'6'` pipe.
    pub flag: u8,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub mtime: (i64, u32),
    /// Bytes of the file once unpacked.
    pub size: u64,
    pub device: (u32, u32),
    pub xattrs: BTreeMap<OsString, Vec<u8>>,
    /// Of a sparse file: offset and length of the parts that are stored.
    pub parts: Option<Vec<(u64, u64)>>,
}

/// A tar stream.
pub(crate) struct Archive<'a, R> {
    reader: R,
    pub(super) limits: &'a Limits,
    pub(super) at: u64,
    /// Bytes of the current entry's content, and padding after it, not read yet.
    content: u64,
    padding: u64,
}

#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    records: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl<'a, R: BufRead> Archive<'a, R> {
    pub(crate) fn new(reader: R, limits: &'a Limits) -> Self {
        Self {
            reader,
            limits,
            at: 0,
            content: 0,
            padding: 0,
        }
    }

    /// The next entry; what is left of the one before is skipped. `None` at the end mark, or where the stream ends
    /// between two entries, as some writers leave it.
    pub(crate) fn next(&mut self) -> Result<Option<Header>, LayerError> {
        let mut extended = Extended::default();
        loop {
            self.skip_content()?;
            let at = self.at;
            let Some(block) = self.block()? else {
                return if at == 0 {
                    Err(LayerError::CutOff { at })
                } else {
                    Ok(None)
                };
            };
            if block.iter().all(|&b| b == 0) {
                return Ok(None);
            }
            let malformed = |what| LayerError::Malformed { at, what };
            check_sum(&block).ok_or_else(|| malformed("the checksum of a header is wrong"))?;
            let size = number(&block[124..136]).ok_or_else(|| malformed("a size is no number"))?;
            match block[156] {
                b'x' => parse_records(&self.long(size)?, &mut extended.records)
                    .ok_or_else(|| malformed("a PAX header is not well formed"))?,
                // Comments, as `git archive` writes them.
                b'g' => drop(self.long(size)?),
                b'L' => extended.path = Some(until_nul(&self.long(size)?).to_vec()),
                b'K' => extended.link = Some(until_nul(&self.long(size)?).to_vec()),
                _ => return self.entry(at, &block, size, extended).map(Some),
            }
        }
    }

    /// Some of the current entry's content, in order; empty at its end.
    pub(crate) fn chunk(&mut self) -> Result<&[u8], LayerError> {
        if self.content == 0 {
            return Ok(&[]);
        }
        let at = self.at;
        let available = fill(&mut self.reader, at)?;
        if available.is_empty() {
            return Err(LayerError::CutOff { at });
        }
        let most = available.len();
        Ok(&available[..usize::try_from(self.content).map_or(most, |n| n.min(most))])
    }

    /// Takes `length` bytes of what [`Archive::chunk`] gave.
    pub(crate) fn consume(&mut self, length: usize) {
        self.reader.consume(length);
        self.at += length as u64;
        self.content -= length as u64;
    }

    /// Bytes of the stream read so far.
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// Reads what is left of the stream.
    pub(crate) fn drain(&mut self) -> Result<(), LayerError> {
        loop {
            let length = fill(&mut self.reader, self.at)?.len();
            if length == 0 {
                return Ok(());
            }
            self.reader.consume(length);
            self.advance(length as u64)?;
        }
    }

    fn entry(
        &mut self,
        at: u64,
        block: &[u8; BLOCK],
        size: u64,
        extended: Extended,
    ) -> Result<Header, LayerError> {
        let malformed = |what| LayerError::Malformed { at, what };
        let records = &extended.records;
        if records.keys().any(|key| key.starts_with(b"GNU.sparse.")) {
            return Err(LayerError::Unsupported {
                format: "PAX with sparse files",
            });
        }
        let pax = |key: &str, field: &[u8]| match records.get(key.as_bytes()) {
            Some(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            None => number(field),
        };
        let stored = match records.get(&b"size"[..]) {
            Some(_) => pax("size", &[]).ok_or_else(|| malformed("a size is no number"))?,
            None => size,
        };
        let id = |key, field| pax(key, field).and_then(|id| u32::try_from(id).ok());
        let posix = &block[257..263] == b"ustar\0";
        let mut header = Header {
            at,
            path: extended.path.unwrap_or_else(|| name(block, posix)),
            link: extended
                .link
                .unwrap_or_else(|| until_nul(&block[157..257]).to_vec()),
            flag: match block[156] {
                0 | b'7' => b'0',
                other => other,
            },
            mode: u32::try_from(number(&block[100..108]).unwrap_or(0) & 0o7777).unwrap_or(0),
            uid: id("uid", &block[108..116]).ok_or_else(|| malformed("an owner is no number"))?,
            gid: id("gid", &block[116..124]).ok_or_else(|| malformed("a group is no number"))?,
            mtime: (signed(&block[136..148]).unwrap_or(0), 0),
            size: stored,
            ..Header::default()
        };
        for (key, value) in extended.records {
            match &key[..] {
                b"path" => header.path = value,
                b"linkpath" => header.link = value,
                b"mtime" => {
                    header.mtime = time(&value).ok_or_else(|| malformed("a time is no number"))?;
                }
                _ => {
                    if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
                        let name = OsString::from_vec(name.to_vec());
                        header.xattrs.insert(name, value);
                    }
                }
            }
        }
        if header.flag == b'0' && header.path.ends_with(b"/") {
            header.flag = b'5';
        }
        match header.flag {
            b'0' => {}
            b'S' => {
                header.flag = b'0';
                header.size =
                    number(&block[483..495]).ok_or_else(|| malformed("a size is no number"))?;
                header.parts = Some(self.sparse(at, block, stored, header.size)?);
            }
            b'3' | b'4' => {
                let device = |range: std::ops::Range<usize>| {
                    number(&block[range])
                        .and_then(|number| u32::try_from(number).ok())
                        .ok_or_else(|| malformed("a device number is no number"))
                };
                header.device = (device(329..337)?, device(337..345)?);
                header.size = 0;
            }
            b'1' | b'2' | b'5' | b'6' => header.size = 0,
            _ => return Err(malformed("an entry has a type that no standard knows")),
        }
        // Links, folders, pipes and devices have no content whatever their size says (as Go and GNU tar read them).
        self.content = if header.flag == b'0' { stored } else { 0 };
        self.padding = self.content.wrapping_neg() % BLOCK as u64;
        Ok(header)
    }

    /// The whole content of a header that describes the next entry.
    fn long(&mut self, size: u64) -> Result<Vec<u8>, LayerError> {
        if size > self.limits.header_bytes {
            return Err(LayerError::OverLimit {
                what: "bytes in one header",
                limit: self.limits.header_bytes,
            });
        }
        self.content = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
        let mut data = Vec::new();
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(data);
            }
            data.extend_from_slice(chunk);
            let length = chunk.len();
            self.consume(length);
        }
    }

    fn skip_content(&mut self) -> Result<(), LayerError> {
        let mut left = self
            .content
            .checked_add(self.padding)
            .ok_or(LayerError::CutOff { at: self.at })?;
        (self.content, self.padding) = (0, 0);
        while left > 0 {
            let available = fill(&mut self.reader, self.at)?.len();
            if available == 0 {
                return Err(LayerError::CutOff { at: self.at });
            }
            let length = usize::try_from(left).map_or(available, |left| left.min(available));
            self.reader.consume(length);
            left -= length as u64;
            self.advance(length as u64)?;
        }
        Ok(())
    }

    /// One block, or `None` if the stream has ended.
    pub(super) fn block(&mut self) -> Result<Option<[u8; BLOCK]>, LayerError> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            let available = fill(&mut self.reader, self.at)?;
            if available.is_empty() {
                return match filled {
                    0 => Ok(None),
                    _ => Err(LayerError::CutOff { at: self.at }),
                };
            }
            let length = available.len().min(BLOCK - filled);
            block[filled..filled + length].copy_from_slice(&available[..length]);
            self.reader.consume(length);
            filled += length;
            self.advance(length as u64)?;
        }
        Ok(Some(block))
    }

    fn advance(&mut self, length: u64) -> Result<(), LayerError> {
        self.at += length;
        // Headers and padding are content of a bomb too.
        self.limits.check(self.at)
    }
}

fn fill<R: BufRead>(reader: &mut R, at: u64) -> Result<&[u8], LayerError> {
    loop {
        match reader.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(source) => return Err(LayerError::Stream { at, source }),
        }
    }
    reader
        .fill_buf()
        .map_err(|source| LayerError::Stream { at, source })
}
