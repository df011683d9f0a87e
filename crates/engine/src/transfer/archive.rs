//! Archives: told by their content, whatever they are called.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use boatyard_store::DiskError;
use boatyard_store::layer::{self, Entry, LayerError, Limits};

use super::TransferError;
use crate::snapshot::Seen;

/// How an archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Packing {
    /// By the first bytes of a file.
    fn of(begin: &[u8]) -> Self {
        match begin {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            [b'B', b'Z', b'h', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            // A frame, or one to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    fn open(self, file: File) -> std::io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::None => Box::new(file),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(file))),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::new(file))),
            Self::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(
                BufReader::new(file),
            )),
            Self::Zstd => Box::new(zstd::Decoder::new(file)?),
        })
    }
}

/// How `seen` is packed if it is an archive with at least one entry, which `BuildKit` asks for, too.
pub(super) fn detect(seen: &Seen) -> Result<Option<Packing>, TransferError> {
    if seen.metadata.is_file() {
        detect_file(&seen.at)
    } else {
        Ok(None)
    }
}

/// The same for a file on the disk.
pub(super) fn detect_file(at: &Path) -> Result<Option<Packing>, TransferError> {
    let failed = |error| DiskError::new("read", at, error);
    let mut begin = Vec::new();
    let file = File::open(at).map_err(failed)?;
    (&file).take(6).read_to_end(&mut begin).map_err(failed)?;
    let packing = Packing::of(&begin);
    let file = File::open(at).map_err(failed)?;
    let is_archive = packing.open(file).is_ok_and(layer::begins_tar);
    Ok(is_archive.then_some(packing))
}

/// Reads an archive; `folder` takes the content of its files. `name` is for messages.
pub(super) fn read(
    name: &str,
    at: &Path,
    packing: Packing,
    folder: &Path,
) -> Result<Vec<Entry>, TransferError> {
    let failed = |error| DiskError::new("read", at, error);
    let file = File::open(at).map_err(failed)?;
    let packed = file.metadata().map_err(failed)?.len();
    let limits = Limits::default().within(folder).packed(packed);
    let reader = packing.open(file).map_err(failed)?;
    layer::spool(reader, folder, &limits).map_err(|source| match source {
        LayerError::Escapes { path } => TransferError::Escapes {
            archive: name.to_owned(),
            path,
        },
        source => TransferError::Archive {
            archive: name.to_owned(),
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::Packing;

    #[test]
    fn packings_are_told_by_their_first_bytes() {
        for (begin, expected) in [
            (&b"\x1f\x8b\x08\x00"[..], Packing::Gzip),
            (b"BZh9", Packing::Bzip2),
            (b"\xfd7zXZ\x00", Packing::Xz),
            (b"\x28\xb5\x2f\xfd", Packing::Zstd),
            (b"\x5a\x2a\x4d\x18", Packing::Zstd),
            (b"\x1f\x8b", Packing::None),
            (b"", Packing::None),
        ] {
            assert_eq!(Packing::of(begin), expected, "{begin:?}");
        }
    }
}
