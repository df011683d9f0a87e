//! Whether what somebody says approves a commit.
//!
//! ```text
//! approves(Some("2222...2222"), "2222...2222") == Ok(())
//! ```
//! Whoever approves has read one commit. A few digits of its id are shared by others, and who wants to can make one that has them:
//! seven digits take seconds, twelve take days. So only the whole id is a word about that commit.

/// Why nothing is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// It is not said which commit, or not wholly.
    #[error(
        "approving needs the whole id of the commit that was read: 40 or 64 hexadecimal digits"
    )]
    NotWhole,
    /// It is about another one.
    #[error("that is not the commit that is shown here: perhaps another was pushed meanwhile")]
    Other,
}

impl NotApproved {
    /// What to do.
    pub fn help(self) -> &'static str {
        match self {
            Self::NotWhole => {
                "fewer digits could be those of another commit, which somebody has made so"
            }
            Self::Other => "read the newest one, and approve that",
        }
    }
}

/// Whether `said` approves `commit`, the whole id of one.
///
/// # Errors
/// If it is not this very commit, wholly, in letters of either case.
pub fn approves(said: Option<&str>, commit: &str) -> Result<(), NotApproved> {
    let is_whole = |said: &&str| {
        matches!(said.len(), 40 | 64) && said.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let said = said.filter(is_whole).ok_or(NotApproved::NotWhole)?;
    if said.eq_ignore_ascii_case(commit) {
        Ok(())
    } else {
        Err(NotApproved::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::NotApproved::{NotWhole, Other};
    use super::approves;

    #[test]
    fn only_the_whole_commit_is_meant() {
        let commit = "c0ffee".repeat(7)[..40].to_owned();
        let of_sha256 = "c0ffee".repeat(11)[..64].to_owned();
        let upper = commit.to_uppercase();
        let last = format!("{}0", &commit[..39]);
        let longer = format!("{commit}{}", "0".repeat(24));
        for (said, is, expected) in [
            (Some(commit.as_str()), &commit, Ok(())),
            (Some(&upper), &commit, Ok(())),
            (Some(&of_sha256), &of_sha256, Ok(())),
            (None, &commit, Err(NotWhole)),
            (Some(""), &commit, Err(NotWhole)),
            (Some(&commit[..7]), &commit, Err(NotWhole)),
            (Some(&commit[..12]), &commit, Err(NotWhole)),
            (Some(&commit[..39]), &commit, Err(NotWhole)),
            (Some(&of_sha256[..63]), &of_sha256, Err(NotWhole)),
            (Some(&"g".repeat(40)), &commit, Err(NotWhole)),
            (Some(&last), &commit, Err(Other)),
            (Some(&"0".repeat(40)), &commit, Err(Other)),
            (Some(&longer), &commit, Err(Other)),
            (Some(&of_sha256[..40]), &of_sha256, Err(Other)),
        ] {
            assert_eq!(approves(said, is), expected, "{said:?}");
        }
    }
}
