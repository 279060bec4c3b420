//! The promises, one file for each noun. `super` is a style: its connection, its models, its way to wait.

mod archive;
mod audit;
mod cleanup;
mod cleanup_brakes;
mod cleanup_forecast;
mod doctor;
mod force_delete;
mod guards;
mod holds;
mod hooks;
mod input;
mod keys;
mod listing;
mod operations;
mod own_tables;
mod relations;
mod restore;
mod retention;
mod scopes;
mod sets;
mod soft_delete_row;
mod stats;
mod time;
mod together;
mod transaction;
mod unique_keys;
