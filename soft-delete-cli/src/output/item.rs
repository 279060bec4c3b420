//! One of the things that an answer tells of.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Its fields. There are few of them, and a list may have thousands of things: names are not copied, and nothing is sorted.
#[derive(Debug, Default)]
pub(crate) struct Item(Vec<(Cow<'static, str>, Value)>);

impl Item {
    /// The value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let field = self.0.iter().find(|(own, _)| own == name);
        field.map(|(_, value)| value)
    }

    /// Says a field, whatever it was before.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        match self.0.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((Cow::Borrowed(name), value.into())),
        }
    }

    /// Does not say a field.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| own != name);
    }

    /// The fields that are in none of these columns, by name.
    pub(super) fn beside(&self, columns: &[&str]) -> Vec<(&str, &Value)> {
        let fields = self.0.iter().map(|(name, value)| (name.as_ref(), value));
        let mut rest: Vec<_> = fields.filter(|(name, _)| !columns.contains(name)).collect();
        rest.sort_unstable_by_key(|(name, _)| *name);
        rest
    }
}

impl From<Map<String, Value>> for Item {
    fn from(fields: Map<String, Value>) -> Self {
        let fields = fields.into_iter();
        Self(fields.map(|(name, value)| (Cow::Owned(name), value)).collect())
    }
}

impl<const FIELDS: usize> From<[(&'static str, Value); FIELDS]> for Item {
    fn from(fields: [(&'static str, Value); FIELDS]) -> Self {
        let fields = fields.into_iter();
        Self(fields.map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }
}
