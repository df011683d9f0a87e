//! A layer's blob to a folder.
//!
//! ```text
//! other thread:   source -> decompress (sniffed) -> SHA-256 (diff id) --4 chunks of 256 KiB--> this thread: tar -> files
//! ```

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use boatyard_plan::digest::Digest;
use sha2::Digest as _;

use super::failure::LayerError;
use super::limits::Limits;
use super::place::Placer;
use super::read::Archive;
use super::whiteout::Whiteouts;

const CHUNK: usize = 256 * 1024;
const CHUNKS_WAITING: usize = 4;

/// How a layer is unpacked.
#[derive(Clone, Debug)]
pub struct Unpack {
    /// What becomes of whiteouts.
    pub style: Style,
    /// When to stop.
    pub limits: Limits,
    /// What becomes of owners.
    pub owners: Owners,
    /// What becomes of device nodes.
    pub devices: Devices,
}

impl Unpack {
    /// Into an empty folder that becomes a lower folder of an overlay mount.
    pub fn snapshot() -> Self {
        Self {
            style: Style::Snapshot(Whiteouts::of_this_process()),
            limits: Limits::default(),
            owners: Owners::of_this_process(),
            devices: Devices::Make,
        }
    }

    /// Over a folder with the layers below: whiteouts delete.
    pub fn flat() -> Self {
        Self {
            style: Style::Flat,
            ..Self::snapshot()
        }
    }
}

/// What becomes of whiteouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// They are kept as overlayfs has them; the folder must be empty.
    Snapshot(Whiteouts),
    /// They delete what is in the folder from layers unpacked before.
    Flat,
}

/// What becomes of owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// As in the archive.
    Restore,
    /// Everything belongs to this process's user.
    Ours,
}

impl Owners {
    /// What this process may do: a root that has more than one user id restores.
    pub fn of_this_process() -> Self {
        let many_ids = std::fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| {
            map.lines()
                .filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok())
                .sum::<u64>()
                > 1
        });
        if rustix::process::geteuid().is_root() && many_ids {
            Self::Restore
        } else {
            Self::Ours
        }
    }
}

/// What becomes of device nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Devices {
    /// They are made, or left out where the kernel does not permit them.
    Make,
    /// They are an error.
    Refuse,
}

/// What was unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Digest of the whole stream, decompressed.
    pub diff_id: Digest,
    /// Entries.
    pub entries: u64,
    /// Bytes of files.
    pub bytes: u64,
    /// Device nodes that were left out.
    pub devices_left_out: u64,
    /// Extended attributes that the file system or the kernel refused.
    pub xattrs_left_out: u64,
}

/// Unpacks a tar stream (plain, gzip or Zstandard) into the folder `dest`, which must exist. Nothing outside of it is
/// read or written, whatever the archive says. When it fails, `dest` is in between: throw it away.
pub fn unpack(reader: impl Read + Send, dest: &Path, how: &Unpack) -> Result<Stats, LayerError> {
    let (sender, receiver) = sync_channel(CHUNKS_WAITING);
    let mut placer = Placer::new(dest, how)?;
    let limits = &how.limits.within(dest);
    let (done, hash) = thread::scope(|scope| {
        let source = scope.spawn(move || decompress(reader, &sender, limits));
        let chunks = Chunks {
            receiver,
            current: Vec::new(),
            at: 0,
        };
        let mut archive = Archive::new(chunks, limits);
        let done = place_all(&mut archive, &mut placer, limits);
        // Without its receiver the other thread ends.
        drop(archive);
        (done, source.join())
    });
    // First: where the other thread stops, this one only sees an archive that is cut off.
    let hash = match hash {
        Ok(hash) => hash?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let entries = done?;
    let counts = placer.finish()?;
    Ok(Stats {
        diff_id: Digest::from_hash(&hash.finalize()),
        entries,
        bytes: counts.bytes,
        devices_left_out: counts.devices_left_out,
        xattrs_left_out: counts.xattrs_left_out,
    })
}

fn place_all<R: BufRead>(
    archive: &mut Archive<'_, R>,
    placer: &mut Placer<'_>,
    limits: &Limits,
) -> Result<u64, LayerError> {
    let mut entries = 0;
    while let Some(header) = archive.next()? {
        entries += 1;
        if entries > limits.entries {
            return Err(LayerError::OverLimit {
                what: "entries",
                limit: limits.entries,
            });
        }
        placer.place(&header, archive)?;
    }
    archive.drain()?;
    Ok(entries)
}

/// Decompresses, hashes and sends; gives the hash.
fn decompress(
    reader: impl Read,
    sender: &SyncSender<io::Result<Vec<u8>>>,
    limits: &Limits,
) -> Result<sha2::Sha256, LayerError> {
    let mut hash = sha2::Sha256::new();
    let (packed, mut unpacked) = (Cell::new(0), 0);
    let counted = Counted {
        reader,
        count: &packed,
    };
    let mut reader = match plain(BufReader::with_capacity(CHUNK, counted)) {
        Ok(reader) => reader,
        Err(error) => {
            let _ = sender.send(Err(error));
            return Ok(hash);
        }
    };
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let message = match reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk) {
            Ok(0) => return Ok(hash),
            Ok(_) => {
                unpacked += chunk.len() as u64;
                limits.check_ratio(unpacked, packed.get())?;
                hash.update(&chunk);
                Ok(chunk)
            }
            Err(error) => Err(error),
        };
        let failed = message.is_err();
        // The receiver goes when it has an error of its own.
        if sender.send(message).is_err() || failed {
            return Ok(hash);
        }
    }
}

/// Counts what is read.
struct Counted<'c, R> {
    reader: R,
    count: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(into)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

/// The stream without its compression, told by its first bytes.
pub(crate) fn plain<'a>(mut reader: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let start = reader.fill_buf()?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(flate2::bufread::MultiGzDecoder::new(reader)));
    }
    let skippable =
        start.len() >= 4 && start[0] & 0xf0 == 0x50 && start[1..4] == [0x2a, 0x4d, 0x18];
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || skippable {
        return Ok(Box::new(zstd::Decoder::with_buffer(reader)?));
    }
    for (magic, format) in [(&b"\xfd7zXZ\0"[..], "xz"), (b"BZh", "bzip2")] {
        if start.starts_with(magic) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("it is packed as {format}; gzip, zstd and no compression are supported"),
            ));
        }
    }
    Ok(Box::new(reader))
}

/// What the other thread sends, as a reader.
struct Chunks {
    receiver: Receiver<io::Result<Vec<u8>>>,
    current: Vec<u8>,
    at: usize,
}

impl Read for Chunks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        into[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.current.len()
            && let Ok(next) = self.receiver.recv()
        {
            self.current = next?;
            self.at = 0;
        }
        Ok(&self.current[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}
