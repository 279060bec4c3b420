//! Writing the implementation: types and constants, no logic.
//!
//! The names that it introduces begin with `__`, because a table's columns are types of any name, which a plain `use
//! leads::dsl::*` puts beside the model: no variable could then be called like one of them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, spanned::Spanned};

use crate::{
    ast::{Field, Model, at},
    ctxt::Ctxt,
    description::description,
    fallback,
    item::RetentionValue,
    relations,
    retention::Retention,
    role::Role,
    valid,
};

/// The derive, from the user's struct to the implementation or to all of its errors.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let cx = Ctxt::default();
    let model = Model::from_syn(&cx, input);
    valid::check(&cx, &model);
    match cx.check() {
        Ok(()) => expand(&model),
        Err(errors) => fallback::expand(&model, &errors),
    }
}

fn expand(model: &Model<'_>) -> TokenStream {
    // `valid` saw to it that there is one.
    let Some(mark) = model.role(Role::DeletedAt) else {
        return TokenStream::new();
    };
    let crate_path = &model.crate_path;
    let soft_delete = soft_delete(model, mark);
    let model_impl = model_impl(model, mark);
    let has_query = has_query(model);
    let marks = relations::marks(model);
    quote! {
        const _: () = {
            use #crate_path::__private as __sd;
            #soft_delete
            #model_impl
            #marks
            #has_query
        };
    }
}

fn soft_delete(model: &Model<'_>, mark: &Field<'_>) -> TokenStream {
    let ident = &model.original.ident;
    let field = mark.ident;
    let instant = method(mark, "TimeField", "instant");
    let purge_after = model.role(Role::PurgeAfter).map(|field| {
        let instant = method(field, "PurgeAfterField", "instant");
        let field = field.ident;
        quote! {
            fn purge_after(&self) -> ::core::option::Option<__sd::chrono::DateTime<__sd::chrono::Utc>> {
                #instant(&self.#field)
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl __sd::SoftDelete for #ident {
            fn retention() -> __sd::Retention {
                __sd::Descriptor::retention_policy(<Self as __sd::Model>::descriptor())
            }
            fn deleted_at(&self) -> ::core::option::Option<__sd::chrono::DateTime<__sd::chrono::Utc>> {
                #instant(&self.#field)
            }
            #purge_after
        }
    }
}

// Unless the model says it, it is the default of the trait.
fn declared_retention(model: &Model<'_>) -> Option<TokenStream> {
    let retention = match &model.attr.retention.as_ref()?.value {
        RetentionValue::Text(Retention::Forever) => quote!(__sd::Retention::Forever),
        RetentionValue::Text(Retention::Immediate) => quote!(__sd::Retention::Immediate),
        RetentionValue::Text(Retention::Seconds(seconds)) => quote!(__sd::retention_of(#seconds)),
        RetentionValue::Constant(path) => quote!(#path),
    };
    Some(quote! {
        fn declared_retention() -> __sd::Retention {
            #retention
        }
    })
}

fn model_impl(model: &Model<'_>, mark: &Field<'_>) -> TokenStream {
    let (ident, table) = (&model.original.ident, &model.table);
    // The module may be there without its table, because only its columns were published.
    let table = quote_spanned!(at(table.span())=> #table::table);
    let deleted_at = model.column(mark);
    let due = due(model);
    let declared_retention = declared_retention(model);
    let description = description(model, mark);
    let key = model.key();
    let key_columns = key.iter().map(|part| model.column(part));
    let key_types = key.iter().map(|part| part.ty);
    let key_fields = key.iter().map(|part| part.ident);
    // One part is bound as itself, several as a tuple, like the keys that callers pass.
    let (key_type, key_value) = match key.as_slice() {
        [_] => (quote!(#(&'__a #key_types)*), quote!(#(&self.#key_fields)*)),
        _ => (quote!((#(&'__a #key_types,)*)), quote!((#(&self.#key_fields,)*))),
    };
    let stamps = Role::ALL
        .into_iter()
        .filter_map(|role| Some(stamp(role, model.role(role)?)));
    let actor_fits = model.role(Role::DeletedBy).map(|field| {
        let fits = method(field, "ActorField", "fits");
        quote! {
            fn actor_fits(__actor: &::core::primitive::str) -> ::core::primitive::bool {
                #fits(__actor)
            }
        }
    });
    let in_operations = model.role(Role::DeletionId).map(|_| {
        quote! {
            #[automatically_derived]
            impl __sd::InOperations for #ident {}
        }
    });
    quote! {
        #[automatically_derived]
        impl __sd::Model for #ident {
            type Table = #table;
            type DeletedAt = #deleted_at;
            type Due = #due;
            type KeyColumns = (#(#key_columns,)*);
            type KeyBinds<'__a> = __sd::KeyOf<Self, #key_type>;
            fn descriptor() -> &'static __sd::Descriptor {
                static __DESCRIPTOR: __sd::LazyLock<__sd::Descriptor> = __sd::LazyLock::new(|| { #description });
                &__DESCRIPTOR
            }
            #declared_retention
            fn key_binds(&self) -> Self::KeyBinds<'_> {
                <Self::KeyColumns as __sd::BindKey<_>>::bind_key(#key_value)
            }
            fn set_stamp(&mut self, __stamp: &__sd::Stamp) {
                #(#stamps)*
            }
            #actor_fits
        }
        #in_operations
    }
}

// The rule by which rows become due.
fn due(model: &Model<'_>) -> TokenStream {
    let column = model.role(Role::PurgeAfter).map(|field| model.column(field));
    column.map_or_else(
        || quote!(__sd::DueByRetention),
        |column| quote!(__sd::DueByPurgeAfter<#column>),
    )
}

fn stamp(role: Role, field: &Field<'_>) -> TokenStream {
    let (field_trait, value) = match role {
        Role::DeletedAt => ("TimeField", quote!(__stamp.deleted_at)),
        Role::DeletedBy => (
            "ActorField",
            quote!(::core::option::Option::as_deref(&__stamp.deleted_by)),
        ),
        Role::DeletionReason => (
            "ReasonField",
            quote!(::core::option::Option::as_deref(&__stamp.deletion_reason)),
        ),
        Role::DeletionId => ("DeletionIdField", quote!(__stamp.deletion_id)),
        Role::PurgeAfter => ("PurgeAfterField", quote!(__stamp.purge_after)),
        Role::IsDeleted => (
            "FlagField",
            quote!(::core::option::Option::is_some(&__stamp.deleted_at)),
        ),
    };
    let ident = field.ident;
    let set = method(field, field_trait, "set");
    quote!(#set(&mut self.#ident, #value);)
}

// A field of a type that cannot play its role is an error at that type.
fn method(field: &Field<'_>, field_trait: &str, method: &str) -> TokenStream {
    let ty = field.ty;
    let (field_trait, method) = (
        Ident::new(field_trait, Span::call_site()),
        Ident::new(method, Span::call_site()),
    );
    quote_spanned!(at(ty.span())=> <#ty as __sd::#field_trait>::#method)
}

/// `HasQuery` with the active rows, if the model asks for it.
pub(crate) fn has_query(model: &Model<'_>) -> Option<TokenStream> {
    let key = &model.attr.has_query.as_ref()?.key;
    let ident = &model.original.ident;
    Some(quote_spanned! {at(key.span())=>
        #[automatically_derived]
        impl<__DB: __sd::diesel::backend::Backend> __sd::diesel::HasQuery<__DB> for #ident {
            type BaseQuery = __sd::Active<Self>;
            fn base_query() -> Self::BaseQuery {
                <Self as __sd::Scopes>::active()
            }
        }
    })
}
