//! Secrets on command lines: in flags, in assignments, in addresses.
//!
//! ```text
//! celery -b redis://:PASSWORD@redis worker --token TOKEN      gunicorn -e SECRET_KEY=KEY shop      redis-server --requirepass PASSWORD
//! ```

use std::ops::Range;

use super::password::{is_said, of_address};
use super::variable::{is_secret_name, is_token};

/// A secret that a command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its bytes.
    pub span: Range<usize>,
    /// The word that it is in.
    pub word: Range<usize>,
    /// A name for a variable in its place.
    pub name: String,
    /// Whether only its being assigned to a variable tells: `SECRET_KEY=x`.
    pub is_assigned: bool,
}

/// Ends of names of flags whose value, which is the next word, is a secret.
const FLAGS: [&str; 12] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "requirepass",
    "masterauth",
    "token",
    "secret-key",
    "api-key",
    "apikey",
    "basic-auth",
    "secret",
];

/// How many words a program and its password are apart at most.
const NEAR: usize = 8;

/// The secrets of a line, in its order.
pub fn in_command(text: &str) -> Vec<Given> {
    let words = words(text);
    let mut found: Vec<Given> = Vec::new();
    let mut programs = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let said = &text[word.clone()];
        let before = index
            .checked_sub(1)
            .map_or("", |at| &text[words[at].clone()]);
        programs.push(said.rsplit('/').next().unwrap_or(said));
        let hit = address(said)
            .or_else(|| pair(said))
            .or_else(|| flag(&programs, before, said))
            .or_else(|| is_token(said).then(|| (0..said.len(), "TOKEN".to_owned(), false)));
        if let Some((span, name, is_assigned)) = hit {
            found.push(Given {
                span: word.start + span.start..word.start + span.end,
                word: word.clone(),
                name,
                is_assigned,
            });
        }
    }
    found
}

/// The line with `${NAME}` in place of each secret, and the names.
pub fn referred(text: &str) -> (String, Vec<String>) {
    let mut names: Vec<(String, &str)> = Vec::new();
    let mut line = text.to_owned();
    for given in in_command(text).iter().rev() {
        let secret = &text[given.span.clone()];
        let taken = |name: &str| {
            names
                .iter()
                .any(|(one, other)| one == name && *other != secret)
        };
        let mut name = given.name.clone();
        let mut number = 1;
        while taken(&name) {
            number += 1;
            name = format!("{}_{number}", given.name);
        }
        // A shell expands nothing within single quotes.
        let is_quoted = text[..given.word.start].ends_with('\'');
        let reference = if is_quoted {
            format!("'\"${{{name}}}\"'")
        } else {
            format!("${{{name}}}")
        };
        line.replace_range(given.span.clone(), &reference);
        if !names.iter().any(|(one, _)| *one == name) {
            names.push((name, secret));
        }
    }
    let names = names.into_iter().rev().map(|(name, _)| name);
    (line, names.collect())
}

type Hit = (Range<usize>, String, bool);

fn address(word: &str) -> Option<Hit> {
    let at = word.find("://")?;
    let password = of_address(&word[at + 3..])?;
    let start = at + 3 + word[at + 3..].find(&format!(":{password}@"))? + 1;
    let scheme = word[..at]
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+')
        .next()?;
    let scheme = scheme.split('+').next()?.to_ascii_uppercase();
    let name = if scheme.is_empty() {
        "PASSWORD".to_owned()
    } else {
        format!("{scheme}_PASSWORD")
    };
    Some((start..start + password.len(), name, false))
}

/// `--password=X`, `SECRET_KEY=X`, `--env=SECRET_KEY=X`
fn pair(word: &str) -> Option<Hit> {
    let mut start = 0;
    while let Some(at) = word[start..].find('=').map(|at| start + at) {
        let name = &word[start..at];
        let value = at + 1..word.len();
        let bare = name.trim_start_matches('-');
        let is_flag = name.starts_with('-') && is_secret_flag(bare);
        let is_assigned = !name.starts_with('-')
            && (bare.ends_with("PASSWORD") || is_secret_name(bare))
            && bare
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if is_flag || is_assigned {
            return secret(word, value, bare).map(|(span, name)| (span, name, is_assigned));
        }
        start = at + 1;
    }
    None
}

/// `--password X`, `redis-cli -a X`, `mysql -pX`, `curl -u NAME:X`
fn flag(programs: &[&str], before: &str, word: &str) -> Option<Hit> {
    // The command itself: what was started further up has other flags.
    let near = &programs[programs.len().saturating_sub(NEAR)..];
    let has = |names: &[&str]| near.iter().any(|program| names.contains(program));
    // -port 1, -path x: flags of other programs.
    let is_long = |word: &str| word.starts_with("-port") || word.starts_with("-pa");
    let bare = before.trim_start_matches('-');
    if before.starts_with("--")
        && !before.contains('=')
        && is_secret_flag(bare)
        && !word.starts_with('-')
    {
        return secret(word, 0..word.len(), bare).map(|(span, name)| (span, name, false));
    }
    let mysql = [
        "mysql",
        "mysqladmin",
        "mysqldump",
        "mariadb",
        "mariadb-admin",
        "mariadb-dump",
    ];
    if before == "-a" && has(&["redis-cli", "valkey-cli"]) && is_said(word) {
        return Some((0..word.len(), "REDIS_PASSWORD".to_owned(), false));
    }
    if word.starts_with("-p")
        && word.len() > 2
        && !is_long(word)
        && has(&mysql)
        && is_said(&word[2..])
    {
        return Some((2..word.len(), "MYSQL_PASSWORD".to_owned(), false));
    }
    if before == "-u" && has(&["curl"]) && word.contains(':') {
        return secret(word, 0..word.len(), "basic-auth").map(|(span, name)| (span, name, false));
    }
    None
}

/// What of a value is secret, and what to call it.
fn secret(word: &str, value: Range<usize>, name: &str) -> Option<(Range<usize>, String)> {
    let variable = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let said = &word[value.clone()];
    // NAME:PASSWORD; docker build --secret id=NAME,src=FILE
    let (at, variable) = match said.split_once(':') {
        Some((login, _)) if variable.ends_with("BASIC_AUTH") => (
            value.start + login.len() + 1,
            "BASIC_AUTH_PASSWORD".to_owned(),
        ),
        _ => (value.start, variable),
    };
    let is_other = said.contains("://") || said.starts_with("id=") || said.starts_with("type=");
    (is_said(&word[at..value.end]) && !is_other).then_some((at..value.end, variable))
}

fn is_secret_flag(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    if [
        "no-",
        "ask-",
        "prompt-",
        "disabled-",
        "disable-",
        "without-",
    ]
    .iter()
    .any(|start| name.starts_with(start))
    {
        return false;
    }
    FLAGS.iter().any(|end| {
        name.strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '.']))
    })
}

/// Words between blanks, quotes, and what separates commands.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        let is_end = c.is_whitespace() || "\"'`;|()[]".contains(c);
        match start {
            None if !is_end => start = Some(at),
            Some(first) if is_end => {
                words.push(first..at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|first| first..text.len()));
    // [redis-cli, -a, x]
    let bare = |word: Range<usize>| {
        let said = text[word.clone()].trim_end_matches(',');
        word.start..word.start + said.len()
    };
    let words = words.into_iter().map(bare);
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{in_command, referred};

    #[test]
    fn secrets_become_names() {
        for (line, expected) in [
            (
                "celery -A shop -b redis://:hunter2@redis:6379/0 worker",
                "celery -A shop -b redis://:${REDIS_PASSWORD}@redis:6379/0 worker",
            ),
            (
                "gunicorn -e SECRET_KEY=hunter2 -e A=1 --env=API_TOKEN=x shop",
                "gunicorn -e SECRET_KEY=${SECRET_KEY} -e A=1 --env=API_TOKEN=${API_TOKEN} shop",
            ),
            (
                "x --password=a --db-password 'b' --token c",
                "x --password=${PASSWORD} --db-password ''\"${DB_PASSWORD}\"'' --token ${TOKEN}",
            ),
            (
                "redis-server --requirepass hunter2 --port 1",
                "redis-server --requirepass ${REQUIREPASS} --port 1",
            ),
            (
                "redis-cli -a hunter2 ping",
                "redis-cli -a ${REDIS_PASSWORD} ping",
            ),
            (
                "mysqladmin -phunter2 ping",
                "mysqladmin -p${MYSQL_PASSWORD} ping",
            ),
            (
                "flower --basic-auth=me:hunter2",
                "flower --basic-auth=me:${BASIC_AUTH_PASSWORD}",
            ),
            (
                "[\"a\", \"--password\", \"b\"]",
                "[\"a\", \"--password\", \"${PASSWORD}\"]",
            ),
            (
                "a redis://:x@b redis://:x@c redis://:y@d",
                "a redis://:${REDIS_PASSWORD_2}@b redis://:${REDIS_PASSWORD_2}@c redis://:${REDIS_PASSWORD}@d",
            ),
            ("[redis-cli, -a, x]", "[redis-cli, -a, ${REDIS_PASSWORD}]"),
            ("PGPASSWORD=x psql", "PGPASSWORD=${PGPASSWORD} psql"),
        ] {
            assert_eq!(referred(line).0, expected);
        }
        for line in [
            "gunicorn --keyfile key.pem -b 0.0.0.0:8000 shop.wsgi",
            "x --password-file /run/x --password=$PASSWORD --token ${TOKEN} --secret /run/y",
            "docker login --password-stdin -u me; docker build --secret id=npm,src=.npmrc",
            "mongod --auth --bind_ip_all; mysql -p; curl -u me https://a",
            "amqp://app:$(PASSWORD)@queue http://a/b",
            "psql -p 5432 --no-password; sort --key=2; adduser --disabled-password app",
            "mysql -u a; x -port 1 -path b; echo 'add -e MYSQL_PASSWORD=... or PASSWORD=xxx'",
        ] {
            assert_eq!(in_command(line), [], "{line}");
        }
    }
}
