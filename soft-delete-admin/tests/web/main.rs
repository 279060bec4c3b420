//! The pages as a browser asks for them, without one.

mod alone;
mod journey;
mod rights;
mod safety;
mod site;
