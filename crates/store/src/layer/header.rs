//! Tar headers as we write them: ustar, with a PAX header before it only where ustar has no room.
//!
//! Source: POSIX.1-2024, pax, "ustar Interchange Format" and "pax Extended Header"; `SCHILY.xattr.` is what GNU tar,
//! libarchive and Go agree on.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use super::entry::{Entry, Kind};

/// Tar's unit.
pub(crate) const BLOCK: usize = 512;

/// Largest number in an octal field of 8 bytes, and in one of 12.
const OCTAL_7: u64 = 0o777_7777;
const OCTAL_11: u64 = 0o777_7777_7777;

/// Name, and what ends a layer's name of a whiteout.
pub(crate) const WHITEOUT: &[u8] = b".wh.";
/// The file that marks its folder opaque.
pub(crate) const OPAQUE: &[u8] = b".wh..wh..opq";

/// Appends the header blocks of `entry`, whose modification time is `mtime`. Its content comes after them, padded to
/// whole blocks by the caller.
pub(crate) fn encode(entry: &Entry, mtime: i64, out: &mut Vec<u8>) {
    let path = tar_path(entry);
    let (flag, link, device) = match &entry.kind {
        Kind::File | Kind::Whiteout | Kind::Opaque => (b'0', &[][..], None),
        Kind::Hardlink { target } => (b'1', target.as_os_str().as_bytes(), None),
        Kind::Symlink { target } => (b'2', target.as_os_str().as_bytes(), None),
        Kind::CharDevice { major, minor } => (b'3', &[][..], Some((*major, *minor))),
        Kind::BlockDevice { major, minor } => (b'4', &[][..], Some((*major, *minor))),
        Kind::Directory => (b'5', &[][..], None),
        Kind::Fifo => (b'6', &[][..], None),
    };
    let mut records = BTreeMap::new();
    let (prefix, name) = fit_path(&path).unwrap_or_else(|| {
        records.insert(b"path".to_vec(), path.clone());
        (&[][..], &path[..path.len().min(100)])
    });
    if link.len() > 100 || !link.is_ascii() {
        records.insert(b"linkpath".to_vec(), link.to_vec());
    }
    let mut number = |key: &str, value: u64, most: u64| {
        if value > most {
            records.insert(key.into(), value.to_string().into_bytes());
        }
        value.min(most)
    };
    let uid = number("uid", entry.uid.into(), OCTAL_7);
    let gid = number("gid", entry.gid.into(), OCTAL_7);
    let size = number("size", entry.size, OCTAL_11);
    let seconds = match u64::try_from(mtime) {
        Ok(seconds) => number("mtime", seconds, OCTAL_11),
        Err(_) => 0,
    };
    if mtime < 0 {
        records.insert(b"mtime".to_vec(), mtime.to_string().into_bytes());
    }
    for (key, value) in &entry.xattrs {
        let key = [b"SCHILY.xattr.", key.as_bytes()].concat();
        records.insert(key, value.clone());
    }
    if !records.is_empty() {
        extended(&path, &records, out);
    }
    let mut header = [0; BLOCK];
    header[..name.len()].copy_from_slice(name);
    octal(&mut header[100..108], (entry.mode & 0o7777).into());
    octal(&mut header[108..116], uid);
    octal(&mut header[116..124], gid);
    octal(&mut header[124..136], size);
    octal(&mut header[136..148], seconds);
    header[156] = flag;
    let short_link = &link[..link.len().min(100)];
    header[157..157 + short_link.len()].copy_from_slice(short_link);
    if let Some((major, minor)) = device {
        octal(&mut header[329..337], major.into());
        octal(&mut header[337..345], minor.into());
    }
    header[345..345 + prefix.len()].copy_from_slice(prefix);
    finish(&mut header);
    out.extend_from_slice(&header);
}

/// The name in the archive: folders end with a slash, whiteouts begin with `.wh.`.
fn tar_path(entry: &Entry) -> Vec<u8> {
    let path = entry.path.as_os_str().as_bytes();
    match entry.kind {
        Kind::Directory if path.is_empty() => b"./".to_vec(),
        Kind::Directory => [path, b"/"].concat(),
        Kind::Opaque if path.is_empty() => OPAQUE.to_vec(),
        Kind::Opaque => [path, b"/", OPAQUE].concat(),
        Kind::Whiteout => {
            let name_at = path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
            [&path[..name_at], WHITEOUT, &path[name_at..]].concat()
        }
        _ => path.to_vec(),
    }
}

/// Splits a path over the fields prefix (155 bytes) and name (100 bytes), if it can be.
fn fit_path(path: &[u8]) -> Option<(&[u8], &[u8])> {
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= 100 {
        return Some((&[], path));
    }
    // The slash between the two is not stored; a folder's last slash stays with the name.
    let from = path.len().checked_sub(101)?;
    let slash = path[from..path.len() - 1].iter().position(|&b| b == b'/')? + from;
    (1..=155)
        .contains(&slash)
        .then(|| (&path[..slash], &path[slash + 1..]))
}

/// Appends a PAX header with `records` for the entry that follows.
fn extended(path: &[u8], records: &BTreeMap<Vec<u8>, Vec<u8>>, out: &mut Vec<u8>) {
    let mut data = Vec::new();
    for (key, value) in records {
        // The length counts itself.
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length != rest + digits(length) {
            length = rest + digits(length);
        }
        write!(data, "{length} ").expect("a vector takes all");
        data.extend_from_slice(key);
        data.push(b'=');
        data.extend_from_slice(value);
        data.push(b'\n');
    }
    let mut header = [0; BLOCK];
    let trimmed = path.strip_suffix(b"/").unwrap_or(path);
    let base_at = trimmed
        .iter()
        .rposition(|&b| b == b'/')
        .map_or(0, |at| at + 1);
    let base: Vec<u8> = trimmed[base_at..]
        .iter()
        .map(|&b| if b.is_ascii_graphic() { b } else { b'_' })
        .take(80)
        .collect();
    let name = [b"PaxHeaders/", &base[..]].concat();
    header[..name.len()].copy_from_slice(&name);
    octal(&mut header[100..108], 0o644);
    octal(&mut header[108..116], 0);
    octal(&mut header[116..124], 0);
    octal(&mut header[124..136], data.len() as u64);
    octal(&mut header[136..148], 0);
    header[156] = b'x';
    finish(&mut header);
    out.extend_from_slice(&header);
    out.extend_from_slice(&data);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Writes `value` in octal, with zeros before and a NUL after it. It must fit.
fn octal(field: &mut [u8], mut value: u64) {
    let last = field.len() - 1;
    for digit in field[..last].iter_mut().rev() {
        *digit = b'0' + (value & 7) as u8;
        value >>= 3;
    }
    debug_assert_eq!(value, 0, "callers limit what they pass");
}

/// Fills in magic, version and checksum.
fn finish(header: &mut [u8; BLOCK]) {
    header[257..263].copy_from_slice(b"ustar\0");
    header[263..265].copy_from_slice(b"00");
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|&b| u64::from(b)).sum();
    octal(&mut header[148..155], sum);
    header[155] = b' ';
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_split_only_at_slashes_that_leave_both_parts_short_enough() {
        let long = |a: usize, b: usize| [vec![b'a'; a], vec![b'/'], vec![b'b'; b]].concat();
        let cases = [
            (vec![b'a'; 100], Some((0, 100))),
            (vec![b'a'; 101], None),
            (long(10, 100), Some((10, 100))),
            (long(155, 100), Some((155, 100))),
            (long(156, 100), None),
            (long(10, 101), None),
            ("ä".into(), None),
        ];
        for (path, expected) in cases {
            let found = fit_path(&path).map(|(prefix, name)| (prefix.len(), name.len()));
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(&path));
        }
    }

    #[test]
    fn a_plain_file_takes_one_block_and_records_count_their_own_length() {
        let mut out = Vec::new();
        encode(&Entry::file("etc/hostname", 0o644, *b"x"), 0, &mut out);
        assert_eq!(out.len(), BLOCK);
        out.clear();
        let mut entry = Entry::file("f", 0o644, *b"");
        entry.xattrs.insert("user.k".into(), vec![b'v'; 80]);
        encode(&entry, 0, &mut out);
        assert_eq!(out.len(), 3 * BLOCK);
        // " SCHILY.xattr.user.k=" is 21 bytes, the value 80, the line end 1: with three digits 105.
        assert!(out[BLOCK..].starts_with(b"105 SCHILY.xattr.user.k=v"));
    }
}
