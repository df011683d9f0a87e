//! Names of time zones, judged by the bundled database alone: whoever writes a contract must not depend on the machine.

use jiff::tz::TimeZoneDatabase;

/// Whether the bundled database knows this name.
pub fn is_zone(name: &str) -> bool {
    TimeZoneDatabase::bundled().get(name).is_ok()
}

/// The names that it knows.
pub fn zones() -> Vec<String> {
    TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.to_string())
        .collect()
}
