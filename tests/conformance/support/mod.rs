//! What the suite stands on: throwaway databases, models, ways to wait.

pub mod clock;
pub mod database;
pub mod directory;
pub mod gate;
pub mod hook;
#[cfg(feature = "servers")]
pub mod locks;
mod watchdog;
#[macro_use]
mod kin;
#[macro_use]
mod models;
#[macro_use]
mod waiting;
