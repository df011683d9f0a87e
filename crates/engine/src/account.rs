//! Users by name: from an image's account files to the numbers that the kernel knows. Pure.
//!
//! ```text
//! app         uid, group and further groups as the files say
//! 7           the same for a number that is in the files, else group 0
//! app:www     that group and no further ones
//! 7:8         as it is
//! ```
//! Sources: passwd(5), group(5); OCI image-spec, `config.User`; what runc makes of it.

use crate::sandbox::User;

/// A user of an image, and where he lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The numbers.
    pub user: User,
    /// His home; `/` where the files do not know him.
    pub home: String,
}

/// Finds `user[:group]`, names or numbers, in the texts of `/etc/passwd` and `/etc/group`. Empty means root. `None`: a
/// name that is not there.
pub fn find(user: &str, passwd: &str, group: &str) -> Option<Account> {
    let (name, wanted_group) = match user.split_once(':') {
        Some((name, group)) => (name, Some(group).filter(|group| !group.is_empty())),
        None => (user, None),
    };
    let name = if name.is_empty() { "0" } else { name };
    let number = |text: &str| text.parse::<u32>().ok();
    let accounts = || lines(passwd).filter(|fields| fields.len() > 3);
    let account = accounts().find(|fields| fields[0] == name).or_else(|| {
        accounts().find(|fields| number(name).is_some() && number(fields[2]) == number(name))
    });
    let uid = match &account {
        Some(fields) => number(fields[2])?,
        None => number(name)?,
    };
    let home = account
        .as_ref()
        .and_then(|fields| fields.get(5))
        .filter(|home| !home.is_empty())
        .map_or_else(|| "/".to_owned(), |home| (*home).to_owned());
    let groups_of = |member: &str| {
        let listed = lines(group).filter(|fields| {
            fields
                .get(3)
                .is_some_and(|members| members.split(',').any(|name| name.trim() == member))
        });
        listed
            .filter_map(|fields| number(fields[2]))
            .collect::<Vec<u32>>()
    };
    let user = match (wanted_group, &account) {
        (Some(wanted), _) => User {
            uid,
            gid: lines(group)
                .find(|fields| fields[0] == wanted)
                .and_then(|fields| number(fields.get(2)?))
                .or_else(|| number(wanted))?,
            groups: Vec::new(),
        },
        (None, Some(fields)) => User {
            uid,
            gid: number(fields[3]).unwrap_or(0),
            groups: groups_of(fields[0]),
        },
        (None, None) => User {
            uid,
            gid: 0,
            groups: Vec::new(),
        },
    };
    Some(Account { user, home })
}

fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .map(|line| line.trim().split(':').collect::<Vec<_>>())
        .filter(|fields| !fields[0].is_empty() && !fields[0].starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_images() {
        let passwd = "root:x:0:0::/root:/bin/sh\napp:x:7:8::/home/app:/bin/sh\n";
        let group = "root:x:0:\nwww:x:33:app,other\nadm:x:4:app\n";
        for (text, expected) in [
            ("", Some((0, 0, vec![], "/root"))),
            ("app", Some((7, 8, vec![33, 4], "/home/app"))),
            ("7", Some((7, 8, vec![33, 4], "/home/app"))),
            ("9", Some((9, 0, vec![], "/"))),
            ("9:10", Some((9, 10, vec![], "/"))),
            ("app:10", Some((7, 10, vec![], "/home/app"))),
            ("app:www", Some((7, 33, vec![], "/home/app"))),
            ("nobody", None),
            ("app:nobody", None),
        ] {
            let found = find(text, passwd, group);
            let found = found.map(|account| {
                let User { uid, gid, groups } = account.user;
                (uid, gid, groups, account.home)
            });
            let expected = expected.map(|(uid, gid, groups, home): (u32, u32, Vec<u32>, &str)| {
                (uid, gid, groups, home.to_owned())
            });
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn without_account_files_only_numbers_are_known() {
        assert_eq!(
            find("", "", "").map(|account| account.user),
            Some(User::ROOT)
        );
        assert_eq!(find("app", "", ""), None);
    }
}
