//! Code of the application that sees each act and may veto it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::AuditEvent;

/// Why a hook refused or failed, as it told it.
pub type HookError = Box<dyn std::error::Error + Send + Sync>;

/// Code of the application that is called around each act.
///
/// Add it to a model with `#[soft_delete(hooks = MyHook)]`; a tuple of hooks is a hook too. Sets of rows come in
/// batches with all their ids, never row by row.
///
/// ```
/// use soft_delete_core::{Action, AuditEvent, AuditHook, HookError};
///
/// #[derive(Default)]
/// struct OfficeHours;
/// impl AuditHook for OfficeHours {
///     fn before(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
///         match event.action {
///             Action::SoftDelete if event.actor == "intern" => Err("interns may not delete".into()),
///             _ => Ok(()),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an audit hook",
    note = "implement `soft_delete::AuditHook` for `{Self}`"
)]
pub trait AuditHook: Send + Sync {
    /// The name that a veto is reported under; the type's path unless overridden.
    fn name(&self) -> &str {
        std::any::type_name::<Self>()
    }

    /// Sees the act inside its transaction: of one row before it is changed, of a set after its rows were changed and
    /// recorded, a thousand ids at a time. A model with `audit = false` shows the ids of one row, and none of a set.
    ///
    /// When the database ends the transaction for no fault of its own and it is repeated, the hook is asked again.
    ///
    /// # Errors
    /// An error is a veto: the whole operation is rolled back and answers `Error::Vetoed`. A panic counts as one.
    fn before(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        let _ = event;
        Ok(())
    }

    /// Sees the act after the library's own commit. Inside a transaction of the caller that is the release of the
    /// savepoint: the caller may still roll back.
    ///
    /// # Errors
    /// An error (or a panic) is reported as a `tracing` event; it cannot undo the act.
    fn after(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
        let _ = event;
        Ok(())
    }
}

impl AuditHook for () {}

macro_rules! tuple_hooks {
    ($($hook:ident $index:tt),+) => {
        // The tuple calls `before` in order and stops at the first veto; `after` runs for every member.
        impl<$($hook: AuditHook),+> AuditHook for ($($hook,)+) {
            fn before(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
                $(run_before(&self.$index, event).map_err(|(name, error)| format!("{name}: {error}"))?;)+
                Ok(())
            }

            fn after(&self, event: &AuditEvent<'_>) -> Result<(), HookError> {
                let failures: Vec<String> = [$(run_after(&self.$index, event)),+]
                    .into_iter()
                    .filter_map(|result| result.err().map(|(name, error)| format!("{name}: {error}")))
                    .collect();
                if failures.is_empty() { Ok(()) } else { Err(failures.join("; ").into()) }
            }
        }
    };
}

tuple_hooks!(A 0);
tuple_hooks!(A 0, B 1);
tuple_hooks!(A 0, B 1, C 2);
tuple_hooks!(A 0, B 1, C 2, D 3);

/// Calls a hook's `before`, a panic contained.
///
/// # Errors
/// The hook's name and what it said.
pub fn run_before(hook: &dyn AuditHook, event: &AuditEvent<'_>) -> Result<(), (String, HookError)> {
    contained(hook, || hook.before(event))
}

/// Calls a hook's `after`, a panic contained.
///
/// # Errors
/// The hook's name and what it said.
pub fn run_after(hook: &dyn AuditHook, event: &AuditEvent<'_>) -> Result<(), (String, HookError)> {
    contained(hook, || hook.after(event))
}

// A hook that panicked is not called again within the operation, so broken state of its own cannot be observed here.
fn contained(
    hook: &dyn AuditHook,
    call: impl FnOnce() -> Result<(), HookError>,
) -> Result<(), (String, HookError)> {
    let error = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "no message".to_owned());
            format!("the hook panicked: {text}").into()
        }
    };
    Err((hook.name().to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;
    use chrono::DateTime;
    use uuid::Uuid;

    struct Panics;
    impl AuditHook for Panics {
        fn name(&self) -> &'static str {
            "panics"
        }
        fn before(&self, _: &AuditEvent<'_>) -> Result<(), HookError> {
            panic!("boom")
        }
        fn after(&self, _: &AuditEvent<'_>) -> Result<(), HookError> {
            Err("too late".into())
        }
    }

    #[test]
    fn a_panic_counts_as_a_veto_and_names_the_hook() {
        let event = AuditEvent::new(Action::Restore, Uuid::nil(), "t", &[], "me", DateTime::UNIX_EPOCH);
        let (name, error) = run_before(&Panics, &event).expect_err("a veto");
        assert_eq!(
            (name.as_str(), error.to_string().as_str()),
            ("panics", "the hook panicked: boom")
        );
        let (_, error) = run_before(&((), Panics), &event).expect_err("a veto");
        assert_eq!(error.to_string(), "panics: the hook panicked: boom");
        let (_, error) = run_after(&(Panics, (), Panics), &event).expect_err("a failure");
        assert_eq!(error.to_string(), "panics: too late; panics: too late");
    }
}
