//! Telling a running cleanup to stop.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A handle by which a running cleanup is told to stop after its current batch; its clones are the same handle.
///
/// ```
/// use soft_delete_diesel::StopHandle;
/// let stop = StopHandle::new();
/// let in_a_signal_handler = stop.clone();
/// in_a_signal_handler.stop();
/// assert!(stop.is_stopped());
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a handle is for a cleanup"]
pub struct StopHandle(Arc<AtomicBool>);

/// A handle of a flag that somebody else sets, such as what `signal_hook::flag::register` is given.
impl From<Arc<AtomicBool>> for StopHandle {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}

impl StopHandle {
    /// A handle that nobody has used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the cleanup to stop. There is no way back: take a new handle for the next run.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was told to.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
