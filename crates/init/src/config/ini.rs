//! The INI language as Python's `configparser` reads it without interpolation, which is what getconf uses.
//!
//! ```text
//! # a comment: a whole line
//! [section]
//! key = value      or  key: value; keys are lower-cased, sections are not
//!   goes on        lines that are indented more than the key
//! ```

use std::fmt;

/// One option of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its section, as written.
    pub section: String,
    /// Its key in lower case.
    pub key: String,
    /// Its value, lines joined by newlines.
    pub value: String,
    /// Its line, from 1.
    pub line: usize,
}

/// What a file holds, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Sections as they appear, also empty ones, without `DEFAULT`.
    pub sections: Vec<String>,
    /// Options; no two have the same section and key.
    pub settings: Vec<Setting>,
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not UTF-8.
    NotText,
    /// An option before the first section.
    NoSection,
    /// The same, and the file begins with a byte order mark.
    Mark,
    /// A section that the file has already.
    DuplicateSection(String),
    /// An option that the section has already in this file.
    DuplicateKey(String),
    /// A line that is neither a section nor an option.
    NotAnOption,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        match &self.fault {
            Fault::NotText => f.write_str("this is not text in UTF-8"),
            Fault::NoSection => f.write_str("there is no [section] before this line"),
            Fault::Mark => f.write_str("the file begins with a byte order mark: save it without"),
            Fault::DuplicateSection(name) => write!(f, "section [{name}] is in this file already"),
            Fault::DuplicateKey(key) => write!(f, "{key} is in this section already"),
            Fault::NotAnOption => f.write_str("this line is neither \"key = value\" nor [section]"),
        }
    }
}

impl std::error::Error for Broken {}

/// The section whose options all others have too.
pub const DEFAULT: &str = "DEFAULT";

/// Reads a file; all faults at once.
pub fn parse(bytes: &[u8]) -> Result<File, Vec<Broken>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|&byte| byte == b'\n').count();
        vec![Broken {
            line,
            column: 1,
            fault: Fault::NotText,
        }]
    })?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::default();
    for (index, line) in text.split('\n').enumerate() {
        if let Err((column, fault)) = reader.line(index + 1, line) {
            reader.broken.push(Broken {
                line: index + 1,
                column,
                fault,
            });
            // Python gives up here; the lines below would be blamed for this one.
            if reader.section.is_none() {
                break;
            }
        }
    }
    for setting in &mut reader.file.settings {
        setting
            .value
            .truncate(setting.value.trim_end_matches(is_space).len());
    }
    if reader.broken.is_empty() {
        Ok(reader.file)
    } else {
        Err(reader.broken)
    }
}

#[derive(Default)]
struct Reader {
    file: File,
    broken: Vec<Broken>,
    section: Option<String>,
    /// Index of the option that lines may continue.
    open: Option<usize>,
    indent: usize,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), (usize, Fault)> {
        let text = line.trim_matches(is_space);
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        let open = self
            .open
            .and_then(|index| self.file.settings.get_mut(index));
        if text.is_empty() {
            if let Some(setting) = open {
                setting.value.push('\n');
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|char| is_space(*char)).count();
        if indent > self.indent
            && let Some(setting) = open
        {
            setting.value.push('\n');
            setting.value.push_str(text);
            return Ok(());
        }
        self.indent = indent;
        if let Some(header) = header(text) {
            self.open = None;
            return self.header(header).map_err(|fault| (indent + 1, fault));
        }
        let Some(section) = self.section.clone() else {
            let fault = if line.starts_with('\u{feff}') {
                Fault::Mark
            } else {
                Fault::NoSection
            };
            return Err((indent + 1, fault));
        };
        let split = text
            .split_once(['=', ':'])
            .map(|(key, value)| (key.trim_end_matches(is_space), value));
        let Some((key, value)) = split.filter(|(key, _)| !key.is_empty()) else {
            return Err((indent + 1, Fault::NotAnOption));
        };
        let key = key.to_lowercase();
        if self
            .file
            .settings
            .iter()
            .any(|known| known.section == section && known.key == key)
        {
            return Err((indent + 1, Fault::DuplicateKey(key)));
        }
        self.open = Some(self.file.settings.len());
        self.file.settings.push(Setting {
            section,
            key,
            value: value.trim_matches(is_space).to_owned(),
            line: number,
        });
        Ok(())
    }

    fn header(&mut self, name: &str) -> Result<(), Fault> {
        self.section = Some(name.to_owned());
        if name == DEFAULT {
            return Ok(());
        }
        if self.file.sections.iter().any(|known| known == name) {
            return Err(Fault::DuplicateSection(name.to_owned()));
        }
        self.file.sections.push(name.to_owned());
        Ok(())
    }
}

/// `[NAME]`, up to the last bracket; what follows it is ignored.
fn header(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// As Python's `str.strip` has it: four separators more than Unicode's white space.
fn is_space(char: char) -> bool {
    char.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&char)
}
