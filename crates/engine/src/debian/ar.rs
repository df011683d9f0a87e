//! The outer shape of a package: an `ar` archive of three members (deb(5)).
//!
//! ```text
//! !<arch>\n  debian-binary  control.tar.xz  data.tar.xz     each with a header of 60 bytes, each at an even offset
//! ```

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// A member of an archive: its name, and where its contents are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name without blanks and slash.
    pub name: String,
    /// Where it begins.
    pub offset: u64,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// Lists the members of an archive.
pub fn members<R: Read + Seek>(archive: &mut R) -> io::Result<Vec<Member>> {
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "not an ar archive");
    let mut magic = [0; 8];
    archive.read_exact(&mut magic)?;
    if magic != *b"!<arch>\n" {
        return Err(malformed());
    }
    let mut found = Vec::new();
    let mut offset = 8;
    loop {
        let mut header = [0; 60];
        archive.seek(SeekFrom::Start(offset))?;
        match archive.read_exact(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(found),
            other => other?,
        }
        let text = std::str::from_utf8(&header).map_err(|_| malformed())?;
        let size_bytes: u64 = text
            .get(48..58)
            .and_then(|size| size.trim().parse().ok())
            .ok_or_else(malformed)?;
        if !text.ends_with("`\n") {
            return Err(malformed());
        }
        offset += 60;
        found.push(Member {
            name: text[..16].trim_end().trim_end_matches('/').to_owned(),
            offset,
            size_bytes,
        });
        offset += size_bytes + size_bytes % 2;
    }
}

/// Opens the member of a package whose name begins with `prefix` (`control.tar` or `data.tar`), decompressed.
pub fn open_member(path: &Path, prefix: &str) -> io::Result<Box<dyn Read>> {
    let mut file = File::open(path)?;
    let member = members(&mut file)?
        .into_iter()
        .find(|member| member.name.starts_with(prefix))
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("no {prefix} in the package"),
            )
        })?;
    file.seek(SeekFrom::Start(member.offset))?;
    let packed = BufReader::with_capacity(256 * 1024, file.take(member.size_bytes));
    Ok(match &member.name[prefix.len()..] {
        ".xz" => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(packed)),
        ".zst" => Box::new(zstd::Decoder::with_buffer(packed)?),
        ".gz" => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
        "" => Box::new(packed),
        other => {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("compressed with {other}"),
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, size: usize) -> String {
        format!(
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n",
            0, 0, 0, 100_644
        )
    }

    #[test]
    fn lists_members_at_even_offsets() {
        let bytes = format!(
            "!<arch>\n{}abc\n{}de",
            header("debian-binary", 3),
            header("data.tar.xz/", 2)
        );
        let found = members(&mut io::Cursor::new(bytes)).expect("well formed");
        assert_eq!(
            found
                .iter()
                .map(|m| (m.name.as_str(), m.offset, m.size_bytes))
                .collect::<Vec<_>>(),
            [("debian-binary", 68, 3), ("data.tar.xz", 132, 2)]
        );
    }

    #[test]
    fn refuses_what_is_none() {
        for bytes in [b"".as_slice(), b"!<arch>?", &[b'!'; 200]] {
            assert!(members(&mut io::Cursor::new(bytes)).is_err());
        }
    }
}
