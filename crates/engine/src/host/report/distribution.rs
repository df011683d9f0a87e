//! Names of packages where this machine gets its software from.

use super::examine::text;

/// A family of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distribution {
    Debian,
    Fedora,
    Arch,
    Alpine,
    Suse,
    Unknown,
}

impl Distribution {
    pub(super) fn of_this_machine() -> Self {
        Self::of(&text("/etc/os-release"))
    }

    /// From the text of os-release(5): the identity, or else what it is like.
    fn of(os_release: &str) -> Self {
        let words = ["ID=", "ID_LIKE="].into_iter().flat_map(|key| {
            os_release
                .lines()
                .filter_map(move |line| line.strip_prefix(key))
                .flat_map(|value| value.trim_matches('"').split_whitespace())
        });
        words
            .map(Self::named)
            .find(|found| *found != Self::Unknown)
            .unwrap_or(Self::Unknown)
    }

    fn named(word: &str) -> Self {
        match word {
            "debian" | "ubuntu" => Self::Debian,
            "fedora" | "rhel" | "centos" => Self::Fedora,
            "arch" => Self::Arch,
            "alpine" => Self::Alpine,
            "suse" | "opensuse" => Self::Suse,
            _ => Self::Unknown,
        }
    }

    /// How to install newuidmap and newgidmap.
    pub(super) fn install_uidmap(self) -> &'static str {
        match self {
            Self::Debian => "sudo apt-get install uidmap",
            Self::Fedora => "sudo dnf install shadow-utils",
            Self::Arch => "sudo pacman -S shadow",
            Self::Alpine => "doas apk add shadow-uidmap",
            Self::Suse => "sudo zypper install shadow",
            Self::Unknown => {
                "install newuidmap and newgidmap (Debian: uidmap; Fedora: shadow-utils; Arch: shadow)"
            }
        }
    }

    /// How to install the certificates of the public authorities.
    pub(super) fn install_certificates(self) -> &'static str {
        match self {
            Self::Debian => "sudo apt-get install ca-certificates",
            Self::Fedora => "sudo dnf install ca-certificates",
            Self::Arch => "sudo pacman -S ca-certificates",
            Self::Alpine => "doas apk add ca-certificates",
            Self::Suse => "sudo zypper install ca-certificates-mozilla",
            Self::Unknown => "install ca-certificates, or set SSL_CERT_FILE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Distribution;

    #[test]
    fn families_are_known_by_themselves_or_by_what_they_are_like() {
        for (text, expected) in [
            ("NAME=x\nID=debian\n", Distribution::Debian),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Distribution::Debian,
            ),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                Distribution::Fedora,
            ),
            ("ID_LIKE=arch\nID=manjaro\n", Distribution::Arch),
            ("ID=plan9\n", Distribution::Unknown),
            ("", Distribution::Unknown),
        ] {
            assert_eq!(Distribution::of(text), expected, "{text}");
        }
    }
}
