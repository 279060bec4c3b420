//! The grammar of `#[soft_delete(..)]`: what may be written where.

use proc_macro2::Span;
use syn::{
    Attribute, Ident, LitBool, LitStr, Path, Token, Type,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::{crate_path, ctxt::Ctxt, retention, role::Role, suggest::did_you_mean};

/// A value and the key it was written under, for errors that point at the user's tokens.
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// `retention = ..`
pub(crate) enum RetentionValue {
    Text(retention::Retention),
    Constant(Path),
}

/// What stands in `#[soft_delete(..)]` on the struct.
#[derive(Default)]
pub(crate) struct ContainerAttr {
    pub(crate) retention: Option<Keyed<RetentionValue>>,
    pub(crate) label: Option<Keyed<Ident>>,
    pub(crate) reason_required: Option<Keyed<()>>,
    pub(crate) without_audit: Option<Keyed<()>>,
    pub(crate) hooks: Option<Keyed<Type>>,
    pub(crate) has_query: Option<Keyed<()>>,
    pub(crate) crate_path: Option<Keyed<Path>>,
}

const KEYS: [&str; 7] = [
    "retention",
    "label",
    "reason",
    "audit",
    "hooks",
    "has_query",
    "crate",
];

impl ContainerAttr {
    /// Reads all `#[soft_delete(..)]` of a struct; every mistake is noted.
    pub(crate) fn get(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut container = Self::default();
        for item in items(cx, attrs) {
            container.read(cx, item);
        }
        container
    }

    fn read(&mut self, cx: &Ctxt, item: Item) {
        let Item { key, value } = item;
        match key.to_string().as_str() {
            "retention" => {
                let value = value.text_or_path(cx, &key, "retention = \"30 days\"");
                set(cx, &mut self.retention, key, value);
            }
            "label" => {
                let value = value.ident(cx, &key, "label = field_name");
                set(cx, &mut self.label, key, value);
            }
            "reason" => {
                let value = value.word(cx, &key, "required", "reason = required");
                set(cx, &mut self.reason_required, key, value);
            }
            "audit" => {
                let value = value.is_false(cx, &key);
                set(cx, &mut self.without_audit, key, value);
            }
            "hooks" => {
                let value = value.ty(cx, &key, "hooks = MyHook");
                set(cx, &mut self.hooks, key, value);
            }
            "has_query" => {
                let value = value.none(cx, &key);
                set(cx, &mut self.has_query, key, value);
            }
            "crate" => {
                let value = value.absolute_path(cx, &key);
                set(cx, &mut self.crate_path, key, value);
            }
            written if Role::named(written).is_some() => cx.error(
                &key,
                format!("`{written}` is the role of a field; write `#[soft_delete({written})]` on that field, or name the field `{written}`"),
            ),
            written => cx.error(
                &key,
                format!("unknown key `{written}`{}; expected one of `{}`", did_you_mean(written, &KEYS), KEYS.join("`, `")),
            ),
        }
    }
}

/// Reads the roles that `#[soft_delete(..)]` gives a field; every mistake is noted.
pub(crate) fn roles(cx: &Ctxt, attrs: &[Attribute]) -> Vec<(Ident, Role)> {
    let mut roles: Vec<(Ident, Role)> = Vec::new();
    for Item { key, value } in items(cx, attrs) {
        let written = key.to_string();
        match Role::named(&written) {
            Some(role) if roles.iter().any(|(_, given)| *given == role) => {
                cx.error(&key, format!("duplicate role `{written}`; write it once"));
            }
            Some(role) => {
                if value.none(cx, &key).is_some() {
                    roles.push((key, role));
                }
            }
            None if KEYS.contains(&written.as_str()) => {
                cx.error(&key, format!("`{written}` belongs on the struct, not on a field"));
            }
            None => cx.error(&key, Role::unknown(&written)),
        }
    }
    roles
}

fn set<T>(cx: &Ctxt, slot: &mut Option<Keyed<T>>, key: Ident, value: Option<T>) {
    if slot.is_some() {
        cx.error(&key, format!("duplicate key `{key}`; write it once"));
    } else if let Some(value) = value {
        *slot = Some(Keyed { key, value });
    }
}

// One `key` or `key = value`.
struct Item {
    key: Ident,
    value: Value,
}

// Every value that some key takes is one of these; what a key takes is checked by its method below.
enum Value {
    None,
    Text(LitStr),
    Bool(LitBool),
    Type(Type),
    Other(Span),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // `crate` is a keyword, and so are words that users may try.
        let key = Ident::parse_any(input)?;
        if !input.peek(Token![=]) {
            if !input.is_empty() && !input.peek(Token![,]) {
                return Err(input.error(format!("expected `{key} = value`, or `,` and the next key")));
            }
            return Ok(Self {
                key,
                value: Value::None,
            });
        }
        input.parse::<Token![=]>()?;
        let value = if input.peek(LitStr) {
            Value::Text(input.parse()?)
        } else if input.peek(LitBool) {
            Value::Bool(input.parse()?)
        } else if input.peek(syn::Lit) {
            Value::Other(input.parse::<syn::Lit>()?.span())
        } else if input.is_empty() || input.peek(Token![,]) {
            Value::Other(key.span())
        } else {
            Value::Type(input.parse()?)
        };
        Ok(Self { key, value })
    }
}

fn items(cx: &Ctxt, attrs: &[Attribute]) -> Vec<Item> {
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

impl Value {
    fn span(&self, key: &Ident) -> Span {
        match self {
            Self::None => key.span(),
            Self::Text(text) => text.span(),
            Self::Bool(word) => word.span(),
            Self::Type(ty) => syn::spanned::Spanned::span(ty),
            Self::Other(span) => *span,
        }
    }

    fn expected<T>(&self, cx: &Ctxt, key: &Ident, form: &str) -> Option<T> {
        cx.error_at(self.span(key), format!("wrong value for `{key}`; write `{form}`"));
        None
    }

    fn none(self, cx: &Ctxt, key: &Ident) -> Option<()> {
        match self {
            Self::None => Some(()),
            other => {
                cx.error_at(
                    other.span(key),
                    format!("`{key}` takes no value; write `{key}` alone"),
                );
                None
            }
        }
    }

    fn text_or_path(self, cx: &Ctxt, key: &Ident, form: &str) -> Option<RetentionValue> {
        match self {
            Self::Text(text) => match retention::parse(&text.value()) {
                Ok(retention) => Some(RetentionValue::Text(retention)),
                Err(problem) => {
                    cx.error(&text, problem);
                    None
                }
            },
            Self::Type(Type::Path(path)) if path.qself.is_none() => Some(RetentionValue::Constant(path.path)),
            other => other.expected(cx, key, form),
        }
    }

    fn ident(self, cx: &Ctxt, key: &Ident, form: &str) -> Option<Ident> {
        match &self {
            Self::Type(Type::Path(path)) => match path.path.get_ident() {
                Some(ident) => Some(ident.clone()),
                None => self.expected(cx, key, form),
            },
            other => other.expected(cx, key, form),
        }
    }

    fn word(self, cx: &Ctxt, key: &Ident, word: &str, form: &str) -> Option<()> {
        match &self {
            Self::Type(Type::Path(path)) if path.path.is_ident(word) => Some(()),
            other => other.expected(cx, key, form),
        }
    }

    fn is_false(self, cx: &Ctxt, key: &Ident) -> Option<()> {
        match &self {
            Self::Bool(word) if !word.value => Some(()),
            Self::Bool(word) => {
                cx.error(
                    word,
                    "the audit is on unless said otherwise; leave `audit` out, or write `audit = false`",
                );
                None
            }
            other => other.expected(cx, key, "audit = false"),
        }
    }

    fn ty(self, cx: &Ctxt, key: &Ident, form: &str) -> Option<Type> {
        match self {
            Self::Type(ty) => Some(ty),
            other => other.expected(cx, key, form),
        }
    }

    fn absolute_path(self, cx: &Ctxt, key: &Ident) -> Option<Path> {
        let Self::Type(Type::Path(ty)) = self else {
            return self.expected(cx, key, "crate = ::soft_delete");
        };
        if let Some(problem) = crate_path::problem(&ty.path) {
            cx.error(&ty.path, problem);
            return None;
        }
        Some(ty.path)
    }
}
