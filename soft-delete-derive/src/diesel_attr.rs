//! What `#[diesel(..)]` tells us; everything else in it is Diesel's own business and is skipped.

use proc_macro2::TokenTree;
use syn::{Attribute, Ident, LitStr, Path, Token, ext::IdentExt, parse::ParseStream, punctuated::Punctuated};

/// The parts of `#[diesel(..)]` that name things.
#[derive(Default)]
pub(crate) struct DieselAttr {
    pub(crate) table_name: Option<Path>,
    pub(crate) primary_key: Vec<Ident>,
    pub(crate) column_name: Option<Ident>,
    pub(crate) embed: bool,
    /// The parents of `belongs_to(..)`, but for generic ones: a model cannot be generic.
    pub(crate) belongs_to: Vec<Path>,
}

impl DieselAttr {
    /// Reads all `#[diesel(..)]` of an item. A form that Diesel would refuse is left to Diesel to report.
    pub(crate) fn get(attrs: &[Attribute]) -> Self {
        let mut diesel = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("diesel")) {
            let _ = attr.parse_args_with(|input: ParseStream<'_>| diesel.read(input));
        }
        diesel
    }

    fn read(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            let key = Ident::parse_any(input)?;
            match key.to_string().as_str() {
                "table_name" => {
                    let path = table(input)?;
                    self.table_name.get_or_insert(path);
                }
                "column_name" => self.column_name = Some(column(input)?),
                "primary_key" => {
                    let content;
                    syn::parenthesized!(content in input);
                    let parts = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
                    self.primary_key = parts.into_iter().collect();
                }
                "embed" => self.embed = true,
                "belongs_to" => {
                    let content;
                    syn::parenthesized!(content in input);
                    self.belongs_to.extend(parent(&content)?);
                }
                _ => skip_value(input)?,
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }
}

// `belongs_to(Parent, foreign_key = column)`, or `belongs_to(parent = Parent<'_>)`.
fn parent(input: ParseStream<'_>) -> syn::Result<Option<Path>> {
    if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
        input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
    }
    let path = input.parse::<Path>()?;
    while !input.is_empty() {
        input.parse::<TokenTree>()?;
    }
    let plain = path.segments.iter().all(|segment| segment.arguments.is_none());
    Ok(plain.then_some(path))
}

// `= path`, or the older `= "path"`.
fn table(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        input.parse::<LitStr>()?.parse()
    } else {
        input.call(Path::parse_mod_style)
    }
}

// `= column`, or the older `= "column"`, where a keyword needs no `r#`.
fn column(input: ParseStream<'_>) -> syn::Result<Ident> {
    input.parse::<Token![=]>()?;
    if !input.peek(LitStr) {
        return input.parse();
    }
    let text = input.parse::<LitStr>()?;
    let mut column = syn::parse_str::<Ident>(&text.value())
        .or_else(|_| syn::parse_str::<Ident>(&format!("r#{}", text.value())))?;
    column.set_span(text.span());
    Ok(column)
}

// Up to the comma that ends this key; commas inside brackets are inside one token tree, those inside `<..>` are counted.
fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    let mut angles = 0_i32;
    let mut arrow = false;
    while !input.is_empty() && (angles > 0 || !input.peek(Token![,])) {
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => angles += 1,
                    // The second half of `->` closes nothing.
                    '>' if !arrow => angles -= 1,
                    _ => {}
                }
                arrow = punct.as_char() == '-';
            }
            _ => arrow = false,
        }
    }
    Ok(())
}
