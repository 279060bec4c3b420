//! Removed rows in a file of JSON lines, and back.

mod file;
mod index;
pub(crate) mod line;
mod load;

use std::{
    io,
    path::{Path, PathBuf},
};

pub(crate) use file::ArchiveFile;
pub(crate) use index::{ArchiveIndex, BatchPlace};
#[cfg(feature = "async")]
pub use load::load_archive_async;
pub use load::{LoadReport, LoadedModel, RefusedRow, load_archive};

use line::Header;

/// Where a cleanup writes the rows that it removes, in the very transaction in which it removes them.
///
/// The file is made with the first row and never written over: a run that removes nothing leaves none. It holds whole rows,
/// so it is readable by its owner alone, and it is on the disk (`fsync`) before the rows are gone from the database.
///
/// ```
/// use soft_delete_diesel::Archive;
/// let archive = Archive::in_directory("archives");
/// let one_file = Archive::file("leads-2026-01.jsonl");
/// # drop((archive, one_file));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an archive is for a cleanup"]
pub struct Archive {
    place: Place,
    compressed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Directory(PathBuf),
    File(PathBuf),
}

impl Archive {
    /// A new file in a directory for each run: `soft-delete-20260115T120000Z-<run>.jsonl`. The directory must exist.
    pub fn in_directory(directory: impl AsRef<Path>) -> Self {
        Self {
            place: Place::Directory(directory.as_ref().to_owned()),
            compressed: false,
        }
    }

    /// This file, which must not exist yet when the run comes to its first row.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self {
            place: Place::File(path.as_ref().to_owned()),
            compressed: false,
        }
    }

    /// The same, compressed with Zstandard; in a directory the name ends in `.jsonl.zst`. `zstd -dc` prints it.
    #[cfg(feature = "zstd")]
    pub fn compressed(mut self) -> Self {
        self.compressed = true;
        self
    }

    fn path(&self, header: &Header) -> PathBuf {
        match &self.place {
            Place::File(path) => path.clone(),
            Place::Directory(directory) => {
                let end = if self.compressed { "jsonl.zst" } else { "jsonl" };
                let at = header.at.format("%Y%m%dT%H%M%SZ");
                directory.join(format!("soft-delete-{at}-{}.{end}", header.run_id))
            }
        }
    }

    #[cfg(feature = "zstd")]
    fn encoded(&self, text: Vec<u8>) -> io::Result<Vec<u8>> {
        if self.compressed {
            // A frame for each batch, so that a batch can be taken out again and read by itself.
            zstd::encode_all(text.as_slice(), zstd::DEFAULT_COMPRESSION_LEVEL)
        } else {
            Ok(text)
        }
    }

    #[cfg(not(feature = "zstd"))]
    #[allow(clippy::unnecessary_wraps, reason = "compressing can fail")]
    fn encoded(&self, text: Vec<u8>) -> io::Result<Vec<u8>> {
        debug_assert!(!self.compressed);
        Ok(text)
    }
}
