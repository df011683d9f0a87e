//! Where each key and each value of a TOML document stands.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::project::Lines;

/// Bytes of the text by dotted path: `image.env.PORT`, and `service.app.roles.0` for an item of an array.
#[derive(Debug, Default)]
pub struct Places(BTreeMap<String, Place>);

/// Where a key and its value stand. An item of an array has no key: both are the item.
#[derive(Clone, Debug)]
pub struct Place {
    /// The key.
    pub key: Range<usize>,
    /// The value; for a table with a header, the header.
    pub value: Range<usize>,
}

impl Places {
    /// The places of everything in `table`.
    pub fn of(table: &DeTable<'_>) -> Self {
        let mut places = Self::default();
        places.table("", table);
        places
    }

    /// Where the thing at `path` is, or the nearest thing around it that the text has; else its beginning.
    pub fn at(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.0.get(path) {
                return place.clone();
            }
            match path.rsplit_once('.') {
                Some((outer, _)) => path = outer,
                None => {
                    return Place {
                        key: 0..0,
                        value: 0..0,
                    };
                }
            }
        }
    }

    /// The lines of `text` where the keys are.
    pub fn lines(&self, text: &str) -> Lines {
        let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |at: usize| starts.partition_point(|&start| start < at) + 1;
        Lines::new(
            self.0
                .iter()
                .map(|(path, place)| (path.clone(), line(place.key.start))),
        )
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = join(path, key.get_ref());
            self.value(&path, value.get_ref());
            self.0.insert(
                path,
                Place {
                    key: key.span(),
                    value: value.span(),
                },
            );
        }
    }

    fn value(&mut self, path: &str, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.table(path, table),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = join(path, &index.to_string());
                    self.value(&path, item.get_ref());
                    self.0.insert(
                        path,
                        Place {
                            key: item.span(),
                            value: item.span(),
                        },
                    );
                }
            }
            _ => {}
        }
    }
}

/// The dotted path of `key` in the table at `path`.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
