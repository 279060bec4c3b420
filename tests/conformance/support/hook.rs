//! A hook that a test can watch and steer, found by the id of the record.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use soft_delete::{AuditEvent, AuditHook, HookError};

/// What the hook saw, by the act's actor: tests run side by side, so each acts under a name of its own.
static SEEN: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

/// Notes every call; vetoes, panics or fails late when the reason asks for it.
#[derive(Default)]
pub struct Watcher;

impl AuditHook for Watcher {
    fn name(&self) -> &'static str {
        "watcher"
    }

    fn before(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        note("before", event);
        match event.reason {
            Some("veto") => Err("not today".into()),
            Some("panic") => panic!("the hook fell over"),
            _ => Ok(()),
        }
    }

    fn after(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        note("after", event);
        match event.reason {
            Some("panic late") => panic!("the hook fell over, late"),
            Some("fail late") => Err("too late".into()),
            _ => Ok(()),
        }
    }
}

fn note(when: &str, event: &AuditEvent<'_>) {
    let line = format!("{when} {} {} {:?}", event.action, event.model, event.record_ids);
    SEEN.lock()
        .unwrap()
        .entry(event.actor.to_owned())
        .or_default()
        .push(line);
}

/// Takes what the hook saw of this actor.
pub fn seen(actor: &str) -> Vec<String> {
    SEEN.lock().unwrap().remove(actor).unwrap_or_default()
}
