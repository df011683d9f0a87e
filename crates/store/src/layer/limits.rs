//! When unpacking stops: an archive of some kilobytes may unpack to more than any disk has.

use std::path::Path;

use super::failure::LayerError;

/// When unpacking stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries.
    pub entries: u64,
    /// Bytes of the archive once decompressed, and bytes of all files (holes included).
    pub bytes: u64,
    /// Bytes of one entry's extended header, and of a path.
    pub header_bytes: u64,
    /// Bytes of the archive once decompressed for each byte that it is packed in.
    pub ratio: u64,
    /// Up to so many bytes the ratio does not count: a small layer may well be one file of zeros.
    pub any_ratio_bytes: u64,
    /// Bytes that there is room for where it is unpacked; none: that is not known.
    pub room: Option<u64>,
}

impl Default for Limits {
    /// 4 million entries, 256 GiB, 1 MiB, and beyond 8 GiB at most 200 bytes for each packed one: beyond every honest layer.
    /// Text and programs have 2 to 20, logs that say the same again and again 100; zeros have 1,000 (gzip) to 30,000
    /// (Zstandard).
    fn default() -> Self {
        Self {
            entries: 4_000_000,
            bytes: 256 << 30,
            header_bytes: 1 << 20,
            ratio: 200,
            any_ratio_bytes: 8 << 30,
            room: None,
        }
    }
}

impl Limits {
    /// These, for an archive that is packed in so many bytes.
    #[must_use]
    pub fn packed(self, bytes: u64) -> Self {
        Self {
            bytes: self.bytes.min(self.of_ratio(bytes)),
            ..self
        }
    }

    /// These, and no more than what is free where `folder` is, less a little: what stops there leaves others some room.
    #[must_use]
    pub fn within(&self, folder: &Path) -> Self {
        let free =
            rustix::fs::statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        // A file system that does not tell will say so when it is full.
        let room = free
            .ok()
            .filter(|free| *free > 0)
            .map(|free| free - free / 16);
        Self {
            room,
            ..self.clone()
        }
    }

    fn of_ratio(&self, packed: u64) -> u64 {
        packed.saturating_mul(self.ratio).max(self.any_ratio_bytes)
    }

    /// Fails if there are too many `bytes`, decompressed.
    pub(super) fn check(&self, bytes: u64) -> Result<(), LayerError> {
        if bytes > self.bytes {
            return Err(LayerError::OverLimit {
                what: "bytes",
                limit: self.bytes,
            });
        }
        match self.room {
            Some(room) if bytes > room => Err(LayerError::NoRoom { room }),
            _ => Ok(()),
        }
    }

    /// Fails if `bytes`, decompressed, are too many for what they are `packed` in.
    pub(super) fn check_ratio(&self, bytes: u64, packed: u64) -> Result<(), LayerError> {
        let limit = self.of_ratio(packed);
        if bytes <= limit {
            return Ok(());
        }
        Err(LayerError::OverLimit {
            what: "bytes, packed in far fewer",
            limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn the_ratio_counts_for_what_is_large() {
        let limits = Limits::default();
        for (bytes, packed, permitted) in [
            (8 * GIB, 1, true),
            (8 * GIB + 1, 1, false),
            (9 * GIB, 9 * GIB / 200 + 1, true),
            (100 * GIB, GIB / 3, false),
            (200 * GIB, 200 * GIB, true),
        ] {
            let found = limits.check_ratio(bytes, packed);
            assert_eq!(found.is_ok(), permitted, "{bytes} in {packed}: {found:?}");
            let found = limits.clone().packed(packed).check(bytes);
            assert_eq!(found.is_ok(), permitted, "{bytes} in {packed}: {found:?}");
        }
        assert!(limits.packed(u64::MAX).check(256 * GIB + 1).is_err());
    }

    #[test]
    fn what_is_free_is_room_for_most_of_it() {
        let here = Limits::default().within(Path::new("/"));
        let room = here.room.expect("a disk says what is free");
        assert!(here.check(room.min(here.bytes)).is_ok());
        let small = Limits {
            room: Some(5),
            ..here
        };
        assert!(matches!(
            small.check(6),
            Err(LayerError::NoRoom { room: 5 })
        ));
    }
}
