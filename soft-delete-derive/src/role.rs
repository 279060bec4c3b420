//! The roles that a field can play.

use crate::suggest::did_you_mean;

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    DeletedAt,
    DeletedBy,
    DeletionReason,
    DeletionId,
    PurgeAfter,
    IsDeleted,
}

impl Role {
    pub(crate) const ALL: [Self; 6] = [
        Self::DeletedAt,
        Self::DeletedBy,
        Self::DeletionReason,
        Self::DeletionId,
        Self::PurgeAfter,
        Self::IsDeleted,
    ];

    /// The name of the role, which is also the name of a field that has it without being told.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DeletedAt => "deleted_at",
            Self::DeletedBy => "deleted_by",
            Self::DeletionReason => "deletion_reason",
            Self::DeletionId => "deletion_id",
            Self::PurgeAfter => "purge_after",
            Self::IsDeleted => "is_deleted",
        }
    }

    /// The role of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The type that a field of this role has, as an example for an error message.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::DeletedAt | Self::PurgeAfter => "Option<DateTime<Utc>>",
            Self::DeletedBy | Self::DeletionReason => "Option<String>",
            Self::DeletionId => "Option<DeletionId>",
            Self::IsDeleted => "bool",
        }
    }

    /// What to say of a field attribute that is no role.
    pub(crate) fn unknown(written: &str) -> String {
        let names = Self::ALL.map(Self::name);
        format!(
            "unknown role `{written}`{}; expected one of `{}`",
            did_you_mean(written, &names),
            names.join("`, `")
        )
    }
}
