//! Misuses: one in each file of `tests/ui/fail`, named by the mistake, with all that the user gets to read in `.stderr`.
//!
//! After a change of words: `TRYBUILD=overwrite cargo test -p soft-delete-tests --test derive ui`, then read the diff.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

// Half of the words are the compiler's, and every version of it changes some: those here are of Rust 1.95. With another one
// this test tells the differences; what the derive says itself is held by the snapshots in `soft-delete-derive` too.
#[test]
fn every_misuse_is_refused_in_these_words() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

/// The cases that are allowed more than one error.
const SEVERAL: [(&str, usize); 2] = [
    ("several_mistakes", 6),
    // One is about the key and one about what would be bound.
    ("key_of_another_type", 2),
];

#[test]
fn one_mistake_gives_one_error() {
    for path in files("fail", "stderr") {
        let case = stem(&path);
        let text = fs::read_to_string(&path).unwrap();
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        let allowed = SEVERAL.iter().find(|(name, _)| *name == case);
        assert_eq!(
            errors,
            allowed.map_or(1, |(_, errors)| *errors),
            "{case}:\n{text}"
        );
        for unwanted in ["panicked", "__sd", "$RUST"] {
            assert!(!text.contains(unwanted), "{case} says {unwanted:?}:\n{text}");
        }
    }
}

#[test]
fn every_misuse_has_its_words() {
    let names =
        |extension| -> BTreeSet<String> { files("fail", extension).iter().map(|path| stem(path)).collect() };
    assert_eq!(names("rs"), names("stderr"));
    assert!(names("rs").len() > 70, "some cases went missing");
}

/// The files of this kind in `tests/ui`.
pub(super) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui").join(folder);
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|other| other == extension))
        .collect()
}

/// The name of a file without its folder and its extension.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}
