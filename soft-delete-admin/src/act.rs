//! Things that are done to rows: each once, by a form of this session, with everything asked again.

use std::str::FromStr;

use axum::response::{IntoResponse, Redirect, Response};
use soft_delete::{DeletedRow, Descriptor, Listed, Listing, Page};

use crate::{access::Right, desk::Asked, fields::Fields, pages::records, refusal::Refusal, source::Source};

/// A reason that is longer says too much.
const LONGEST_REASON: usize = 2_000;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Restore,
    Delete,
    Hold,
    Release,
    Force,
}

const ACTS: [(Act, &str); 5] = [
    (Act::Restore, "restore"),
    (Act::Delete, "delete"),
    (Act::Hold, "hold"),
    (Act::Release, "release"),
    (Act::Force, "force"),
];

impl Act {
    pub(crate) fn right(self) -> Right {
        match self {
            Self::Restore => Right::Restore,
            Self::Delete => Right::Delete,
            Self::Hold | Self::Release => Right::Hold,
            Self::Force => Right::Force,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        ACTS.iter()
            .find(|(act, _)| *act == self)
            .map_or("", |(_, word)| word)
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Restore => "Restore",
            Self::Delete => "Delete",
            Self::Hold => "Hold",
            Self::Release => "Let go of",
            Self::Force => "Remove for good:",
        }
    }

    pub(crate) fn needs_reason(self, model: &Descriptor) -> bool {
        match self {
            Self::Hold | Self::Force => true,
            Self::Delete => model.is_reason_required(),
            Self::Restore | Self::Release => false,
        }
    }
}

impl FromStr for Act {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        ACTS.iter()
            .find(|(_, known)| *known == word)
            .map(|(act, _)| *act)
            .ok_or(())
    }
}

/// The rows that were chosen, as they are now, as far as they are theirs.
pub(crate) struct Chosen {
    pub(crate) rows: Vec<DeletedRow>,
}

/// Finds the rows by their keys, or all that the filters match.
pub(crate) fn chosen<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
) -> Result<Chosen, Refusal> {
    if asked.fields.one("all").is_some() {
        let filters = records::FILTERS.iter().fold(Fields::default(), |filters, name| {
            filters.with(name, asked.fields.one(&format!("filter_{name}")))
        });
        let listing = records::listing(asked, model, &filters)?.size(Page::LARGEST);
        let found = records::list(asked, conn, model, &listing)?;
        if found.next.is_some() {
            return Err(Refusal::BadInput(format!(
                "More than {} records match: narrow them down, or do it on the command line.",
                Page::LARGEST
            )));
        }
        return Ok(Chosen { rows: found.rows });
    }
    let ids: Vec<&str> = asked.fields.all("id").collect();
    if ids.len() > Page::LARGEST as usize {
        return Err(Refusal::BadInput(format!(
            "More than {} records at once.",
            Page::LARGEST
        )));
    }
    let rows = named(asked, conn, model, &ids)?;
    Ok(Chosen { rows })
}

// The rows with these keys that are there and theirs.
fn named<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    model: &'static Descriptor,
    ids: &[&str],
) -> Result<Vec<DeletedRow>, Refusal> {
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let listing = Listing::new().at(asked.now).rows(Listed::All).record(*id).size(1);
        rows.extend(records::list(asked, conn, model, &listing)?.rows);
    }
    Ok(rows)
}

/// What was done.
pub(crate) struct Done {
    pub(crate) act: Act,
    pub(crate) model: &'static Descriptor,
    pub(crate) rows: u64,
    /// Rows that were asked for and not in the right state, not there, or not theirs.
    pub(crate) missed: u64,
}

/// Does what the fields ask for, once everything was asked again.
pub(crate) fn perform<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Result<Done, Refusal> {
    let bad = |words: &str| Err(Refusal::BadInput(words.to_owned()));
    let act: Act = asked.fields.parsed("act").ok_or(Refusal::NotFound)?;
    let model = asked.model(act.right())?;
    let ids: Vec<&str> = asked.fields.all("id").collect();
    if ids.is_empty() || ids.len() > Page::LARGEST as usize {
        return bad("Choose from one to a thousand records.");
    }
    let reason = asked.fields.one("reason").unwrap_or_default().trim();
    if reason.chars().count() > LONGEST_REASON {
        return bad("A reason has at most two thousand characters.");
    }
    if reason.is_empty() && act.needs_reason(model) {
        return bad("Say a reason.");
    }
    if act == Act::Force && asked.fields.one("typed") != Some(model.name()) {
        return bad("Nothing was removed: the name of the model was not typed.");
    }
    let rows = done(asked, conn, act, model, &ids)?;
    tracing::info!(
        visitor = asked.visitor.name(),
        act = act.as_str(),
        model = model.name(),
        rows,
        "done"
    );
    Ok(Done {
        act,
        model,
        rows,
        missed: (ids.len() as u64).saturating_sub(rows),
    })
}

/// Does it, and leads to the rows.
pub(crate) fn run<S: Source>(asked: &Asked<S>, conn: &mut S::Connection) -> Result<Response, Refusal> {
    let done = perform(asked, conn)?;
    let mut leads_to = Fields::default()
        .with("model", Some(done.model.name()))
        .with("done", Some(done.act.as_str()))
        .with("rows", Some(&done.rows.to_string()));
    if done.missed > 0 {
        leads_to = leads_to.with("missed", Some(&done.missed.to_string()));
    }
    // One that is still there is looked at.
    let ids: Vec<&str> = asked.fields.all("id").collect();
    let page = match (&ids[..], done.act) {
        ([id], Act::Restore | Act::Delete | Act::Hold | Act::Release) => {
            leads_to = leads_to.with("id", Some(id));
            "record"
        }
        _ => "records",
    };
    Ok(Redirect::to(&format!("{page}?{}", leads_to.query())).into_response())
}

// How many of the rows it was done to. Whose they are is asked in the statements that change them.
fn done<S: Source>(
    asked: &Asked<S>,
    conn: &mut S::Connection,
    act: Act,
    model: &'static Descriptor,
    ids: &[&str],
) -> Result<u64, Refusal> {
    let records = asked.desk.registry.records(model.name())?;
    let who = asked.context();
    let theirs = records.within(asked.rows(model.name()));
    let operation = match act {
        Act::Restore => theirs.restore(conn, ids, who)?,
        Act::Delete => theirs.soft_delete(conn, ids, who)?,
        Act::Force => theirs.force_delete(conn, ids, who)?,
        Act::Hold | Act::Release => {
            // Whose a row is does not change by holding it.
            let rows = named(asked, conn, model, ids)?;
            for row in &rows {
                if act == Act::Hold {
                    records.hold(conn, &row.id, who.clone())?;
                } else {
                    records.release(conn, &row.id, who.clone())?;
                }
            }
            return Ok(rows.len() as u64);
        }
    };
    let of_model = operation.models.iter().find(|rows| rows.model == model.name());
    Ok(of_model.map_or(0, |rows| rows.rows))
}
