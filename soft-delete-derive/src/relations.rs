//! What a model says of the rows that refer to its own, and of those that it refers to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Lit, Path, ext::IdentExt, spanned::Spanned};

use crate::{
    ast::{Model, at},
    item::Relation,
    role::Role,
};

/// The steps that add the relations to a descriptor.
pub(crate) fn steps(model: &Model<'_>) -> Vec<TokenStream> {
    let attr = &model.attr;
    let ident = &model.original.ident;
    let declared = [
        ("cascade", &attr.cascade),
        ("owns", &attr.owns),
        ("restrict", &attr.restrict),
    ];
    let mut steps = Vec::new();
    for (kind, relations) in declared {
        let relations = relations.iter().flat_map(|relations| &relations.value);
        for relation in relations {
            steps.push(step(ident, kind, relation));
            steps.extend(conditions(relation));
            steps.extend(relation.apart.iter().map(|_| quote!(__sd::apart(__model))));
        }
    }
    for parent in &model.belongs_to {
        let parent = without_self(ident, parent);
        let foreign_key = quote!(__sd::foreign_key::<#ident, #parent>());
        steps.push(quote_spanned!(at(parent.span())=>
            __sd::refers_to(__model, <__sd::Probe<#parent>>::DESCRIPTOR, <__sd::Probe<()> as __NotAModel>::DESCRIPTOR, #foreign_key)));
    }
    steps.extend(parents(model).map(|parent| {
        let parent = without_self(ident, parent);
        // Two ways to the same name: a model tells its descriptor, any other type tells none.
        quote_spanned!(at(parent.span())=>
            __sd::parent(__model, <__sd::Probe<#parent>>::DESCRIPTOR, <__sd::Probe<()> as __NotAModel>::DESCRIPTOR))
    }));
    steps
}

/// What the steps need in scope.
pub(crate) fn probing(model: &Model<'_>) -> Option<TokenStream> {
    parents(model).next().map(|_| {
        quote!(
            use __sd::NotAModel as __NotAModel;
        )
    })
}

fn step(ident: &Ident, kind: &str, relation: &Relation) -> TokenStream {
    let child = without_self(ident, &relation.child);
    let place = at(relation.child.span());
    let function = Ident::new(kind, Span::call_site());
    match &relation.foreign_key {
        None => {
            let function = quote_spanned!(place=> __sd::#function::<#ident, #child>);
            quote!(#function(__model))
        }
        Some(columns) if relation.references.is_some() => {
            let referred = relation.references.iter().flatten();
            let function = Ident::new(&format!("{kind}_by_other"), Span::call_site());
            let function =
                quote_spanned!(place=> __sd::#function::<#ident, #child, (#(#columns,)*), (#(#referred,)*)>);
            quote!(#function(__model))
        }
        Some(columns) => {
            let function = Ident::new(&format!("{kind}_by"), Span::call_site());
            let function = quote_spanned!(place=> __sd::#function::<#ident, #child, (#(#columns,)*)>);
            quote!(#function(__model))
        }
    }
}

// Each narrows the relation that was added last. Where the child's table is named, so is the column in it.
fn conditions(relation: &Relation) -> impl Iterator<Item = TokenStream> + '_ {
    let table = relation.foreign_key.iter().flatten().next();
    relation.conditions.iter().map(move |condition| {
        let (column, value) = (&condition.column, &condition.value);
        let name = if let Some(path) = table.filter(|path| path.segments.len() > 1) {
            let mut path = path.clone();
            path.segments.pop();
            let path = path.segments.iter();
            quote_spanned!(at(column.span())=> __sd::name::<#(#path::)*#column>())
        } else {
            let name = column.unraw().to_string();
            quote!(#name)
        };
        match value {
            Lit::Int(number) => {
                let digits = number.base10_digits();
                let number = syn::LitInt::new(&format!("{digits}i64"), number.span());
                quote!(__sd::only_where(__model, #name, #number))
            }
            text => quote!(__sd::only_where(__model, #name, #text)),
        }
    })
}

/// The marks that let other models name this one as a child.
pub(crate) fn marks(model: &Model<'_>) -> TokenStream {
    let ident = &model.original.ident;
    let mut marks = TokenStream::new();
    // A tree knows that its rows refer to each other.
    let own = Path::from(ident.clone());
    let is_tree = cascades_to_itself(model)
        && parents(model).all(|parent| !is_same(parent, &own) && !parent.is_ident("Self"));
    for parent in parents(model).chain(is_tree.then_some(&own)) {
        let parent = without_self(ident, parent);
        marks.extend(quote! {
            #[automatically_derived]
            impl __sd::ChildOf<#parent> for #ident {}
        });
    }
    for parent in &model.belongs_to {
        let parent = without_self(ident, parent);
        let foreign_key = quote! {
            const FOREIGN_KEY: &'static ::core::primitive::str = __sd::foreign_key::<Self, #parent>();
        };
        marks.extend(quote! {
            #[automatically_derived]
            impl __sd::RestrictChild<#parent> for #ident { #foreign_key }
        });
        if model.role(Role::DeletionId).is_some() {
            marks.extend(quote! {
                #[automatically_derived]
                impl __sd::CascadeChild<#parent> for #ident {
                    #foreign_key
                    const NULLABLE: ::core::primitive::bool = __sd::is_nullable::<Self, #parent>();
                }
            });
        }
    }
    marks
}

fn is_same(one: &Path, other: &Path) -> bool {
    quote!(#one).to_string() == quote!(#other).to_string()
}

fn cascades_to_itself(model: &Model<'_>) -> bool {
    let mut cascades = model.attr.cascade.iter().flat_map(|cascade| &cascade.value);
    cascades.any(|relation| relation.child.is_ident("Self") || relation.child.is_ident(&model.original.ident))
}

// Both say that this model's rows refer to another's; saying it twice is no mistake.
fn parents<'m>(model: &'m Model<'_>) -> impl Iterator<Item = &'m Path> {
    let declared = model.attr.child_of.iter().flat_map(|parents| &parents.value);
    let not_again = |parent: &&Path| model.belongs_to.iter().all(|known| !is_same(known, parent));
    model.belongs_to.iter().chain(declared.filter(not_again))
}

// A static cannot say `Self`.
fn without_self(ident: &Ident, path: &Path) -> Path {
    if path.is_ident("Self") {
        let mut own = ident.clone();
        own.set_span(at(path.span()));
        return Path::from(own);
    }
    path.clone()
}
