//! Who we are, without asking the C library: a static program cannot, and a random user id is in no file.

/// An entry of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The home folder, absolute.
    pub home: String,
}

/// The account of a user id in the text of `/etc/passwd` (passwd(5)), if it is there.
pub fn account(passwd: &str, uid: u32) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let id: u32 = fields.nth(1)?.parse().ok()?;
        let home = fields.nth(2)?;
        (id == uid && !name.is_empty()).then(|| Account {
            name: name.to_owned(),
            home: home.to_owned(),
        })
    })
}

/// Who a process runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub uid: u32,
    /// The group; there are no others.
    pub gid: u32,
}

/// Who is meant by a name in the text of `/etc/passwd`, by `UID` or by `UID:GID`; none if nobody is. The group of a number
/// alone is that of its entry, else 0, as container engines have it.
pub fn identity(passwd: &str, text: &str) -> Option<Identity> {
    if let Some((uid, gid)) = text.split_once(':') {
        let (uid, gid) = (id(uid)?, id(gid)?);
        return Some(Identity { uid, gid });
    }
    let number = id(text);
    let found = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let (uid, gid) = (id(fields.nth(1)?)?, id(fields.next()?)?);
        let is_meant = match number {
            Some(number) => uid == number,
            None => !name.is_empty() && name == text,
        };
        is_meant.then_some(Identity { uid, gid })
    });
    found.or(number.map(|uid| Identity { uid, gid: 0 }))
}

/// A user or group. The largest number is nobody: to the kernel it means "as it was" (setresuid(2)).
fn id(text: &str) -> Option<u32> {
    text.parse().ok().filter(|id| *id != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{account, identity};

    #[test]
    fn is_found_by_id() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nbroken\n:x:5:5::/:\nnobody:x:65534:65534::/none:/bin/false";
        let told =
            |uid| account(passwd, uid).map(|account| format!("{} {}", account.name, account.home));
        assert_eq!(told(0).as_deref(), Some("root /root"));
        assert_eq!(told(65534).as_deref(), Some("nobody /none"));
        assert_eq!((told(5), told(12345)), (None, None));
    }

    #[test]
    fn is_found_by_name_or_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nbroken\n:x:5:5::/:\nwww-data:x:33:34::/:\n";
        for (text, expected) in [
            ("www-data", Some((33, 34))),
            ("33", Some((33, 34))),
            ("33:7", Some((33, 7))),
            ("12345", Some((12345, 0))),
            ("nobody", None),
            ("www-data:7", None),
            ("", None),
            ("-1", None),
            ("4294967295", None),
            ("33:4294967295", None),
        ] {
            let found = identity(passwd, text).map(|found| (found.uid, found.gid));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
