//! Ignores that were written for other tools, and what of ours they mean.
//!
//! ```text
//! # hadolint ignore=DL3008,DL3015        # hadolint global ignore=DL3008      in Dockerfiles: the next instruction, the file
//! # shellcheck disable=SC2086            in scripts: what comes next; before the first command: the file
//! # check=skip=JSONArgsRecommended       BuildKit's: at the top the file, elsewhere the next instruction
//! ```

/// What an ignore is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The rule.
    pub rule: &'static str,
    /// What its message has to contain: one rule may be several of others.
    pub part: &'static str,
}

/// An ignore as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Whose it is.
    pub tool: &'static str,
    /// Whether it says that it is about the whole file.
    pub whole: bool,
    /// What it names.
    pub names: Vec<String>,
}

/// Names of others, and what they mean here.
const NAMES: [(&str, &str, &str); 47] = [
    ("DL3000", "D20", "WORKDIR"),
    ("DL3002", "D05", ""),
    ("DL3003", "D20", "cd "),
    ("DL3004", "D20", "sudo"),
    ("DL3005", "D11", "dist-upgrade"),
    ("DL3006", "D10", "no tag"),
    ("DL3007", "D10", "made last"),
    ("DL3008", "D12", "apt-get:"),
    ("DL3009", "D11", "package lists"),
    ("DL3011", "D20", "no port"),
    ("DL3012", "D09", "later HEALTHCHECK"),
    ("DL3013", "D12", "pip:"),
    ("DL3014", "D11", "asks"),
    ("DL3015", "D11", "recommended"),
    ("DL3016", "D12", "npm:"),
    ("DL3018", "D12", "apk:"),
    ("DL3019", "D11", "index of packages"),
    ("DL3020", "D20", "ADD"),
    ("DL3025", "D01", ""),
    ("DL3027", "D11", "apt is for people"),
    ("DL3028", "D12", "gem:"),
    ("DL3030", "D11", "asks"),
    ("DL3032", "D11", "stay in the layer"),
    ("DL3033", "D12", "yum:"),
    ("DL3034", "D11", "asks"),
    ("DL3038", "D11", "asks"),
    ("DL3040", "D11", "stay in the layer"),
    ("DL3041", "D12", "dnf:"),
    ("DL3042", "D13", "pip"),
    ("DL3046", "D07", ""),
    ("DL3057", "D09", "nothing says"),
    ("DL3062", "D12", "go:"),
    ("DL3064", "D15", ""),
    ("DL3066", "D06", ""),
    ("DL4000", "D20", "MAINTAINER"),
    ("DL4003", "D20", "later CMD"),
    ("DL4004", "D20", "later ENTRYPOINT"),
    ("DL4006", "D21", ""),
    ("SC1017", "S07", "as on Windows"),
    ("SC2039", "S07", "bash's own"),
    ("SC2086", "S07", "falls apart"),
    ("SC2148", "S07", "which shell"),
    ("SC2155", "S07", "is set also if"),
    ("JSONArgsRecommended", "D01", ""),
    ("MaintainerDeprecated", "D20", "MAINTAINER"),
    ("SecretsUsedInArgOrEnv", "D15", ""),
    ("WorkdirRelativePath", "D20", "WORKDIR"),
];

/// The words that such a comment has.
const MARKS: [&str; 3] = ["hadolint", "shellcheck", "check="];

/// Whether a text may have one.
pub fn may_be_in(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// The ignore that a comment is, which stands alone on its line in a Dockerfile or, if `is_script`, in a script.
pub fn read(comment: &str, is_script: bool) -> Option<Foreign> {
    let words = comment.trim_start_matches('#').trim();
    let foreign = |tool, whole, list: &str| Foreign {
        tool,
        whole,
        names: list
            .split([' ', '\t', '#', ';'])
            .next()
            .unwrap_or_default()
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    if is_script {
        let mut keys = words.strip_prefix("shellcheck")?.split_whitespace();
        let list = keys.find_map(|key| key.strip_prefix("disable="))?;
        return Some(foreign("shellcheck", false, list));
    }
    if let Some(rest) = words.strip_prefix("hadolint") {
        let rest = rest.trim_start();
        let (whole, rest) = match rest.strip_prefix("global") {
            Some(rest) => (true, rest.trim_start()),
            None => (false, rest),
        };
        let list = rest
            .strip_prefix("ignore")?
            .trim_start()
            .strip_prefix('=')?;
        return Some(foreign("hadolint", whole, list.trim_start()));
    }
    let list = words
        .strip_prefix("check=")?
        .split(';')
        .find_map(|key| key.trim().strip_prefix("skip="))?;
    Some(foreign("BuildKit", false, list))
}

impl Foreign {
    /// What its names mean here; nothing for those that only its own tool knows.
    pub fn meanings(&self) -> Vec<Meaning> {
        let names = self.names.iter();
        names.flat_map(|name| self.meanings_of(name)).collect()
    }

    /// Whether each of its names means something here.
    pub fn is_known(&self) -> bool {
        let known = |name: &String| !self.meanings_of(name).is_empty();
        !self.names.is_empty() && self.names.iter().all(known)
    }

    fn meanings_of(&self, name: &str) -> Vec<Meaning> {
        let is_all = name == "all" && self.tool != "hadolint";
        let is_own = |foreign: &str| match self.tool {
            "BuildKit" => foreign.bytes().any(|byte| byte.is_ascii_lowercase()),
            _ => foreign.starts_with("SC"),
        };
        let known = NAMES
            .iter()
            .filter(|(foreign, ..)| {
                foreign.eq_ignore_ascii_case(name) || (is_all && is_own(foreign))
            })
            .map(|&(_, rule, part)| Meaning { rule, part });
        // Shells other than bash: a family of its own.
        let family = name.strip_prefix("SC3").filter(|rest| rest.len() == 3);
        let family = family.map(|_| Meaning {
            rule: "S07",
            part: "bash's own",
        });
        known.chain(family).collect()
    }

    /// What is wrong with it: a name that is none of the tool's.
    pub fn wrong(&self) -> Option<String> {
        let tool = self.tool;
        if self.names.is_empty() {
            return Some(format!("this ignore for {tool} names no rule"));
        }
        let code = |name: &str, start: &str| {
            name.strip_prefix(start).is_some_and(|rest| {
                rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let is_one = |name: &str| match tool {
            "hadolint" => code(name, "DL") || code(name, "SC"),
            "shellcheck" => {
                name == "all"
                    || code(name, "SC")
                    || name.bytes().all(|byte| byte.is_ascii_digit())
                    // A range, or a check that is known by words.
                    || name.contains('-')
            }
            _ => name.bytes().all(|byte| byte.is_ascii_alphabetic()),
        };
        let other = self.names.iter().find(|name| !is_one(name))?;
        Some(format!("{tool} has no rule \"{other}\" to ignore"))
    }

    /// Its names.
    pub fn label(&self) -> String {
        format!("{} of {}", self.names.join(", "), self.tool)
    }
}

#[cfg(test)]
mod tests {
    use super::{Foreign, NAMES, read};
    use crate::rule;

    #[test]
    fn comments() {
        for (comment, is_script, expected) in [
            (
                "# hadolint ignore=DL3008,DL3015 they are pinned by the mirror",
                false,
                Some(("hadolint", false, "DL3008 DL3015")),
            ),
            (
                "#hadolint global ignore = DL3008",
                false,
                Some(("hadolint", true, "DL3008")),
            ),
            (
                "# check=skip=JSONArgsRecommended,StageNameCasing;error=true",
                false,
                Some(("BuildKit", false, "JSONArgsRecommended StageNameCasing")),
            ),
            (
                "# shellcheck disable=SC2086,SC2155 # so",
                true,
                Some(("shellcheck", false, "SC2086 SC2155")),
            ),
            (
                "# shellcheck source=a.sh disable=SC2086",
                true,
                Some(("shellcheck", false, "SC2086")),
            ),
            ("# shellcheck shell=sh", true, None),
            ("# hadolint is good", false, None),
            ("# hadolint ignore=DL3008", true, None),
        ] {
            let found = read(comment, is_script);
            let said = found
                .as_ref()
                .map(|one| (one.tool, one.whole, one.names.join(" ")));
            let said = said
                .as_ref()
                .map(|(tool, whole, names)| (*tool, *whole, names.as_str()));
            assert_eq!(said, expected, "{comment}");
        }
    }

    #[test]
    fn the_page_names_them_all() {
        let page = include_str!("../../../docs/reference/check.md");
        for (name, id, _) in NAMES {
            let row = page
                .lines()
                .find(|line| line.starts_with(&format!("| [{id}]")));
            assert!(row.is_some_and(|row| row.contains(name)), "{name}");
        }
    }

    #[test]
    fn names_mean_rules_that_there_are() {
        for (name, id, _) in NAMES {
            assert!(rule::named(id).is_some(), "{name}");
        }
        let of = |tool, names: &[&str]| Foreign {
            tool,
            whole: false,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(of("BuildKit", &["all"]).meanings().len(), 4);
        assert_eq!(of("shellcheck", &["SC3010"]).meanings().len(), 1);
        assert!(of("hadolint", &["DL3001"]).meanings().is_empty());
        assert!(!of("hadolint", &["DL3008", "DL3001"]).is_known());
        assert!(of("hadolint", &["DL38"]).wrong().is_some());
        assert!(of("hadolint", &["DL3001", "SC2086"]).wrong().is_none());
    }
}
