//! What `#[derive(SoftDelete)]` accepts, refuses and writes.
//!
//! The texts of its errors are in `tests/ui`; what it expands to is in `soft-delete-derive/src/snapshots`.

// The facade by the name that a dependency may give it: `renamed = { package = "soft-delete" }`. Cargo takes only one name
// for one package, but the compiler takes more.
extern crate soft_delete as renamed;

mod attributes;
mod hygiene;
mod lints;
mod pass;
mod ui;
