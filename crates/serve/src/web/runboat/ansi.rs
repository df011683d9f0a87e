//! What programs print for terminals, as a page: colours and weights are kept, other sequences are left out.
//!
//! Source: ECMA-48, 8.3.117 (SGR); the colours beyond eight are xterm's.

use std::fmt::Write as _;
use std::mem;

/// Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright.
const COLOURS: [&str; 16] = [
    "#000", "#a00", "#070", "#a50", "#00a", "#a0a", "#077", "#777", "#555", "#d33", "#2a2", "#b80",
    "#44f", "#d3d", "#299", "#999",
];

/// Bytes that a page has about at most. What is kept of a log has four million; with a colour for each letter it would be twenty
/// times as much.
const MOST: usize = 16 << 20;
const BEGIN: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Log</title></head>\n<body>\n<pre>\n";
const END: &str = "</pre>\n</body>\n</html>\n";

/// A page that grows by lines, and is taken piece by piece.
pub struct Page {
    /// What was not taken yet.
    text: String,
    /// Bytes that were.
    taken: usize,
    /// How what follows looks.
    look: Look,
    /// How it looks in the span that is open; as nothing in particular: none is.
    shown: Look,
    is_full: bool,
}

/// How what follows looks.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each can be without the others"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    colour: Option<String>,
    background: Option<String>,
    is_bold: bool,
    is_faint: bool,
    is_italic: bool,
    is_underlined: bool,
}

impl Page {
    /// One without lines.
    pub fn new() -> Self {
        Self {
            text: BEGIN.to_owned(),
            taken: 0,
            look: Look::default(),
            shown: Look::default(),
            is_full: false,
        }
    }

    /// Adds a line, unless there are too many.
    pub fn line(&mut self, line: &str) {
        if self.is_full {
            return;
        }
        let mut rest = line;
        while let Some(at) = rest.find('\u{1b}') {
            self.say(&rest[..at]);
            rest = &rest[at + 1..];
            let Some(sequence) = rest.strip_prefix('[') else {
                continue;
            };
            let Some(end) = sequence.find(|letter: char| ('\u{40}'..='\u{7e}').contains(&letter))
            else {
                rest = "";
                break;
            };
            if sequence[end..].starts_with('m') {
                self.look.follow(&sequence[..end]);
            }
            rest = &sequence[end + 1..];
        }
        self.say(rest);
        if self.shown != self.look {
            self.close();
        }
        self.text.push('\n');
        if self.taken + self.text.len() > MOST {
            self.is_full = true;
            self.note("The rest of the log is too long for a page.");
        }
    }

    /// Adds a line of our own.
    pub fn note(&mut self, note: &str) {
        self.look = Look {
            is_italic: true,
            ..Look::default()
        };
        self.say(note);
        self.close();
        self.text.push('\n');
    }

    /// Whether no line is added any more.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Ends the page.
    pub fn end(&mut self) {
        self.close();
        self.text.push_str(END);
    }

    /// What was added since it was taken last.
    pub fn take(&mut self) -> String {
        self.taken += self.text.len();
        mem::take(&mut self.text)
    }

    fn say(&mut self, text: &str) {
        let is_shown = |letter: &char| *letter == '\t' || !letter.is_control();
        let mut letters = text.chars().filter(is_shown).peekable();
        if letters.peek().is_some() {
            self.follow_look();
        }
        for letter in letters {
            match letter {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                letter => self.text.push(letter),
            }
        }
    }

    /// Has what follows look as it should. A span is many times as long as a letter, so there is one only where the look changes.
    fn follow_look(&mut self) {
        if self.shown == self.look {
            return;
        }
        self.close();
        let style = self.look.style();
        if !style.is_empty() {
            let _ = write!(self.text, "<span style=\"{style}\">");
        }
        self.shown.clone_from(&self.look);
    }

    fn close(&mut self) {
        if self.shown != Look::default() {
            self.text.push_str("</span>");
            self.shown = Look::default();
        }
    }
}

impl Look {
    fn follow(&mut self, parameters: &str) {
        let mut numbers = parameters
            .split([';', ':'])
            .map(|number| number.parse::<usize>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.is_bold = true,
                2 => self.is_faint = true,
                3 => self.is_italic = true,
                4 => self.is_underlined = true,
                22 => (self.is_bold, self.is_faint) = (false, false),
                23 => self.is_italic = false,
                24 => self.is_underlined = false,
                30..=37 => self.colour = basic(number - 30),
                38 => self.colour = more(&mut numbers),
                39 => self.colour = None,
                40..=47 => self.background = basic(number - 40),
                48 => self.background = more(&mut numbers),
                49 => self.background = None,
                90..=97 => self.colour = basic(number - 82),
                100..=107 => self.background = basic(number - 92),
                _ => {}
            }
        }
    }

    fn style(&self) -> String {
        let mut style = String::new();
        for (name, colour) in [("color", &self.colour), ("background", &self.background)] {
            if let Some(colour) = colour {
                let _ = write!(style, "{name}:{colour};");
            }
        }
        for (is, rule) in [
            (self.is_bold, "font-weight:bold;"),
            (self.is_faint, "opacity:.7;"),
            (self.is_italic, "font-style:italic;"),
            (self.is_underlined, "text-decoration:underline;"),
        ] {
            if is {
                style.push_str(rule);
            }
        }
        style
    }
}

fn basic(number: usize) -> Option<String> {
    COLOURS.get(number).map(|colour| (*colour).to_owned())
}

/// One of 256 after a 5, or three parts after a 2.
fn more(numbers: &mut impl Iterator<Item = usize>) -> Option<String> {
    match numbers.next()? {
        5 => match numbers.next()? {
            number @ 0..=15 => basic(number),
            number @ 16..=231 => {
                let cube = number - 16;
                let level = |part: usize| if part == 0 { 0 } else { 55 + 40 * part };
                let (red, green, blue) = (cube / 36, cube / 6 % 6, cube % 6);
                Some(rgb(level(red), level(green), level(blue)))
            }
            number @ 232..=255 => {
                let grey = 8 + 10 * (number - 232);
                Some(rgb(grey, grey, grey))
            }
            _ => None,
        },
        2 => {
            let mut part = || numbers.next().filter(|part| *part < 256);
            Some(rgb(part()?, part()?, part()?))
        }
        _ => None,
    }
}

fn rgb(red: usize, green: usize, blue: usize) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, MOST, Page};

    /// What stands on a page with these lines.
    fn shown(lines: &[&str]) -> String {
        let mut page = Page::new();
        for line in lines {
            page.line(line);
        }
        page.end();
        let whole = page.take();
        let rest = whole.strip_prefix(BEGIN).expect("it begins as a page");
        let text = rest.strip_suffix(END).expect("it ends as a page");
        text.to_owned()
    }

    #[test]
    fn lines_as_a_page() {
        let cases = [
            ("plain <b> & \u{7}\ttab", "plain &lt;b&gt; &amp; \ttab"),
            (
                "\u{1b}[31mred\u{1b}[0m not",
                "<span style=\"color:#a00;\">red</span> not",
            ),
            (
                "\u{1b}[1;4;92;41mmuch\u{1b}[22;24;39;49mno",
                "<span style=\"color:#2a2;background:#a00;font-weight:bold;text-decoration:underline;\">much</span>no",
            ),
            (
                "\u{1b}[38;5;196mx\u{1b}[m",
                "<span style=\"color:#ff0000;\">x</span>",
            ),
            (
                "\u{1b}[38;5;244mx\u{1b}[m",
                "<span style=\"color:#808080;\">x</span>",
            ),
            (
                "\u{1b}[48;2;1;2;3mx\u{1b}[m",
                "<span style=\"background:#010203;\">x</span>",
            ),
            ("\u{1b}[38;2;1;2;999mx\u{1b}[m", "x"),
            ("\u{1b}[2Kmoved\u{1b}[1A", "moved"),
            ("ends in \u{1b}[12", "ends in "),
            ("ends in \u{1b}", "ends in "),
            ("\u{1b}[\"><script>mx", "cript&gt;mx"),
        ];
        for (line, expected) in cases {
            assert_eq!(shown(&[line]), format!("{expected}\n"), "{line:?}");
        }
    }

    #[test]
    fn a_colour_goes_on_in_the_next_line() {
        assert_eq!(
            shown(&["\u{1b}[3mone", "two", "\u{1b}[mthree"]),
            "<span style=\"font-style:italic;\">one\ntwo\n</span>three\n"
        );
    }

    #[test]
    fn a_span_lasts_until_the_look_changes() {
        let cases = [
            (
                format!("\u{1b}[1;3;4m{}", "\u{1b}x\u{1b}[1m\u{1b}[2K".repeat(1000)),
                format!(
                    "<span style=\"font-weight:bold;font-style:italic;text-decoration:underline;\">{}\n</span>",
                    "x".repeat(1000)
                ),
            ),
            // What is seen nowhere needs none.
            (
                "\u{1b}[31m\u{1b}[32m\u{7}\u{1b}[m".repeat(1000),
                "\n".to_owned(),
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(shown(&[&line]), expected);
        }
    }

    #[test]
    fn a_page_has_an_end() {
        let line = "\u{1b}[31m&\u{1b}[32m<".repeat(10_000);
        let (mut page, mut all) = (Page::new(), String::new());
        while !page.is_full() {
            page.line(&line);
            all += &page.take();
        }
        page.line("after it");
        page.end();
        all += &page.take();
        assert!(all.len() > MOST && all.len() < MOST + (1 << 20));
        assert!(all.contains("too long for a page") && !all.contains("after it"));
        assert!(all.ends_with(END));
        let count = |mark: &str| all.matches(mark).count();
        assert_eq!(count("<span"), count("</span>"));
    }
}
