//! Writing the implementation: types and constants, no logic.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Path, spanned::Spanned};

use crate::{
    ast::{Field, Model},
    attr::RetentionValue,
    ctxt::Ctxt,
    fallback,
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
        Err(errors) => fallback::expand(input, &model.crate_path, &errors),
    }
}

fn expand(model: &Model<'_>) -> TokenStream {
    // `valid` saw to it that there is one.
    let Some(deleted_at) = model.role(Role::DeletedAt) else {
        return TokenStream::new();
    };
    let crate_path = &model.crate_path;
    let soft_delete = soft_delete(model, deleted_at);
    let model_impl = model_impl(model, deleted_at);
    let has_query = model
        .attr
        .has_query
        .as_ref()
        .map(|key| has_query(model, key.key.span()));
    quote! {
        #[allow(unused_qualifications, clippy::absolute_paths, clippy::pedantic, clippy::restriction)]
        const _: () = {
            use #crate_path::__private as __sd;
            #soft_delete
            #model_impl
            #has_query
        };
    }
}

fn soft_delete(model: &Model<'_>, deleted_at: &Field<'_>) -> TokenStream {
    let ident = &model.original.ident;
    let retention = retention(model);
    let (field, ty) = (deleted_at.ident, deleted_at.ty);
    let instant = quote_spanned!(ty.span()=> <#ty as __sd::TimeField>::instant);
    quote! {
        #[automatically_derived]
        impl __sd::SoftDelete for #ident {
            fn retention() -> __sd::Retention {
                #retention
            }
            fn deleted_at(&self) -> ::core::option::Option<__sd::chrono::DateTime<__sd::chrono::Utc>> {
                #instant(&self.#field)
            }
        }
    }
}

fn retention(model: &Model<'_>) -> TokenStream {
    match model.attr.retention.as_ref().map(|retention| &retention.value) {
        None => quote!(__sd::Retention::DEFAULT),
        Some(RetentionValue::Text(Retention::Forever)) => quote!(__sd::Retention::Forever),
        Some(RetentionValue::Text(Retention::Immediate)) => quote!(__sd::Retention::Immediate),
        Some(RetentionValue::Text(Retention::Seconds(seconds))) => quote!(__sd::retention_of(#seconds)),
        Some(RetentionValue::Constant(path)) => quote!(#path),
    }
}

fn model_impl(model: &Model<'_>, deleted_at: &Field<'_>) -> TokenStream {
    let (ident, table) = (&model.original.ident, &model.table);
    let deleted_at_column = &deleted_at.column;
    let key = model.key();
    let key_columns = key.iter().map(|field| &field.column);
    let key_types = key.iter().map(|field| field.ty);
    let key_fields = key.iter().map(|field| field.ident);
    // One part is bound as itself, several as a tuple, like the keys that callers pass.
    let (key_type, key_value) = match key.as_slice() {
        [_] => (quote!(#(&'__a #key_types)*), quote!(#(&self.#key_fields)*)),
        _ => (quote!((#(&'__a #key_types,)*)), quote!((#(&self.#key_fields,)*))),
    };
    let description = description(model, deleted_at, &key);
    let stamps = Role::ALL
        .into_iter()
        .filter_map(|role| Some(stamp(role, model.role(role)?)));
    let actor_fits = model.role(Role::DeletedBy).map(|field| {
        let ty = field.ty;
        let fits = quote_spanned!(ty.span()=> <#ty as __sd::ActorField>::fits);
        quote! {
            fn actor_fits(actor: &str) -> bool {
                #fits(actor)
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl __sd::Model for #ident {
            type Table = #table::table;
            type DeletedAt = #table::#deleted_at_column;
            type KeyColumns = (#(#table::#key_columns,)*);
            type KeyBinds<'__a> = __sd::KeyOf<Self, #key_type>;
            fn descriptor() -> &'static __sd::Descriptor {
                static DESCRIPTOR: __sd::LazyLock<__sd::Descriptor> = __sd::LazyLock::new(|| {
                    #description
                    model
                });
                &DESCRIPTOR
            }
            fn key_binds(&self) -> Self::KeyBinds<'_> {
                <Self::KeyColumns as __sd::BindKey<_>>::bind_key(#key_value)
            }
            fn set_stamp(&mut self, stamp: &__sd::Stamp) {
                #(#stamps)*
            }
            #actor_fits
        }
    }
}

// One `let` for each thing the descriptor learns; a column of the wrong type is an error at its field.
fn description(model: &Model<'_>, deleted_at: &Field<'_>, key: &[&Field<'_>]) -> TokenStream {
    let column = |function: &str, field: &Field<'_>| {
        let span = field.ident.span();
        let function = syn::Ident::new(function, Span::call_site());
        let (table, column) = (
            respanned(&model.table, span),
            syn::Ident::new(&field.column.to_string(), span),
        );
        quote_spanned!(span=> let model = __sd::#function::<#table::#column>(model);)
    };
    let span = deleted_at.ident.span();
    let (table, mark) = (
        respanned(&model.table, span),
        syn::Ident::new(&deleted_at.column.to_string(), span),
    );
    let describe = quote_spanned!(span=> let model = __sd::describe::<#table::#mark>(););
    let keys = key.iter().map(|field| column("key", field));
    let roles = [
        Role::DeletedBy,
        Role::DeletionReason,
        Role::DeletionId,
        Role::IsDeleted,
    ];
    let roles = roles
        .into_iter()
        .filter_map(|role| Some(column(role.name(), model.role(role)?)));
    let label = model.attr.label.as_ref();
    let label = label.and_then(|label| model.fields.iter().find(|field| *field.ident == label.value));
    let label = label.map(|field| column("label", field));
    // A static cannot say `Self`.
    let ident = &model.original.ident;
    let retention = model
        .attr
        .retention
        .as_ref()
        .map(|_| quote!(let model = __sd::retention(model, <#ident as __sd::SoftDelete>::retention());));
    let reason = model
        .attr
        .reason_required
        .as_ref()
        .map(|_| quote!(let model = __sd::reason_required(model);));
    let audit = model
        .attr
        .without_audit
        .as_ref()
        .map(|_| quote!(let model = __sd::without_audit(model);));
    let hooks = model.attr.hooks.as_ref().map(|hooks| {
        let ty = &hooks.value;
        quote_spanned!(ty.span()=> let model = __sd::hooks::<#ty>(model);)
    });
    quote!(#describe #(#keys)* #(#roles)* #label #retention #reason #audit #hooks)
}

fn stamp(role: Role, field: &Field<'_>) -> TokenStream {
    let (ident, ty) = (field.ident, field.ty);
    let (field_trait, value) = match role {
        Role::DeletedAt => ("TimeField", quote!(stamp.deleted_at)),
        Role::DeletedBy => (
            "ActorField",
            quote!(::core::option::Option::as_deref(&stamp.deleted_by)),
        ),
        Role::DeletionReason => (
            "ReasonField",
            quote!(::core::option::Option::as_deref(&stamp.deletion_reason)),
        ),
        Role::DeletionId => ("DeletionIdField", quote!(stamp.deletion_id)),
        Role::IsDeleted => (
            "FlagField",
            quote!(::core::option::Option::is_some(&stamp.deleted_at)),
        ),
    };
    let field_trait = syn::Ident::new(field_trait, Span::call_site());
    let set = quote_spanned!(ty.span()=> <#ty as __sd::#field_trait>::set);
    quote!(#set(&mut self.#ident, #value);)
}

fn has_query(model: &Model<'_>, span: Span) -> TokenStream {
    let ident = &model.original.ident;
    quote_spanned! {span=>
        #[automatically_derived]
        impl<__DB: __sd::diesel::backend::Backend> __sd::diesel::HasQuery<__DB> for #ident {
            type BaseQuery = __sd::Active<Self>;
            fn base_query() -> Self::BaseQuery {
                <Self as __sd::Scopes>::active()
            }
        }
    }
}

// The same path, pointing elsewhere.
fn respanned(path: &Path, span: Span) -> TokenStream {
    fn at(tokens: TokenStream, span: Span) -> TokenStream {
        tokens
            .into_iter()
            .map(|mut token| {
                if let proc_macro2::TokenTree::Group(group) = &token {
                    let inner = proc_macro2::Group::new(group.delimiter(), at(group.stream(), span));
                    token = proc_macro2::TokenTree::Group(inner);
                }
                token.set_span(span.located_at(span).resolved_at(token.span()));
                token
            })
            .collect()
    }
    at(quote!(#path), span)
}
