//! Damaged files and templates do no harm.

use boatyard_init::config::{BUILT_IN, Config, Form, dump, expand, parse};
use proptest::collection::vec;
use proptest::prelude::*;

const GOOD: &str = "# c\n[DEFAULT]\nname: base\n[db]\nhost = localhost\n  more\n\n  lines\nport=5432\n[web]\nnames = a, b\n; end\n";

fn edited(good: &str, edits: Vec<(prop::sample::Index, u8, u8)>) -> Vec<u8> {
    let mut bytes = good.as_bytes().to_vec();
    for (at, kind, byte) in edits {
        let at = at.index(bytes.len());
        match kind {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 if bytes.len() > 1 => {
                bytes.remove(at);
            }
            _ => bytes.extend(bytes[at..].iter().take(30).copied().collect::<Vec<_>>()),
        }
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(&b"[]=:#;\n\r \t{}%|."[..])
    ];
    vec((any::<prop::sample::Index>(), 0..4_u8, byte), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn files(edits in edits()) {
        let bytes = edited(GOOD, edits);
        match parse(&bytes) {
            Ok(file) => {
                let config = Config::new(vec![("f".to_owned(), file)]);
                let _ = dump(&config, Form { origin: true, ..Form::default() });
            }
            Err(faults) => {
                let lines = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace('\r', "\n").split('\n').count();
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| fault.line >= 1 && fault.line <= lines));
            }
        }
    }

    #[test]
    fn templates(edits in edits(), which in 0..BUILT_IN.len()) {
        let config = Config::new(vec![("f".to_owned(), parse(GOOD.as_bytes()).unwrap())]);
        let text = String::from_utf8_lossy(&edited(BUILT_IN[which].1, edits)).into_owned();
        if let Err(unfit) = expand(&text, &config) {
            prop_assert!(unfit.line >= 1 && unfit.line <= text.split('\n').count());
        }
    }
}
