//! Files of contexts that somebody else made, an archive or a repository: links in them lead nowhere else.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

/// Reads the file at `path`. If it is below `root`, its links are followed as if that were the root, and nothing but a
/// regular file is read.
pub fn read(root: Option<&Path>, path: &Path) -> io::Result<Vec<u8>> {
    let Some(root) = root else {
        return fs::read(path);
    };
    let top = File::open(root)?;
    let found = openat2(
        &top,
        path.strip_prefix(root).unwrap_or(path),
        // Opening a pipe that nobody writes to would wait for ever.
        OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )?;
    let mut file = File::from(found);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
