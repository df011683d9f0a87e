//! Bodies that are forms.

/// The bytes of a field of a form (application/x-www-form-urlencoded).
pub(super) fn field(body: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut fields = body.split(|byte| *byte == b'&');
    fields.find_map(|field| {
        let rest = field.strip_prefix(name.as_bytes())?;
        rest.strip_prefix(b"=").map(decoded)
    })
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        let byte = *text.get(at)?;
        char::from(byte).to_digit(16)
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let escaped = (text[at] == b'%').then(|| Some(digit(at + 1)? * 16 + digit(at + 2)?));
        match (text[at], escaped.flatten()) {
            (_, Some(byte)) => {
                bytes.push(byte.to_le_bytes()[0]);
                at += 2;
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(byte),
        }
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields() {
        for (body, expected) in [
            ("payload=%7B%22a%22%3A+1%7D", Some("{\"a\": 1}")),
            ("x=1&payload=a%", Some("a%")),
            ("payload=%zz%4", Some("%zz%4")),
            ("payloads=1", None),
            ("", None),
        ] {
            let found = field(body.as_bytes(), "payload");
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{body}");
        }
    }
}
