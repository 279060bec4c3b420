//! What is told on stderr while it is done: an event a line, never what a row holds.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

use crate::args::Common;

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A document a line.
    Json,
}

/// Tells events from now on: each act and each run, and each batch where more is asked for.
pub(crate) fn begin(common: &Common) {
    let level = if common.verbose > 1 {
        LevelFilter::DEBUG
    } else {
        LevelFilter::INFO
    };
    let log = fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_target(false);
    let began = match common.log_format.unwrap_or_default() {
        LogFormat::Text => log
            .with_ansi(anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never)
            .try_init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .try_init(),
    };
    // An application that embeds the command line may tell them in its own way already.
    drop(began);
}
