//! The bin: the deleted rows of a model, newest first.

use std::{fmt, str::FromStr};

use diesel::connection::LoadConnection;
use soft_delete_core::{
    Clock, LATEST, Status, SystemClock, begun_days,
    chrono::{DateTime, TimeDelta, Utc},
};

use crate::{
    DeletionId, Descriptor, Dialect, Error, Everywhere, Registry, Result, Within, engine,
    executor::{Blocking, run},
    statement::{Order, Place, TextRow, parse_time},
};

/// The first field of the place in a row of the `DeletedRows` statement.
const PLACE: usize = 8;

/// Which rows a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Listed {
    /// Deleted ones, newest first.
    #[default]
    Deleted,
    /// Active ones, by their keys from the last.
    Active,
    /// All of them, by their keys from the last.
    All,
}

/// Which deleted rows are asked for: filters, and a part of the list.
///
/// ```
/// use soft_delete_diesel::Listing;
/// let by_bob = Listing::new().by("bob").reason_contains("left").expired(false).size(20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "a listing is for `Registry::list_deleted`"]
pub struct Listing {
    pub(crate) rows: Listed,
    pub(crate) record: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
    pub(crate) expired: Option<bool>,
    pub(crate) due_by: Option<DateTime<Utc>>,
    pub(crate) held: Option<bool>,
    pub(crate) operation: Option<DeletionId>,
    pub(crate) oldest_first: bool,
    pub(crate) looks_at: Option<u32>,
    pub(crate) size: Option<u32>,
    pub(crate) after: Option<DeletedCursor>,
    pub(crate) now: Option<DateTime<Utc>>,
}

impl Listing {
    /// As many rows as a page has unless it is said.
    pub const SIZE: u32 = 50;

    /// All deleted rows, the first page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rows that are not deleted instead, or as well.
    pub fn rows(mut self, rows: Listed) -> Self {
        self.rows = rows;
        self
    }

    /// The one with this key, as text.
    pub fn record(mut self, id: impl Into<String>) -> Self {
        self.record = Some(id.into());
        self
    }

    /// With this text in the label; whether case counts is the database's to say.
    pub fn label_contains(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Deleted by this actor.
    pub fn by(mut self, actor: impl fmt::Display) -> Self {
        self.by = Some(actor.to_string());
        self
    }

    /// With this text in the reason; whether case counts is the database's to say.
    pub fn reason_contains(mut self, text: impl Into<String>) -> Self {
        self.reason = Some(text.into());
        self
    }

    /// Deleted at this instant or later.
    pub fn since(mut self, instant: DateTime<Utc>) -> Self {
        self.from = Some(instant);
        self
    }

    /// Deleted before this instant.
    pub fn until(mut self, instant: DateTime<Utc>) -> Self {
        self.to = Some(instant);
        self
    }

    /// Those that are due for removal, or those that are not.
    pub fn expired(mut self, expired: bool) -> Self {
        self.expired = Some(expired);
        self
    }

    /// Those that are due at this instant at the latest: with `expired(false)`, those that are about to be.
    pub fn due_by(mut self, instant: DateTime<Utc>) -> Self {
        self.due_by = Some(instant);
        self
    }

    /// Those that a hold in force keeps, or those that none does.
    pub fn held(mut self, held: bool) -> Self {
        self.held = Some(held);
        self
    }

    /// Deleted by this operation.
    pub fn operation(mut self, id: DeletionId) -> Self {
        self.operation = Some(id);
        self
    }

    /// The other way round: oldest first, or by their keys from the first.
    pub fn oldest_first(mut self) -> Self {
        self.oldest_first = true;
        self
    }

    /// Looks at so many rows for a page at most, however few of them are as they are asked for: what a page of a search in a large
    /// table may cost. By default as many as it takes.
    ///
    /// A page that ends there has fewer rows than its size, and none at all perhaps, and a [`next`](DeletedPage::next). Costs one
    /// more look into the index, and none where all filters are by key, time or operation.
    pub fn looking_at(mut self, rows: u32) -> Self {
        self.looks_at = Some(rows);
        self
    }

    /// So many rows a page, 1 to [`Page::LARGEST`](crate::Page::LARGEST); by default [`Listing::SIZE`].
    pub fn size(mut self, rows: u32) -> Self {
        self.size = Some(rows);
        self
    }

    /// The page after this place: [`DeletedPage::next`] of the page before.
    pub fn after(mut self, place: DeletedCursor) -> Self {
        self.after = Some(place);
        self
    }

    /// The instant that tells what is expired and held; by default what the system's clock shows.
    pub fn at(mut self, instant: DateTime<Utc>) -> Self {
        self.now = Some(instant);
        self
    }

    pub(crate) fn instant(&self) -> DateTime<Utc> {
        self.now.unwrap_or_else(|| SystemClock.now())
    }
}

/// A place in a list of deleted rows; as text it can stand in a URL or on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedCursor(String);

impl DeletedCursor {
    pub(crate) fn of(place: &Place) -> Self {
        Self(place.as_text())
    }

    pub(crate) fn place(&self) -> Option<Place> {
        Place::read(&self.0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeletedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for DeletedCursor {
    type Err = std::convert::Infallible;

    /// Whether the text is a place shows when the page after it is asked for.
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// A page of deleted rows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletedPage {
    /// The rows, newest first unless it was asked otherwise.
    pub rows: Vec<DeletedRow>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<DeletedCursor>,
}

/// A deleted row, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DeletedRow {
    /// The SQL table.
    pub model: String,
    /// The key as text.
    pub id: String,
    /// What names the row to people, where the model declares a `label`.
    pub label: Option<String>,
    /// When it was deleted; `None` for an active row, and if the database holds something that is no time. Such a row is never expired.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Who deleted it.
    pub deleted_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The operation that deleted it.
    pub deletion_id: Option<String>,
    /// When it is due for removal; `None` is never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Days until then, a begun one counted whole.
    pub days_left: Option<i64>,
    /// `active`, `deleted` or `expired`.
    pub status: Status,
    /// Whether a hold in force keeps it.
    pub is_held: bool,
    #[cfg_attr(feature = "serde", serde(skip))]
    place: Option<Place>,
}

impl DeletedRow {
    /// The place behind this row, where a page can begin: for [`Listing::after`] of the same list. `None` for a row that was not
    /// read from a list.
    pub fn place(&self) -> Option<DeletedCursor> {
        self.place.as_ref().map(DeletedCursor::of)
    }

    /// Reads a row of the `DeletedRows` statement in this order.
    pub(crate) fn read(model: &Descriptor, order: &Order, now: DateTime<Utc>, row: &mut TextRow) -> Self {
        let mut field = |index| row.take(index);
        let (id, label, deleted_at) = (field(0).unwrap_or_default(), field(1), field(2));
        let (deleted_by, reason, deletion_id, purge_after) = (field(3), field(4), field(5), field(6));
        let is_held = field(7).as_deref() == Some("held");
        let time = |text: Option<String>| text.and_then(|text| parse_time(&text).ok());
        let is_active = deleted_at.is_none();
        let deleted_at = time(deleted_at);
        let expires_at = match (purge_after, deleted_at) {
            // The latest instant of all means never; what is no time never comes.
            (Some(stamped), Some(_)) => time(Some(stamped)).filter(|at| *at < LATEST),
            (None, Some(deleted_at)) => model.retention_policy().expiry(deleted_at),
            (_, None) => None,
        };
        let left = expires_at.map(|at| at.signed_duration_since(now).max(TimeDelta::zero()));
        Self {
            model: model.name().to_owned(),
            id,
            label,
            deleted_at,
            deleted_by,
            reason,
            deletion_id,
            expires_at,
            days_left: left.map(begun_days),
            status: if is_active {
                Status::Active
            } else if left.is_some_and(|left| left.is_zero()) {
                Status::Expired
            } else {
                Status::Deleted
            },
            is_held,
            place: order.take(row, PLACE),
        }
    }
}

impl Registry {
    /// A page of the deleted rows of a model, by its SQL table, newest first: one statement, whose cost depends on the
    /// page and not on how far back it is.
    ///
    /// # Errors
    /// [`UnknownModel`](crate::Error::UnknownModel), [`PageSize`](crate::Error::PageSize),
    /// [`BadCursor`](crate::Error::BadCursor), [`BadKey`](crate::Error::BadKey), [`BadSetting`](crate::Error::BadSetting) for a filter by a column that the
    /// model does not have, [`SchemaMissing`](crate::Error::SchemaMissing), [`Database`](crate::Error::Database).
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::{Listing, Registry};
    /// let registry = Registry::new().with::<Lead>().with::<Callback>();
    /// Callback::soft_delete_where(&mut conn, callbacks::lead_id.eq(1), Actor::new("bob"))?;
    /// let page = registry.list_deleted(&mut conn, "callbacks", &Listing::new().size(1))?;
    /// assert_eq!((page.rows[0].id.as_str(), page.rows[0].days_left), ("11", Some(30)));
    /// let next = Listing::new().size(1).after(page.next.unwrap());
    /// assert_eq!(registry.list_deleted(&mut conn, "callbacks", &next)?.rows[0].id, "10");
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_deleted<C>(&self, conn: &mut C, model: &str, listing: &Listing) -> Result<DeletedPage>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        self.list_within(conn, model, listing, Everywhere)
    }

    /// The same for the rows that meet a condition, which stands in the query.
    ///
    /// # Errors
    /// As [`list_deleted`](Registry::list_deleted).
    ///
    /// ```
    /// # include!("doctest_setup.rs");
    /// # fn main() -> soft_delete_diesel::Result<()> {
    /// # let mut conn = connection();
    /// use soft_delete_diesel::{Listed, Listing, Registry};
    /// let registry = Registry::new().with::<Callback>();
    /// let listing = Listing::new().rows(Listed::Active);
    /// let mine = registry.list_within(&mut conn, "callbacks", &listing, &callbacks::id.lt(11_i64))?;
    /// assert_eq!((mine.rows.len(), mine.rows[0].status.as_str()), (1, "active"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_within<C>(
        &self,
        conn: &mut C,
        model: &str,
        listing: &Listing,
        within: impl Within<C::Backend>,
    ) -> Result<DeletedPage>
    where
        C: LoadConnection<Backend: Dialect>,
    {
        let (model, within) = (self.model(model)?, within.predicate());
        run(engine::list_deleted(&mut Blocking(conn), model, listing, within))
    }

    /// As [`list_deleted`](Registry::list_deleted), on a connection of diesel-async.
    ///
    /// # Errors
    /// As [`list_deleted`](Registry::list_deleted).
    #[cfg(feature = "async")]
    pub async fn list_deleted_async<C>(
        &self,
        conn: &mut C,
        model: &str,
        listing: &Listing,
    ) -> Result<DeletedPage>
    where
        C: diesel_async::AsyncConnection<Backend: Dialect>,
    {
        engine::list_deleted(
            &mut crate::executor::Async(conn),
            self.model(model)?,
            listing,
            None,
        )
        .await
    }
}

impl DeletedCursor {
    pub(crate) fn refused(&self, model: &Descriptor) -> Error {
        Error::BadCursor {
            model: model.name().to_owned(),
            cursor: self.0.clone(),
        }
    }
}
