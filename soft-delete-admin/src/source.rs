//! Where connections come from.

use std::fmt;

use diesel::{
    connection::LoadConnection,
    r2d2::{ConnectionManager, Pool, PooledConnection, R2D2Connection},
};
use soft_delete::Dialect;

/// Where the pages take connections from: [`R2d2`], a pool of diesel-async (`AsyncPool`), or anything that an application has.
///
/// Connections are taken and worked with on a thread where waiting blocks nobody.
pub trait Source: Clone + Send + Sync + 'static {
    /// The connection.
    type Connection: LoadConnection<Backend: Dialect>;

    /// Takes one; waits as long as the pool is willing to.
    ///
    /// # Errors
    /// There is none; the words go to the log and not to the visitor.
    fn connection(&self) -> Result<Self::Connection, Unavailable>;
}

/// There is no connection.
#[derive(Debug)]
pub struct Unavailable(String);

impl Unavailable {
    /// In the words of whoever was asked for one.
    pub fn because(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A pool of Diesel's r2d2.
pub struct R2d2<C: R2D2Connection + 'static>(Pool<ConnectionManager<C>>);

impl<C: R2D2Connection + 'static> R2d2<C> {
    /// This pool.
    pub fn new(pool: Pool<ConnectionManager<C>>) -> Self {
        Self(pool)
    }
}

impl<C: R2D2Connection + 'static> Clone for R2d2<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C> Source for R2d2<C>
where
    C: R2D2Connection + LoadConnection<Backend: Dialect> + 'static,
{
    type Connection = PooledConnection<ConnectionManager<C>>;

    fn connection(&self) -> Result<Self::Connection, Unavailable> {
        self.0.get().map_err(Unavailable::because)
    }
}
