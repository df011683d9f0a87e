//! Entries to a layer's blob, in one pass.
//!
//! ```text
//! this thread:   entries -> tar -> SHA-256 (diff id) --3 chunks of 1 MiB--> other thread: compress -> SHA-256 -> blob
//! ```
//! The bytes depend on the entries and the options only: not on their order, the number of processors or the clock.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, media};
use sha2::Digest as _;
use zstd::zstd_safe::CParameter;

use super::entry::{Content, Entry, Kind, Layer, is_reserved};
use super::failure::LayerError;
use super::header::{BLOCK, encode};
use crate::blob::BlobWriter;
use crate::disk::{DiskError, During as _};
use crate::store::Store;

const CHUNK: usize = 1 << 20;
const CHUNKS_WAITING: usize = 3;
const ZSTD_LEVEL: i32 = 3;
/// What a worker compresses at once. Of its own accord zstd takes 8 MB, and ten buffers of that size.
const ZSTD_JOB: u32 = 1 << 20;
/// Each job looks back at half a window (1 MB) of what stands before it, so that layers are no larger for small jobs.
const ZSTD_OVERLAP: u32 = 8;
const GZIP_LEVEL: u32 = 6;

/// How a layer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Seconds since 1970; every later modification time becomes this one. `None` keeps them as they are.
    pub epoch: Option<i64>,
    /// How the blob is compressed.
    pub compression: Compression,
}

/// How a blob is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard, level 3: about 490 MB/s on two processors.
    #[default]
    Zstd,
    /// Gzip, level 6: for registries and runtimes that know nothing newer.
    Gzip,
    /// Not at all.
    None,
}

impl Compression {
    /// The media type of a layer that is compressed so.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Zstd => media::LAYER_ZSTD,
            Self::Gzip => media::LAYER_GZIP,
            Self::None => media::LAYER_TAR,
        }
    }
}

/// Writes a layer into the store. Entries may come in any order; folders that are not among them get no entry.
///
/// Fails with [`LayerError::Duplicate`] on two entries for one path, with [`LayerError::Changed`] if a file changes
/// meanwhile, and leaves nothing in the store when it fails.
pub fn write(
    store: &Store,
    mut entries: Vec<Entry>,
    options: &Options,
) -> Result<Layer, LayerError> {
    arrange(&mut entries)?;
    write_in_order(store, entries, options)
}

/// Writes a layer whose entries come in its order: by path, component by component, a folder's opaque mark after it, hard
/// links after their targets, none twice. None of them is kept. Otherwise like [`write`].
pub fn write_in_order(
    store: &Store,
    entries: impl IntoIterator<Item = Entry>,
    options: &Options,
) -> Result<Layer, LayerError> {
    let blob = BlobWriter::new(store)?;
    let (sender, receiver) = sync_channel(CHUNKS_WAITING);
    let (archived, compressed) = thread::scope(|scope| {
        let compressor = scope.spawn(move || compress(blob, &receiver, options.compression));
        let archived = archive(entries, options, sender);
        (archived, compressor.join())
    });
    let blob = match compressed {
        Ok(result) => result?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let diff_id = archived?;
    let (digest, size) = blob.finish(store, None)?;
    Ok(Layer {
        diff_id,
        blob: Descriptor {
            media_type: options.compression.media_type().to_owned(),
            digest,
            size,
            annotations: BTreeMap::new(),
            platform: None,
        },
    })
}

/// Puts entries into the order of a layer: sorted, hard links after their targets.
fn arrange(entries: &mut [Entry]) -> Result<(), LayerError> {
    entries.sort_by(Entry::order);
    for pair in entries.windows(2) {
        if pair[0].order(&pair[1]).is_eq() {
            return Err(LayerError::Duplicate {
                path: pair[0].path.clone(),
            });
        }
    }
    let early: HashSet<PathBuf> = entries
        .iter()
        .filter(|entry| matches!(&entry.kind, Kind::Hardlink { target } if *target > entry.path))
        .map(|entry| entry.path.clone())
        .collect();
    if !early.is_empty() {
        // Stable: both halves keep their order.
        entries.sort_by_key(|entry| {
            matches!(entry.kind, Kind::Hardlink { .. }) && early.contains(&entry.path)
        });
    }
    Ok(())
}

/// Makes the tar stream and sends it off; gives its digest. Stops early without an error of its own if the other side
/// has gone: that side has the reason.
fn archive(
    entries: impl IntoIterator<Item = Entry>,
    options: &Options,
    sender: SyncSender<Vec<u8>>,
) -> Result<Digest, LayerError> {
    let mut sink = Sink {
        chunk: Vec::with_capacity(CHUNK + BLOCK),
        hash: sha2::Sha256::new(),
        sender,
        open: true,
    };
    for entry in entries {
        if is_reserved(&entry.path) {
            return Err(LayerError::Reserved { path: entry.path });
        }
        let mtime = options
            .epoch
            .map_or(entry.mtime, |epoch| entry.mtime.min(epoch));
        encode(&entry, mtime, &mut sink.chunk);
        match &entry.content {
            Content::None => {}
            Content::Bytes(bytes) => sink.chunk.extend_from_slice(bytes),
            Content::File(path) => sink.file(path, entry.size)?,
        }
        let held = match entry.content {
            Content::None => 0,
            Content::Bytes(ref bytes) => bytes.len() as u64,
            Content::File(_) => entry.size,
        };
        if held != entry.size {
            return Err(LayerError::Changed {
                path: entry.path.clone(),
            });
        }
        let padding = entry.size.next_multiple_of(BLOCK as u64) - entry.size;
        let length = sink.chunk.len() + usize::try_from(padding).unwrap_or(0);
        sink.chunk.resize(length, 0);
        sink.flush_if_full();
        if !sink.open {
            break;
        }
    }
    let length = sink.chunk.len() + 2 * BLOCK;
    sink.chunk.resize(length, 0);
    sink.flush();
    Ok(Digest::from_hash(&sink.hash.finalize()))
}

struct Sink {
    chunk: Vec<u8>,
    hash: sha2::Sha256,
    sender: SyncSender<Vec<u8>>,
    open: bool,
}

impl Sink {
    fn file(&mut self, path: &Path, size: u64) -> Result<(), LayerError> {
        let mut file = File::open(path).during("open", path)?;
        let mut left = size;
        while left > 0 && self.open {
            let start = self.chunk.len();
            let room = CHUNK.saturating_sub(start).max(BLOCK);
            let want = usize::try_from(left).map_or(room, |left| left.min(room));
            self.chunk.resize(start + want, 0);
            let count = file.read(&mut self.chunk[start..]).during("read", path)?;
            self.chunk.truncate(start + count);
            if count == 0 {
                return Err(LayerError::Changed {
                    path: path.to_path_buf(),
                });
            }
            left -= count as u64;
            self.flush_if_full();
        }
        if self.open && file.read(&mut [0]).during("read", path)? != 0 {
            return Err(LayerError::Changed {
                path: path.to_path_buf(),
            });
        }
        Ok(())
    }

    fn flush_if_full(&mut self) {
        if self.chunk.len() >= CHUNK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let full = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK + BLOCK));
        self.hash.update(&full);
        self.open &= self.sender.send(full).is_ok();
    }
}

fn compress(
    mut blob: BlobWriter,
    chunks: &Receiver<Vec<u8>>,
    compression: Compression,
) -> Result<BlobWriter, DiskError> {
    let path = blob.path().to_path_buf();
    let pour = |into: &mut dyn Write| {
        chunks
            .iter()
            .try_for_each(|chunk| into.write_all(&chunk))
            .during("write", &path)
    };
    match compression {
        Compression::Zstd => {
            let mut encoder =
                zstd::Encoder::new(blob, ZSTD_LEVEL).during("compress into", &path)?;
            // The frame is cut into jobs by their size alone: the bytes are the same for any number of workers but 0.
            let workers = thread::available_parallelism().map_or(1, |count| count.get().min(4));
            encoder
                .multithread(u32::try_from(workers).unwrap_or(1))
                .and_then(|()| encoder.set_parameter(CParameter::JobSize(ZSTD_JOB)))
                .and_then(|()| encoder.set_parameter(CParameter::OverlapSizeLog(ZSTD_OVERLAP)))
                .during("compress into", &path)?;
            pour(&mut encoder)?;
            encoder.finish().during("write", &path)
        }
        Compression::Gzip => {
            let level = flate2::Compression::new(GZIP_LEVEL);
            // Without a name or a time in its header.
            let mut encoder = flate2::GzBuilder::new().write(blob, level);
            pour(&mut encoder)?;
            encoder.finish().during("write", &path)
        }
        Compression::None => {
            pour(&mut blob)?;
            Ok(blob)
        }
    }
}
