//! Models that are written by macros.

use soft_delete::{Model as _, Retention, SoftDelete as _, Stamp, prelude::NaiveDateTime};

diesel::table! {
    leads (id) {
        id -> BigInt,
        name -> Text,
        removed -> Nullable<Timestamp>,
        remover -> Nullable<Text>,
    }
}

diesel::table! {
    notes (tenant, id) {
        tenant -> BigInt,
        id -> BigInt,
        name -> Text,
        removed -> Nullable<Timestamp>,
        remover -> Nullable<Text>,
    }
}

// Every part of a model once as a fragment that the caller passes and once as a word of the macro, so that no two
// neighbours come from the same place.
macro_rules! bin {
    ($model:ident, $table:path, ($($key:ident),+), $label:ident, $keep:literal, $removed:ty, $remover:ident) => {
        #[derive(soft_delete::SoftDelete)]
        #[diesel(table_name = $table, primary_key($($key),+))]
        #[soft_delete(crate = $crate::hygiene::reexported::soft_delete, retention = $keep, label = $label)]
        struct $model {
            $($key: i64,)+
            name: String,
            #[soft_delete(deleted_at)]
            removed: $removed,
            #[soft_delete(deleted_by)]
            $remover: Option<String>,
        }
    };
}

bin!(Lead, leads, (id), name, "2 weeks", Option<NaiveDateTime>, remover);
bin!(
    Note,
    self::notes,
    (tenant, id),
    name,
    "forever",
    Option<NaiveDateTime>,
    remover
);

macro_rules! whole_model {
    () => {
        #[derive(soft_delete::SoftDelete)]
        #[diesel(table_name = leads)]
        #[soft_delete(retention = $crate::hygiene::macros::KEEP)]
        struct Whole {
            id: i64,
            #[soft_delete(deleted_at)]
            removed: Option<NaiveDateTime>,
            #[soft_delete(deleted_by)]
            remover: Option<String>,
        }
    };
}

pub(crate) const KEEP: Retention = Retention::Immediate;

whole_model!();

#[test]
fn a_model_of_a_macro_is_like_any_other() {
    let mut lead = Lead {
        id: 1,
        name: "Ada".into(),
        removed: Some(NaiveDateTime::default()),
        remover: Some("me".into()),
    };
    assert!(lead.is_deleted());
    lead.set_stamp(&Stamp::default());
    assert_eq!(
        (lead.id, lead.name.as_str(), lead.removed, lead.remover),
        (1, "Ada", None, None)
    );
    assert_eq!(Lead::retention(), Retention::days(14).unwrap());
    assert_eq!(Lead::descriptor().label_column(), Some("name"));
}

#[test]
fn a_composite_key_passes_through_a_macro() {
    let mut note = Note {
        tenant: 1,
        id: 2,
        name: "n".into(),
        removed: None,
        remover: None,
    };
    let _binds = note.key_binds();
    let key: Vec<&str> = Note::descriptor()
        .key_columns()
        .iter()
        .map(|column| column.name())
        .collect();
    assert_eq!(key, ["tenant", "id"]);
    note.set_stamp(&Stamp::default());
    assert_eq!(
        (note.tenant, note.id, note.name.as_str(), note.remover),
        (1, 2, "n", None)
    );
}

#[test]
fn a_macro_may_write_the_whole_model() {
    let whole = Whole {
        id: 1,
        removed: None,
        remover: None,
    };
    assert_eq!((whole.id, whole.deleted_at(), whole.remover), (1, None, None));
    assert_eq!(Whole::retention(), Retention::Immediate);
}
