//! Archives in the context of a case.
//!
//! ```text
//! + archive a.tar.gz               its name says how it is compressed (.gz, .zst, or not at all)
//! - dir d 2750                     its members, in this order: as after `+`, without making folders on the way
//! - file:1000:50 d/a 4755 text     with an owner
//! - char null 666 1:3              block, too
//! - xattr a user.note text         of the member after it
//! ```

use std::fs;
use std::path::Path;

use super::case::unescape;

/// Writes an archive with these members.
pub fn write(path: &Path, members: &[String]) {
    let mut archive = tar::Builder::new(Vec::new());
    for member in members {
        add(&mut archive, member);
    }
    let bytes = archive.into_inner().unwrap();
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut encoder, &bytes).unwrap();
            encoder.finish().unwrap()
        }
        Some("zst") => zstd::encode_all(bytes.as_slice(), 1).unwrap(),
        _ => bytes,
    };
    fs::write(path, bytes).unwrap();
}

fn add(archive: &mut tar::Builder<Vec<u8>>, member: &str) {
    let mut words = member.splitn(4, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (kind, name, third, text) = (next(), next(), next(), next());
    if kind == "xattr" {
        let key = format!("SCHILY.xattr.{third}");
        let text = unescape(text);
        archive
            .append_pax_extensions([(key.as_str(), text.as_bytes())])
            .unwrap();
        return;
    }
    let mut parts = kind.split(':');
    let kind = parts.next().unwrap();
    let mut owner = || parts.next().map_or(0, |id| id.parse().unwrap());
    let (user, group) = (owner(), owner());
    let mut header = tar::Header::new_gnu();
    header.set_uid(user);
    header.set_gid(group);
    header.set_size(0);
    header.set_mode(u32::from_str_radix(third, 8).unwrap_or(0o777));
    header.set_entry_type(match kind {
        "file" => tar::EntryType::Regular,
        "dir" => tar::EntryType::Directory,
        "link" => tar::EntryType::Symlink,
        "hard" => tar::EntryType::Link,
        "fifo" => tar::EntryType::Fifo,
        "char" => tar::EntryType::Char,
        "block" => tar::EntryType::Block,
        _ => panic!("{member}"),
    });
    let text = unescape(text);
    match kind {
        "file" => header.set_size(text.len() as u64),
        "char" | "block" => {
            let (major, minor) = text.split_once(':').unwrap();
            header.set_device_major(major.parse().unwrap()).unwrap();
            header.set_device_minor(minor.parse().unwrap()).unwrap();
        }
        _ => {}
    }
    // Written by hand, as the library refuses names that leave the root; only longer ones are left to it.
    let field = &mut header.as_old_mut().name;
    if name.len() < field.len() {
        field[..name.len()].copy_from_slice(name.as_bytes());
    } else {
        header.set_cksum();
        return archive
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    if matches!(kind, "link" | "hard") {
        header.set_link_name_literal(third).unwrap();
    }
    header.set_cksum();
    let data = if kind == "file" { text.as_str() } else { "" };
    archive.append(&header, data.as_bytes()).unwrap();
}
