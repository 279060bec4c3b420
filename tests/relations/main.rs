//! What is declared of relations, and what a restore owes to parents, on every database: small tables of their own, so that a
//! case is read at a glance.

#[allow(dead_code, reason = "what these tests do not need of it")]
#[path = "../conformance/support"]
mod support {
    pub mod database;
    pub mod directory;
    mod watchdog;
}

mod declared;
mod parents;
