//! The recycle bin of [`soft_delete`] as a web page: find a deleted record, see who deleted it, why and how long it stays, restore it.
//!
//! An [`axum`] router to nest anywhere, complete without JavaScript. **Nobody may do anything until the host says so**: without an
//! [`Access`] every page answers 403.
//!
//! ```
//! use axum::Router;
//! use diesel::{prelude::*, r2d2::{ConnectionManager, Pool}};
//! use soft_delete::prelude::*;
//! use soft_delete_admin::{Access, Admin, Parts, R2d2, Right, Visitor};
//! # diesel::table! { leads (id) { id -> BigInt, full_name -> Text, deleted_at -> Nullable<Timestamp>, } }
//! # #[derive(Identifiable, SoftDelete)]
//! # #[diesel(table_name = leads)]
//! # struct Lead { id: i64, full_name: String, deleted_at: Option<NaiveDateTime> }
//! /// Whoever the application's own middleware has signed in.
//! #[derive(Clone)]
//! struct SignedIn { name: String, is_admin: bool }
//!
//! struct Staff;
//!
//! impl Access<diesel::sqlite::Sqlite> for Staff {
//!     fn visitor(&self, request: &Parts) -> Option<Visitor> {
//!         let user = request.extensions.get::<SignedIn>()?;
//!         Some(Visitor::new(&user.name).with_role(if user.is_admin { "admin" } else { "support" }))
//!     }
//!
//!     fn may(&self, visitor: &Visitor, right: Right, _model: &str) -> bool {
//!         visitor.has_role("admin") || matches!(right, Right::See | Right::Restore)
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = Pool::builder().max_size(4).build(ConnectionManager::<SqliteConnection>::new(":memory:"))?;
//! let registry = Registry::new().with::<Lead>();
//! let app: Router = Router::new().nest("/admin/bin", Admin::new(R2d2::new(pool)).registry(registry).access(Staff).into_router());
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod access;
mod act;
#[cfg(feature = "alone")]
pub mod alone;
mod api;
mod assets;
#[cfg(feature = "async")]
mod async_pool;
mod cleaner;
mod desk;
mod export;
mod fields;
mod guard;
mod health;
mod limit;
mod pages;
mod refusal;
mod router;
mod source;
mod token;

/// The page of the guide, so that its examples are tested.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/admin.md")]
mod guide {}

use std::{sync::Arc, time::Duration};

pub use access::{Access, Nobody, Right, Visitor};
#[cfg(feature = "async")]
pub use async_pool::AsyncPool;
pub use axum::http::request::Parts;
use diesel::Connection;
pub use source::{R2d2, Source, Unavailable};

use axum::Router;
use soft_delete::{Registry, Timetable};

use crate::{
    cleaner::Cleaner,
    desk::{Backend, Desk},
    health::Remembered,
    token::Secret,
};

/// How long a statement may take unless it is said: longer than any page of a well-indexed table.
const STATEMENT_LIMIT: Duration = Duration::from_secs(30);

/// The bin of an application's models, to become a router.
#[must_use = "it does nothing until it is a router"]
pub struct Admin<S: Source> {
    source: S,
    registry: Registry,
    access: Arc<dyn Access<Backend<S>>>,
    secret: Secret,
    sign_out: Option<&'static str>,
    statement_limit: Duration,
    timetable: Option<Timetable>,
}

impl<S: Source> Admin<S> {
    /// Works on this database; nobody may do anything yet.
    pub fn new(source: S) -> Self {
        Self {
            source,
            registry: Registry::new(),
            access: Arc::new(Nobody),
            secret: Secret::random(),
            sign_out: None,
            statement_limit: STATEMENT_LIMIT,
            timetable: None,
        }
    }

    /// The models that are shown.
    pub fn registry(self, registry: Registry) -> Self {
        Self { registry, ..self }
    }

    /// Who may do what.
    pub fn access(self, access: impl Access<<S::Connection as Connection>::Backend>) -> Self {
        Self {
            access: Arc::new(access),
            ..self
        }
    }

    /// Where a visitor signs out: an address to be sent a form, relative to the folder of the pages. There is no button otherwise.
    pub fn sign_out(self, address: &'static str) -> Self {
        Self {
            sign_out: Some(address),
            ..self
        }
    }

    /// What forms are signed with: random bytes, the same in several processes behind one address. By default each process has its own.
    pub fn secret(self, secret: [u8; 32]) -> Self {
        Self {
            secret: Secret::of(&secret),
            ..self
        }
    }

    /// How long a statement of a page may take, by default thirty seconds; the database ends it then and nothing is changed. A
    /// cleanup that is begun here is not limited, and neither is anything on SQLite. A stricter limit of the connection's own stays. Sets it
    /// for a page and back, so a pooler between pool and database has to keep sessions together.
    pub fn statement_limit(self, limit: Duration) -> Self {
        Self {
            statement_limit: limit,
            ..self
        }
    }

    /// When the application's own scheduler runs cleanups ([`Scheduler::timetable`](soft_delete::Scheduler::timetable)), for the
    /// overview to tell.
    pub fn timetable(self, timetable: Timetable) -> Self {
        Self {
            timetable: Some(timetable),
            ..self
        }
    }

    /// The router, to be nested at any path; all of its links are relative.
    pub fn into_router(self) -> Router {
        router::of(Arc::new(Desk {
            source: self.source,
            registry: self.registry,
            access: self.access,
            secret: self.secret,
            sign_out: self.sign_out,
            statement_limit: self.statement_limit,
            timetable: self.timetable,
            health: Remembered::default(),
            figures: Remembered::default(),
            cleaner: Cleaner::default(),
        }))
    }
}
