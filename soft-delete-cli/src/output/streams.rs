//! Where answers go, and what is said beside them.

use std::io::{self, Write};

use super::text;
use crate::failure::Failure;

/// Writes to stdout, to the byte.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    whole(io::stdout().lock(), bytes)
}

/// Writes to stdout, with styles where it has colours.
pub(crate) fn print_styled(bytes: &[u8]) -> Result<(), Failure> {
    whole(anstream::stdout().lock(), bytes)
}

fn whole(mut out: impl Write, bytes: &[u8]) -> Result<(), Failure> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // Who reads has read enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Says something to people, on stderr.
pub(crate) fn tell(told: &str) {
    // Where nobody can be told, nothing is lost.
    let _ = writeln!(io::stderr(), "{}", text::lines(told));
}
