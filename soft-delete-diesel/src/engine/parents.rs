//! The rows that a restored row hangs on: it does not come back under one that stays deleted.

use crate::{
    Database, Dialect, Error, Result,
    executor::Executor,
    family::{Link, Relatives},
    statement::{DeletedParent, Reach, Rows, Way},
};

/// Refuses rows of which a parent is deleted and does not come back with them. With `locks` the other parents stay as they
/// are until the transaction ends.
pub(super) async fn refuse_deleted<E: Executor>(
    executor: &mut E,
    relatives: &'static Relatives,
    reach: &Reach<'_, E::DB>,
    locks: bool,
) -> Result<()> {
    for link in links_to_parents(relatives) {
        let parent = relatives.above.models[link.parent];
        let coming_back = reach.coming_back(parent);
        let looked_for = DeletedParent {
            except: coming_back.as_ref(),
            locks,
            ..parent_of(relatives, link, reach.roots, true)
        };
        refuse(executor, &looked_for).await?;
    }
    Ok(())
}

/// Refuses rows that go along if they refer to one that was deleted with them and does not come back with them: where models refer to
/// each other in a circle, whether that one comes back is not asked of each row.
pub(super) async fn refuse_apart<E: Executor>(executor: &mut E, reach: &Reach<'_, E::DB>) -> Result<()> {
    let outside = reach.family.outside.iter();
    for link in outside.filter(|link| link.is_mutual) {
        let along = reach.rows_at(link.child);
        let coming_back = reach.coming_back(link.parent);
        let looked_for = DeletedParent {
            parent: link.parent,
            child: reach.family.models[link.child],
            relation: link.relation,
            rows: reach.first_rows(&along),
            deleted: true,
            except: coming_back.as_ref(),
            locks: true,
        };
        refuse(executor, &looked_for).await?;
    }
    Ok(())
}

/// Refuses rows above of which a parent would stay deleted: in a cycle of models, only its operation tells a restored row from
/// one that was never deleted, and a model without `deletion_id` has none. Such parents must be restored first. Parents that the cascade
/// `below` restores are no obstacle.
pub(super) async fn refuse_left_deleted<E: Executor>(
    executor: &mut E,
    above: &Reach<'_, E::DB>,
    below: &Reach<'_, E::DB>,
) -> Result<()> {
    let family = above.family;
    for group in &family.groups {
        let place = |member: usize| group.members.iter().position(|known| *known == member);
        // The members come back from the last to the first.
        let is_lost = |link: &&Link| {
            let child_comes_first = place(link.child)
                .zip(place(link.parent))
                .is_some_and(|(child, parent)| child > parent);
            child_comes_first && !family.models[link.child].is_in_operations()
        };
        for link in family.links.iter().filter(is_lost) {
            let rows = above.rows_at(link.child);
            let parent = family.models[link.parent];
            let coming_back = below.coming_back(parent);
            let looked_for = DeletedParent {
                parent,
                child: family.models[link.child],
                relation: link.relation,
                rows: above.first_rows(&rows),
                deleted: true,
                except: coming_back.as_ref(),
                locks: true,
            };
            refuse(executor, &looked_for).await?;
        }
    }
    Ok(())
}

/// Keeps what the rows on this way hang on as it is until the transaction ends, so that nobody deletes a parent while its
/// child comes back. A row with one parent on the way down came over that one, which comes back itself.
pub(super) async fn hold<E: Executor>(executor: &mut E, reach: &Reach<'_, E::DB>) -> Result<()> {
    if E::DB::DATABASE == Some(Database::Sqlite) {
        // It has one writer.
        return Ok(());
    }
    let (family, is_up) = (reach.family, matches!(reach.way, Way::Parents(_)));
    let links = family
        .links
        .iter()
        .map(|link| (family.models[link.parent], link.child, link.relation));
    let outside = family
        .outside
        .iter()
        .filter(|link| link.is_locked())
        .map(|link| (link.parent, link.child, link.relation));
    for (parent, child, relation) in links.chain(outside) {
        if !is_up && family.locked_parents_of(child) < 2 {
            continue;
        }
        let along = reach.rows_at(child);
        // In a circle the rows that were asked for are no parents, but have some.
        let asked_for = (is_up && along.is_in_circle() && child == 0).then_some(reach.roots);
        for rows in [Some(reach.first_rows(&along)), asked_for].into_iter().flatten() {
            let held = DeletedParent {
                parent,
                child: family.models[child],
                relation,
                rows,
                deleted: true,
                except: None,
                locks: true,
            };
            executor.rows(&held).await?;
        }
    }
    Ok(())
}

/// Refuses rows that have come back under a parent that has not.
pub(super) async fn refuse_left_behind<E: Executor>(
    executor: &mut E,
    relatives: &'static Relatives,
    rows: &Rows<'_, E::DB>,
) -> Result<()> {
    for link in links_to_parents(relatives) {
        refuse(executor, &parent_of(relatives, link, rows, false)).await?;
    }
    Ok(())
}

fn links_to_parents(relatives: &'static Relatives) -> impl Iterator<Item = &'static Link> {
    relatives.above.links_into(0)
}

fn parent_of<'a, DB: Dialect>(
    relatives: &'static Relatives,
    link: &'static Link,
    rows: &'a Rows<'a, DB>,
    deleted: bool,
) -> DeletedParent<'a, DB> {
    DeletedParent {
        parent: relatives.above.models[link.parent],
        child: relatives.above.models[link.child],
        relation: link.relation,
        rows,
        deleted,
        except: None,
        locks: true,
    }
}

/// Refuses with the key of the parent, if there is one.
pub(super) async fn refuse<E: Executor>(
    executor: &mut E,
    looked_for: &DeletedParent<'_, E::DB>,
) -> Result<()> {
    let found = executor.rows(looked_for).await?.pop();
    match found.and_then(|mut row| row.take(0)) {
        Some(id) => Err(Error::ParentDeleted {
            model: looked_for.parent.name().to_owned(),
            id,
            child: looked_for.child.name().to_owned(),
        }),
        None => Ok(()),
    }
}
