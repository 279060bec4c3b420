//! A page of a list that may be long.

use crate::{DeletionId, Error, Result};

/// Which part of a list is asked for: so many entries, after the last one that is known.
///
/// ```
/// use soft_delete_diesel::{DeletionId, Page};
/// let last: DeletionId = "018cc251-f400-7000-8000-000000000000".parse()?;
/// let next = Page::of(50).after(last);
/// assert_eq!((next.size(), next.last_known()), (50, Some(last)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a page is for a list"]
pub struct Page {
    size: u32,
    after: Option<DeletionId>,
}

impl Page {
    /// As many entries as are read at once.
    pub const LARGEST: u32 = 1_000;

    /// The first entries of a list, 1 to [`Page::LARGEST`].
    pub const fn of(size: u32) -> Self {
        Self { size, after: None }
    }

    /// The entries after this one.
    pub const fn after(self, last: DeletionId) -> Self {
        Self {
            after: Some(last),
            ..self
        }
    }

    /// How many entries.
    pub const fn size(self) -> u32 {
        self.size
    }

    /// The entry that the page comes after.
    pub const fn last_known(self) -> Option<DeletionId> {
        self.after
    }

    pub(crate) fn check(self) -> Result<()> {
        if (1..=Self::LARGEST).contains(&self.size) {
            return Ok(());
        }
        Err(Error::PageSize {
            size: self.size,
            largest: Self::LARGEST,
        })
    }
}
