//! Which styles mean what, and when to use them.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

/// What `--color` can say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the environment says about colours.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set and neither empty nor `0` (<https://bixense.com/clicolors>).
    pub force: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
}

/// Whether a stream gets colours: the flag first, then the variables, then whether it is a terminal.
pub fn wanted(when: When, around: &Surroundings, is_terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if around.no_color => false,
        When::Auto if around.force => true,
        When::Auto => is_terminal && !around.dumb,
    }
}

/// Errors.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Warnings.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Remedies and what is good to know.
pub const HELP: Style = AnsiColor::Cyan.on_default().bold();
/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What is in work.
pub const BUSY: Style = AnsiColor::Cyan.on_default();
/// What was there before.
pub const CACHED: Style = AnsiColor::Blue.on_default();
/// Names that matter.
pub const STRONG: Style = Style::new().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
/// Addresses.
pub const LINK: Style = AnsiColor::Cyan.on_default().underline();

/// Applies styles, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// Whether styles are applied.
    pub on: bool,
}

impl Paint {
    /// `text` in `style`.
    pub fn paint<T: Display>(self, style: Style, text: T) -> Painted<T> {
        Painted {
            style: if self.on { style } else { Style::new() },
            text,
        }
    }
}

/// A text with its style.
pub struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.style)?;
        self.text.fmt(f)?;
        write!(f, "{:#}", self.style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_beats_the_variables_and_they_beat_the_terminal() {
        let plain = Surroundings::default();
        let no_color = Surroundings {
            no_color: true,
            ..Surroundings::default()
        };
        let force = Surroundings {
            force: true,
            ..Surroundings::default()
        };
        let dumb = Surroundings {
            dumb: true,
            ..Surroundings::default()
        };
        for (when, around, is_terminal, expected) in [
            (When::Auto, &plain, true, true),
            (When::Auto, &plain, false, false),
            (When::Auto, &no_color, true, false),
            (When::Auto, &force, false, true),
            (When::Auto, &dumb, true, false),
            (When::Always, &no_color, false, true),
            (When::Never, &force, true, false),
        ] {
            assert_eq!(
                wanted(when, around, is_terminal),
                expected,
                "{when:?} {around:?} terminal={is_terminal}"
            );
        }
    }
}
