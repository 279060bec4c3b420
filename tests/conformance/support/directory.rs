//! A directory that nobody else uses.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// An empty directory, gone with this.
pub struct TestDirectory(PathBuf);

impl TestDirectory {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("soft-delete-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&path).expect("a directory");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What is in it, in the order of the names.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).expect("the directory");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
        files.sort();
        files
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
