//! The file that a cleanup writes, batch by batch.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{
    Archive,
    line::{BatchEnd, Header, Line},
};

/// An archive that is being written. The file is made with the first batch: a run that removes nothing leaves none.
///
/// A batch is written and on the disk before its rows are removed. What becomes of them is known later: an attempt that was
/// rolled back is taken out of the file again before the next one is written.
pub(crate) struct ArchiveFile {
    archive: Archive,
    header: Header,
    open: Option<Open>,
}

struct Open {
    file: File,
    /// The length up to which every row is removed.
    committed: u64,
    last: Option<Attempt>,
}

struct Attempt {
    model: String,
    ids: HashSet<String>,
    came_to: CameTo,
}

/// How far the transaction of an attempt came.
#[derive(PartialEq, Eq)]
enum CameTo {
    Writing,
    /// The commit was sent, and nobody knows what became of it.
    Commit,
    /// The commit was answered.
    Committed,
}

impl ArchiveFile {
    pub(crate) fn new(archive: Archive, header: Header) -> Self {
        Self {
            archive,
            header,
            open: None,
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.archive.path(&self.header)
    }

    /// Whether anything was written.
    pub(crate) fn is_begun(&self) -> bool {
        self.open.is_some()
    }

    /// Begins the batches of a transaction that removes rows of this model with these ids.
    pub(crate) fn begin(&mut self, model: &str, ids: HashSet<String>) -> io::Result<()> {
        if self.open.is_none() {
            self.open = Some(self.create()?);
        }
        // Made just now.
        let Some(open) = &mut self.open else { return Ok(()) };
        open.settle(Some((model, &ids)))?;
        open.last = Some(Attempt {
            model: model.to_owned(),
            ids,
            came_to: CameTo::Writing,
        });
        open.file.seek(SeekFrom::End(0)).map(drop)
    }

    /// Writes one batch of the transaction; with the last of them all are on the disk.
    pub(crate) fn append(&mut self, lines: &[Line], end: BatchEnd) -> io::Result<()> {
        let is_last = !end.goes_on;
        let batch = self.encoded(lines.iter().chain([&Line::Batch(end)]))?;
        let Some(open) = &mut self.open else { return Ok(()) };
        open.file.write_all(&batch)?;
        if is_last { open.file.sync_data() } else { Ok(()) }
    }

    /// The transaction of the last batch is about to be committed.
    pub(crate) fn complete(&mut self) {
        self.came_to(CameTo::Commit);
    }

    /// It was committed.
    pub(crate) fn confirm(&mut self) {
        self.came_to(CameTo::Committed);
    }

    fn came_to(&mut self, point: CameTo) {
        if let Some(attempt) = self.open.as_mut().and_then(|open| open.last.as_mut()) {
            attempt.came_to = point;
        }
    }

    /// Takes an attempt that was rolled back out of the file.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match &mut self.open {
            Some(open) => open.settle(None),
            None => Ok(()),
        }
    }

    fn create(&self) -> io::Result<Open> {
        let path = self.path();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            // Deleted rows are nobody else's business.
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(&path)?;
        file.write_all(&self.encoded([&Line::Archive(self.header.clone())].into_iter())?)?;
        file.sync_all()?;
        let committed = file.stream_position()?;
        remember(&path);
        Ok(Open {
            file,
            committed,
            last: None,
        })
    }

    fn encoded<'l>(&self, lines: impl Iterator<Item = &'l Line>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        self.archive.encoded(text)
    }
}

impl Open {
    /// Decides what became of the last attempt, now that rows with these ids are there.
    fn settle(&mut self, there: Option<(&str, &HashSet<String>)>) -> io::Result<()> {
        let Some(attempt) = self.last.take() else {
            return Ok(());
        };
        // A commit without an answer may have been done; not if one of its rows is still there.
        let is_still_there =
            there.is_some_and(|(model, ids)| model == attempt.model && !attempt.ids.is_disjoint(ids));
        let is_done = match attempt.came_to {
            CameTo::Writing => false,
            CameTo::Commit => !is_still_there,
            CameTo::Committed => true,
        };
        if is_done {
            self.committed = self.file.metadata()?.len();
        } else {
            self.file.set_len(self.committed)?;
        }
        Ok(())
    }
}

// Also the name of a new file must be on the disk. Where directories cannot be opened, they need not be.
fn remember(path: &Path) {
    if let Some(Ok(directory)) = path.parent().map(fs::File::open) {
        let _ = directory.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use soft_delete_core::{Action, EARLIEST};

    use super::*;

    fn end(rows: u64) -> BatchEnd {
        BatchEnd {
            model: "leads".into(),
            rows,
            owned: 0,
            goes_on: false,
        }
    }

    fn append(file: &mut ArchiveFile, end: BatchEnd, ids: HashSet<String>) {
        file.begin(&end.model.clone(), ids).expect("a file");
        file.append(&[], end).expect("a file");
    }

    fn ids(ids: &[&str]) -> HashSet<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_attempt_that_was_rolled_back_leaves_nothing() {
        let path = std::env::temp_dir().join(format!("{}.jsonl", uuid::Uuid::now_v7()));
        let header = Header {
            version: 1,
            database: "sqlite".into(),
            run_id: uuid::Uuid::nil(),
            action: Action::Purge,
            actor: "cron".into(),
            reason: None,
            at: EARLIEST,
        };
        let mut file = ArchiveFile::new(Archive::file(&path), header.clone());
        assert!(!file.is_begun() && !path.exists());
        // Rolled back before the commit.
        append(&mut file, end(1), ids(&["1"]));
        // Committed; the same row came and went once more.
        append(&mut file, end(2), ids(&["1"]));
        file.complete();
        file.confirm();
        append(&mut file, end(6), ids(&["1"]));
        file.complete();
        file.confirm();
        // The commit had no answer, and was not done.
        append(&mut file, end(3), ids(&["2"]));
        file.complete();
        append(&mut file, end(4), ids(&["2", "3"]));
        file.complete();
        // Nor had this one, and a row of the same name in another model says nothing about it.
        let other = BatchEnd {
            model: "callbacks".into(),
            ..end(7)
        };
        append(&mut file, other.clone(), ids(&["2"]));
        file.complete();
        // The last that was begun.
        append(&mut file, end(5), ids(&["4"]));
        file.finish().expect("a file");
        let text = fs::read_to_string(&path).expect("a file");
        let rows: Vec<Line> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line"))
            .collect();
        assert_eq!(
            rows,
            [
                Line::Archive(header.clone()),
                Line::Batch(end(2)),
                Line::Batch(end(6)),
                Line::Batch(end(4)),
                Line::Batch(other)
            ]
        );
        // What is there is never written over.
        let mut again = ArchiveFile::new(Archive::file(&path), header);
        let refused = again
            .begin("leads", ids(&["1"]))
            .expect_err("a file that is there");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        fs::remove_file(path).expect("a file");
    }
}
