//! The comments above an instruction.

use super::settings::Settings;

/// What stands between two instructions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::dockerfile) struct Remark<'t> {
    /// `# check=` for the instruction that follows.
    pub settings: Option<Settings>,
    /// The comment in the line directly above it, unless it is empty or looks like a directive.
    pub adjacent: Option<&'t str>,
}

impl<'t> Remark<'t> {
    /// Reads the text between two instructions. An empty comment ends what was said before it.
    pub fn read(text: &'t str) -> Self {
        let mut remark = Self::default();
        // The last piece is the indentation of the instruction itself.
        let Some((lines, _)) = text.rsplit_once('\n') else {
            return remark;
        };
        for line in lines.split('\n') {
            let Some(comment) = line.trim_start().strip_prefix('#').map(str::trim) else {
                remark.adjacent = None;
                continue;
            };
            if comment.is_empty() {
                remark = Self::default();
                continue;
            }
            remark.adjacent = (!is_directive(comment)).then_some(comment);
            if remark.settings.is_none() {
                remark.settings = check(comment);
            }
        }
        remark
    }
}

/// The settings in `check=skip=...`; nothing where they are wrong.
fn check(comment: &str) -> Option<Settings> {
    let (name, value) = comment.split_once('=')?;
    name.trim_end()
        .eq_ignore_ascii_case("check")
        .then(|| Settings::read(value.trim()).ok())?
}

fn is_directive(comment: &str) -> bool {
    let name = comment.split('=').next().unwrap_or_default().trim_end();
    comment.contains('=')
        && ["check", "escape", "syntax"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::Remark;
    use crate::dockerfile::check::Rule;

    #[test]
    fn comments_above() {
        for (text, adjacent, skips) in [
            ("", None, false),
            ("\n# a b\n", Some("a b"), false),
            ("\n# a b\n\n", None, false),
            ("\n# a b\n#\n", None, false),
            ("\n  # a b\r\n  ", Some("a b"), false),
            ("\n# check=skip=UndefinedVar // so\n", None, true),
            ("\n# Check = skip=all\n# a\n\n", None, true),
            ("\n# check=skip=all\n#\n", None, false),
            ("\n# check=nonsense\n# a\n", Some("a"), false),
            ("\n# a=b\n", Some("a=b"), false),
        ] {
            let remark = Remark::read(text);
            assert_eq!(remark.adjacent, adjacent, "{text:?}");
            let wants = remark
                .settings
                .is_none_or(|settings| settings.wants(Rule::UndefinedVar));
            assert_eq!(!wants, skips, "{text:?}");
        }
    }
}
