//! Collecting mistakes, so that all of them are reported at once.

use std::cell::RefCell;

use quote::ToTokens;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Ctxt {
    errors: RefCell<Vec<syn::Error>>,
}

impl Ctxt {
    /// Notes a mistake at the user's own tokens.
    pub(crate) fn error(&self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.errors
            .borrow_mut()
            .push(syn::Error::new_spanned(at, message));
    }

    /// Takes the value, or notes the parser's mistake.
    pub(crate) fn take<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.errors.borrow_mut().push(error)).ok()
    }

    /// How many mistakes were found so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// All mistakes as one error, or nothing wrong.
    pub(crate) fn check(self) -> syn::Result<()> {
        let combined = self.errors.into_inner().into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        });
        combined.map_or(Ok(()), Err)
    }
}
