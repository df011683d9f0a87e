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

#[cfg(test)]
mod tests {
    use super::account;

    #[test]
    fn is_found_by_id() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nbroken\n:x:5:5::/:\nnobody:x:65534:65534::/none:/bin/false";
        let told =
            |uid| account(passwd, uid).map(|account| format!("{} {}", account.name, account.home));
        assert_eq!(told(0).as_deref(), Some("root /root"));
        assert_eq!(told(65534).as_deref(), Some("nobody /none"));
        assert_eq!((told(5), told(12345)), (None, None));
    }
}
