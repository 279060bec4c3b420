//! Ctrl-C and SIGTERM.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use soft_delete::{Cleanup, CleanupReport, StopHandle, Stopped};

use crate::{exit::Exit, progress::Bar};

/// Ctrl-C and SIGTERM, which end a cleanup after its batch; a second one ends the program at once.
pub(crate) struct Signals {
    terminated: Arc<AtomicBool>,
    /// Told by either.
    pub(crate) stop: StopHandle,
}

impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let either = Arc::new(AtomicBool::new(false));
        let flag = |signal, exit: Exit| -> io::Result<Arc<AtomicBool>> {
            let flag = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register_conditional_shutdown(signal, exit as i32, Arc::clone(&flag))?;
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
            signal_hook::flag::register(signal, Arc::clone(&either))?;
            Ok(flag)
        };
        flag(SIGINT, Exit::Interrupted)?;
        let terminated = flag(SIGTERM, Exit::Terminated)?;
        Ok(Self {
            terminated,
            stop: StopHandle::from(either),
        })
    }

    /// The cleanup, stopped by a signal, with its progress told.
    pub(crate) fn watch<'r>(&self, cleanup: Cleanup<'r>, quiet: bool) -> Cleanup<'r> {
        let mut bar = Bar::new(quiet);
        cleanup
            .stop(&self.stop)
            .progress(move |progress| bar.show(progress))
    }

    /// The code of a cleanup that was listening.
    pub(crate) fn exit(&self, report: &CleanupReport) -> Exit {
        match report.stopped {
            Stopped::Requested if self.terminated.load(Ordering::Relaxed) => Exit::Terminated,
            Stopped::Requested => Exit::Interrupted,
            Stopped::LeaseLost => Exit::Partial,
            _ if report
                .models
                .iter()
                .any(|model| model.blocked_rows > 0 || model.skipped > 0) =>
            {
                Exit::Partial
            }
            _ => Exit::Done,
        }
    }
}
