//! Trees for tests: made at random from a seed, and described so that two can be compared. Written apart from the
//! code under test.

#![allow(dead_code, reason = "every test file takes what it needs")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Whether this process is root; says so on standard error if it is not.
pub fn is_root(test: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("not run: {test}: needs root");
    }
    root
}

/// A small generator of numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn name(&mut self) -> OsString {
        let short = format!("n{}", self.below(1000));
        match self.below(10) {
            0 => OsString::from_vec([short.as_bytes(), b"\xff\xfe"].concat()),
            1 => format!("{short} ä ü\n\\").into(),
            2 => format!("{short}{}", "l".repeat(110)).into(),
            3 => format!("{short}{}", "m".repeat(240)).into(),
            4 => format!("-{short}").into(),
            5 => format!("+{short}.").into(),
            _ => short.into(),
        }
    }

    /// Fills `dir` with folders, files, links, pipes, attributes, odd names and holes.
    pub fn tree(&mut self, dir: &Path) {
        let mut folders = vec![dir.to_path_buf()];
        let mut files = Vec::<PathBuf>::new();
        for _ in 0..60 {
            let folder =
                folders[usize::try_from(self.below(folders.len() as u64)).unwrap()].clone();
            let path = folder.join(self.name());
            if fs::symlink_metadata(&path).is_ok() || path.as_os_str().len() > 3000 {
                continue;
            }
            match self.below(9) {
                0..=2 => {
                    fs::create_dir(&path).unwrap();
                    folders.push(path);
                }
                3 => {
                    let target = self.name();
                    std::os::unix::fs::symlink(&target, &path).unwrap();
                }
                4 if !files.is_empty() => {
                    let at = usize::try_from(self.below(files.len() as u64)).unwrap();
                    fs::hard_link(&files[at], &path).unwrap();
                }
                5 => rustix::fs::mknodat(
                    rustix::fs::CWD,
                    &path,
                    rustix::fs::FileType::Fifo,
                    rustix::fs::Mode::from_raw_mode(0o640),
                    0,
                )
                .unwrap(),
                6 => {
                    let file = File::create(&path).unwrap();
                    file.set_len(self.below(300_000)).unwrap();
                    rustix::io::pwrite(&file, b"tail", self.below(200_000)).unwrap();
                    files.push(path);
                }
                _ => {
                    let length =
                        [0, 1, 511, 512, 513, 70_000][usize::try_from(self.below(6)).unwrap()];
                    let bytes: Vec<u8> =
                        (0..length).map(|_| self.next().to_le_bytes()[0]).collect();
                    fs::write(&path, bytes).unwrap();
                    if self.below(3) == 0 {
                        set_xattr(&path, "user.note", &self.next().to_le_bytes());
                    }
                    files.push(path);
                }
            }
        }
        for path in files.iter().chain(&folders[1..]) {
            if self.below(4) == 0 {
                // All of them let their owner in, who may be no root.
                let modes = [0o4755, 0o2755, 0o1777, 0o700, 0o755, 0o711];
                let mode = modes[usize::try_from(self.below(6)).unwrap()];
                fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            }
            if rustix::process::geteuid().is_root() && self.below(4) == 0 {
                let owner = [1, 33, 65_534, 3_000_000][usize::try_from(self.below(4)).unwrap()];
                let mode = fs::metadata(path).unwrap().permissions();
                std::os::unix::fs::chown(path, Some(owner), Some(owner + 1)).unwrap();
                fs::set_permissions(path, mode).unwrap();
            }
        }
        for path in files.iter().rev().chain(folders[1..].iter().rev()) {
            let since = Duration::from_secs(1_000_000_000 + self.below(500_000_000));
            let file = File::open(path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + since).unwrap();
        }
    }
}

pub fn set_xattr(path: &Path, name: &str, value: &[u8]) {
    rustix::fs::lsetxattr(path, name, value, rustix::fs::XattrFlags::empty()).unwrap();
}

/// Makes a whiteout as overlayfs does.
pub fn make_whiteout(path: &Path) {
    let kind = rustix::fs::FileType::CharacterDevice;
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, rustix::fs::Mode::empty(), 0).unwrap();
}

/// One line for each path in a tree: everything about it that a layer keeps.
pub fn describe(dir: &Path) -> Vec<String> {
    let mut lines = BTreeMap::new();
    let mut leaders = BTreeMap::new();
    collect(dir, Path::new(""), &mut lines, &mut leaders);
    lines
        .into_iter()
        .map(|(path, line)| format!("{} {line}", path.as_os_str().as_bytes().escape_ascii()))
        .collect()
}

fn collect(
    root: &Path,
    below: &Path,
    lines: &mut BTreeMap<PathBuf, String>,
    leaders: &mut BTreeMap<u64, PathBuf>,
) {
    let mut names: Vec<_> = fs::read_dir(root.join(below))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    for name in names {
        let path = below.join(&name);
        let full = root.join(&path);
        let metadata = fs::symlink_metadata(&full).unwrap();
        let kind = metadata.file_type();
        let leader = leaders
            .entry(metadata.ino())
            .or_insert_with(|| path.clone());
        let group = leader.as_os_str().as_bytes().escape_ascii().to_string();
        let what = if kind.is_dir() {
            "folder".to_owned()
        } else if kind.is_symlink() {
            format!(
                "-> {}",
                fs::read_link(&full)
                    .unwrap()
                    .as_os_str()
                    .as_bytes()
                    .escape_ascii()
            )
        } else if kind.is_file() {
            let bytes = fs::read(&full).unwrap();
            format!(
                "file {} {:?}",
                bytes.len(),
                boatyard_plan::digest::Digest::of(&bytes)
            )
        } else if kind.is_fifo() {
            "pipe".to_owned()
        } else {
            format!("node {:x}", metadata.rdev())
        };
        let time = if kind.is_symlink() {
            0
        } else {
            metadata.mtime()
        };
        let links_to = if kind.is_dir() { String::new() } else { group };
        let line = format!(
            "{what} {:o} {}:{} @{time} ={links_to} {:?}",
            metadata.mode() & 0o7777,
            metadata.uid(),
            metadata.gid(),
            xattrs(&full, kind),
        );
        lines.insert(path.clone(), line);
        if kind.is_dir() {
            collect(root, &path, lines, leaders);
        }
    }
}

fn xattrs(path: &Path, kind: fs::FileType) -> Vec<(OsString, Vec<u8>)> {
    if !kind.is_file() && !kind.is_dir() {
        return Vec::new();
    }
    let mut names = vec![0; 4096];
    let length = rustix::fs::llistxattr(path, &mut names[..]).unwrap_or(0);
    names[..length]
        .split(|&b| b == 0)
        .filter(|name| !name.is_empty())
        .map(|name| {
            let mut value = vec![0; 4096];
            let name = OsStr::from_bytes(name);
            let length = rustix::fs::lgetxattr(path, name, &mut value[..]).unwrap();
            value.truncate(length);
            (name.to_owned(), value)
        })
        .collect()
}
