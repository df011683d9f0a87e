//! `--chown`: who gets what is copied.

use std::path::Path;

use boatyard_store::DiskError;

use super::item::Owner;
use super::{Note, TransferError};
use crate::snapshot::Stack;

/// `/etc/passwd` and `/etc/group` are read no further.
const MAX_BYTES: u64 = 10 << 20;

/// Who gets what `--chown=text` is said about. `image` is where names are looked up; there is none with `--link`.
///
/// As `BuildKit` does: a number without a group is the group, too; a name's group is that of `/etc/passwd`; who is not
/// known is root, which is noted.
pub(super) fn owner(
    text: &str,
    image: Option<&Stack>,
    notes: &mut Vec<Note>,
) -> Result<Owner, TransferError> {
    let (user, group) = text
        .split_once(':')
        .map_or((text, None), |(user, group)| (user, Some(group)));
    let mut owner = Owner::default();
    if let Some(id) = number(user) {
        (owner.uid, owner.gid) = (id, id);
    } else {
        let ids = look_up(image, "/etc/passwd", user, [2, 3])?;
        match ids {
            Some([uid, gid]) => (owner.uid, owner.gid) = (uid, gid),
            None => notes.push(Note::Unknown {
                kind: "user",
                name: user.to_owned(),
            }),
        }
    }
    match group {
        None => {}
        Some(group) if number(group).is_some() => owner.gid = number(group).unwrap_or(0),
        Some(group) => match look_up(image, "/etc/group", group, [2, 2])? {
            Some([gid, _]) => owner.gid = gid,
            None => notes.push(Note::Unknown {
                kind: "group",
                name: group.to_owned(),
            }),
        },
    }
    Ok(owner)
}

/// An id that needs no looking up; nothing at all is root.
fn number(text: &str) -> Option<u32> {
    match text {
        "" | "root" => Some(0),
        text => text
            .parse::<i32>()
            .ok()
            .and_then(|id| u32::try_from(id).ok()),
    }
}

/// Two fields of the first line of `file` that begins with `name:`.
fn look_up(
    image: Option<&Stack>,
    file: &str,
    name: &str,
    fields: [usize; 2],
) -> Result<Option<[u32; 2]>, TransferError> {
    let Some(image) = image else {
        return Err(TransferError::NameWithLink {
            name: name.to_owned(),
        });
    };
    let Some(found) = image.look(&image.resolve(Path::new(file))?)? else {
        return Ok(None);
    };
    if !found.metadata.is_file() || found.metadata.len() > MAX_BYTES {
        return Ok(None);
    }
    let bytes =
        std::fs::read(&found.at).map_err(|error| DiskError::new("read", &found.at, error))?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text
        .lines()
        .map(|line| line.trim().split(':').collect::<Vec<_>>())
        .find(|line| line.first() == Some(&name));
    Ok(line.map(|line| {
        fields.map(|field| {
            line.get(field)
                .and_then(|id| id.parse().ok())
                .unwrap_or_default()
        })
    }))
}
