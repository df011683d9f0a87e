//! What people look at of an environment.

use crate::lane::Trouble;

/// The role that people look at, if there is one of that name; else the first with a port.
const WEB: &str = "web";

/// Of what has a port, what people look at.
pub(crate) fn front<T>(
    mut open: impl Iterator<Item = T> + Clone,
    name: impl Fn(&T) -> &str,
) -> Result<T, Trouble> {
    let web = open.clone().find(|one| name(one) == WEB);
    web.or_else(|| open.next()).ok_or_else(|| {
        Trouble::Failed(
            "no role has a port, so there is nothing to look at\n\
             help: give the role that answers requests a port in boatyard.toml"
                .to_owned(),
        )
    })
}
