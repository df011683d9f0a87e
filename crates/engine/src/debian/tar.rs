//! Reading the tar archives that packages hold (ustar with GNU's and POSIX's long names).

use std::io::{self, Read};

/// What an entry makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of that many bytes.
    File(u64),
    /// Another name of the file at this path.
    Hardlink(Vec<u8>),
    /// A symbolic link to this target.
    Symlink(Vec<u8>),
    /// A directory.
    Directory,
    /// A character device, by major and minor number.
    Character(u32, u32),
    /// A block device, by major and minor number.
    Block(u32, u32),
    /// A named pipe.
    Pipe,
}

/// The head of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path: relative, without `./`, `..`, doubled slashes or a slash at its end. Empty for the root itself.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Permission bits, with set-user-id and the like.
    pub mode: u32,
    /// The number of its owner.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// The name of its owner.
    pub user: String,
    /// The name of its group.
    pub group: String,
    /// When it was changed, seconds since 1970.
    pub mtime: u64,
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("malformed tar archive: {what}"),
    )
}

/// A tar archive that is read from front to back.
pub struct Archive<R> {
    inner: R,
    /// Bytes of the current entry that were not read, and the padding after them.
    left: u64,
    padding: u64,
}

impl<R: Read> Archive<R> {
    /// Reads from there on.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            left: 0,
            padding: 0,
        }
    }

    /// The next entry; what was not read of the one before is passed over. `None` at the end.
    pub fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        let (mut long_path, mut long_link): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
        loop {
            self.skip()?;
            let mut header = [0; 512];
            match self.inner.read_exact(&mut header) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                other => other?,
            }
            if header.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            let size = number(&header[124..136])?;
            self.left = size;
            self.padding = (512 - size % 512) % 512;
            match header[156] {
                b'L' => long_path = Some(self.text(size)?),
                b'K' => long_link = Some(self.text(size)?),
                b'x' => {
                    let records = self.text_whole(size)?;
                    long_path = pax(&records, "path").or(long_path);
                    long_link = pax(&records, "linkpath").or(long_link);
                }
                b'g' => {}
                kind => return entry(&header, kind, size, long_path, long_link).map(Some),
            }
        }
    }

    /// Up to its end, then nothing, as `Read` has it.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        if length == 0 {
            return Ok(0);
        }
        let read = self.inner.read(&mut buffer[..length])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }

    fn skip(&mut self) -> io::Result<()> {
        let length = std::mem::take(&mut self.left) + std::mem::take(&mut self.padding);
        let skipped = io::copy(&mut self.inner.by_ref().take(length), &mut io::sink())?;
        if skipped < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn text_whole(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > 1 << 20 {
            return Err(malformed("a name longer than a megabyte"));
        }
        let mut text = Vec::new();
        self.inner.by_ref().take(size).read_to_end(&mut text)?;
        self.left = 0;
        Ok(text)
    }

    fn text(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut text = self.text_whole(size)?;
        text.truncate(
            text.iter()
                .position(|byte| *byte == 0)
                .unwrap_or(text.len()),
        );
        Ok(text)
    }
}

fn entry(
    header: &[u8; 512],
    kind: u8,
    size: u64,
    long_path: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
) -> io::Result<Entry> {
    let path = long_path.unwrap_or_else(|| {
        let prefix = if &header[257..263] == b"ustar\0" {
            field(&header[345..500])
        } else {
            &[]
        };
        let mut path = prefix.to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(field(&header[..100]));
        path
    });
    let link = long_link.unwrap_or_else(|| field(&header[157..257]).to_vec());
    let small = |range: std::ops::Range<usize>| {
        u32::try_from(number(&header[range])?).map_err(|_| malformed("a number that is too large"))
    };
    Ok(Entry {
        path: normal(&path)?,
        kind: match kind {
            b'0' | 0 | b'7' => Kind::File(size),
            b'1' => Kind::Hardlink(normal(&link)?.into_bytes()),
            b'2' => Kind::Symlink(link),
            b'3' => Kind::Character(small(329..337)?, small(337..345)?),
            b'4' => Kind::Block(small(329..337)?, small(337..345)?),
            b'5' => Kind::Directory,
            b'6' => Kind::Pipe,
            _ => return Err(malformed("an entry of an unknown kind")),
        },
        mode: small(100..108)? & 0o7777,
        uid: small(108..116)?,
        gid: small(116..124)?,
        user: String::from_utf8_lossy(field(&header[265..297])).into_owned(),
        group: String::from_utf8_lossy(field(&header[297..329])).into_owned(),
        mtime: number(&header[136..148])?,
    })
}

/// A field up to its first zero byte.
fn field(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len())]
}

/// A number in octal digits, or in base 256 if the first bit is set (GNU).
fn number(bytes: &[u8]) -> io::Result<u64> {
    if bytes[0] & 0x80 != 0 {
        return Ok(bytes[1..]
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)));
    }
    let text = std::str::from_utf8(field(bytes))
        .map_err(|_| malformed("a number"))?
        .trim();
    if text.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(text, 8).map_err(|_| malformed("a number"))
}

/// A path without `.`, empty parts and slashes around it; one that leads upwards is refused.
fn normal(path: &[u8]) -> io::Result<String> {
    let text = std::str::from_utf8(path).map_err(|_| malformed("a path that is not UTF-8"))?;
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(malformed("a path that leads upwards")),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A value of an extended header: records of `LENGTH KEY=VALUE\n`.
fn pax(records: &[u8], key: &str) -> Option<Vec<u8>> {
    let mut rest = records;
    let mut found = None;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let record = rest.get(space + 1..length.checked_sub(1)?)?;
        if let Some(value) = record
            .strip_prefix(key.as_bytes())
            .and_then(|value| value.strip_prefix(b"="))
        {
            found = Some(value.to_vec());
        }
        rest = rest.get(length..)?;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_normal_and_never_lead_out() {
        for (path, expected) in [
            ("./usr//bin/", Some("usr/bin")),
            ("./", Some("")),
            ("/etc/x", Some("etc/x")),
            ("a/../b", None),
        ] {
            assert_eq!(normal(path.as_bytes()).ok().as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn reads_extended_records() {
        assert_eq!(
            pax(b"12 path=a/b\n16 linkpath=c\xc3\xa9\n", "path"),
            Some(b"a/b".to_vec())
        );
        assert_eq!(pax(b"12 path=a/b\n", "linkpath"), None);
        assert_eq!(pax(b"99 path=a/b\n", "path"), None);
        assert_eq!(pax(b"13 path=a/b\n", "path"), None);
    }

    #[test]
    fn a_cut_archive_is_an_error() {
        let mut header = [0; 512];
        header[..1].copy_from_slice(b"f");
        header[124..127].copy_from_slice(b"777");
        header[156] = b'0';
        let mut archive = Archive::new(header.as_slice());
        assert_eq!(
            archive
                .next_entry()
                .expect("a header")
                .map(|entry| entry.kind),
            Some(Kind::File(0o777))
        );
        assert!(archive.next_entry().is_err());
    }
}
