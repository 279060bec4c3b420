//! One `key`, `key = value` or `key(names)` of `#[soft_delete(..)]`, and what a key takes for its value.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Ident, Lit, LitBool, LitStr, Path, Token, Type,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser, discouraged::Speculative},
    punctuated::Punctuated,
};

use crate::{crate_path, ctxt::Ctxt, retention};

/// `retention = ..`
pub(crate) enum RetentionValue {
    Text(retention::Retention),
    Constant(Path),
}

/// One entry of `cascade(..)`, `owns(..)` or `restrict(..)`: a model, and its foreign key where Diesel does not know it.
pub(crate) struct Relation {
    pub(crate) child: Path,
    pub(crate) foreign_key: Option<Vec<Path>>,
    /// The parent's columns that it refers to, where that is not the key.
    pub(crate) references: Option<Vec<Path>>,
    pub(crate) conditions: Vec<Condition>,
    /// The word `apart`, behind the relation that it is about.
    pub(crate) apart: Option<Ident>,
}

/// `where column = "value"`, behind the relation that it is about.
pub(crate) struct Condition {
    pub(crate) column: Ident,
    pub(crate) value: Lit,
}

/// What stands between two commas of `cascade(..)`, `owns(..)` or `restrict(..)`.
enum RelationItem {
    Relation(Relation),
    Condition(Condition),
    Apart(Ident),
}

impl Parse for RelationItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        let is_apart = ahead.parse::<Ident>().is_ok_and(|word| word == "apart");
        if is_apart && (ahead.is_empty() || ahead.peek(Token![,])) {
            return input.parse().map(Self::Apart);
        }
        if !input.peek(Token![where]) {
            return input.parse().map(Self::Relation);
        }
        input.parse::<Token![where]>()?;
        let column = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        let value: Lit = input.parse()?;
        match value {
            Lit::Str(_) | Lit::Int(_) => Ok(Self::Condition(Condition { column, value })),
            other => Err(syn::Error::new(other.span(), "expected a text or a whole number")),
        }
    }
}

impl Parse for Relation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let child = input.call(Path::parse_mod_style)?;
        let foreign_key = if input.peek(syn::token::Paren) {
            Some(columns(input)?)
        } else {
            None
        };
        let refers = input
            .fork()
            .parse::<Ident>()
            .is_ok_and(|word| word == "references");
        let references = if refers && foreign_key.is_some() {
            input.parse::<Ident>()?;
            Some(if input.peek(syn::token::Paren) {
                columns(input)?
            } else {
                vec![input.call(Path::parse_mod_style)?]
            })
        } else {
            None
        };
        Ok(Self {
            child,
            foreign_key,
            references,
            conditions: Vec::new(),
            apart: None,
        })
    }
}

// `(table::column, ..)`
fn columns(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    let columns;
    syn::parenthesized!(columns in input);
    let columns = Punctuated::<Path, Token![,]>::parse_terminated_with(&columns, Path::parse_mod_style)?;
    if columns.is_empty() {
        return Err(input.error("expected the columns of the foreign key"));
    }
    Ok(columns.into_iter().collect())
}

/// A key with what was written behind it.
pub(crate) struct Item {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// Every value that some key takes is one of these; which of them a key takes is checked by the methods below.
pub(crate) enum Value {
    None,
    Text(LitStr),
    Bool(LitBool),
    Type(Type),
    /// What stands in brackets, and the brackets with it.
    List(TokenStream, TokenStream),
    Other(TokenStream),
}

/// Reads all `#[soft_delete(..)]` of a struct or field; what is no list of items is noted.
pub(crate) fn items(cx: &Ctxt, attrs: &[Attribute]) -> Vec<Item> {
    let own = attrs.iter().filter(|attr| attr.path().is_ident("soft_delete"));
    own.filter_map(|attr| match &attr.meta {
        syn::Meta::List(list) => {
            cx.take(list.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated))
        }
        other => {
            cx.error(
                other,
                "expected a list; write `#[soft_delete(..)]` with keys inside, or leave the attribute out",
            );
            None
        }
    })
    .flatten()
    .collect()
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // `crate` is a keyword, and so are words that users may try.
        let key = Ident::parse_any(input).map_err(|error| {
            let message = "expected a word, such as `retention` on a struct or `deleted_at` on a field";
            syn::Error::new(error.span(), message)
        })?;
        let value = if ends(input) {
            Value::None
        } else {
            Value::parse(input, &key)?
        };
        Ok(Self { key, value })
    }
}

fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

impl Value {
    // A value of no known form is read as well, up to the next comma, so that the error can say what to write instead.
    fn parse(input: ParseStream<'_>, key: &Ident) -> syn::Result<Self> {
        let ahead = input.fork();
        if let Some(value) = Self::known(&ahead).ok().filter(|_| ends(&ahead)) {
            input.advance_to(&ahead);
            return Ok(value);
        }
        input.parse::<Option<Token![=]>>()?;
        let mut written = TokenStream::new();
        while !ends(input) {
            written.extend([input.parse::<TokenTree>()?]);
        }
        if written.is_empty() {
            written = key.to_token_stream();
        }
        Ok(Self::Other(written))
    }

    fn known(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::token::Paren) {
            let written = input.fork().parse::<TokenTree>()?.to_token_stream();
            let list;
            syn::parenthesized!(list in input);
            return Ok(Self::List(list.parse()?, written));
        }
        input.parse::<Token![=]>()?;
        if input.peek(LitStr) {
            input.parse().map(Self::Text)
        } else if input.peek(LitBool) {
            input.parse().map(Self::Bool)
        } else {
            input.parse().map(Self::Type)
        }
    }

    fn refuse<T>(&self, cx: &Ctxt, key: &Ident, message: &str) -> Option<T> {
        match self {
            Self::None => cx.error(key, message),
            Self::Text(text) => cx.error(text, message),
            Self::Bool(word) => cx.error(word, message),
            Self::Type(ty) => cx.error(ty, message),
            Self::List(_, tokens) | Self::Other(tokens) => cx.error(tokens, message),
        }
        None
    }

    fn expected<T>(&self, cx: &Ctxt, key: &Ident, form: &str) -> Option<T> {
        self.refuse(cx, key, &format!("wrong value for `{key}`; write `{form}`"))
    }

    /// The key stands alone.
    pub(crate) fn none(self, cx: &Ctxt, key: &Ident) -> Option<()> {
        match self {
            Self::None => Some(()),
            other => other.refuse(cx, key, &format!("`{key}` takes no value; write `{key}` alone")),
        }
    }

    /// `retention = "30 days"` or the path of a constant.
    pub(crate) fn retention(self, cx: &Ctxt, key: &Ident) -> Option<RetentionValue> {
        match self {
            Self::Text(text) => match retention::parse(&text.value()) {
                Ok(retention) => Some(RetentionValue::Text(retention)),
                Err(problem) => {
                    cx.error(&text, problem);
                    None
                }
            },
            Self::Type(Type::Path(path)) if path.qself.is_none() => Some(RetentionValue::Constant(path.path)),
            other => other.expected(cx, key, "retention = \"30 days\""),
        }
    }

    /// `label = field_name`.
    pub(crate) fn field(self, cx: &Ctxt, key: &Ident) -> Option<Ident> {
        match &self {
            Self::Type(Type::Path(path)) if path.qself.is_none() && path.path.get_ident().is_some() => {
                path.path.get_ident().cloned()
            }
            Self::Text(text) if text.parse::<Ident>().is_ok() => {
                self.expected(cx, key, &format!("{key} = {}", text.value()))
            }
            other => other.expected(cx, key, &format!("{key} = field_name")),
        }
    }

    /// `reason = required`.
    pub(crate) fn word(self, cx: &Ctxt, key: &Ident, word: &str) -> Option<()> {
        match &self {
            Self::Type(Type::Path(path)) if path.path.is_ident(word) => Some(()),
            other => {
                let message =
                    format!("wrong value for `{key}`; write `{key} = {word}`, or leave `{key}` out");
                other.refuse(cx, key, &message)
            }
        }
    }

    /// `audit = false`.
    pub(crate) fn disabled(self, cx: &Ctxt, key: &Ident) -> Option<()> {
        match &self {
            Self::Bool(word) if !word.value => Some(()),
            Self::Bool(_) => self.refuse(
                cx,
                key,
                "the audit is on unless said otherwise; leave `audit` out, or write `audit = false`",
            ),
            other => other.expected(cx, key, "audit = false"),
        }
    }

    /// `unique(field, ..)`.
    pub(crate) fn names(self, cx: &Ctxt, key: &Ident) -> Option<Vec<Ident>> {
        let form = format!("{key}(field_name)` or `{key}(field_name, other_field)");
        self.list(cx, key, &form)
    }

    /// `cascade(Child, Child(table::column), ..)`.
    pub(crate) fn relations(self, cx: &Ctxt, key: &Ident) -> Option<Vec<Relation>> {
        let form = format!("{key}(Child)` or `{key}(Child(table::column))");
        let mut relations: Vec<Relation> = Vec::new();
        for item in self.list(cx, key, &form)? {
            match (item, relations.last_mut()) {
                (RelationItem::Relation(relation), _) => relations.push(relation),
                (RelationItem::Condition(condition), Some(relation)) => relation.conditions.push(condition),
                (RelationItem::Apart(word), Some(relation)) => relation.apart = Some(word),
                (RelationItem::Apart(word), None) => {
                    cx.error(
                        &word,
                        format!("`apart` stands behind its child; write `{key}(Child, apart)`"),
                    );
                    return None;
                }
                (RelationItem::Condition(Condition { column, .. }), None) => {
                    cx.error(
                        &column,
                        format!(
                            "a condition stands behind its child; write `{key}(Child, where {column} = ..)`"
                        ),
                    );
                    return None;
                }
            }
        }
        Some(relations)
    }

    /// `harmless_trigger("name", ..)`.
    pub(crate) fn texts(self, cx: &Ctxt, key: &Ident) -> Option<Vec<LitStr>> {
        let form = format!("{key}(\"name\")` or `{key}(\"name\", \"other_name\")");
        let texts: Vec<LitStr> = self.list(cx, key, &form)?;
        if let Some(empty) = texts.iter().find(|text| text.value().trim().is_empty()) {
            cx.error(
                empty,
                format!("no trigger has an empty name; write `{key}(\"name\")`"),
            );
            return None;
        }
        Some(texts)
    }

    /// `child_of(Parent, ..)`.
    pub(crate) fn paths(self, cx: &Ctxt, key: &Ident) -> Option<Vec<Path>> {
        self.list(cx, key, &format!("{key}(Parent)"))
    }

    fn list<T: Parse>(self, cx: &Ctxt, key: &Ident, form: &str) -> Option<Vec<T>> {
        if let Self::List(list, _) = &self {
            let parsed = Punctuated::<T, Token![,]>::parse_terminated.parse2(list.clone());
            if let Some(parsed) = parsed.ok().filter(|parsed| !parsed.is_empty()) {
                return Some(parsed.into_iter().collect());
            }
        }
        self.expected(cx, key, form)
    }

    /// `hooks = MyHook`, or a tuple of types.
    pub(crate) fn ty(self, cx: &Ctxt, key: &Ident) -> Option<Type> {
        match self {
            Self::Type(ty) => Some(ty),
            other => other.expected(cx, key, &format!("{key} = MyHook")),
        }
    }

    /// `crate = ::path`. A relative path is noted and taken for what it most likely meant.
    pub(crate) fn absolute_path(self, cx: &Ctxt, key: &Ident) -> Option<Path> {
        let Self::Type(Type::Path(mut ty)) = self else {
            return self.expected(cx, key, "crate = ::soft_delete");
        };
        if let Some(problem) = crate_path::problem(&ty.path) {
            cx.error(&ty.path, problem);
            ty.path.leading_colon = Some(Token![::](proc_macro2::Span::call_site()));
        }
        Some(ty.path)
    }
}
