//! The struct as the derive sees it: fields with columns and roles.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, Path, Type, ext::IdentExt};

use crate::{
    attr::{self, ContainerAttr},
    crate_path,
    ctxt::Ctxt,
    diesel_attr::DieselAttr,
    role::Role,
};

/// A model.
pub(crate) struct Model<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) attr: ContainerAttr,
    pub(crate) crate_path: Path,
    pub(crate) table: Path,
    pub(crate) primary_key: Vec<Ident>,
    pub(crate) fields: Vec<Field<'a>>,
    /// The models that Diesel says this one belongs to.
    pub(crate) belongs_to: Vec<Path>,
}

/// A field of a model.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) column: Ident,
    pub(crate) given: Vec<(Ident, Role)>,
    /// Whether its attribute had a mistake: it may have been meant to have any role.
    pub(crate) unclear: bool,
    pub(crate) embed: bool,
}

impl<'a> Model<'a> {
    /// Reads the struct; every mistake in its form or its attributes is noted.
    pub(crate) fn from_syn(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let attr = ContainerAttr::get(cx, &input.attrs);
        let diesel = DieselAttr::get(&input.attrs);
        let crate_path = attr
            .crate_path
            .as_ref()
            .map_or_else(crate_path::default, |path| path.value.clone());
        let table = diesel.table_name.unwrap_or_else(|| inferred_table(&input.ident));
        let mut primary_key = diesel.primary_key;
        if primary_key.is_empty() {
            // What nobody wrote is blamed on the struct.
            primary_key.push(Ident::new("id", input.ident.span()));
        }
        Self {
            original: input,
            attr,
            crate_path,
            table,
            primary_key,
            fields: fields(cx, input),
            belongs_to: diesel.belongs_to,
        }
    }

    /// The field with this role: the one that was given it, else the one of that name.
    pub(crate) fn role(&self, role: Role) -> Option<&Field<'a>> {
        let given = self
            .fields
            .iter()
            .find(|field| field.given.iter().any(|(_, given)| *given == role));
        given.or_else(|| {
            self.fields
                .iter()
                .find(|field| field.given.is_empty() && !field.embed && field.ident == role.name())
        })
    }

    /// The fields of the key, in order; a part without a field is left out, which `valid` reports.
    pub(crate) fn key(&self) -> Vec<&Field<'a>> {
        self.primary_key
            .iter()
            .filter_map(|part| self.key_part(part))
            .collect()
    }

    /// The field of this column of the key.
    pub(crate) fn key_part(&self, part: &Ident) -> Option<&Field<'a>> {
        self.fields
            .iter()
            .find(|field| !field.embed && field.column.unraw() == part.unraw())
    }

    /// The field that names a row to people.
    pub(crate) fn label(&self) -> Option<&Field<'a>> {
        self.field(&self.attr.label.as_ref()?.value)
    }

    /// The field of this name, if it is a column.
    pub(crate) fn field(&self, name: &Ident) -> Option<&Field<'a>> {
        self.fields
            .iter()
            .find(|field| !field.embed && *field.ident == *name)
    }

    /// The path of a field's column. Its last segment stands at the field, where an error about the column belongs,
    /// but comes from the derive, so that no lint takes the path for one that the user wrote.
    pub(crate) fn column(&self, field: &Field<'_>) -> TokenStream {
        let table = &self.table;
        let mut column = field.column.clone();
        column.set_span(at(field.ident.span()));
        quote!(#table::#column)
    }
}

/// Tokens of the derive that stand at a place of the user's.
pub(crate) fn at(place: Span) -> Span {
    Span::call_site().located_at(place)
}

fn fields<'a>(cx: &Ctxt, input: &'a DeriveInput) -> Vec<Field<'a>> {
    let Data::Struct(data) = &input.data else {
        cx.error(
            &input.ident,
            "SoftDelete is for structs with named fields, because one struct is one table; write `struct Lead { id: i64, deleted_at: Option<DateTime<Utc>> }`",
        );
        return Vec::new();
    };
    let named = match &data.fields {
        Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
        _ => {
            cx.error(
                &input.ident,
                "SoftDelete needs named fields; write `struct Lead { id: i64, deleted_at: Option<DateTime<Utc>> }`",
            );
            return Vec::new();
        }
    };
    let field = |field: &'a syn::Field| {
        let ident = field.ident.as_ref()?;
        let diesel = DieselAttr::get(&field.attrs);
        let mistakes = cx.count();
        Some(Field {
            ident,
            ty: &field.ty,
            column: diesel.column_name.unwrap_or_else(|| ident.clone()),
            given: attr::roles(cx, &field.attrs),
            unclear: cx.count() > mistakes,
            embed: diesel.embed,
        })
    };
    named.iter().filter_map(field).collect()
}

// Diesel's own rule: `BlogPost` is the table `blog_posts`.
fn inferred_table(ident: &Ident) -> Path {
    let mut name = String::new();
    for c in ident.unraw().to_string().chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    Path::from(Ident::new(&format!("{name}s"), ident.span()))
}
