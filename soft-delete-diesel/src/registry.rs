//! The models of an application.

use crate::{Descriptor, Error, Model, Result};

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
