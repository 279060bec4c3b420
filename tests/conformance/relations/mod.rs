//! What is declared of relations, and what a restore owes to parents, on every database: small tables of their own, so that a
//! case is read at a glance.

mod child_indexes;
mod declared;
mod dense;
mod kept;
mod main_row;
mod parents;
mod shared;
