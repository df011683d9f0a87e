//! Lists that may be long: they come in pages, as thousands of objects at once would be much.

use std::fmt::Debug;

use kube::api::{Api, ListParams};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;
use crate::retry::Calls;

/// How many objects a page has. Its text and what it says are in memory at once.
pub(crate) const PAGE: u32 = 100;

/// What `pick` takes of all objects that `wanted` chooses. A page that is too old by the time it is asked for (410)
/// has all asked for at once.
pub(crate) async fn all<K, T>(
    calls: &Calls,
    api: &Api<K>,
    wanted: ListParams,
    pick: impl Fn(&K) -> Option<T>,
    doing: &str,
) -> Result<Vec<T>, Refusal>
where
    K: Clone + Debug + DeserializeOwned,
{
    let mut params = wanted.clone().limit(PAGE);
    let mut all = Vec::new();
    loop {
        let asked = async || api.list(&params).await;
        let page = match calls.call(doing, asked).await {
            Err(refusal) if refusal.code() == Some(410) && params.limit.is_some() => {
                params.clone_from(&wanted);
                all.clear();
                continue;
            }
            answer => answer?,
        };
        all.extend(page.items.iter().filter_map(&pick));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params.continue_token = Some(token),
            None => return Ok(all),
        }
    }
}
