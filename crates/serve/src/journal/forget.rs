//! Forgetting what somebody else has kept meanwhile.

use std::path::Path;

use super::{Journal, JournalError};

/// What is known of environments, of what forges said and of what they were told; comments that nothing has come of. What happened
/// and who logged in stays known.
const FORGOTTEN: &str = "
    DELETE FROM environment; DELETE FROM place; DELETE FROM reported; DELETE FROM command WHERE state < 2;
";

/// Forgets what another server may know better by now. The keeper is not open.
///
/// # Errors
/// If the journal cannot be opened or written.
pub fn forget(folder: &Path) -> Result<(), JournalError> {
    Journal::open(folder)?.execute(FORGOTTEN)
}
