//! What lists are asked for.

use chrono::{DateTime, Utc};
use clap::Args;
use soft_delete::{Action, DeletionId};

use super::values::instant;

#[derive(Debug, Args)]
pub(crate) struct ListDeleted {
    pub(crate) model: String,
    /// Only rows that are due.
    #[arg(long)]
    pub(crate) expired: bool,
    /// Only rows that are due within so many days, and not yet.
    #[arg(long, value_name = "DAYS", conflicts_with = "expired")]
    pub(crate) expiring: Option<u32>,
    /// Only rows that are held.
    #[arg(long)]
    pub(crate) held: bool,
    /// Only rows that this actor deleted.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// Only rows whose reason contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only rows deleted at this time or later.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only rows deleted before this time.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only rows that this operation deleted.
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<DeletionId>,
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub(crate) limit: u32,
    /// Goes on where a page ended.
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    pub(crate) model: Option<String>,
    pub(crate) id: Option<String>,
    /// Only what this actor did.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// Only this: `soft_delete`, `restore`, `purge`, `force_delete`, `hold`, `release`.
    #[arg(long)]
    pub(crate) action: Option<Action>,
    /// Only what belongs to this operation.
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<DeletionId>,
    /// Only acts whose reason contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only acts at this time or later.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only acts before this time.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    #[arg(long, default_value_t = 50, value_name = "ACTS")]
    pub(crate) limit: u32,
    /// Goes on after this act.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Paged {
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub(crate) limit: u32,
    /// Goes on after this entry.
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<DeletionId>,
}
