//! Somebody who has an account.

use serde_json::Value;

use crate::http::ask;

/// Somebody who has an account, and a token that may do all that he may.
pub struct User {
    /// The name.
    pub name: String,
    /// The token.
    pub token: String,
    pub(crate) port: u16,
}

impl User {
    /// Asks the API: `GET /user`, `DELETE /repos/ada/shop`. Status and answer; null: there is none.
    ///
    /// # Panics
    ///
    /// If the forge does not answer.
    pub fn ask(&self, what: &str, body: Option<&Value>) -> (u16, Value) {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let header = format!("Authorization: token {}\r\n", self.token);
        let body = body.map(Value::to_string).unwrap_or_default();
        let what = format!("{method} /api/v1{path}");
        let (status, text) = ask(self.port, &what, &header, &body)
            .unwrap_or_else(|error| panic!("{what} as {}: {error}", self.name));
        let answer = serde_json::from_str(&text).unwrap_or(Value::Null);
        (status, answer)
    }

    /// What is at that path.
    ///
    /// # Panics
    ///
    /// If he may not see it.
    pub fn get(&self, path: &str) -> Value {
        self.well(&format!("GET {path}"), None)
    }

    /// Makes something; the answer is what it is.
    ///
    /// # Panics
    ///
    /// If he may not.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.well(&format!("POST {path}"), Some(body))
    }

    /// Changes something; the answer is what it is then.
    ///
    /// # Panics
    ///
    /// If he may not.
    pub fn patch(&self, path: &str, body: &Value) -> Value {
        self.well(&format!("PATCH {path}"), Some(body))
    }

    /// Where he pulls from and pushes to.
    pub fn remote(&self, repository: &str) -> String {
        let Self { name, token, port } = self;
        format!("http://{name}:{token}@127.0.0.1:{port}/{repository}.git")
    }

    fn well(&self, what: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.ask(what, body);
        let is_well = (200..300).contains(&status);
        assert!(is_well, "{what} as {}: {status} {answer}", self.name);
        answer
    }
}
