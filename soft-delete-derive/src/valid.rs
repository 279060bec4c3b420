//! What must hold between attributes and fields; each rule is one function.

use syn::{GenericParam, Type};

use crate::{
    ast::{Field, Model},
    ctxt::Ctxt,
    role::Role,
    suggest::{closest, did_you_mean},
};

/// Checks every rule; every breach is noted.
pub(crate) fn check(cx: &Ctxt, model: &Model<'_>) {
    not_generic(cx, model);
    if model.fields.is_empty() {
        return; // not a struct with fields, which was reported before
    }
    has_deleted_at(cx, model);
    roles_are_given_once(cx, model);
    roles_are_columns(cx, model);
    roles_are_nullable(cx, model);
    has_its_key(cx, model);
    key_has_no_role(cx, model);
    label_is_a_column(cx, model);
    unique_keys_are_columns(cx, model);
    required_reason_is_kept(cx, model);
    cascade_has_its_operation(cx, model);
    relations_are_said_once(cx, model);
    conditions_are_for_owned_rows(cx, model);
    apart_is_for_cascades(cx, model);
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
    // One mistake, one error: a field whose attribute could not be read may have been meant.
    if model.role(Role::DeletedAt).is_some() || model.fields.iter().any(|field| field.unclear) {
        return;
    }
    if let Some(field) = misspelt_deleted_at(model) {
        cx.error(
            field.ident,
            format!(
                "no field marks a deletion; if `{}` does, name it `deleted_at`, or write `#[soft_delete(deleted_at)]` on it",
                field.ident
            ),
        );
        return;
    }
    cx.error(
        &model.original.ident,
        "no field marks a deletion; add `pub deleted_at: Option<DateTime<Utc>>`, or write `#[soft_delete(deleted_at)]` on the field that does",
    );
}

/// The field that was most likely meant to mark a deletion.
pub(crate) fn misspelt_deleted_at<'a>(model: &'a Model<'_>) -> Option<&'a Field<'a>> {
    let mut plain = model.fields.iter().filter(|field| field.given.is_empty());
    plain.find(|field| closest(&field.ident.to_string(), &["deleted_at"]).is_some())
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

// An embedded struct is several columns.
fn roles_are_columns(cx: &Ctxt, model: &Model<'_>) {
    for field in model.fields.iter().filter(|field| field.embed) {
        for (key, role) in &field.given {
            cx.error(
                key,
                format!(
                    "`{}` is an embedded struct and no column; take the `{}` column out of it and into this struct",
                    field.ident,
                    role.name()
                ),
            );
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
        if model.key_part(part).is_none() {
            cx.error(
                part,
                format!("the key column `{part}` has no field; add it, or name the key with `#[diesel(primary_key(..))]`"),
            );
        }
    }
    // As many parts as the library has tuples for.
    if let Some(seventh) = model.primary_key.get(6) {
        cx.error(
            seventh,
            "a key of more than six columns is not supported; give the table a key of its own, such as `id`",
        );
    }
}

// A key that is set to NULL by a restore would be no key.
fn key_has_no_role(cx: &Ctxt, model: &Model<'_>) {
    for field in model.key() {
        for (key, role) in &field.given {
            cx.error(
                key,
                format!(
                    "`{}` is part of the key and cannot have the role `{}`; give it to another field",
                    field.ident,
                    role.name()
                ),
            );
        }
    }
}

// A label is read with the row.
fn label_is_a_column(cx: &Ctxt, model: &Model<'_>) {
    if let Some(label) = &model.attr.label {
        is_a_column(cx, model, &label.key, &label.value);
    }
}

// A unique key is of columns, each once, and a deleted row has another mark than an active one anyway.
fn unique_keys_are_columns(cx: &Ctxt, model: &Model<'_>) {
    for unique in &model.attr.unique {
        for (index, name) in unique.value.iter().enumerate() {
            is_a_column(cx, model, &unique.key, name);
            if unique.value[..index].contains(name) {
                cx.error(
                    name,
                    format!("`{name}` stands twice in this unique key; write it once"),
                );
            }
            let role = model.field(name).and_then(|field| {
                Role::ALL
                    .into_iter()
                    .find(|role| model.role(*role).is_some_and(|other| other.ident == field.ident))
            });
            if let Some(role) = role {
                cx.error(
                    name,
                    format!(
                        "`{name}` has the role `{}`; leave it out: a unique key holds among active rows only",
                        role.name()
                    ),
                );
            }
        }
    }
}

fn is_a_column(cx: &Ctxt, model: &Model<'_>, key: &syn::Ident, name: &syn::Ident) {
    if model.field(name).is_some() {
        return;
    }
    let columns = model.fields.iter().filter(|field| !field.embed);
    let names: Vec<String> = columns.map(|field| field.ident.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let written = name.to_string();
    let problem = if model.fields.iter().any(|field| field.ident == name) {
        format!("`{written}` is an embedded struct and no column")
    } else {
        format!("no field is called `{written}`{}", did_you_mean(&written, &names))
    };
    cx.error(
        name,
        format!("{problem}; `{key}` takes one of `{}`", names.join("`, `")),
    );
}

// A reason that is asked for and then thrown away would be a lie to whoever typed it.
fn required_reason_is_kept(cx: &Ctxt, model: &Model<'_>) {
    let (Some(reason), Some(_)) = (&model.attr.reason_required, &model.attr.without_audit) else {
        return;
    };
    if model.role(Role::DeletionReason).is_none() {
        cx.error(
            &reason.key,
            "a required reason has nowhere to go without the audit; add `pub deletion_reason: Option<String>`, or drop `audit = false`",
        );
    }
}

// What went along is found again by the operation that both rows carry.
fn cascade_has_its_operation(cx: &Ctxt, model: &Model<'_>) {
    let Some(cascade) = &model.attr.cascade else {
        return;
    };
    if model.role(Role::DeletionId).is_none() && model.fields.iter().all(|field| !field.unclear) {
        cx.error(
            &cascade.key,
            "a cascade needs to know which operation deleted a row; add `pub deletion_id: Option<DeletionId>`",
        );
    }
}

// Rows that go along for a part of their table alone would have to be told from others in every statement.
fn conditions_are_for_owned_rows(cx: &Ctxt, model: &Model<'_>) {
    let attr = &model.attr;
    let others = [&attr.cascade, &attr.restrict].into_iter().flatten();
    for condition in others
        .flat_map(|relations| &relations.value)
        .flat_map(|relation| &relation.conditions)
    {
        cx.error(
            &condition.column,
            "a condition is for `owns(..)` alone; leave it out, or give the rows a column for each parent",
        );
    }
}

// Owned rows have no age of their own, and rows that merely restrict are not removed with anything.
fn apart_is_for_cascades(cx: &Ctxt, model: &Model<'_>) {
    let attr = &model.attr;
    let others = [&attr.owns, &attr.restrict].into_iter().flatten();
    for word in others
        .flat_map(|relations| &relations.value)
        .filter_map(|relation| relation.apart.as_ref())
    {
        cx.error(
            word,
            "`apart` is for `cascade(..)` alone, whose rows are otherwise removed together with those that they were deleted with; leave it out",
        );
    }
}

// The same child over the same key can have one fate only.
fn relations_are_said_once(cx: &Ctxt, model: &Model<'_>) {
    let attr = &model.attr;
    let declared = [&attr.cascade, &attr.owns, &attr.restrict].into_iter().flatten();
    let mut seen: Vec<String> = Vec::new();
    for relation in declared.flat_map(|relations| &relations.value) {
        let (child, foreign_key) = (&relation.child, relation.foreign_key.iter().flatten());
        let conditions = relation.conditions.iter().map(|condition| {
            let (column, value) = (&condition.column, &condition.value);
            quote::quote!(#column #value)
        });
        let written = quote::quote!(#child (#(#foreign_key),*) #(#conditions)*).to_string();
        if seen.contains(&written) {
            let name = quote::quote!(#child).to_string().replace(' ', "");
            cx.error(
                child,
                format!("`{name}` stands twice; say one of `cascade`, `owns` and `restrict` for each foreign key, as `{name}(table::column)` where there are several"),
            );
        }
        seen.push(written);
    }
}
