//! Random sequences of operations, against a plain model in memory.
//!
//! [`sequence`] makes steps out of a seed, [`oracle`] says what each has to do, and every blocking style does it to a database
//! (`on_database.rs`). After each step every row, the whole audit trail and the answer must be what the oracle says. A
//! sequence that fails is shortened as far as it still fails before it is printed.
//!
//! `SOFT_DELETE_SEED` repeats a run, `SOFT_DELETE_SEQUENCES` makes it shorter or longer than a thousand.

pub mod kin;
pub mod oracle;
pub mod random;
pub mod sequence;
pub mod trial;
