use std::{convert::Infallible, str::FromStr};

use diesel_derive_newtype::DieselNewType;
use soft_delete::{Model, Stamp, prelude::*};

diesel::table! {
    leads (id) {
        id -> BigInt,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        deletion_reason -> Nullable<Text>,
        deletion_id -> Nullable<Text>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, DieselNewType)]
struct LeadId(i64);

#[derive(Debug, PartialEq)]
struct UserName(String);

impl FromStr for UserName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

#[derive(Debug, PartialEq)]
struct Remark(String);

impl From<String> for Remark {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[derive(Debug, PartialEq)]
struct Operation(DeletionId);

impl From<DeletionId> for Operation {
    fn from(id: DeletionId) -> Self {
        Self(id)
    }
}

#[derive(SoftDelete)]
struct Lead {
    id: LeadId,
    deleted_at: Option<NaiveDateTime>,
    deleted_by: Option<UserName>,
    deletion_reason: Option<Remark>,
    deletion_id: Option<Operation>,
}

pub fn main() {
    let mut lead = Lead {
        id: LeadId(1),
        deleted_at: None,
        deleted_by: None,
        deletion_reason: None,
        deletion_id: None,
    };
    let id = DeletionId::from(uuid::Uuid::nil());
    let mut stamp = Stamp::default();
    stamp.deleted_at = Some(DateTime::UNIX_EPOCH);
    stamp.deleted_by = Some("admin".into());
    stamp.deletion_reason = Some("asked to".into());
    stamp.deletion_id = Some(id);
    lead.set_stamp(&stamp);
    assert!(lead.is_deleted(), "{:?}", lead.id);
    assert_eq!(lead.deleted_by, Some(UserName("admin".into())));
    assert_eq!(lead.deletion_reason, Some(Remark("asked to".into())));
    assert_eq!(lead.deletion_id, Some(Operation(id)));
}
