//! Refusing what the database would remove or change by itself along with rows that are removed on demand.

use super::{
    along::counted,
    foreign_keys::{self, changes, dangerous_key, known},
    owners,
};
use crate::{
    Database, Dialect, Error, RelationKind, Result,
    executor::Executor,
    foreign_key::ForeignKey,
    schema_facts::SchemaFacts,
    statement::{CountReferring, Reach},
};

/// Refuses the whole if the database would touch a row that is not part of the removal: by a foreign key into one of the tables, by
/// a rule, a trigger or a policy, or by something that this user may not see. The rows are locked by now, so what does not refer to
/// them yet cannot begin to.
pub(super) async fn refuse_undecided<E: Executor>(
    executor: &mut E,
    reach: &Reach<'_, E::DB>,
) -> Result<SchemaFacts> {
    let models = reach.family.models.iter().copied();
    let facts = foreign_keys::facts_of(executor, models).await?;
    let database = super::database(executor).await?;
    for (member, model) in reach.family.models.iter().copied().enumerate() {
        owners::refuse_ambiguous(executor, &facts, model).await?;
        let own = known(&facts, &model.table);
        let mut dangers = foreign_keys::dangers(model, &own);
        for relation in &model.relations {
            dangers.extend(foreign_keys::check_columns(&facts, model, relation, &own.foreign_keys).err());
            if relation.kind() == RelationKind::Owns {
                dangers.extend(foreign_keys::owned_dangers(&facts, model, relation.child_table()));
            }
        }
        if !dangers.is_empty() {
            return Err(dangers.swap_remove(0));
        }
        // What refuses by itself needs no question.
        let silent = own.foreign_keys.iter().filter(|key| key.is_silent());
        for key in silent.filter(|key| !is_decided(&facts, reach, member, key)) {
            refuse_referred(executor, &facts, reach, member, key, database).await?;
        }
    }
    Ok(facts)
}

// Whether the rows that refer by this key are removed with those that they refer to: they are owned, or they go along.
fn is_decided<DB: Dialect>(
    facts: &SchemaFacts,
    reach: &Reach<'_, DB>,
    member: usize,
    key: &ForeignKey,
) -> bool {
    let model = reach.family.models[member];
    let owns = model.relations.iter().any(|relation| {
        relation.kind() == RelationKind::Owns
            && !relation.is_conditional()
            && facts.is_same(relation.child_table(), &key.canonical_child)
            && key.pairs(relation.foreign_key(), &relation.parent_columns(model))
    });
    let mut links = reach.family.links.iter().filter(|link| link.parent == member);
    owns || links.any(|link| {
        let child = reach.family.models[link.child];
        facts.is_same(&child.table, &key.canonical_child)
            && key.pairs(link.foreign_key, &link.relation.parent_columns(model))
    })
}

async fn refuse_referred<E: Executor>(
    executor: &mut E,
    facts: &SchemaFacts,
    reach: &Reach<'_, E::DB>,
    member: usize,
    key: &ForeignKey,
    database: Database,
) -> Result<()> {
    let parent = reach.family.models[member];
    let changes = changes(key);
    // On MySQL the lock on the primary key does not keep new rows from referring to another one.
    let can_be_asked = key.hidden_rows.is_none()
        && !key.is_indirect
        && (database != Database::Mysql || key.is_to(&foreign_keys::parent_columns(parent)));
    if !can_be_asked {
        return if changes {
            Err(dangerous_key(&parent.table, key))
        } else {
            Ok(())
        };
    }
    let along = reach.rows_at(member);
    let mut members = reach.family.models.iter().copied().enumerate();
    let child = members.find(|(_, model)| facts.is_same(&model.table, &key.canonical_child));
    let removed = child.map(|(member, model)| (model, reach.rows_at(member)));
    let referring = CountReferring {
        parent,
        rows: reach.first_rows(&along),
        key,
        except: removed
            .as_ref()
            .map(|(model, rows)| (*model, reach.first_rows(rows))),
    };
    let rows = match executor.rows(&referring).await {
        Ok(rows) => counted(rows)?,
        // Rows that cannot be looked at are not known to stay as they are.
        Err(_) if changes => return Err(dangerous_key(&parent.table, key)),
        Err(error) => return Err(error.into()),
    };
    match rows {
        0 => Ok(()),
        _ if changes => Err(dangerous_key(&parent.table, key)),
        _ => Err(Error::StillReferenced {
            model: parent.name().to_owned(),
            children: vec![(key.child.to_string(), rows)],
        }),
    }
}
