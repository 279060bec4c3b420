//! The models of an application.

use crate::{Descriptor, Error, Model, Relation, Result};

/// The models of an application, for everything that works on more than one of them.
///
/// ```
/// # use soft_delete_diesel::Registry;
/// let registry = Registry::new();
/// let error = registry.model("leads").unwrap_err();
/// assert!(error.to_string().starts_with("unknown model \"leads\""));
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a registry is for operations on many models"]
pub struct Registry {
    models: Vec<&'static Descriptor>,
}

impl Registry {
    /// A registry without models.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model; adding it twice changes nothing.
    pub fn with<M: Model>(mut self) -> Self {
        let descriptor = M::descriptor();
        if self.models.iter().all(|known| known.name() != descriptor.name()) {
            self.models.push(descriptor);
        }
        self
    }

    /// The models in the order they were added.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &'static Descriptor> + '_ {
        self.models.iter().copied()
    }

    /// Whether every model that goes along with one of these, or keeps one from being deleted, is among them.
    ///
    /// # Errors
    /// [`Error::UnregisteredRelation`] names the first that is missing. What works on several models asks this first.
    pub fn check(&self) -> Result<()> {
        for model in self.models() {
            for child in model.relations().iter().filter_map(Relation::child) {
                if self.models().all(|known| known.name() != child.name()) {
                    return Err(Error::UnregisteredRelation {
                        model: model.name().to_owned(),
                        missing: child.name().to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The models with children before the rows that they hang on: the order in which rows can be removed.
    ///
    /// Models that refer to each other in a circle stand together, in the order in which they were added.
    pub fn children_first(&self) -> Vec<&'static Descriptor> {
        let mut ordered: Vec<&'static Descriptor> = Vec::with_capacity(self.models.len());
        for model in self.models() {
            place(model, &mut ordered, &mut Vec::new(), self);
        }
        ordered
    }

    /// The model of this SQL table.
    ///
    /// # Errors
    /// [`Error::UnknownModel`] with the nearest name and the list of those that are known.
    pub fn model(&self, name: &str) -> Result<&'static Descriptor> {
        self.models()
            .find(|model| model.name() == name)
            .ok_or_else(|| Error::UnknownModel {
                name: name.to_owned(),
                known: self.models().map(|model| model.name().to_owned()).collect(),
            })
    }
}

// Children are placed before the model itself; `waiting` are the models whose children are being placed.
fn place(
    model: &'static Descriptor,
    ordered: &mut Vec<&'static Descriptor>,
    waiting: &mut Vec<&'static str>,
    registry: &Registry,
) {
    let is = |name: &str| name == model.name();
    if waiting.iter().any(|name| is(name)) || ordered.iter().any(|known| is(known.name())) {
        return;
    }
    waiting.push(model.name());
    for child in model.relations().iter().filter_map(Relation::child) {
        if let Ok(child) = registry.model(child.name()) {
            place(child, ordered, waiting, registry);
        }
    }
    ordered.push(model);
}
