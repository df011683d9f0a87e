//! What programs print for terminals, as a page: colours and weights are kept, other sequences are left out.
//!
//! Source: ECMA-48, 8.3.117 (SGR); the colours beyond eight are xterm's.

use std::fmt::Write as _;

/// Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright.
const COLOURS: [&str; 16] = [
    "#000", "#a00", "#070", "#a50", "#00a", "#a0a", "#077", "#777", "#555", "#d33", "#2a2", "#b80",
    "#44f", "#d3d", "#299", "#999",
];

/// A page that grows by lines.
#[derive(Default)]
pub struct Page {
    text: String,
    look: Look,
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
    /// Adds a line.
    pub fn line(&mut self, line: &str) {
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
        self.text.push('\n');
    }

    /// The whole page.
    pub fn finish(self) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Log</title></head>\n<body>\n<pre>\n{}</pre>\n</body>\n</html>\n",
            self.text
        )
    }

    fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let style = self.look.style();
        if !style.is_empty() {
            let _ = write!(self.text, "<span style=\"{style}\">");
        }
        for letter in text.chars() {
            match letter {
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '&' => self.text.push_str("&amp;"),
                '\t' => self.text.push('\t'),
                letter if letter.is_control() => {}
                letter => self.text.push(letter),
            }
        }
        if !style.is_empty() {
            self.text.push_str("</span>");
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
    use super::Page;

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
            let mut page = Page::default();
            page.line(line);
            assert_eq!(page.text, format!("{expected}\n"), "{line:?}");
        }
    }

    #[test]
    fn a_colour_goes_on_in_the_next_line() {
        let mut page = Page::default();
        page.line("\u{1b}[3mone");
        page.line("two");
        let italic = |text: &str| format!("<span style=\"font-style:italic;\">{text}</span>\n");
        assert_eq!(page.text, italic("one") + &italic("two"));
        assert!(page.finish().starts_with("<!DOCTYPE html>"));
    }
}
