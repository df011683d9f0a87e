//! The verbs that only answer.

use boatyard_init::contract::Contract;
use boatyard_init::invocation::HELP;

use super::say;

/// `--version`.
pub fn version() -> u8 {
    tell(concat!("boatyard-init ", env!("CARGO_PKG_VERSION"), "\n"))
}

/// `--help`.
pub fn help() -> u8 {
    tell(HELP)
}

/// `roles`: names in order, one on a line.
pub fn roles(contract: &Contract) -> u8 {
    let mut lines = String::new();
    for name in contract.roles.keys() {
        lines.push_str(name);
        lines.push('\n');
    }
    tell(&lines)
}

fn tell(text: &str) -> u8 {
    u8::from(!say::answer(text))
}
