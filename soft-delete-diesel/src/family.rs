//! The models that a change of one model's rows reaches, and the order to do it in.

use std::sync::OnceLock;

use soft_delete_core::Action;

use crate::{Descriptor, Relation, RelationKind};

/// What hangs on a model, and what it hangs on.
#[derive(Debug)]
pub(crate) struct Relatives {
    /// The model and what goes along with it, down to the last.
    pub(crate) below: Family,
    /// The model and what it goes along with, up to the first.
    pub(crate) above: Family,
}

/// The relatives of a descriptor, found when they are first asked for: by then all models are made.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    relatives: OnceLock<Relatives>,
    removed_together: OnceLock<Family>,
}

impl Remembered {
    pub(crate) fn of(&'static self, model: &'static Descriptor) -> &'static Relatives {
        self.relatives.get_or_init(|| Relatives {
            below: Family::new(model, Direction::Down),
            above: Family::new(model, Direction::Up),
        })
    }

    /// The model and what is removed in one transaction with its rows.
    pub(crate) fn removed_together(&'static self, model: &'static Descriptor) -> &'static Family {
        self.removed_together
            .get_or_init(|| Family::new(model, Direction::Together))
    }
}

/// Whether rows that were deleted along over this cascade are removed in the transaction that removes their parent.
///
/// Not where the parent's rows can in turn go along with those of the child: which of several models in a circle comes first is told
/// by none of them.
pub(crate) fn are_removed_together(parent: &'static Descriptor, relation: &'static Relation) -> bool {
    let Some(child) = relation
        .child()
        .filter(|_| relation.kind() == RelationKind::Cascade)
    else {
        return false;
    };
    let leads_back = || {
        let below = &child.relatives().below.models;
        child.name() != parent.name() && below.iter().any(|model| model.name() == parent.name())
    };
    !relation.is_apart() && parent.is_in_operations() && child.is_in_operations() && !leads_back()
}

// A copy of a descriptor may yet be changed, so it finds its relatives anew.
impl Clone for Remembered {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Relatives {
    /// Whether an act on the model's rows is on nothing else, and nothing has a say in it but rows that they merely refer to.
    pub(crate) fn are_none_for(&self, action: Action, with_parents: bool) -> bool {
        let restores = action == Action::Restore;
        // A table that refers to itself cannot be looked at by the statement that changes it, on MySQL.
        let has_a_say = |link: &Link| match link.relation.kind() {
            RelationKind::Cascade => true,
            RelationKind::Reference => restores && (with_parents || link.parent == link.child),
            _ => restores,
        };
        self.below.links.is_empty()
            && !self.below.has_restrictions()
            && !self.above.links_into(0).any(has_a_say)
    }

    /// Whether rows come back only if rows that they refer to are there.
    pub(crate) fn have_parents(&self) -> bool {
        self.above.links_into(0).next().is_some()
    }
}

/// Models that are linked by cascades, beginning with the one that was asked for.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) models: Vec<&'static Descriptor>,
    /// The cascades among them; on the way up, every foreign key.
    pub(crate) links: Vec<Link>,
    /// The cascades into them from models that are not among them, and all other foreign keys.
    pub(crate) outside: Vec<OutsideLink>,
    /// The models from the first one outwards: a group comes after all groups that lead to it. Models that lead to
    /// each other in a circle are one group.
    pub(crate) groups: Vec<Group>,
}

/// One cascade: a row of the child goes along with the row of the parent that its foreign key names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) parent: usize,
    pub(crate) child: usize,
    pub(crate) foreign_key: &'static [String],
    pub(crate) is_nullable: bool,
    pub(crate) relation: &'static Relation,
}

/// A foreign key over which nothing goes along: a cascade from a model that is not of the family, or no cascade.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutsideLink {
    pub(crate) parent: &'static Descriptor,
    pub(crate) child: usize,
    pub(crate) relation: &'static Relation,
    /// Whether the parent's rows wait for those of the child in turn, so that neither can be told by the other.
    pub(crate) is_mutual: bool,
}

/// Models that are reached together.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) members: Vec<usize>,
    /// Whether rows of the group can lead to other rows of it, by any number of steps.
    pub(crate) is_circle: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Down,
    /// Down, over cascades whose rows are removed together alone.
    Together,
    Up,
}

impl Family {
    fn new(model: &'static Descriptor, direction: Direction) -> Self {
        let mut models = vec![model];
        let mut links: Vec<Link> = Vec::new();
        let mut outside = Vec::new();
        let mut next = 0;
        while let Some(model) = models.get(next).copied() {
            let found = match direction {
                Direction::Down => cascades(model).map(|(child, key)| (model, child, key)).collect(),
                Direction::Together => cascades(model)
                    .filter(|(_, relation)| are_removed_together(model, relation))
                    .map(|(child, key)| (model, child, key))
                    .collect(),
                Direction::Up => foreign_keys_of(model),
            };
            for (parent, child, relation) in found {
                let link = Link {
                    parent: index_of(&mut models, parent),
                    child: index_of(&mut models, child),
                    foreign_key: relation.foreign_key(),
                    is_nullable: relation.is_nullable(),
                    relation,
                };
                links.push(link);
            }
            next += 1;
        }
        if direction == Direction::Down {
            for (child, model) in models.iter().enumerate() {
                let nothing_comes_over = |(parent, _, relation): &ForeignKeyOf| {
                    relation.kind() != RelationKind::Cascade
                        || models.iter().all(|known| known.name() != parent.name())
                };
                let from_outside = foreign_keys_of(model).into_iter().filter(nothing_comes_over);
                outside.extend(from_outside.map(|(parent, _, relation)| OutsideLink {
                    parent,
                    child,
                    relation,
                    is_mutual: false,
                }));
            }
            note_mutual(&models, &links, &mut outside);
        }
        let groups = groups(models.len(), &links, direction);
        Self {
            models,
            links,
            outside,
            groups,
        }
    }

    /// The group of this model.
    pub(crate) fn group_of(&self, model: usize) -> &Group {
        let mut groups = self.groups.iter();
        // Every model is in a group; the first one is as good as any to a caller who asks for a model that is not here.
        groups
            .find(|group| group.members.contains(&model))
            .unwrap_or(&self.groups[0])
    }

    /// The cascades into this model from others of the family.
    pub(crate) fn links_into(&self, child: usize) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.child == child)
    }

    /// How many cascades there are into this model, from anywhere.
    pub(crate) fn parents_of(&self, child: usize) -> usize {
        self.links_into(child).count() + self.outside.iter().filter(|link| link.child == child).count()
    }

    /// How many foreign keys of this model there are whose parents must stay as they are while its rows come back.
    pub(crate) fn locked_parents_of(&self, child: usize) -> usize {
        let outside = self.outside.iter().filter(|link| link.child == child);
        self.links_into(child).count() + outside.filter(|link| link.is_locked()).count()
    }

    fn has_restrictions(&self) -> bool {
        let mut relations = self.models.iter().flat_map(|model| &model.relations);
        relations.any(|relation| relation.kind() == RelationKind::Restrict)
    }
}

impl OutsideLink {
    /// Whether the parent must stay as it is while rows come back. The deletion of a row that is merely referred to asks nobody, so
    /// there is nothing to be gained by making it wait.
    pub(crate) fn is_locked(&self) -> bool {
        self.relation.kind() != RelationKind::Reference
    }
}

// A parent, its child, and how the child refers to it.
type ForeignKeyOf = (&'static Descriptor, &'static Descriptor, &'static Relation);

fn cascades(model: &'static Descriptor) -> impl Iterator<Item = (&'static Descriptor, &'static Relation)> {
    let cascades = model
        .relations
        .iter()
        .filter(|relation| relation.kind() == RelationKind::Cascade);
    cascades.filter_map(|relation| Some((relation.child()?, relation)))
}

// A row waits for its parents. Where those wait for it in turn, by any number of steps, neither is told by the other.
fn note_mutual(models: &[&'static Descriptor], links: &[Link], outside: &mut [OutsideLink]) {
    let member = |model: &Descriptor| models.iter().position(|known| known.name() == model.name());
    let mut steps: Vec<(usize, usize)> = links.iter().map(|link| (link.child, link.parent)).collect();
    let known: Vec<Option<usize>> = outside.iter().map(|link| member(link.parent)).collect();
    let among = outside.iter().zip(&known);
    steps.extend(among.filter_map(|(link, parent)| Some((link.child, (*parent)?))));
    for (link, parent) in outside.iter_mut().zip(known) {
        link.is_mutual = parent.is_some_and(|parent| {
            parent == link.child || reachable(parent, models.len(), &steps)[link.child]
        });
    }
}

// What parents say of this model, and what only the model itself knows. A model knows itself without being told.
fn foreign_keys_of(model: &'static Descriptor) -> Vec<ForeignKeyOf> {
    let mut parents: Vec<&'static Descriptor> = vec![model];
    for parent in model.parents.iter().map(|parent| parent.descriptor()) {
        if parents.iter().all(|known| known.name() != parent.name()) {
            parents.push(parent);
        }
    }
    let into = |parent: &'static Descriptor| {
        let relations = parent.relations.iter();
        let known = relations.filter_map(|relation| Some((relation.child()?, relation)));
        known
            .filter(|(child, _)| child.name() == model.name())
            .map(move |(child, relation)| (parent, child, relation))
    };
    let mut found: Vec<ForeignKeyOf> = parents.into_iter().flat_map(into).collect();
    for (parent, relation) in &model.references {
        let parent = parent.descriptor();
        let is_known = found.iter().any(|(known, _, other)| {
            known.name() == parent.name() && other.foreign_key() == relation.foreign_key()
        });
        if !is_known {
            found.push((parent, model, relation));
        }
    }
    found
}

// Several types may stand for one table; the first that is met speaks for it.
fn index_of(models: &mut Vec<&'static Descriptor>, model: &'static Descriptor) -> usize {
    let known = models.iter().position(|known| known.name() == model.name());
    known.unwrap_or_else(|| {
        models.push(model);
        models.len() - 1
    })
}

fn groups(models: usize, links: &[Link], direction: Direction) -> Vec<Group> {
    let steps: Vec<(usize, usize)> = links
        .iter()
        .map(|link| match direction {
            Direction::Down | Direction::Together => (link.parent, link.child),
            Direction::Up => (link.child, link.parent),
        })
        .collect();
    let leads_to: Vec<Vec<bool>> = (0..models).map(|from| reachable(from, models, &steps)).collect();
    let mut groups: Vec<Group> = Vec::new();
    for (model, from_here) in leads_to.iter().enumerate() {
        if groups.iter().any(|group| group.members.contains(&model)) {
            continue;
        }
        let together = |other: &usize| *other == model || (from_here[*other] && leads_to[*other][model]);
        groups.push(Group {
            members: (0..models).filter(together).collect(),
            is_circle: from_here[model],
        });
    }
    // From the first model outwards: a group leads to no group before it.
    let mut ordered: Vec<Group> = Vec::with_capacity(groups.len());
    while !groups.is_empty() {
        let is_next = |group: &Group| {
            let waits_for = |other: &Group| {
                other.members != group.members && leads_to[other.members[0]][group.members[0]]
            };
            !groups.iter().any(waits_for)
        };
        // Groups have no circles among them, so there is always one that waits for no other.
        let next = groups.iter().position(is_next).unwrap_or_default();
        ordered.push(groups.remove(next));
    }
    ordered
}

// Whether there is a way of at least one step.
fn reachable(from: usize, models: usize, steps: &[(usize, usize)]) -> Vec<bool> {
    let mut reached = vec![false; models];
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        for (_, to) in steps.iter().filter(|(step, _)| *step == at) {
            if !reached[*to] {
                reached[*to] = true;
                waiting.push(*to);
            }
        }
    }
    reached
}
