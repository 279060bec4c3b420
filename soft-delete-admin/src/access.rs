//! Who may do what.

use axum::http::request::Parts;
use soft_delete::Predicate;

/// Who asks, as far as the pages have to know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a visitor is for an access"]
pub struct Visitor {
    name: String,
    session: String,
    roles: Vec<String>,
}

impl Visitor {
    /// A person by the name that the audit trail tells; also the identity of the session, unless that is said.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            session: name.clone(),
            name,
            roles: Vec::new(),
        }
    }

    /// What tells this session from others of the same person: forms of one are refused in another.
    pub fn in_session(self, session: impl Into<String>) -> Self {
        Self {
            session: session.into(),
            ..self
        }
    }

    /// Adds a role, in the host's own words.
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a role was added.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|known| known == role)
    }

    /// The roles, in the order in which they were added.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }

    pub(crate) fn session(&self) -> &str {
        &self.session
    }
}

/// What may be done to rows of a model. What goes along with them when they are deleted, comes back with them or is removed below them
/// is part of it: a right on a model reaches over its cascades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Right {
    /// See them, and what was done to them.
    See,
    /// Mark them deleted.
    Delete,
    /// Bring them back.
    Restore,
    /// Hold them, and let them go.
    Hold,
    /// Remove deleted ones before their time.
    Force,
    /// Run cleanups of what is expired; needs it for every model.
    Clean,
}

/// Who may do what, as the host knows: asked at every request, before anything is shown or done.
pub trait Access<DB>: Send + Sync + 'static {
    /// Who it is, by what the host's middleware has found out: an extension, a header of a trusted proxy. `None` is answered 403.
    fn visitor(&self, request: &Parts) -> Option<Visitor>;

    /// Whether they may do this to rows of this model, by its SQL table.
    fn may(&self, visitor: &Visitor, right: Right, model: &str) -> bool;

    /// Whether they may see what this column holds, by its SQL name; what they may not see is not told, and not searched. Who may not
    /// see who deleted rows of a model, or why, sees no acts, holds and cleanups of the whole.
    fn shows(&self, _visitor: &Visitor, _model: &str, _column: &str) -> bool {
        true
    }

    /// The rows of this model that are theirs, as a condition in Diesel's words that becomes part of every statement:
    /// `Some(Box::new(leads::tenant_id.eq(7)))`; `None` is all of them.
    ///
    /// Who is given a condition sees no figures and no acts of rows by others. Rows that go along belong to rows that are theirs. Who
    /// sees all rows of all models of the registry sees the audit trail and the holds of the whole database.
    fn rows(&self, _visitor: &Visitor, _model: &str) -> Option<Box<Predicate<'static, DB>>> {
        None
    }
}

/// Nobody may do anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl<DB> Access<DB> for Nobody {
    fn visitor(&self, _: &Parts) -> Option<Visitor> {
        None
    }

    fn may(&self, _: &Visitor, _: Right, _: &str) -> bool {
        false
    }
}
