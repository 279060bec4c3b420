//! The audit trail as a file, of any length, page by page.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::header,
    response::{IntoResponse, Response},
};
use soft_delete::{AuditRecord, Page, harmless_cell};
use tokio::sync::mpsc::{self, Receiver};

use crate::{desk::Asked, pages::audit, refusal::Refusal, source::Source};

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    JsonLines,
}

const COLUMNS: [&str; 8] = [
    "id",
    "operation_id",
    "action",
    "model",
    "record_id",
    "actor",
    "reason",
    "at",
];

/// So many parts are ready before somebody reads them; no more are held in memory.
const PARTS_AHEAD: usize = 2;

/// What arrives from a thread that reads the database as fast as it is asked for.
struct Parts(Receiver<Result<Bytes, std::io::Error>>);

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        self.0
            .poll_recv(cx)
            .map(|part| part.map(|part| part.map(http_body::Frame::data)))
    }
}

/// All acts that the filters match, newest first.
pub(crate) fn run<S: Source>(asked: Asked<S>, form: Form) -> Result<Response, Refusal> {
    if !asked.sees_everything() {
        return Err(Refusal::Forbidden);
    }
    let trail = audit::trail(&asked.fields)?.size(Page::LARGEST);
    tracing::info!(visitor = asked.visitor.name(), "the audit trail is exported");
    let (sender, parts) = mpsc::channel(PARTS_AHEAD);
    tokio::task::spawn_blocking(move || {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "an export failed");
            // The file is cut off where it failed, and whoever loads it is told so.
            let _ = sender.blocking_send(Err(std::io::Error::other("the export failed")));
        };
        let mut conn = match asked.desk.source.connection() {
            Ok(conn) => conn,
            Err(error) => return failed(&error),
        };
        let Ok(mut trail) = audit::as_recorded(&asked, &mut conn, trail) else {
            return failed(&"the key cannot be looked up");
        };
        let mut is_first = true;
        loop {
            let acts = match soft_delete::audit(&mut conn, &trail) {
                Ok(acts) => acts,
                Err(error) => return failed(&error),
            };
            let part = match written(form, &acts, is_first) {
                Ok(part) => part,
                Err(error) => return failed(&error),
            };
            // Who has gone away needs no more.
            if sender.blocking_send(Ok(part.into())).is_err() {
                return;
            }
            let Some(last) = acts.last().filter(|_| acts.len() == Page::LARGEST as usize) else {
                return;
            };
            trail = trail.before(last.id);
            is_first = false;
        }
    });
    let (kind, name) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Form::JsonLines => ("application/x-ndjson", "attachment; filename=\"audit.jsonl\""),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::new(Parts(parts))).into_response())
}

fn written(form: Form, acts: &[AuditRecord], is_first: bool) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    if form == Form::JsonLines {
        let mut lines = Vec::new();
        for act in acts {
            serde_json::to_writer(&mut lines, act)?;
            lines.push(b'\n');
        }
        return Ok(lines);
    }
    let mut csv = csv::Writer::from_writer(Vec::new());
    if is_first {
        csv.write_record(COLUMNS)?;
    }
    for act in acts {
        let (id, operation, at) = (
            act.id.to_string(),
            act.operation_id.to_string(),
            act.at.to_rfc3339(),
        );
        let fields = [
            id.as_str(),
            &operation,
            act.action.as_str(),
            &act.model,
            &act.record_id,
            &act.actor,
            act.reason.as_deref().unwrap_or_default(),
            &at,
        ];
        for field in fields {
            csv.write_field(harmless_cell(field).as_bytes())?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    Ok(csv.into_inner()?)
}
