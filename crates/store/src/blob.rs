//! Blobs: bytes under the name of their digest, written once.
//!
//! ```text
//! blobs/sha256/<64 hex digits>
//! ```
//! A blob is written in `tmp/`, synced, renamed, and its folder synced: a name that exists has its whole content,
//! after a power cut too.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use boatyard_plan::digest::Digest;
use sha2::Digest as _;

use crate::disk::{DiskError, During as _};
use crate::failure::StoreError;
use crate::store::{Store, publish};

const CHUNK: usize = 256 * 1024;

impl Store {
    /// Where a blob is or would be.
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.root().join("blobs/sha256").join(digest.hex())
    }

    /// Whether a blob is there.
    pub fn has_blob(&self, digest: &Digest) -> bool {
        self.blob_path(digest).exists()
    }

    /// The size of a blob, bytes, or `None` if it is not there.
    pub fn blob_size(&self, digest: &Digest) -> Option<u64> {
        Some(fs::metadata(self.blob_path(digest)).ok()?.len())
    }

    /// Stores bytes and gives their digest. Does nothing if they are there.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        if self.blob_size(&digest) == Some(bytes.len() as u64) {
            return Ok(digest);
        }
        let path = self.blob_path(&digest);
        self.replace_file(&path, bytes)?;
        Ok(digest)
    }

    /// Reads a whole blob, for manifests and configurations. Its digest is verified.
    pub fn read_blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let path = self.blob_path(digest);
        self.open_blob(digest)?
            .read_to_end(&mut bytes)
            .during("read", &path)?;
        let found = Digest::of(&bytes);
        if found == *digest {
            Ok(bytes)
        } else {
            Err(StoreError::DamagedBlob {
                expected: digest.clone(),
                found,
            })
        }
    }

    /// Opens a blob, for layers. Nothing is verified.
    pub fn open_blob(&self, digest: &Digest) -> Result<File, StoreError> {
        let path = self.blob_path(digest);
        match File::open(&path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::MissingBlob {
                digest: digest.clone(),
            }),
            Err(error) => Err(DiskError::new("open", &path, error).into()),
        }
    }

    /// Stores what `reader` gives and returns its digest and size in bytes. With `expected` (digest and size) anything
    /// else is refused while it comes in, at most one byte past the expected size, and nothing is stored.
    pub fn import_blob(
        &self,
        mut reader: impl Read,
        expected: Option<(&Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError> {
        let mut writer = BlobWriter::new(self)?;
        let mut chunk = vec![0; CHUNK];
        let limit = expected.map_or(u64::MAX, |(_, size)| size.saturating_add(1));
        while writer.size < limit {
            let room = usize::try_from(limit - writer.size).map_or(CHUNK, |room| room.min(CHUNK));
            let count = match reader.read(&mut chunk[..room]) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(StoreError::Incoming { source }),
            };
            let draft = &writer.draft;
            writer
                .file
                .write_all(&chunk[..count])
                .during("write", draft)?;
            writer.note(&chunk[..count]);
        }
        writer.finish(self, expected)
    }
}

/// A blob that is being written. Dropped without [`BlobWriter::finish`], it leaves nothing.
pub(crate) struct BlobWriter {
    draft: PathBuf,
    file: File,
    hash: sha2::Sha256,
    size: u64,
}

impl BlobWriter {
    pub(crate) fn new(store: &Store) -> Result<Self, DiskError> {
        let draft = store.work()?.new_path();
        let file = File::create_new(&draft).during("create", &draft)?;
        Ok(Self {
            draft,
            file,
            hash: sha2::Sha256::new(),
            size: 0,
        })
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// The file as it is, for error messages.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.draft
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Makes the blob durable under its digest, if it is the expected one.
    pub(crate) fn finish(
        mut self,
        store: &Store,
        expected: Option<(&Digest, u64)>,
    ) -> Result<(Digest, u64), StoreError> {
        let found = Digest::from_hash(&std::mem::take(&mut self.hash).finalize());
        if let Some((digest, size)) = expected
            && (*digest != found || size != self.size)
        {
            return Err(StoreError::NotAsPromised {
                expected: digest.clone(),
                expected_size: size,
                found,
                found_size: self.size,
            });
        }
        if store.blob_size(&found) != Some(self.size) {
            self.file.sync_all().during("write", &self.draft)?;
            publish(&self.draft, &store.blob_path(&found))?;
        }
        Ok((found, self.size))
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.note(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        // Gone already if it was published; else the scratch folder's removal would get it too.
        let _ = fs::remove_file(&self.draft);
    }
}
