//! What programs of `exec.d` write.

use boatyard_init::environment::variables;
use proptest::prelude::*;

#[test]
fn is_toml_with_strings() {
    let written = "# made\nA = \"1\"\nB = 'two words'\n\"odd-name\" = \"\"\nM = \"\"\"a\nb\"\"\"\n";
    let told: Vec<String> = variables(written.as_bytes())
        .unwrap()
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(told, ["A=1", "B=two words", "M=a\nb", "odd-name="]);
    assert!(variables(b"").unwrap().is_empty());
    for (written, why) in [
        (&b"A = 1"[..], "is not TOML with names and strings"),
        (b"A", "is not TOML"),
        (b"[A]\nB = \"c\"", "is not TOML"),
        (b"A = \"\xff\"", "is not UTF-8"),
        (b"\"a=b\" = \"c\"", "the variable \"a=b\""),
        (b"\"\" = \"c\"", "the variable \"\""),
        (b"A = \"\\u0000\"", "the variable \"A\""),
    ] {
        let error = variables(written).expect_err("refused").to_string();
        assert!(error.contains(why), "{error}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_fall(written in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = variables(&written);
    }
}
