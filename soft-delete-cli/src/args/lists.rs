//! What lists are asked for.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use soft_delete::{Action, DeletionId};

use super::values::{days, instant};

/// The commands that show rows or their numbers, and could not harm one: what is asked most.
#[derive(Debug, Subcommand)]
pub(crate) enum Look {
    /// Active, deleted, expired and held rows of each model.
    Stats {
        /// The models; all unless some are named.
        models: Vec<String>,
        /// Days within which a row expires soon.
        #[arg(long, default_value_t = 7, value_name = "DAYS")]
        soon: u32,
        /// Estimates tables of more rows from the catalogue.
        #[arg(long, value_name = "ROWS")]
        estimate_above: Option<u64>,
    },
    /// Deleted rows of a model, newest first.
    ListDeleted(ListDeleted),
}

/// What lists of rows and of acts are narrowed down by.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only what this actor did.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// Only what was done for a reason that contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only what was done at this time or later.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only what was done before this time.
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only what belongs to this operation.
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<DeletionId>,
}

#[derive(Debug, Args)]
pub(crate) struct ListDeleted {
    pub(crate) model: String,
    /// Only rows that are due.
    #[arg(long)]
    pub(crate) expired: bool,
    /// Only rows that are due within so many days, and not yet.
    #[arg(long, value_parser = days, value_name = "DAYS", conflicts_with = "expired")]
    pub(crate) expiring: Option<u32>,
    /// Only rows that are held.
    #[arg(long)]
    pub(crate) held: bool,
    #[command(flatten)]
    pub(crate) filters: Filters,
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
    /// Only this: `soft_delete`, `restore`, `purge`, `force_delete`, `hold`, `release`.
    #[arg(long)]
    pub(crate) action: Option<Action>,
    #[command(flatten)]
    pub(crate) filters: Filters,
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
