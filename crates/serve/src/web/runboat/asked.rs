//! What stands in the query of an address, read as runboat reads it: of what is said twice the last counts, what nobody knows is
//! passed over, and all mistakes are told at once.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::status::Status;

/// The largest number that every program reads as the same (RFC 8259 section 6).
const LARGEST: u64 = (1 << 53) - 1;

/// A query, and what was found wrong with it.
pub struct Query {
    pairs: Vec<(String, String)>,
    mistakes: Vec<Value>,
}

impl Query {
    /// Of the part after the question mark.
    pub fn of(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self {
            pairs: pairs.into_owned().collect(),
            mistakes: Vec::new(),
        }
    }

    /// What is said, whatever it is.
    pub fn text(&self, name: &str) -> Option<&str> {
        let said = self.pairs.iter().rev().find(|(key, _)| key == name);
        said.map(|(_, value)| value.as_str())
    }

    /// What is said, unless it is empty.
    pub fn filter(&self, name: &str) -> Option<String> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// What has to be said.
    pub fn required(&mut self, name: &str) -> String {
        if let Some(text) = self.text(name) {
            return text.to_owned();
        }
        self.mistakes.push(missing(name));
        String::new()
    }

    /// A number.
    pub fn number(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.trim().parse().ok();
        let number = number.filter(|number: &i64| number.unsigned_abs() <= LARGEST);
        if number.is_none() {
            let message = "Input should be a valid integer, unable to parse string as an integer";
            let mistake = mistake("int_parsing", name, message, &json!(text));
            self.mistakes.push(mistake);
        }
        number
    }

    /// A number that has to be said.
    pub fn required_number(&mut self, name: &str) -> i64 {
        if self.text(name).is_none() {
            self.mistakes.push(missing(name));
        }
        self.number(name).unwrap_or_default()
    }

    /// How far a build is.
    pub fn status(&mut self, name: &str) -> Option<Status> {
        let text = self.text(name)?;
        let found = Status::ALL.into_iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<String> = Status::ALL
                .iter()
                .map(|(word, _)| format!("'{word}'"))
                .collect();
            let (last, before) = words.split_last()?;
            let expected = format!("{} or {last}", before.join(", "));
            let message = format!("Input should be {expected}");
            let mut mistake = mistake("enum", name, &message, &json!(text));
            mistake["ctx"] = json!({ "expected": expected });
            self.mistakes.push(mistake);
        }
        found.map(|(_, status)| status)
    }

    /// That nothing was wrong.
    ///
    /// # Errors
    /// All mistakes.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.mistakes.is_empty() {
            Ok(())
        } else {
            Err(Refusal::wrong(self.mistakes))
        }
    }
}

fn missing(name: &str) -> Value {
    mistake("missing", name, "Field required", &Value::Null)
}

fn mistake(kind: &str, name: &str, message: &str, input: &Value) -> Value {
    json!({ "type": kind, "loc": ["query", name], "msg": message, "input": input })
}
