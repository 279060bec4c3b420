//! The pages as a browser asks for them, without one.

mod journey;
mod rights;
mod safety;
mod site;
