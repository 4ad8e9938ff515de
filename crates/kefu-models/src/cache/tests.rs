#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use super::*;
use crate::catalogue::profile;
use crate::fetch::{FetchSettings, Unobserved};
use crate::tiny::{Scratch, offline, write};

fn manifest() -> Manifest {
    let text = "id = 'm'\nrole = 'reranker'\nfamily = 'bert'\nlanguages = ['en']\nlicence = 'MIT'\n\
                max_tokens = 8\nfiles = ['a.json', 'sub/b.bin']\n";
    Manifest::from_toml("m", text).unwrap()
}

/// A cache with the model in place and recorded.
fn filled() -> (Scratch, Manifest) {
    let scratch = Scratch::new();
    fill(&scratch.folder(&manifest()));
    scratch.verified(&manifest());
    (scratch, manifest())
}

fn fill(folder: &Path) {
    fs::create_dir_all(folder.join("sub")).unwrap();
    write(&folder.join("a.json"), "{}");
    write(&folder.join("sub/b.bin"), "weights");
}

#[test]
fn files_put_in_place_by_hand_are_recorded_and_then_held_to_it() {
    let (scratch, manifest) = filled();
    let lock = fs::read_to_string(scratch.dir.path().join(LOCK_FILE)).unwrap();
    assert!(lock.contains("size_bytes = 7"), "{lock}");
    scratch.cache.verify(&manifest).unwrap();
    write(&scratch.folder(&manifest).join("sub/b.bin"), "wEights");
    let error = scratch.cache.verify(&manifest).unwrap_err();
    assert!(matches!(error, ModelsError::Altered { .. }), "{error}");
}

#[test]
fn missing_truncated_and_flipped_files_are_told_apart_and_say_what_to_do() {
    let advice = "run `kefu models pull`";
    let (scratch, manifest) = filled();
    let file = scratch.folder(&manifest).join("sub/b.bin");

    write(&file, "weight");
    let error = scratch.cache.verify(&manifest).unwrap_err();
    assert!(matches!(error, ModelsError::Truncated { expected_bytes: 7, found_bytes: 6, .. }));
    assert!(error.to_string().contains(advice), "{error}");

    write(&file, "weighus");
    let error = scratch.cache.verify(&manifest).unwrap_err();
    assert!(matches!(&error, ModelsError::Altered { path, .. } if *path == file));
    assert!(error.to_string().contains(advice), "{error}");

    fs::remove_file(&file).unwrap();
    let error = scratch.cache.verify(&manifest).unwrap_err();
    assert!(matches!(&error, ModelsError::Missing { path, .. } if *path == file));
    assert!(error.to_string().contains(advice), "{error}");
}

#[test]
fn the_committed_lock_wins_over_files_and_names_the_profile() {
    let manifest = profile("default").unwrap().generator.unwrap();
    let scratch = Scratch::new();
    write(&scratch.folder(&manifest).join(&manifest.files[0]), "not the model");
    let error = scratch.cache.verify(&manifest).unwrap_err();
    assert!(matches!(error, ModelsError::Truncated { expected_bytes: 98_362_432, .. }));
    assert!(error.to_string().contains("`kefu models pull --profile default`"), "{error}");
    assert!(matches!(scratch.try_verified(&manifest), Err(ModelsError::Offline { .. })));
}

#[test]
fn offline_names_the_missing_file_and_the_way_out() {
    let scratch = Scratch::new();
    let error = scratch.try_verified(&manifest()).unwrap_err();
    let message = error.to_string();
    let path = scratch.dir.path().join("m/a.json");
    assert!(matches!(error, ModelsError::Offline { .. }));
    assert!(
        message.contains(&path.display().to_string()) && message.contains("offline"),
        "{message}"
    );
}

#[test]
fn a_local_folder_serves_offline_and_only_with_the_pinned_bytes() {
    let source = tempfile::tempdir().unwrap();
    fill(&source.path().join("m"));
    let settings = FetchSettings { folder: Some(source.path().to_owned()), ..offline() };
    let scratch = Scratch::new();
    scratch.cache.pull(&manifest(), &settings, &Unobserved).unwrap();
    let placed = scratch.dir.path().join("m/sub/b.bin");
    assert_eq!(fs::read(&placed).unwrap(), b"weights");

    // A damaged file is replaced from the folder, alone.
    write(&placed, "damaged");
    fs::remove_file(source.path().join("m/a.json")).unwrap();
    scratch.cache.pull(&manifest(), &settings, &Unobserved).unwrap();
    assert_eq!(fs::read(&placed).unwrap(), b"weights");

    // Another file than the pinned one is not accepted, and what was there stays.
    write(&placed, "damaged");
    write(&source.path().join("m/sub/b.bin"), "another");
    let refused = scratch.cache.pull(&manifest(), &settings, &Unobserved);
    assert!(matches!(refused, Err(ModelsError::Offline { .. })));
    assert_eq!(fs::read(&placed).unwrap(), b"damaged");
    assert!(staging_folders(&scratch).is_empty());
}

#[test]
fn what_a_killed_pull_left_is_removed_by_the_next() {
    let source = tempfile::tempdir().unwrap();
    fill(&source.path().join("m"));
    let scratch = Scratch::new();
    let left = scratch.dir.path().join(".fetching-old");
    fs::create_dir(&left).unwrap();
    write(&left.join("b.bin"), "half");
    let settings = FetchSettings { folder: Some(source.path().to_owned()), ..offline() };
    scratch.cache.pull(&manifest(), &settings, &Unobserved).unwrap();
    assert!(staging_folders(&scratch).is_empty());
}

#[test]
fn status_tells_how_each_file_is() {
    let (scratch, manifest) = filled();
    let states = |cache: &ModelCache| -> Vec<FileState> {
        cache.status(&manifest).unwrap().into_iter().map(|file| file.state).collect()
    };
    assert_eq!(states(&scratch.cache), [FileState::Present, FileState::Present]);
    write(&scratch.folder(&manifest).join("a.json"), "{} ");
    fs::remove_file(scratch.folder(&manifest).join("sub/b.bin")).unwrap();
    assert_eq!(states(&scratch.cache), [FileState::WrongSize, FileState::Missing]);
    fs::remove_file(scratch.dir.path().join(LOCK_FILE)).unwrap();
    assert_eq!(states(&scratch.cache), [FileState::Unlocked, FileState::Missing]);
}

#[test]
fn a_damaged_lock_is_said_to_be_damaged() {
    let (scratch, manifest) = filled();
    for text in ["version = 2\n", "not toml", "version = 1\nextra = 1\n"] {
        write(&scratch.dir.path().join(LOCK_FILE), text);
        assert!(matches!(scratch.cache.verify(&manifest), Err(ModelsError::BadLock { .. })));
    }
}

fn staging_folders(scratch: &Scratch) -> Vec<PathBuf> {
    let entries = fs::read_dir(scratch.dir.path()).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|p| p.to_string_lossy().contains("fetching-")).collect()
}
