//! Which port leads where. Pure.

use std::str::FromStr;

/// A port of a pod, and the one here that leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Here; 0 is any that is free.
    pub local: u16,
    /// In the pod; not 0.
    pub remote: u16,
}

/// Words that are no port.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected [LOCAL:]REMOTE, ports from 1 to 65535, or :REMOTE, found {0:?}")]
pub struct Wrong(pub String);

/// `8080:80`; `80` is the same here and there; `:80` is any that is free, as of kubectl.
impl FromStr for Port {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let (local, remote) = text.split_once(':').unwrap_or((text, text));
        let number = |text: &str| {
            let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_digits.then(|| text.parse().ok()).flatten()
        };
        let local = if local.is_empty() {
            Some(0)
        } else {
            number(local)
        };
        match (local, number(remote)) {
            (Some(local), Some(remote @ 1..)) => Ok(Self { local, remote }),
            _ => Err(Wrong(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_kubectl_has_them() {
        for (text, local, remote) in [
            ("80", 80, 80),
            ("8080:80", 8080, 80),
            (":80", 0, 80),
            ("0:80", 0, 80),
            ("65535:1", 65535, 1),
        ] {
            assert_eq!(text.parse(), Ok(Port { local, remote }), "{text}");
        }
        for text in [
            "",
            ":",
            "0",
            "80:",
            "80:0",
            "70000",
            "1:70000",
            "web",
            "-1",
            "+80",
            "1:2:3",
            "8080:http",
        ] {
            assert_eq!(text.parse::<Port>(), Err(Wrong(text.to_owned())));
        }
    }
}
