//! Tokens: whoever shows one is whom it was given to.

use std::net::IpAddr;
use std::time::Instant;

use boatyard_preview::config::Token;
use sha2::{Digest as _, Sha256};

use super::rate::TooOften;
use crate::web::site::Site;

/// The token that somebody shows from there, as `which` picks it out of all. None counts as a guess.
///
/// # Errors
/// If too many guesses came from there: then none of them is compared.
pub fn tried(
    site: &Site,
    from: IpAddr,
    which: impl FnOnce(&[Token]) -> Option<&Token>,
) -> Result<Option<Token>, TooOften> {
    let settings = site.settings();
    site.rate().guess(from, Instant::now(), || {
        which(&settings.access.tokens).cloned()
    })
}

/// The token that was shown, if it is one of `tokens`. All are compared, each in the same time whatever is shown.
pub fn find<'a>(tokens: &'a [Token], shown: &str) -> Option<&'a Token> {
    let shown = Sha256::digest(shown.as_bytes());
    let mut found = None;
    for token in tokens {
        if is(&token.sha256, &shown) {
            found = Some(token);
        }
    }
    found
}

/// Whether these are the hexadecimal digits of that digest.
fn is(digits: &str, digest: &[u8]) -> bool {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).unwrap_or_default();
        u8::from_str_radix(text, 16).ok()
    };
    let differ = pairs
        .map(byte)
        .zip(digest)
        .fold(0, |differ, (expected, found)| {
            differ | expected.map_or(1, |expected| expected ^ found)
        });
    digits.len() == 2 * digest.len() && std::hint::black_box(differ) == 0
}

#[cfg(test)]
mod tests {
    use super::find;
    use boatyard_preview::config::{Scope, Token};

    #[test]
    fn whose_token_it_is() {
        // SHA-256 of "abc": FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let token = |name: &str, sha256: &str| Token {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            scopes: [Scope::Read].into(),
            repositories: None,
        };
        let tokens = [
            token("short", &abc[..62]),
            token("other", &abc.replace('b', "c")),
            token("abc", abc),
        ];
        assert_eq!(
            find(&tokens, "abc").map(|token| token.name.as_str()),
            Some("abc")
        );
        for wrong in ["", "abd", abc] {
            assert_eq!(find(&tokens, wrong), None, "{wrong}");
        }
    }
}
