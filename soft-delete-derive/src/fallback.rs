//! Implementations that never run, beside the errors, so that the rest of the program is not blamed for them.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{ast::Model, expand::has_query, role::Role, valid::misspelt_deleted_at};

/// The errors, and implementations with the types that the model is likely to have once they are mended.
pub(crate) fn expand(model: &Model<'_>, errors: &syn::Error) -> TokenStream {
    let ident = &model.original.ident;
    let (impl_generics, ty_generics, where_clause) = model.original.generics.split_for_impl();
    let (errors, crate_path) = (errors.to_compile_error(), &model.crate_path);
    // Queries and operations ask for a type without parameters.
    let model_impl = model
        .original
        .generics
        .params
        .is_empty()
        .then(|| model_impl(model));
    quote! {
        #errors
        const _: () = {
            use #crate_path::__private as __sd;
            #[automatically_derived]
            impl #impl_generics __sd::SoftDelete for #ident #ty_generics #where_clause {
                fn retention() -> __sd::Retention { loop {} }
                fn deleted_at(&self) -> ::core::option::Option<__sd::chrono::DateTime<__sd::chrono::Utc>> { loop {} }
            }
            #model_impl
        };
    }
}

fn model_impl(model: &Model<'_>) -> TokenStream {
    let ident = &model.original.ident;
    let (types, has_query) = match types(model) {
        Some(types) => (types, has_query(model)),
        None => (inert(), None),
    };
    quote! {
        #[automatically_derived]
        impl __sd::Model for #ident {
            #types
            type Due = __sd::DueByRetention;
            type KeyBinds<'__a> = <(__sd::inert::id,) as __sd::BindKey<::core::primitive::i32>>::Binds;
            fn descriptor() -> &'static __sd::Descriptor { loop {} }
            fn key_binds(&self) -> Self::KeyBinds<'_> { loop {} }
            fn set_stamp(&mut self, _: &__sd::Stamp) {}
        }
        #has_query
    }
}

// The user's own table, so that queries on it go on compiling. Where the mark or the key is the very mistake, any other
// column of the table will do.
fn types(model: &Model<'_>) -> Option<TokenStream> {
    let table = &model.table;
    let any = model.fields.iter().find(|field| !field.embed)?;
    let key = model.primary_key.iter().map(|part| match model.key_part(part) {
        Some(field) => model.column(field),
        // A key that nobody wrote need not be in the table.
        None if model.primary_key.len() == 1 => model.column(any),
        None => quote!(#table::#part),
    });
    let key: Vec<TokenStream> = key.collect();
    let mark = model
        .role(Role::DeletedAt)
        .or_else(|| model.fields.iter().find(|field| field.unclear))
        .or_else(|| misspelt_deleted_at(model))
        .filter(|field| !field.embed);
    let mark = mark.map_or_else(|| key[0].clone(), |mark| model.column(mark));
    Some(quote! {
        type Table = #table::table;
        type DeletedAt = #mark;
        type KeyColumns = (#(#key,)*);
    })
}

// Without fields nothing is known.
fn inert() -> TokenStream {
    quote! {
        type Table = __sd::inert::table;
        type DeletedAt = __sd::inert::deleted_at;
        type KeyColumns = (__sd::inert::id,);
    }
}
