//! Sources that are somewhere else.

/// What a source of `ADD` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remote {
    /// A Git repository.
    Git,
    /// A download.
    Url,
}

/// What `text` is, if it is somewhere else: `git://`, `ssh://`, `user@host:path` and what ends in `.git` are repositories, other
/// `http(s)://` are downloads. `github.com/...` without a scheme is a path.
pub(super) fn remote(text: &str) -> Option<Remote> {
    if let Some((scheme, rest)) = text.split_once("://")
        && !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        let path = rest.split(['#', '?']).next().unwrap_or(rest);
        return match scheme.to_lowercase().as_str() {
            "git" | "ssh" => Some(Remote::Git),
            "http" | "https" if path.contains('/') && path.strip_suffix(".git").is_some() => {
                Some(Remote::Git)
            }
            // Docker takes these in lower case only.
            "http" | "https" if text.starts_with("http") => Some(Remote::Url),
            _ => None,
        };
    }
    let (user, rest) = text.split_once('@')?;
    let (host, _) = rest.split_once(':')?;
    let word = |text: &str, extra: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
    };
    (word(user, b"_.-") && word(host, b".-")).then_some(Remote::Git)
}

#[cfg(test)]
mod tests {
    use super::{Remote, remote};

    #[test]
    fn sources() {
        for (text, expected) in [
            ("https://example.com/a.tar.gz", Some(Remote::Url)),
            ("http://example.com", Some(Remote::Url)),
            ("https://example.com/a.git", Some(Remote::Git)),
            ("https://example.com/a.git#main:sub", Some(Remote::Git)),
            ("https://example.com/a.git?ref=main", Some(Remote::Git)),
            ("https://example.com/x?y=a.git", Some(Remote::Url)),
            ("git://example.com/a", Some(Remote::Git)),
            ("ssh://git@example.com/a", Some(Remote::Git)),
            ("git@example.com:a/b.git#v1", Some(Remote::Git)),
            ("github.com/a/b.git", None),
            ("ftp://example.com/a", None),
            ("a@b", None),
            ("./a@b:c", None),
            ("file", None),
        ] {
            assert_eq!(remote(text), expected, "{text}");
        }
    }
}
