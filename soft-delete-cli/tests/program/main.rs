//! The stand-alone program as a user runs it, on SQLite.

mod answers;
mod codes;
mod guide;
mod prompts;
mod schedule;
mod support;
