//! What nobody can guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};

/// 32 bytes by chance, in letters that may stand in addresses and cookies; none: the machine has no chance to give.
pub fn word() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// What of a word may be shown, for which nobody finds the word: `S256` of RFC 7636 section 4.2.
pub fn digest(word: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(word))
}
