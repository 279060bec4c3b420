//! `crate = ..`: where the facade is found.

use syn::{Path, parse_quote};

/// The path when the attribute does not say one.
pub(crate) fn default() -> Path {
    parse_quote!(::soft_delete)
}

/// Why a path cannot be used, if it cannot: only an absolute one means the same everywhere.
pub(crate) fn problem(path: &Path) -> Option<String> {
    let first = path.segments.first().map(|segment| &segment.ident);
    // `$crate` is what a `macro_rules!` macro writes.
    let absolute =
        path.leading_colon.is_some() || first.is_some_and(|first| first == "crate" || first == "$crate");
    (!absolute).then(|| {
        let written = quote::quote!(#path).to_string().replace(' ', "");
        format!("`crate` takes an absolute path; write `crate = ::{written}` for a crate or `crate = crate::{written}` for a module")
    })
}
