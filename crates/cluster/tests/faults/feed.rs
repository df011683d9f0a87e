//! What a feed counts when its watch breaks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use boatyard_cluster::watch::{Figures, First, Meter, Wanted, feed};
use boatyard_kubetest::{Cluster, Namespace};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::runtime::watcher::Event;
use serde_json::json;

use crate::{LIMITS, alone, by};

/// What a feed has told.
struct Known {
    changes: BoxStream<'static, Event<ConfigMap>>,
    values: BTreeMap<String, String>,
    meter: Meter,
}

impl Known {
    /// Takes in what comes until `enough`.
    async fn until(
        &mut self,
        what: &str,
        enough: impl Fn(&BTreeMap<String, String>, &Figures) -> bool,
    ) {
        let begin = Instant::now();
        while !enough(&self.values, &self.meter.read()) {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "not {what} after 60 s: {:?}, {:?}",
                self.values,
                self.meter.read()
            );
            let tick = Duration::from_millis(50);
            let Ok(change) = tokio::time::timeout(tick, self.changes.next()).await else {
                continue;
            };
            let value = |map: &ConfigMap| {
                map.data
                    .iter()
                    .flatten()
                    .next()
                    .map(|(_, value)| value.clone())
            };
            match change.expect("it never ends") {
                Event::Init => self.values.clear(),
                Event::InitDone => {}
                Event::InitApply(map) | Event::Apply(map) => {
                    self.values
                        .insert(map.name_any(), value(&map).unwrap_or_default());
                }
                Event::Delete(map) => drop(self.values.remove(&map.name_any())),
            }
        }
    }
}

async fn write(namespace: &Namespace<'_>, name: &str, value: &str) {
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"of": "test"}}, "data": {"value": value}});
    let params = PatchParams::apply("the-test");
    let maps = namespace.api::<ConfigMap>();
    maps.patch(name, &params, &Patch::Apply(&map))
        .await
        .unwrap();
}

#[test]
fn it_goes_on_where_it_was_or_begins_anew_and_counts() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    for first in [First::Listed, First::Streamed] {
        let (namespace, detour) = (kubetest.namespace(), kubetest.detour());
        let meter = Meter::default();
        let mut known = kubetest.block_on(async {
            write(&namespace, "a", "1").await;
            let wanted = Wanted {
                labels: Some("of=test".to_owned()),
                first,
                ..Wanted::default()
            };
            let maps = by(&detour, &namespace).api::<ConfigMap>();
            let changes = feed(maps, wanted, LIMITS, meter.clone());
            Known {
                changes: changes.map(|change| change.expect("we may look")).boxed(),
                values: BTreeMap::new(),
                meter: meter.clone(),
            }
        });
        let read = || meter.read();
        kubetest.block_on(async {
            known
                .until("watched", |_, figures| figures.watches == 1)
                .await;
            assert_eq!((read().lists, read().events, read().breaks), (1, 0, 0));
            write(&namespace, "b", "1").await;
            known
                .until("told of b", |values, _| values.contains_key("b"))
                .await;
            assert_eq!(read().events, 1);

            // A watch that ends in its time is no break, and the server says before how far it is.
            let before = read();
            known
                .until("begun again", |_, figures| {
                    figures.watches >= before.watches + 2
                })
                .await;
            assert_eq!((read().lists, read().breaks, read().failures), (1, 0, 0));
            assert!(read().bookmarks > 0, "{:?}", read());

            // Closed: it goes on where it was, and misses nothing.
            detour.lose();
            detour.close();
            write(&namespace, "c", "1").await;
            let maps = namespace.api::<ConfigMap>();
            maps.delete("a", &DeleteParams::default()).await.unwrap();
            detour.close();
            detour.pass();
            known
                .until("told of c", |values, _| {
                    values.contains_key("c") && !values.contains_key("a")
                })
                .await;
            let after = read();
            assert_eq!(after.lists, 1, "{after:?}");
            assert!(after.breaks >= 1 && after.failures >= 1, "{after:?}");
            assert!(after.silence < Duration::from_secs(60), "{after:?}");

            // Cut without a word.
            detour.lose();
            known
                .until("silent", |_, figures| {
                    figures.silence > LIMITS.silence() && figures.breaks > after.breaks
                })
                .await;
            maps.delete("b", &DeleteParams::default()).await.unwrap();
        });
        // Meanwhile the server forgets where it was.
        kubetest.compact();
        kubetest.restart_server();
        detour.close();
        detour.pass();
        kubetest.block_on(async {
            known
                .until("listed again", |_, figures| {
                    figures.lists == 2 && figures.silence < LIMITS.watch
                })
                .await;
            known
                .until("told what is there", |values, _| values.keys().eq(["c"]))
                .await;
            assert_eq!(read().gone, 1, "{:?}", read());
            write(&namespace, "c", "2").await;
            known
                .until("told of the change", |values, _| values["c"] == "2")
                .await;
        });
        println!("{first:?}: {:?}", read());
    }
}
