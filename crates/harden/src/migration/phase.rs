//! The order in which a repository is changed.

/// A part of the work, done before the next one is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// What cannot be read hides what is wrong in it.
    Read,
    /// One description in place of copies: whatever is mended in one of them is lost in the other.
    One,
    /// No secret stays where everybody sees it.
    Secrets,
    /// A container starts one program, which is told to stop.
    Start,
    /// Work that is done once leaves the start scripts.
    Work,
    /// Nothing runs as root.
    User,
    /// Images that are small, and the same each time.
    Image,
    /// Compose files.
    Compose,
    /// Manifests.
    Manifest,
    /// Files that fit together.
    Together,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::One,
        Self::Secrets,
        Self::Start,
        Self::Work,
        Self::User,
        Self::Image,
        Self::Compose,
        Self::Manifest,
        Self::Together,
    ];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Read => "Make every file readable",
            Self::One => "Keep one description of each image",
            Self::Secrets => "Take secrets out",
            Self::Start => "Let signals reach the application",
            Self::Work => "Move work out of the start scripts",
            Self::User => "Run as an ordinary user",
            Self::Image => "Make images small, and the same each time",
            Self::Compose => "Compose files",
            Self::Manifest => "Manifests",
            Self::Together => "Make the files fit together",
        }
    }

    /// Why it comes where it comes.
    pub fn why(self) -> &'static str {
        match self {
            Self::Read => "What cannot be read hides what is wrong in it.",
            Self::One => "First of all: whatever is mended in one copy is wrong in the other.",
            Self::Secrets => {
                "Secrets that were in images are known: make new ones. It does not depend on anything below."
            }
            Self::Start => "Rolling updates lose requests until this is done.",
            Self::Work => {
                "Start scripts have to be short before containers can have more than one copy."
            }
            Self::User => "After the start scripts: they are what needs root today.",
            Self::Image => "Safe at any time; here, because it makes every later build faster.",
            Self::Compose => "The same image, started on a laptop.",
            Self::Manifest => "They need images that run as a number and obey signals.",
            Self::Together => "Last: ports, users and graces have their final values now.",
        }
    }

    /// Where a finding of this rule belongs.
    pub(super) fn of(rule: &str) -> Self {
        match rule {
            "P01" => Self::Read,
            "D24" => Self::One,
            "D15" | "D22" | "M17" => Self::Secrets,
            "D01" | "D02" | "D03" | "D04" | "D18" | "S01" | "S06" | "S07" => Self::Start,
            "S02" | "S03" | "S04" | "S05" | "S08" | "M20" => Self::Work,
            "D05" | "D06" | "D07" | "D14" => Self::User,
            _ => match rule.as_bytes().first() {
                Some(b'C') => Self::Compose,
                Some(b'M') => Self::Manifest,
                Some(b'X' | b'P') => Self::Together,
                Some(b'S') => Self::Work,
                _ => Self::Image,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Phase;
    use crate::rule::ALL;

    #[test]
    fn every_rule_has_its_phase_and_every_phase_a_rule() {
        assert!(Phase::ALL.windows(2).all(|two| two[0] < two[1]));
        for phase in Phase::ALL {
            assert!(
                ALL.iter().any(|rule| Phase::of(rule.id) == phase),
                "{phase:?}"
            );
        }
    }
}
