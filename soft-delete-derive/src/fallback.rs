//! An inert implementation beside the errors, so that the rest of the program is not blamed for them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Path};

/// The errors, and implementations that are never run.
pub(crate) fn expand(input: &DeriveInput, crate_path: &Path, errors: &syn::Error) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let errors = errors.to_compile_error();
    // Queries and operations ask for a type without parameters.
    let model = input.generics.params.is_empty().then(|| {
        quote! {
            #[automatically_derived]
            impl __sd::Model for #ident {
                type Table = __sd::inert::table;
                type DeletedAt = __sd::inert::deleted_at;
                type KeyColumns = (__sd::inert::id,);
                type KeyBinds<'__a> = __sd::KeyOf<Self, i32>;
                fn descriptor() -> &'static __sd::Descriptor { loop {} }
                fn key_binds(&self) -> Self::KeyBinds<'_> { loop {} }
                fn set_stamp(&mut self, _: &__sd::Stamp) {}
            }
        }
    });
    quote! {
        #errors
        const _: () = {
            use #crate_path::__private as __sd;
            #[automatically_derived]
            impl #impl_generics __sd::SoftDelete for #ident #ty_generics #where_clause {
                fn retention() -> __sd::Retention { loop {} }
                fn deleted_at(&self) -> ::core::option::Option<__sd::chrono::DateTime<__sd::chrono::Utc>> { loop {} }
            }
            #model
        };
    }
}
