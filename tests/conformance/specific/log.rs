//! With the feature `tracing` every act is one event, and a hook that fails late is one more.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use diesel::{connection::SimpleConnection, prelude::*};
use soft_delete::{AuditEvent, AuditHook, HookError, prelude::*};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

#[derive(Identifiable, SoftDelete)]
#[diesel(table_name = leads)]
#[soft_delete(hooks = TooLate)]
struct Lead {
    id: i64,
    deleted_at: Option<NaiveDateTime>,
}

#[derive(Default)]
struct TooLate;

impl AuditHook for TooLate {
    fn after(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        if event.reason.is_some() {
            Err("the mail server is down".into())
        } else {
            Ok(())
        }
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != "operation_id" {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("soft_delete")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn tells_every_act_and_every_hook_that_failed_late() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    soft_delete::migrations::run(&mut conn).unwrap();
    conn.batch_execute(
        "CREATE TABLE leads (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP); INSERT INTO leads (id) VALUES (1)",
    )
    .unwrap();
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let mut lead = Lead {
            id: 1,
            deleted_at: None,
        };
        lead.soft_delete(&mut conn, Actor::new("admin").because("a\nb"))
            .unwrap();
        lead.soft_delete(&mut conn, Actor::new("again")).unwrap();
        lead.restore(&mut conn, Actor::new("support")).unwrap();
    });
    assert_eq!(
        *log.0.lock().unwrap(),
        [
            "INFO message=soft_delete model=\"leads\" rows=1 actor=\"admin\" reason=\"a\\nb\"",
            "ERROR message=a hook failed after the act model=\"leads\" hook=\"conformance::specific::log::TooLate\" error=the mail server is down",
            "INFO message=restore model=\"leads\" rows=1 actor=\"support\"",
        ]
    );
}
