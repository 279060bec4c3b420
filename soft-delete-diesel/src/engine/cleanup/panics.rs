//! A panic in the middle of a run, of a listener or a clock of the application: the run is over, and nobody waits for it.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use super::pacer::Pacer;
use crate::{
    executor::Executor,
    statement::{Act, FailRun, OperationRef},
};

/// What a panic carries.
pub(super) type Payload = Box<dyn Any + Send>;

/// Runs this to its end, or to its panic; after that it is dropped.
pub(super) async fn caught<F: Future>(work: F) -> Result<F::Output, Payload> {
    let mut work = pin!(work);
    // Whatever it has left half done is of this run alone, and nobody looks at it again.
    let poll = |context: &mut std::task::Context<'_>| match catch_unwind(AssertUnwindSafe(|| {
        work.as_mut().poll(context)
    })) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    };
    poll_fn(poll).await
}

/// Rolls back the run's open transactions, but not those of the caller, notes that the run failed, and gives the lease back.
///
/// If one of these fails, the lease runs out by its time, and the next run notes that this one was abandoned.
pub(super) async fn end_run<E: Executor>(
    executor: &mut E,
    transactions: u32,
    act: &Act<'_>,
    pacer: &mut Pacer<'_>,
) {
    while executor.depth().is_ok_and(|depth| depth > transactions) {
        if executor.rollback().await.is_err() {
            return;
        }
    }
    let _ = executor.execute(&FailRun(&OperationRef::of(act))).await;
    pacer.release_lease(executor).await;
}
