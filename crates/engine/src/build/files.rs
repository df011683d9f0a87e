//! Small layers that are made from data: files, folders, users, init.

use std::path::Path;

use boatyard_plan::project::User;
use boatyard_store::layer::Entry;

use super::copy::{relative, way};
use crate::snapshot::Above;

/// A file of root's with the folders on the way to it.
pub(super) fn file(
    path: &Path,
    mode: u32,
    bytes: Vec<u8>,
    above: &[Above],
    epoch: i64,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = above
        .iter()
        .filter(|at| at.path != path)
        .map(|at| way(at, epoch))
        .collect();
    entries.push(Entry {
        mtime: epoch,
        ..Entry::file(relative(path), mode, bytes)
    });
    entries
}

/// The account files of an image after `user` was added: path and text of each. A name or id that is there already is
/// taken over by ours, so that packages which bring the account adopt it. The form of the lines: passwd(5), group(5),
/// shadow(5).
pub(super) fn accounts(passwd: &str, group: &str, user: &User) -> [(&'static str, u32, String); 2] {
    let home = home(user);
    let User { name, uid, gid } = user;
    let account = format!("{name}:x:{uid}:{gid}::{home}:/usr/sbin/nologin");
    let (uid, gid) = (uid.to_string(), gid.to_string());
    let passwd = with_line(passwd, &account, |fields| {
        fields.first() == Some(&name.as_str()) || fields.get(2) == Some(&uid.as_str())
    });
    let group = with_line(group, &format!("{name}:x:{gid}:"), |fields| {
        fields.first() == Some(&name.as_str()) || fields.get(2) == Some(&gid.as_str())
    });
    [("/etc/passwd", 0o644, passwd), ("/etc/group", 0o644, group)]
}

/// Where a user lives.
pub(super) fn home(user: &User) -> String {
    format!("/home/{}", user.name)
}

fn with_line(text: &str, line: &str, replaces: impl Fn(&[&str]) -> bool) -> String {
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| !replaces(&line.split(':').collect::<Vec<_>>()))
        .collect();
    lines.push(line);
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_added_and_takes_over_its_name_and_id() {
        let user = User {
            name: "appuser".to_owned(),
            uid: 10001,
            gid: 10001,
        };
        let passwd = "root:x:0:0:root:/root:/bin/bash\nold:x:10001:5::/:/bin/sh\n";
        let [(_, _, passwd), (_, _, group)] = accounts(passwd, "root:x:0:\nappuser:x:7:\n", &user);
        assert_eq!(
            passwd,
            "root:x:0:0:root:/root:/bin/bash\nappuser:x:10001:10001::/home/appuser:/usr/sbin/nologin\n"
        );
        assert_eq!(group, "root:x:0:\nappuser:x:10001:\n");
    }
}
