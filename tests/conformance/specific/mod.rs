//! What is particular to one database, one kind of pool or one way of calling.

mod any_table;
mod archive;
mod cleanup_faults;
#[cfg(feature = "servers")]
mod cleanup_locks;
mod collations;
mod flags;
mod found_relations;
mod guards;
#[cfg(feature = "servers")]
mod holding;
mod honest_words;
mod kept_rows;
mod log;
// The peak is read from /proc.
#[cfg(target_os = "linux")]
mod memory;
mod merged_migrations;
mod names_of_tables;
mod panics;
#[cfg(feature = "servers")]
mod policies;
#[cfg(feature = "servers")]
mod pools;
mod removal_safety;
#[cfg(feature = "servers")]
mod repeated;
mod session_settings;
mod spellings;
mod sql_text;
mod statement_count;
mod statement_count_of_sets;
#[cfg(feature = "servers")]
mod stuck;
#[cfg(feature = "servers")]
mod unsigned_keys;
#[cfg(feature = "servers")]
mod uuid_keys;
mod within;
mod written_ends;
