//! Variables as the kernel passes them: bytes, in order.

/// The entries `NAME=VALUE` of an environment. Entries that nobody touches stay as they are to the byte, even those that
/// are no variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    entries: Vec<Vec<u8>>,
}

impl Environment {
    /// Takes over entries.
    pub fn new(entries: Vec<Vec<u8>>) -> Self {
        Self { entries }
    }

    /// The entries.
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// The value of a variable; of those with the same name the first, as `getenv` has it.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&[u8]> {
        let name = name.as_ref();
        self.entries.iter().find_map(|entry| value_of(entry, name))
    }

    /// Whether there is such a variable and it is not empty.
    pub fn has_text(&self, name: impl AsRef<[u8]>) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty())
    }

    /// Sets a variable, in its place if it is there.
    pub fn set(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let name = name.as_ref();
        let entry = [name, b"=", value.as_ref()].concat();
        let is_it = |entry: &Vec<u8>| value_of(entry, name).is_some();
        match self.entries.iter().position(is_it) {
            None => self.entries.push(entry),
            Some(at) => {
                let mut index = 0;
                self.entries.retain(|entry| {
                    index += 1;
                    index - 1 == at || !is_it(entry)
                });
                if let Some(found) = self.entries.get_mut(at) {
                    *found = entry;
                }
            }
        }
    }

    /// Sets a variable that is not set.
    pub fn set_default(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        if self.get(&name).is_none() {
            self.set(name, value);
        }
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: impl AsRef<[u8]>) {
        let name = name.as_ref();
        self.entries.retain(|entry| value_of(entry, name).is_none());
    }

    /// The variables: name and value, in order. Entries that are no variables are left out.
    pub fn variables(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries.iter().filter_map(|entry| split(entry))
    }
}

fn split(entry: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = entry.iter().position(|&byte| byte == b'=')?;
    Some((entry.get(..at)?, entry.get(at + 1..)?))
}

fn value_of<'a>(entry: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    entry.strip_prefix(name)?.strip_prefix(b"=")
}

#[cfg(test)]
mod tests {
    use super::Environment;

    fn environment(entries: &[&str]) -> Environment {
        Environment::new(
            entries
                .iter()
                .map(|entry| entry.as_bytes().to_vec())
                .collect(),
        )
    }

    #[test]
    fn is_kept_in_order() {
        let mut ours = environment(&["A=1", "odd", "B=x=y", "A=2", "C="]);
        assert_eq!(ours.get("A"), Some(&b"1"[..]));
        assert_eq!(ours.get("B"), Some(&b"x=y"[..]));
        assert_eq!((ours.get("odd"), ours.has_text("C")), (None, false));
        ours.set("A", "3");
        ours.set_default("B", "never");
        ours.set_default("D", "new");
        ours.unset("C");
        assert_eq!(ours, environment(&["A=3", "odd", "B=x=y", "D=new"]));
    }
}
