//! The words of `#[soft_delete(..)]`: the keys of a struct, the roles of a field.

use syn::{Attribute, Ident, LitStr, Path, Type};

use crate::{
    ctxt::Ctxt,
    item::{Item, Relation, RetentionValue, items},
    role::Role,
    suggest::did_you_mean,
};

/// A value and the key it was written under, for errors that point at the user's tokens.
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
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
    pub(crate) unique: Vec<Keyed<Vec<Ident>>>,
    pub(crate) cascade: Option<Keyed<Vec<Relation>>>,
    pub(crate) owns: Option<Keyed<Vec<Relation>>>,
    pub(crate) restrict: Option<Keyed<Vec<Relation>>>,
    pub(crate) child_of: Option<Keyed<Vec<Path>>>,
    pub(crate) harmless_trigger: Option<Keyed<Vec<LitStr>>>,
    pub(crate) crate_path: Option<Keyed<Path>>,
}

const KEYS: [&str; 13] = [
    "retention",
    "cascade",
    "owns",
    "restrict",
    "child_of",
    "label",
    "reason",
    "audit",
    "hooks",
    "has_query",
    "unique",
    "harmless_trigger",
    "crate",
];

impl ContainerAttr {
    /// Reads all `#[soft_delete(..)]` of a struct; every mistake is noted.
    pub(crate) fn get(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut container = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for item in items(cx, attrs) {
            let written = item.key.to_string();
            // A table may have several unique keys; everything else is said once.
            if written != "unique" && seen.contains(&written) && KEYS.contains(&written.as_str()) {
                cx.error(&item.key, format!("duplicate key `{written}`; write it once"));
                continue;
            }
            seen.push(written);
            container.read(cx, item);
        }
        container
    }

    fn read(&mut self, cx: &Ctxt, item: Item) {
        let Item { key, value } = item;
        match key.to_string().as_str() {
            "retention" => self.retention = keyed(value.retention(cx, &key), key),
            "label" => self.label = keyed(value.field(cx, &key), key),
            "reason" => self.reason_required = keyed(value.word(cx, &key, "required"), key),
            "audit" => self.without_audit = keyed(value.disabled(cx, &key), key),
            "hooks" => self.hooks = keyed(value.ty(cx, &key), key),
            "has_query" => self.has_query = keyed(value.none(cx, &key), key),
            "unique" => self.unique.extend(keyed(value.names(cx, &key), key)),
            "cascade" => self.cascade = keyed(value.relations(cx, &key), key),
            "owns" => self.owns = keyed(value.relations(cx, &key), key),
            "restrict" => self.restrict = keyed(value.relations(cx, &key), key),
            "child_of" => self.child_of = keyed(value.paths(cx, &key), key),
            "harmless_trigger" => self.harmless_trigger = keyed(value.texts(cx, &key), key),
            "crate" => self.crate_path = keyed(value.absolute_path(cx, &key), key),
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

fn keyed<T>(value: Option<T>, key: Ident) -> Option<Keyed<T>> {
    value.map(|value| Keyed { key, value })
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
                // A role with a value is a mistake, and still a role.
                value.none(cx, &key);
                roles.push((key, role));
            }
            None if KEYS.contains(&written.as_str()) => cx.error(
                &key,
                format!("`{written}` belongs on the struct, not on a field; move it there"),
            ),
            None => cx.error(&key, Role::unknown(&written)),
        }
    }
    roles
}
