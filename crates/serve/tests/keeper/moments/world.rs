//! What a backend has made, in files: they outlive whoever made them, as containers and databases do.
//!
//! ```text
//! ID.makes   it is being prepared, by a child of the server, which ends with it
//! ID.data    its database: what it is of, then what people wrote
//! ID.runs    its processes run
//! ID.NAME    a snapshot of its database
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};
use boatyard_preview::policy::Limits;
use boatyard_serve::backend::Order;

use super::fate::moment;

const MAKES: &str = "makes";
const DATA: &str = "data";
const RUNS: &str = "runs";

pub struct World {
    folder: PathBuf,
    limits: Limits,
}

impl World {
    pub fn new(folder: &Path, limits: Limits) -> Self {
        let folder = folder.join("world");
        fs::create_dir_all(&folder).unwrap();
        Self { folder, limits }
    }

    /// The server has ended, somehow: so have its children.
    pub fn server_is_gone(&self) {
        self.end(MAKES);
    }

    /// So has all else that ran.
    pub fn loses_power(&self) {
        self.end(MAKES);
        self.end(RUNS);
    }

    pub fn runs(&self, id: &Id) -> bool {
        self.file(id, RUNS).exists()
    }

    pub fn data(&self, id: &Id) -> Option<String> {
        fs::read_to_string(self.file(id, DATA)).ok()
    }

    /// Its processes end by themselves.
    pub fn crash(&self, id: &Id) {
        self.take(id, RUNS);
    }

    /// Somebody who looks at it writes something, which he may do twice.
    pub fn sign(&self, id: &Id, line: &str) {
        let data = self.data(id).expect("it has a database");
        assert!(self.runs(id), "it answers");
        if !data.contains(line) {
            self.put(id, DATA, &format!("{data}{line}\n"));
        }
    }

    /// All that is there, by environment.
    pub fn things(&self) -> BTreeMap<Id, Vec<String>> {
        let mut things = BTreeMap::<Id, Vec<String>>::new();
        for entry in fs::read_dir(&self.folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let (id, kind) = name.split_once('.').unwrap();
            let id = id.parse().unwrap();
            things.entry(id).or_default().push(kind.to_owned());
        }
        for kinds in things.values_mut() {
            kinds.sort();
        }
        things
    }

    /// Carries out an order; it may end in between.
    pub fn work(&self, order: &Order) -> Event {
        let id = &order.environment.id;
        let mut event = Event::Done;
        moment();
        match order.effect {
            Effect::Prepare => {
                self.take(id, RUNS);
                self.take(id, DATA);
                self.put(id, MAKES, "");
                self.within_limits();
                moment();
                let commit = &order.environment.revision.commit;
                self.put(id, DATA, &format!("made of {commit}\n"));
                moment();
                self.take(id, MAKES);
            }
            Effect::Start => {
                assert!(self.data(id).is_some(), "what starts is prepared");
                self.put(id, RUNS, "");
                self.within_limits();
            }
            Effect::Stop => self.take(id, RUNS),
            Effect::Save => {
                assert!(!self.runs(id), "nobody writes meanwhile");
                let data = self.data(id).expect("it is prepared");
                event = Event::Saved(data.len() as u64);
                self.put(id, snapshot(order), &data);
            }
            Effect::Restore => {
                assert!(!self.runs(id), "nobody writes meanwhile");
                let file = self.file(id, snapshot(order));
                self.put(id, DATA, &fs::read_to_string(file).unwrap());
            }
            Effect::Cancel | Effect::Remove => {
                self.take(id, RUNS);
                moment();
                self.take(id, MAKES);
                self.take(id, DATA);
            }
        }
        moment();
        match order.effect {
            Effect::Cancel => Event::Fail("it was given up".into()),
            _ => event,
        }
    }

    /// P3: at every moment, whatever was killed before.
    fn within_limits(&self) {
        let things = self.things();
        let count = |kind: &str| {
            let has = |kinds: &&Vec<String>| kinds.iter().any(|one| one == kind);
            things.values().filter(has).count()
        };
        assert!(count(MAKES) <= self.limits.preparing, "{things:?}");
        assert!(count(RUNS) <= self.limits.running, "{things:?}");
        assert!(things.len() <= self.limits.kept, "{things:?}");
    }

    fn file(&self, id: &Id, kind: &str) -> PathBuf {
        self.folder.join(format!("{id}.{kind}"))
    }

    /// All of it or nothing: the process may be killed by what the keeper does meanwhile.
    fn put(&self, id: &Id, kind: &str, text: &str) {
        let new = self.folder.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(&new, self.file(id, kind)).unwrap();
    }

    fn take(&self, id: &Id, kind: &str) {
        if let Err(error) = fs::remove_file(self.file(id, kind)) {
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
    }

    fn end(&self, kind: &str) {
        for id in self.things().keys() {
            self.take(id, kind);
        }
    }
}

fn snapshot(order: &Order) -> &str {
    let task = order.environment.task.as_ref();
    task.expect("it is about a snapshot").name()
}
