//! What the engine is told of a model: a descriptor, to which each step adds one thing.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{
    ast::{Field, Model, at},
    relations,
    role::Role,
};

/// The descriptor of a model that is deleted by this field: the inside of a block.
pub(crate) fn description(model: &Model<'_>, mark: &Field<'_>) -> TokenStream {
    // A column gets a name that stands at its field, so that an error about the column's type does so too; the path of
    // the column begins at the table's attribute.
    let mut columns = TokenStream::new();
    let mut column = |name: &str, field: &Field<'_>| {
        let alias = Ident::new(&format!("__{name}"), field.ident.span());
        let column = model.column(field);
        columns.extend(quote!(type #alias = #column;));
        alias
    };
    let deleted_at = column("DeletedAt", mark);
    let mut steps = vec![quote!(__sd::describe::<#deleted_at>())];
    for (index, part) in model.key().into_iter().enumerate() {
        let part = column(&format!("Key{index}"), part);
        steps.push(quote!(__sd::key::<#part>(__model)));
    }
    for role in Role::ALL.into_iter().filter(|role| *role != Role::DeletedAt) {
        if let Some(field) = model.role(role) {
            let function = Ident::new(role.name(), Span::call_site());
            let column = column(&format!("{role:?}"), field);
            steps.push(quote!(__sd::#function::<#column>(__model)));
        }
    }
    if let Some(label) = model.label() {
        let label = column("Label", label);
        steps.push(quote!(__sd::label::<#label>(__model)));
    }
    for (number, unique) in model.attr.unique.iter().enumerate() {
        // `valid` saw to it that every name is a field.
        let fields = unique.value.iter().filter_map(|name| model.field(name));
        let fields = fields.enumerate();
        let columns: Vec<_> = fields
            .map(|(part, field)| column(&format!("Unique{number}_{part}"), field))
            .collect();
        steps.push(quote!(__sd::unique(__model, &[#(__sd::name::<#columns>()),*])));
    }
    steps.extend(relations::steps(model));
    steps.extend(rules(model));
    let probing = relations::probing(model);
    quote! {
        #probing
        #columns
        #(let __model = #steps;)*
        __model
    }
}

fn rules(model: &Model<'_>) -> impl Iterator<Item = TokenStream> {
    let attr = &model.attr;
    // A static cannot say `Self`.
    let ident = &model.original.ident;
    let retention = attr
        .retention
        .as_ref()
        .map(|_| quote!(__sd::retention(__model, <#ident as __sd::Model>::declared_retention())));
    let reason = attr
        .reason_required
        .as_ref()
        .map(|_| quote!(__sd::reason_required(__model)));
    let audit = attr
        .without_audit
        .as_ref()
        .map(|_| quote!(__sd::without_audit(__model)));
    let hooks = attr.hooks.as_ref().map(|hooks| {
        let ty = &hooks.value;
        let function = quote_spanned!(at(ty.span())=> __sd::hooks::<#ty>);
        quote!(#function(__model))
    });
    let triggers = attr.harmless_trigger.iter().flat_map(|names| &names.value);
    let triggers = triggers.map(|name| quote!(__sd::Descriptor::harmless_trigger(__model, #name)));
    let rules = [retention, reason, audit, hooks].into_iter().flatten();
    rules.chain(triggers)
}
