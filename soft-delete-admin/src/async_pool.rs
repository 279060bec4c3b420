//! Connections from a pool of diesel-async.

use std::{fmt, future::Future};

use diesel_async::{AsyncConnection, async_connection_wrapper::AsyncConnectionWrapper};
use soft_delete::Dialect;
use tokio::runtime::Handle;

use crate::source::{Source, Unavailable};

/// A pool of diesel-async, of any kind: what takes a connection from it.
///
/// Give the pool a limit for waiting: a visitor who waits for a connection occupies a thread meanwhile.
///
/// Pages wait for such a connection on a thread of their own, where that blocks nobody, so that the same pool serves the
/// application and the bin.
///
/// ```
/// use diesel::SqliteConnection;
/// use diesel_async::{
///     pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
///     sync_connection_wrapper::SyncConnectionWrapper,
/// };
/// use soft_delete_admin::{Admin, AsyncPool};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let manager = AsyncDieselConnectionManager::<SyncConnectionWrapper<SqliteConnection>>::new(":memory:");
/// let pool = Pool::builder(manager).max_size(4).build()?;
/// let source = AsyncPool::new(move || {
///     let pool = pool.clone();
///     async move { pool.get().await }
/// });
/// let router = Admin::new(source).into_router();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AsyncPool<F>(F);

impl<F> AsyncPool<F> {
    /// Takes connections as this does: `pool.get()` of deadpool, `pool.get_owned()` of bb8, `pool.get()` of mobc.
    pub fn new(get: F) -> Self {
        Self(get)
    }
}

impl<F, Got, C, E> Source for AsyncPool<F>
where
    F: Fn() -> Got + Clone + Send + Sync + 'static,
    Got: Future<Output = Result<C, E>>,
    C: AsyncConnection<Backend: Dialect> + 'static,
    E: fmt::Display,
{
    type Connection = AsyncConnectionWrapper<C>;

    fn connection(&self) -> Result<Self::Connection, Unavailable> {
        let runtime = Handle::try_current().map_err(Unavailable::because)?;
        let got = runtime.block_on((self.0)()).map_err(Unavailable::because)?;
        Ok(got.into())
    }
}
