//! Draws a terminal's content, with its colours, as SVG: `tmux capture-pane -ep | cargo xtask picture TITLE > a.svg`.

use std::fmt::Write as _;

const CHARACTER_WIDTH: f32 = 8.4;
const LINE_HEIGHT: usize = 19;
const MARGIN: usize = 16;
const TITLE_BAR: usize = 28;

/// The sixteen colours of a terminal, dark background.
const COLOURS: [&str; 16] = [
    "#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
    "#7f8794", "#ff7b85", "#b5e090", "#ffd68a", "#7cc4ff", "#dd92f0", "#7fd6e0", "#ffffff",
];

/// How characters look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Style {
    colour: Option<String>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

/// The picture of `text`, which may hold SGR sequences (ECMA-48 section 8.3.117).
pub fn draw(text: &str, title: &str) -> String {
    let lines: Vec<Vec<(Style, String)>> = spans(text.trim_end());
    let columns = lines
        .iter()
        .map(|line| line.iter().map(|(_, text)| text.chars().count()).sum())
        .max()
        .unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "columns of a terminal")]
    let width = (columns as f32 * CHARACTER_WIDTH).ceil() + 2.0 * MARGIN as f32;
    let height = lines.len() * LINE_HEIGHT + MARGIN + TITLE_BAR + 8;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1f2430\"/>\n\
         <circle cx=\"18\" cy=\"15\" r=\"5\" fill=\"#e06c75\"/><circle cx=\"36\" cy=\"15\" r=\"5\" fill=\"#e5c07b\"/>\
         <circle cx=\"54\" cy=\"15\" r=\"5\" fill=\"#98c379\"/>\n\
         <text x=\"76\" y=\"20\" fill=\"#7f8794\">{}</text>\n",
        escaped(title)
    );
    for (row, line) in lines.iter().enumerate() {
        let y = TITLE_BAR + MARGIN + row * LINE_HEIGHT;
        let _ = write!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">"
        );
        for (style, text) in line {
            let colour = style.colour.as_deref().unwrap_or("#d8dee9");
            let bold = if style.bold {
                " font-weight=\"bold\""
            } else {
                ""
            };
            let dim = if style.dim { " opacity=\"0.6\"" } else { "" };
            let underlined = if style.underlined {
                " text-decoration=\"underline\""
            } else {
                ""
            };
            let _ = write!(
                svg,
                "<tspan fill=\"{colour}\"{bold}{dim}{underlined}>{}</tspan>",
                escaped(text)
            );
        }
        svg.push_str("</text>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// Lines of pieces that look alike.
fn spans(text: &str) -> Vec<Vec<(Style, String)>> {
    let mut style = Style::default();
    text.lines()
        .map(|line| {
            let mut pieces: Vec<(Style, String)> = Vec::new();
            let mut rest = line;
            while let Some(at) = rest.find('\u{1b}') {
                push(&mut pieces, &style, &rest[..at]);
                rest = &rest[at + 1..];
                let Some(end) = rest.find(|c: char| c.is_ascii_alphabetic()) else {
                    break;
                };
                if rest.as_bytes()[end] == b'm' {
                    apply(&mut style, rest[..end].trim_start_matches('['));
                }
                rest = &rest[end + 1..];
            }
            push(&mut pieces, &style, rest);
            pieces
        })
        .collect()
}

fn push(pieces: &mut Vec<(Style, String)>, style: &Style, text: &str) {
    if !text.is_empty() {
        pieces.push((style.clone(), text.to_owned()));
    }
}

fn apply(style: &mut Style, parameters: &str) {
    let mut numbers = parameters
        .split(';')
        .map(|text| text.parse::<usize>().unwrap_or(0));
    while let Some(number) = numbers.next() {
        match number {
            0 => *style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            4 => style.underlined = true,
            22 => (style.bold, style.dim) = (false, false),
            24 => style.underlined = false,
            30..=37 => style.colour = Some(COLOURS[number - 30].to_owned()),
            90..=97 => style.colour = Some(COLOURS[number - 82].to_owned()),
            39 => style.colour = None,
            38 => match numbers.next() {
                Some(5) => style.colour = numbers.next().map(indexed),
                Some(2) => {
                    let part: Vec<usize> = numbers.by_ref().take(3).collect();
                    style.colour = Some(
                        part.iter()
                            .fold("#".to_owned(), |text, part| format!("{text}{part:02x}")),
                    );
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// A colour of the 256-colour palette (xterm's).
fn indexed(number: usize) -> String {
    match number {
        0..=15 => COLOURS[number].to_owned(),
        16..=231 => {
            let level = |part: usize| if part == 0 { 0 } else { 55 + 40 * part };
            let number = number - 16;
            format!(
                "#{:02x}{:02x}{:02x}",
                level(number / 36),
                level(number / 6 % 6),
                level(number % 6)
            )
        }
        _ => {
            let grey = 8 + 10 * (number.min(255) - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_text_reach_the_picture() {
        let svg = draw(
            "\u{1b}[32mok\u{1b}[0m <a> \u{1b}[1;38;5;196mred\u{1b}[39m\n\u{1b}[2mdim",
            "a & b",
        );
        for part in [
            "<tspan fill=\"#98c379\">ok</tspan>",
            "<tspan fill=\"#d8dee9\"> &lt;a&gt; </tspan>",
            "<tspan fill=\"#ff0000\" font-weight=\"bold\">red</tspan>",
            "opacity=\"0.6\">dim</tspan>",
            "a &amp; b",
        ] {
            assert!(svg.contains(part), "{part} is not in\n{svg}");
        }
    }
}
