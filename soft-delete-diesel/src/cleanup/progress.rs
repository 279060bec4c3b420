//! How far a cleanup has come.

use std::time::Duration;

/// How far a cleanup has come; what `progress` and `throttle` are shown after each batch.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The SQL table that is being cleaned.
    pub model: &'a str,
    /// Rows of all models that were due when the run began.
    pub expired: u64,
    /// Rows of all models that are gone.
    pub purged: u64,
    /// Rows that the last batch removed.
    pub batch_rows: u64,
    /// Transactions until now.
    pub batches: u64,
    /// How long the run has been going on.
    pub elapsed: Duration,
}

impl Progress<'_> {
    /// The part that is done, 0 to 1.
    ///
    /// ```
    /// # // Only a cleanup makes one.
    /// # fn bar(progress: &soft_delete_diesel::Progress<'_>) -> String {
    /// format!("{:>3.0} %", progress.fraction() * 100.0)
    /// # }
    /// ```
    #[allow(clippy::cast_precision_loss, reason = "for people to look at")]
    pub fn fraction(&self) -> f64 {
        if self.expired == 0 {
            return 1.0;
        }
        (self.purged as f64 / self.expired as f64).min(1.0)
    }
}
