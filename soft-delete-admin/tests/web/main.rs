//! The pages as a browser asks for them, without one.

mod alone;
mod api;
mod journey;
mod keys;
mod lists;
mod rights;
mod safety;
mod site;
