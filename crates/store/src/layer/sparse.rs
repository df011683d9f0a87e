//! GNU tar's old format of files with holes.
//!
//! Source: GNU tar manual, "Basic Tar Format", `struct sparse`: 24 bytes a part, 4 in the header, 21 in each block
//! that follows.

use std::io::BufRead;

use super::failure::LayerError;
use super::field::number;
use super::header::BLOCK;
use super::read::Archive;

impl<R: BufRead> Archive<'_, R> {
    /// The map of an old GNU sparse file, with its extension blocks.
    pub(super) fn sparse(
        &mut self,
        at: u64,
        block: &[u8; BLOCK],
        stored: u64,
        size: u64,
    ) -> Result<Vec<(u64, u64)>, LayerError> {
        let malformed = || LayerError::Malformed {
            at,
            what: "the map of a sparse file makes no sense",
        };
        let mut parts = Vec::new();
        let mut take = |fields: &[u8]| {
            for field in fields.chunks_exact(24) {
                if field[0] != 0 {
                    parts.push((number(&field[..12])?, number(&field[12..])?));
                }
            }
            Some(parts.len())
        };
        take(&block[386..482]).ok_or_else(malformed)?;
        let mut more = block[482] != 0;
        while more {
            let next = self.block()?.ok_or(LayerError::CutOff { at: self.at })?;
            let count = take(&next[..504]).ok_or_else(malformed)?;
            if count as u64 * 24 > self.limits.header_bytes {
                return Err(malformed());
            }
            more = next[504] != 0;
        }
        let mut end = 0;
        let mut sum = 0_u64;
        for &(offset, length) in &parts {
            if offset < end {
                return Err(malformed());
            }
            end = offset.checked_add(length).ok_or_else(malformed)?;
            sum += length;
        }
        if end > size || sum != stored {
            return Err(malformed());
        }
        Ok(parts)
    }
}
