//! Two connections, stepped by hand: what each operation does when another one is in the middle of its transaction.
//!
//! `docs/guide/concurrency.md` tells the same in words. Every outcome is asserted on each database and isolation level
//! (`on_database.rs`, in the blocking styles): who waits, who fails, which rows are active at the end.

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    DeleteTeam(i64),
    RestoreTeam(i64),
    RestoreMember,
    DeleteMember,
    /// With its parents.
    RestoreTask,
    InsertMember,
}

/// Who commits first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    AsBegun,
    /// Where the second does not wait for the first.
    TheOtherWayRound,
}

/// Two transactions, one in the middle of the other.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Deleted before both begin.
    pub before: &'static [Act],
    pub first: Act,
    pub second: Act,
    /// What the first does once the second has begun.
    pub and_then: Option<Act>,
}
