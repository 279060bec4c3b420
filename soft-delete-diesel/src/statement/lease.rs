//! Leases, the gate that holds pass through, and the database's clock.

use diesel::result::QueryResult;

use super::{Statement, Writer};
use crate::Dialect;

/// Takes a lease, or keeps it: changes a row if it was free, over, or one's own.
/// `UPDATE soft_delete_leases SET holder = ?, term = term + 1, expires_at = <now + ..> WHERE name = 'cleanup' AND (holder = ? OR expires_at <= <now>)`
pub(crate) struct TakeLease<'a> {
    pub(crate) holder: &'a str,
    pub(crate) seconds: u64,
    /// Only if it is still one's own.
    pub(crate) renews: bool,
}

impl<DB: Dialect> Statement<DB> for TakeLease<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (now, later) = (out.syntax().now(), out.syntax().seconds_from_now());
        out.sql("UPDATE soft_delete_leases SET holder = ")
            .text(self.holder)?
            .sql(", term = term + 1, expires_at = ");
        out.sql(later.0).number(self.seconds).sql(later.1);
        out.sql(" WHERE name = 'cleanup' AND (holder = ")
            .text(self.holder)?;
        if !self.renews {
            out.sql(" OR expires_at <= ").sql(now);
        }
        out.sql(")");
        Ok(())
    }
}

/// Gives a lease back.
pub(crate) struct ReleaseLease<'a>(pub(crate) &'a str);

impl<DB: Dialect> Statement<DB> for ReleaseLease<'_> {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let now = out.syntax().now();
        out.sql("UPDATE soft_delete_leases SET expires_at = ")
            .sql(now)
            .sql(" WHERE name = 'cleanup' AND holder = ")
            .text(self.0)?;
        Ok(())
    }
}

/// Who has the lease, and until when.
pub(crate) struct WhoHasTheLease;

impl<DB: Dialect> Statement<DB> for WhoHasTheLease {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(out.syntax().audit_time());
        out.sql("SELECT holder, ")
            .sql(before)
            .sql("expires_at")
            .sql(after);
        out.sql(" FROM soft_delete_leases WHERE name = 'cleanup'");
        Ok(())
    }
}

/// What the database's clock shows.
pub(crate) struct DatabaseTime;

impl<DB: Dialect> Statement<DB> for DatabaseTime {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (now, (before, after)) = (out.syntax().now(), out.syntax().text(out.syntax().audit_time()));
        out.sql("SELECT ").sql(before).sql(now).sql(after);
        Ok(())
    }
}

/// Keeps holds from being placed until the transaction ends. Everybody who removes rows passes here, side by side.
pub(crate) struct CloseGate;

impl<DB: Dialect> Statement<DB> for CloseGate {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = out.syntax().text(crate::ColumnKind::BigInt);
        let shared = out.syntax().shared();
        out.sql("SELECT ")
            .sql(before)
            .sql("term")
            .sql(after)
            .sql(" FROM soft_delete_leases WHERE name = 'holds'")
            .sql(shared);
        Ok(())
    }
}

/// Waits until nobody removes rows, and lets nobody begin who cannot see the hold that is placed now.
pub(crate) struct RaiseGate;

impl<DB: Dialect> Statement<DB> for RaiseGate {
    fn write<'b>(&'b self, out: &mut Writer<'_, 'b, DB>) -> QueryResult<()> {
        out.sql("UPDATE soft_delete_leases SET term = term + 1 WHERE name = 'holds'");
        Ok(())
    }
}
