//! Reading an archive: first through all of it, then batch by batch from the end.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::line::{BatchEnd, Header, Line, OwnedRow, Row, VERSION, is_readable};
use crate::{Error, Result};

/// An archive that was read through: its batches are whole, and as many rows as they say.
pub(crate) struct ArchiveIndex {
    path: PathBuf,
    pub(crate) header: Header,
    pub(crate) batches: Vec<BatchPlace>,
    /// Whether it ends in the middle of a batch, whose rows were therefore not removed.
    pub(crate) is_cut: bool,
}

/// Where a batch stands.
pub(crate) struct BatchPlace {
    offset: u64,
    line_before: u64,
    pub(crate) end: BatchEnd,
}

/// The rows of a batch in the order in which they were removed.
pub(crate) struct BatchOfRows {
    pub(crate) rows: Vec<Row>,
    pub(crate) owned: Vec<OwnedRow>,
}

impl ArchiveIndex {
    /// Reads through a file, a batch at a time.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut reader = Lines::open(path)?;
        let header = match reader.next()? {
            Some(Line::Archive(header)) if is_readable(header.version) => header,
            Some(Line::Archive(header)) => {
                return Err(reader.bad(format!(
                    "it is of version {}, and this program reads versions 1 to {VERSION}",
                    header.version
                )));
            }
            None if !reader.is_cut => {
                let broken_off =
                    "it is empty: its run was broken off before it removed anything, or it is not whole";
                return Err(reader.bad(broken_off.to_owned()));
            }
            _ => return Err(reader.bad("it does not begin as an archive does".to_owned())),
        };
        let mut index = Self {
            path: path.to_owned(),
            header,
            batches: Vec::new(),
            is_cut: false,
        };
        loop {
            let (offset, line_before) = (reader.offset()?, reader.number);
            let Some((_, end)) = reader.batch()? else {
                index.is_cut = reader.is_cut;
                index.leave_begun();
                return Ok(index);
            };
            index.batches.push(BatchPlace {
                offset,
                line_before,
                end,
            });
        }
    }

    // The batches of a transaction whose last one is missing: their rows were not removed.
    fn leave_begun(&mut self) {
        while self.batches.last().is_some_and(|batch| batch.end.goes_on) {
            self.batches.pop();
            self.is_cut = true;
        }
    }

    /// What is wrong with it, at this line.
    pub(crate) fn bad(&self, line: u64, problem: String) -> Error {
        Error::BadArchive {
            path: self.path.clone(),
            line,
            problem,
        }
    }

    /// What is wrong with one of its batches.
    pub(crate) fn bad_batch(&self, place: &BatchPlace, problem: String) -> Error {
        self.bad(place.line_before + 1, problem)
    }

    /// Reads one of its batches.
    pub(crate) fn read(&self, place: &BatchPlace) -> Result<BatchOfRows> {
        let mut reader = Lines::open(&self.path)?;
        reader.seek(place)?;
        match reader.batch()? {
            Some((batch, _)) => Ok(batch),
            None => Err(reader.bad("it was changed while it was read".to_owned())),
        }
    }
}

/// The lines of a file, which may be compressed in as many frames as there are batches.
struct Lines {
    path: PathBuf,
    source: Source,
    number: u64,
    is_cut: bool,
}

enum Source {
    Plain(BufReader<File>),
    #[cfg(feature = "zstd")]
    Frames {
        frames: Option<BufReader<File>>,
        text: io::Cursor<Vec<u8>>,
    },
}

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Lines {
    fn open(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| Error::BadArchive {
            path: path.to_owned(),
            line: 0,
            problem: error.to_string(),
        };
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let is_compressed = file.fill_buf().map_err(failed)?.starts_with(&ZSTD);
        Ok(Self {
            path: path.to_owned(),
            source: Source::of(file, is_compressed).map_err(failed)?,
            number: 0,
            is_cut: false,
        })
    }

    fn bad(&self, problem: String) -> Error {
        Error::BadArchive {
            path: self.path.clone(),
            line: self.number,
            problem,
        }
    }

    fn offset(&mut self) -> Result<u64> {
        self.source.offset().map_err(|error| self.bad(error.to_string()))
    }

    fn seek(&mut self, place: &BatchPlace) -> Result<()> {
        self.number = place.line_before;
        self.source
            .seek(place.offset)
            .map_err(|error| self.bad(error.to_string()))
    }

    /// The next line; `None` at the end, and at a line that was not written to its end.
    fn next(&mut self) -> Result<Option<Line>> {
        let mut text = String::new();
        self.number += 1;
        match self.source.read_line(&mut text) {
            Ok(0) => Ok(None),
            Ok(_) if !text.ends_with('\n') => {
                self.is_cut = true;
                Ok(None)
            }
            Ok(_) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| self.bad(error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.is_cut = true;
                Ok(None)
            }
            Err(error) => Err(self.bad(error.to_string())),
        }
    }

    /// The next whole batch; `None` where there is none.
    fn batch(&mut self) -> Result<Option<(BatchOfRows, BatchEnd)>> {
        let (mut rows, mut owned) = (Vec::new(), Vec::new());
        while let Some(line) = self.next()? {
            match line {
                Line::Row(row) => rows.push(row),
                Line::Owned(row) => owned.push(row),
                Line::Batch(end) => {
                    let found = (rows.len() as u64, owned.len() as u64);
                    if found != (end.rows, end.owned) || rows.iter().any(|row| row.model != end.model) {
                        return Err(self.bad(format!(
                            "the batch is said to be {} rows of {} and {} that they own, and has {} and {}",
                            end.rows, end.model, end.owned, found.0, found.1
                        )));
                    }
                    return Ok(Some((BatchOfRows { rows, owned }, end)));
                }
                Line::Archive(_) => {
                    return Err(self.bad("another archive begins in the middle".to_owned()));
                }
            }
        }
        self.is_cut |= !(rows.is_empty() && owned.is_empty());
        Ok(None)
    }
}

impl Source {
    #[cfg(feature = "zstd")]
    #[allow(clippy::unnecessary_wraps, reason = "without the feature it fails")]
    fn of(file: BufReader<File>, is_compressed: bool) -> io::Result<Self> {
        Ok(if is_compressed {
            Self::Frames {
                frames: Some(file),
                text: io::Cursor::default(),
            }
        } else {
            Self::Plain(file)
        })
    }

    #[cfg(not(feature = "zstd"))]
    fn of(file: BufReader<File>, is_compressed: bool) -> io::Result<Self> {
        if is_compressed {
            let way_out = "it is compressed: build with the feature `zstd`, or decompress it with `zstd -d`";
            return Err(io::Error::new(io::ErrorKind::Unsupported, way_out));
        }
        Ok(Self::Plain(file))
    }

    fn offset(&mut self) -> io::Result<u64> {
        match self {
            Self::Plain(file) => file.stream_position(),
            #[cfg(feature = "zstd")]
            Self::Frames { frames, .. } => frames.as_mut().map_or(Ok(0), Seek::stream_position),
        }
    }

    fn seek(&mut self, offset: u64) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.seek(SeekFrom::Start(offset)).map(drop),
            #[cfg(feature = "zstd")]
            Self::Frames { frames, text } => {
                *text = io::Cursor::default();
                frames
                    .as_mut()
                    .map_or(Ok(()), |file| file.seek(SeekFrom::Start(offset)).map(drop))
            }
        }
    }

    fn read_line(&mut self, line: &mut String) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read_line(line),
            #[cfg(feature = "zstd")]
            Self::Frames { frames, text } => {
                let read = text.read_line(line)?;
                if read > 0 {
                    return Ok(read);
                }
                let Some(mut file) = frames.take() else {
                    return Ok(0);
                };
                if file.fill_buf()?.is_empty() {
                    *frames = Some(file);
                    return Ok(0);
                }
                // A frame is a batch, and is held in memory as one.
                let mut decoder = zstd::Decoder::with_buffer(file)?.single_frame();
                let mut frame = Vec::new();
                io::Read::read_to_end(&mut decoder, &mut frame)?;
                *frames = Some(decoder.finish());
                *text = io::Cursor::new(frame);
                text.read_line(line)
            }
        }
    }
}
