//! The one text of a record's key, however it was written: as its row has it, or, of a row that is gone, as its audit entries
//! have it.

use super::Target;
use crate::{
    ColumnKind, Result,
    executor::Executor,
    statement::{AuditedAlike, Collation, Identity, IsAudited, KeyCollations},
};

/// A record as the library's own tables name it.
pub(crate) struct RecordId {
    pub(crate) text: String,
    /// Whether there is a row, active or deleted.
    pub(super) has_row: bool,
}

/// Finds the text of a key: `SELECT (SELECT <key as text> FROM t WHERE <key>), <the key as text>`.
///
/// Where there is no such row and the key is text, the audit log is asked for the same text, and for one that the key's
/// column takes for equal.
pub(crate) async fn resolve<E: Executor>(executor: &mut E, target: &Target<'_, E::DB>) -> Result<RecordId> {
    let mut record = without_log(executor, target).await?;
    if !record.has_row {
        if let Some(text) = alike(executor, target, &record.text).await? {
            record.text = text;
        }
    }
    Ok(record)
}

/// As [`resolve`], without a look at the audit log.
pub(super) async fn without_log<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
) -> Result<RecordId> {
    let identity = Identity {
        model: target.model,
        key: target.key,
    };
    let mut row = executor.rows(&identity).await?.pop().unwrap_or_default();
    let (of_row, given) = (row.take(0), row.take(1));
    Ok(RecordId {
        has_row: of_row.is_some(),
        text: of_row.or(given).unwrap_or_default(),
    })
}

async fn alike<E: Executor>(
    executor: &mut E,
    target: &Target<'_, E::DB>,
    given: &str,
) -> Result<Option<String>> {
    let model = target.model;
    if !model.audited || !model.key.iter().any(|column| column.kind().is_text()) {
        return Ok(None);
    }
    let exact = IsAudited {
        model,
        record_id: given,
    };
    if let Some(mut row) = executor.rows(&exact).await?.pop() {
        return Ok(row.take(0));
    }
    let is_citext = model.key.iter().any(|column| column.kind() == ColumnKind::Citext);
    let collations = executor.rows(&KeyCollations::of(model)).await?;
    let mut collations: Vec<Collation> = collations.into_iter().map(Collation::read).collect();
    collations.dedup();
    // Parts that are compared in different ways have no comparison as one text.
    let collation = match (collations.as_slice(), is_citext) {
        ([], true) => None,
        ([collation], false) => Some(collation),
        _ => return Ok(None),
    };
    let audited = AuditedAlike {
        model,
        key: target.key,
        collation,
    };
    let row = executor.rows(&audited).await?.pop();
    Ok(row.and_then(|mut row| row.take(0)))
}
