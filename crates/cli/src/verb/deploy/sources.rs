//! What a builder is sent: an order, sources, and a byte now and then for as long as we are here.

use std::io::{self, PipeReader, PipeWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use boatyard_plan::failure::{Failure, Fault};
use serde::Serialize;

use crate::verb::builder::{Assignment, PULSE, write};

/// Something of the sources cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("cannot send {} to the builder", folder.display())]
pub struct CannotSend {
    folder: PathBuf,
    source: io::Error,
}

impl Failure for CannotSend {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

/// Why not all was sent, once it is known. Nothing comes where all was, or where nobody took it: that is told by him.
pub type Failed = Receiver<CannotSend>;

/// An order with all that is in the folder.
pub fn assigned(order: Assignment, folder: &Path) -> io::Result<(PipeReader, Failed)> {
    let (reader, mut writer) = io::pipe()?;
    let (tell, failed) = channel();
    let folder = folder.to_owned();
    thread::spawn(move || {
        let sent = write(&order, &mut writer).and_then(|()| packed(&folder, &mut writer));
        match sent {
            Ok(()) => pulse(writer),
            Err(source) if source.kind() == io::ErrorKind::BrokenPipe => {}
            // Before the pipe is closed: whoever sees its end looks here.
            Err(source) => drop(tell.send(CannotSend { folder, source })),
        }
    });
    Ok((reader, failed))
}

/// An order without sources.
pub fn alone(order: impl Serialize + Send + 'static) -> io::Result<PipeReader> {
    let (reader, mut writer) = io::pipe()?;
    thread::spawn(move || {
        if write(&order, &mut writer).is_ok() {
            pulse(writer);
        }
    });
    Ok(reader)
}

/// Ends when nobody reads any more.
fn pulse(mut writer: PipeWriter) {
    while writer.write_all(b"\n").is_ok() {
        thread::sleep(PULSE);
    }
}

fn packed(folder: &Path, to: &mut PipeWriter) -> io::Result<()> {
    let mut tar = tar::Builder::new(to);
    // Links stay what they are, as for a build here.
    tar.follow_symlinks(false);
    tar.append_dir_all(".", folder)?;
    tar.into_inner().map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::BufReader;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn sources_arrive_as_they_are_and_more_comes_after_them() {
        let here = tempfile::tempdir().unwrap();
        let path = |name: &str| here.path().join(name);
        fs::create_dir(path("bin")).unwrap();
        fs::write(path("bin/run"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(path("bin/run"), fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("bin/run", path("link")).unwrap();
        fs::write(path("large"), vec![7; 1 << 20]).unwrap();
        let order = Assignment {
            version: "1".to_owned(),
            words: Vec::new(),
            variables: BTreeMap::new(),
        };
        let (reader, failed) = assigned(order, here.path()).unwrap();
        let mut reader = BufReader::new(reader);
        let mut line = String::new();
        io::BufRead::read_line(&mut reader, &mut line).unwrap();
        let there = tempfile::tempdir().unwrap();
        tar::Archive::new(&mut reader).unpack(there.path()).unwrap();
        let there = |name: &str| there.path().join(name);
        let mode = fs::metadata(there("bin/run")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
        assert_eq!(fs::read_link(there("link")).unwrap(), Path::new("bin/run"));
        assert_eq!(fs::read(there("large")).unwrap().len(), 1 << 20);
        // The pulse: it is still open.
        io::Read::read_exact(&mut reader, &mut [0; 512]).unwrap();
        assert!(failed.try_recv().is_err());
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let order = Assignment {
            version: "1".to_owned(),
            words: Vec::new(),
            variables: BTreeMap::new(),
        };
        let (mut reader, failed) = assigned(order, Path::new("/nowhere/at/all")).unwrap();
        io::copy(&mut reader, &mut io::sink()).unwrap();
        let told = failed.recv().unwrap().to_string();
        assert_eq!(told, "cannot send /nowhere/at/all to the builder");
    }
}
