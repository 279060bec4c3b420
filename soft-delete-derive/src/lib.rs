//! `#[derive(SoftDelete)]`; use it through the `soft-delete` crate, whose documentation shows it.
//!
//! A derive goes through five stages, one module each: [`attr`](self) and `diesel_attr` read the attributes, `ast`
//! puts them beside the fields, `valid` checks what belongs together, `expand` writes the implementation, and
//! `fallback` writes an inert one when anything was wrong, so that one mistake gives one error.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod ast;
mod attr;
mod crate_path;
mod ctxt;
mod description;
mod diesel_attr;
mod expand;
mod fallback;
mod item;
mod relations;
mod retention;
mod role;
mod suggest;
#[cfg(test)]
mod tests;
mod valid;

use proc_macro::TokenStream;

/// Makes a Diesel model soft-deletable.
///
/// Implements `SoftDelete` (the state of one row) and `Model` (queries and operations) for a struct with a nullable
/// `deleted_at` column. Table, key and column names are read from `#[diesel(table_name = ..)]`,
/// `#[diesel(primary_key(..))]` and `#[diesel(column_name = ..)]`, with Diesel's defaults.
///
/// # Attributes
///
/// ## Optional container attributes
///
/// * `#[soft_delete(retention = "30 days")]`: how long deleted rows can be restored: a number and a unit (`seconds`,
///   `minutes`, `hours`, `days`, `weeks`), `"forever"`, `"immediate"`, or the path of a constant of type `Retention`.
///   30 days unless said.
/// * `#[soft_delete(label = full_name)]`: the field that names a row to people, in lists and reports.
/// * `#[soft_delete(reason = required)]`: a deletion without a reason is refused.
/// * `#[soft_delete(audit = false)]`: no audit rows are written for this model.
/// * `#[soft_delete(hooks = MyHook)]`: an `AuditHook` with a `Default`, or a tuple of them, called around each act.
/// * `#[soft_delete(unique(email))]`, `#[soft_delete(unique(tenant_id, slug))]`: the columns are unique among active rows.
///   `migrations::sql_for_table` writes the index; a restore that finds the values taken is a `Conflict`.
/// * `#[soft_delete(cascade(Callback))]`: the rows of these models that refer to a row go along with it when it is deleted,
///   and come back with it. The foreign key is that of Diesel's `belongs_to`; where there is none, or a second one, name it:
///   `cascade(Message(messages::sender_id))`, in the order of this model's key. The child needs a `deletion_id`, and so does
///   this model. `Self` is a tree. A row and what was deleted with it are removed in one transaction, when the last of them is due;
///   with `cascade(Callback, apart)` these go as soon as they are due themselves.
/// * `#[soft_delete(owns(Attachment))]`: rows of tables without deletion columns: they stay while the row is deleted, and are
///   removed with it.
/// * `#[soft_delete(restrict(Invoice))]`: a row with active rows of these models is not deleted.
/// * `#[soft_delete(child_of(Parent))]`: this model's rows refer to those of `Parent`, where no `belongs_to` says so (Diesel
///   has none for a composite key).
/// * `#[soft_delete(harmless_trigger("leads_counter"))]`: somebody has looked at these triggers on `DELETE` of the model's table,
///   or of one that it owns, and they change no row that should stay. Without it, rows are not removed from a table with a trigger
///   that may change others (`DangerousTable`).
/// * `#[soft_delete(has_query)]`: implements Diesel's `HasQuery` with the active rows as base query, so that
///   `Lead::query()` sees no deleted row. Needs `Queryable` and `Selectable`, not Diesel's own `HasQuery` derive.
/// * `#[soft_delete(crate = ::path)]`: where the `soft-delete` crate is found, if not at `::soft_delete`.
///
/// ## Optional field attributes
///
/// A field has a role by its name or by an attribute: `#[soft_delete(deleted_at)]`, `deleted_by`, `deletion_reason`,
/// `deletion_id`, `purge_after` (when the row becomes due, stamped at its deletion) or `is_deleted` (a legacy flag that is
/// kept in step; no cleanup removes a row that it calls active).
#[proc_macro_derive(SoftDelete, attributes(soft_delete, diesel))]
pub fn derive_soft_delete(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::derive(&input).into()
}
