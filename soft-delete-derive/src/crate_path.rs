//! `crate = ..`: where the facade is found.

use proc_macro2::{Ident, Span};
use syn::{Path, parse_quote};

/// The path when the attribute does not say one.
pub(crate) fn default() -> Path {
    parse_quote!(::soft_delete)
}

/// Why a path cannot be used, if it cannot: only an absolute one means the same everywhere.
pub(crate) fn problem(path: &Path) -> Option<String> {
    let first = path.segments.first().map(|segment| &segment.ident);
    let is = |word: &str| first.is_some_and(|first| *first == Ident::new(word, Span::call_site()));
    let absolute = path.leading_colon.is_some() || is("crate") || is("$crate");
    (!absolute).then(|| {
        let written = quote::quote!(#path).to_string().replace(' ', "");
        format!("`crate` takes an absolute path; write `::{written}` for a crate or `crate::{written}` for a module")
    })
}
