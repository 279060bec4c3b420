//! What must hold between attributes and fields; each rule is one function.

use syn::{GenericParam, Type};

use crate::{ast::Model, ctxt::Ctxt, role::Role, suggest::did_you_mean};

/// Checks every rule; every breach is noted.
pub(crate) fn check(cx: &Ctxt, model: &Model<'_>) {
    not_generic(cx, model);
    if model.fields.is_empty() {
        return; // not a struct with fields, which was reported before
    }
    has_deleted_at(cx, model);
    roles_are_given_once(cx, model);
    roles_are_nullable(cx, model);
    has_its_key(cx, model);
    key_has_no_role(cx, model);
    label_is_a_field(cx, model);
    required_reason_is_kept(cx, model);
}

// The engine keeps one description for each model, and a static cannot depend on a type parameter.
fn not_generic(cx: &Ctxt, model: &Model<'_>) {
    for parameter in &model.original.generics.params {
        let (what, instead) = match parameter {
            GenericParam::Lifetime(_) => ("borrow", "own the data: `String` instead of `&'a str`"),
            GenericParam::Type(_) | GenericParam::Const(_) => {
                ("be generic", "derive it on a struct for each concrete table")
            }
        };
        cx.error(parameter, format!("a soft-delete model cannot {what}; {instead}"));
    }
}

// Without the mark there is nothing to do.
fn has_deleted_at(cx: &Ctxt, model: &Model<'_>) {
    if model.role(Role::DeletedAt).is_some() {
        return;
    }
    let names: Vec<String> = model.fields.iter().map(|field| field.ident.to_string()).collect();
    let close = names
        .iter()
        .find(|name| !did_you_mean(name, &["deleted_at"]).is_empty());
    let hint = close
        .map(|name| format!(" (or `#[soft_delete(deleted_at)]` on `{name}`)"))
        .unwrap_or_default();
    cx.error(
        &model.original.ident,
        format!("no field marks a deletion; add `pub deleted_at: Option<DateTime<Utc>>`, or write `#[soft_delete(deleted_at)]` on the field that does{hint}"),
    );
}

// One role, one field.
fn roles_are_given_once(cx: &Ctxt, model: &Model<'_>) {
    for role in Role::ALL {
        let given = model
            .fields
            .iter()
            .flat_map(|field| &field.given)
            .filter(|(_, given)| *given == role);
        for (key, _) in given.skip(1) {
            cx.error(
                key,
                format!("the role `{}` is given to two fields; keep one", role.name()),
            );
        }
    }
    for field in &model.fields {
        for (key, _) in field.given.iter().skip(1) {
            cx.error(key, "a field has one role; keep one");
        }
    }
}

// NULL is how a column says that the row is active.
fn roles_are_nullable(cx: &Ctxt, model: &Model<'_>) {
    for role in Role::ALL.into_iter().filter(|role| *role != Role::IsDeleted) {
        let Some(field) = model.role(role) else { continue };
        if !is_option(field.ty) {
            cx.error(
                field.ty,
                format!(
                    "the `{}` field must be an `Option`, because an active row has none; write `{}`",
                    role.name(),
                    role.example()
                ),
            );
        }
    }
}

// A type alias or a macro may hide an Option: only what is plainly something else is refused here, the rest by traits.
fn is_option(ty: &Type) -> bool {
    const PLAIN: [&str; 9] = [
        "DateTime",
        "NaiveDateTime",
        "String",
        "i16",
        "i32",
        "i64",
        "Uuid",
        "DeletionId",
        "bool",
    ];
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_none_or(|last| PLAIN.iter().all(|plain| last.ident != plain)),
        Type::Reference(_) | Type::Tuple(_) | Type::Array(_) => false,
        _ => true,
    }
}

// Operations find a loaded row by its key.
fn has_its_key(cx: &Ctxt, model: &Model<'_>) {
    for part in &model.primary_key {
        if model.column(part).is_some() {
            continue;
        }
        let message = format!(
            "the key column `{part}` has no field; add it, or name the key with `#[diesel(primary_key(..))]`"
        );
        // An inferred `id` has no tokens of its own.
        let span = part.span();
        if span.source_text().is_some_and(|text| part == text.as_str()) {
            cx.error(part, message);
        } else {
            cx.error_at(model.original.ident.span(), message);
        }
    }
}

// A key that is set to NULL by a restore would be no key.
fn key_has_no_role(cx: &Ctxt, model: &Model<'_>) {
    for field in model.key() {
        for (key, role) in &field.given {
            cx.error(
                key,
                format!(
                    "`{}` is part of the key and cannot have the role `{}`",
                    field.ident,
                    role.name()
                ),
            );
        }
    }
}

// A label is read with the row.
fn label_is_a_field(cx: &Ctxt, model: &Model<'_>) {
    let Some(label) = &model.attr.label else { return };
    if model.fields.iter().any(|field| *field.ident == label.value) {
        return;
    }
    let names: Vec<String> = model.fields.iter().map(|field| field.ident.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let written = label.value.to_string();
    cx.error(
        &label.value,
        format!(
            "no field is called `{written}`{}; `label` takes one of `{}`",
            did_you_mean(&written, &names),
            names.join("`, `")
        ),
    );
}

// A reason that is asked for and then thrown away would be a lie to whoever typed it.
fn required_reason_is_kept(cx: &Ctxt, model: &Model<'_>) {
    let (Some(reason), Some(_)) = (&model.attr.reason_required, &model.attr.without_audit) else {
        return;
    };
    if model.role(Role::DeletionReason).is_none() {
        cx.error_at(
            reason.key.span(),
            "a required reason has nowhere to go without the audit; add `pub deletion_reason: Option<String>`, or drop `audit = false`",
        );
    }
}
