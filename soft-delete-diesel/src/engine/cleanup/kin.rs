//! What is removed in one transaction with a row: the rows that were deleted with it and would come back with it.

use super::{Job, job::Question, shared_rows::Shared};
use crate::{
    Descriptor, Registry, Relation, Result,
    engine::{
        back_reference::{self, BackReferences},
        foreign_keys,
        group_removal::Besides,
    },
    executor::Executor,
    family::{Family, Link, are_removed_together},
    foreign_key::{ForeignKey, Rule},
    schema_facts::SchemaFacts,
    statement::{HeadLink, Membership, Referrer, Removable, Unless},
};

/// The models whose rows are removed together with those of one model, and what refers to them.
pub(super) struct Kin {
    /// The model of the job is its first.
    pub(super) family: &'static Family,
    members: Vec<Member>,
    /// The groups of the family in the order in which their rows are removed: what refers to others first, by whatever key.
    pub(super) order: Vec<usize>,
    /// The keys against that order, which are set to NULL before the rows are removed.
    pub(super) back_references: BackReferences,
}

/// A model of the family.
struct Member {
    /// What refers to its rows, but for those that they own; of the first one the job knows it.
    keys: Vec<ForeignKey>,
    /// The cascades over which its rows may have gone along with others.
    heads: Vec<Head>,
}

/// A cascade into a model, over which rows are removed together.
#[derive(Clone, Copy)]
struct Head {
    parent: &'static Descriptor,
    relation: &'static Relation,
}

impl Kin {
    /// Learns what refers to the rows of all members, of which `keys` are those into the first; refuses what is dangerous.
    pub(super) async fn read<E: Executor>(
        executor: &mut E,
        facts: &SchemaFacts,
        registry: &Registry,
        model: &'static Descriptor,
        keys: &[ForeignKey],
    ) -> Result<Self> {
        let family = model.removed_together();
        let mut members = Vec::with_capacity(family.models.len());
        for (member, model) in family.models.iter().copied().enumerate() {
            let keys = if member == 0 {
                Vec::new()
            } else {
                foreign_keys::into_model(facts, registry, model)?
            };
            members.push(Member {
                keys,
                heads: heads_of(registry, model),
            });
        }
        let others = members.iter().skip(1).map(|member| member.keys.as_slice());
        let keys: Vec<&[ForeignKey]> = std::iter::once(keys).chain(others).collect();
        let order = back_reference::order(family, &keys);
        let back_references = back_reference::find(executor, family, &order, &keys).await?;
        Ok(Self {
            family,
            members,
            order,
            back_references,
        })
    }

    /// The foreign keys into all members but the first.
    pub(super) fn keys_of_others(&self) -> impl Iterator<Item = &ForeignKey> {
        self.members.iter().flat_map(|member| &member.keys)
    }

    /// The foreign keys from members to this one over which nothing goes along, each with the member that it is of: where rows of the
    /// family refer to each other besides.
    pub(super) fn keys_besides<'k>(
        &'k self,
        job: &'k Job,
        member: usize,
    ) -> impl Iterator<Item = (&'k ForeignKey, usize)> + 'k {
        let keys = self.keys_of(job, member).iter();
        keys.filter(move |key| self.link(member, key).is_none())
            .filter_map(move |key| Some((key, self.member(key, member)?)))
    }

    /// Whether rows may go along with those of the model.
    pub(super) fn has_others(&self) -> bool {
        !self.family.links.is_empty()
    }

    /// Whether the model's rows may go along with others.
    pub(super) fn has_heads(&self) -> bool {
        !self.members[0].heads.is_empty()
    }

    /// That a row goes along with none: it is looked for itself.
    pub(super) fn heads(&self) -> Vec<HeadLink<'static>> {
        self.members[0].heads.iter().map(|head| head.link(None)).collect()
    }

    /// The parents that the model's rows may go along with, with the cascade.
    pub(super) fn parents(&self) -> impl Iterator<Item = (&'static Descriptor, &'static Relation)> + '_ {
        self.members[0]
            .heads
            .iter()
            .map(|head| (head.parent, head.relation))
    }

    /// Who may keep a row of the first member: rows that are not of its family, and those that are but may not go. Keys of other
    /// tables are looked at if they are asked for.
    pub(super) fn referrers<'k>(
        &'k self,
        job: &'k Job,
        question: &Question,
        is_asked: impl Fn(&ForeignKey) -> bool,
    ) -> Vec<Referrer<'k>> {
        self.below(job, question, 0, &is_asked, Looking::Down)
    }

    /// Who may keep a row of this member by itself: rows that are not of its family.
    pub(super) fn referrers_of<'k>(
        &'k self,
        job: &'k Job,
        question: &Question,
        member: usize,
    ) -> Vec<Referrer<'k>> {
        self.below(job, question, member, &|_| true, Looking::Here)
    }

    /// Of those, the ones by which rows of a table refer to others of it: set to NULL before the rows are removed. A column that may not
    /// be NULL has the database refuse the family.
    pub(super) fn within_tables<'k>(&'k self, job: &'k Job) -> Vec<Besides<'k>> {
        let members = 0..self.family.models.len();
        let keys = members.flat_map(|member| {
            let keys = self.keys_besides(job, member);
            keys.filter(move |(key, child)| *child == member && key.rule != Rule::Ignores)
        });
        keys.map(|(key, member)| Besides {
            member,
            foreign_key: &key.columns,
        })
        .collect()
    }

    fn keys_of<'k>(&'k self, job: &'k Job, member: usize) -> &'k [ForeignKey] {
        if member == 0 {
            &job.keys
        } else {
            &self.members[member].keys
        }
    }

    fn below<'k>(
        &'k self,
        job: &'k Job,
        question: &Question,
        member: usize,
        is_asked: &dyn Fn(&ForeignKey) -> bool,
        looking: Looking,
    ) -> Vec<Referrer<'k>> {
        let mut referring = Vec::new();
        for key in self.keys_of(job, member) {
            let unless = match (self.link(member, key), self.member(key, member)) {
                (Some(link), _) => {
                    let removable = looking
                        .next(link)
                        .map(|next| Box::new(self.nested(job, question, link, is_asked, next)));
                    Unless {
                        membership: Membership::Link(self.family.models[link.child]),
                        is_only_family: true,
                        removable,
                    }
                }
                // Which family it is of is told by a path where there is one; else it is asked when the rows are locked.
                (None, Some(child)) => Unless {
                    membership: if matches!(looking, Looking::Here) || self.is_in_circle(child) {
                        Membership::Link(self.family.models[child])
                    } else {
                        Membership::Path(self.family, child)
                    },
                    is_only_family: true,
                    removable: None,
                },
                (None, None) => {
                    if is_asked(key) {
                        referring.push(Referrer { key, unless: None });
                    }
                    continue;
                }
            };
            referring.push(Referrer {
                key,
                unless: Some(unless),
            });
        }
        referring
    }

    // The rows at the end of a link, which go along unless something keeps them.
    fn nested<'k>(
        &'k self,
        job: &'k Job,
        question: &Question,
        over: &'static Link,
        is_asked: &dyn Fn(&ForeignKey) -> bool,
        looking: Looking,
    ) -> Removable<'k> {
        let member = over.child;
        let others = self.members[member]
            .heads
            .iter()
            .filter(|head| !head.is(over, self.family));
        let heads = others.map(|head| head.link(Some(Box::new(question.removable(head.parent, true)))));
        Removable {
            referring: self.below(job, question, member, is_asked, looking),
            heads: heads.collect(),
            locks: true,
            ..question.removable(self.family.models[member], true)
        }
    }

    /// The cascade of the family that this foreign key into one of its members is.
    pub(super) fn link(&self, parent: usize, key: &ForeignKey) -> Option<&'static Link> {
        let family = self.family;
        family.links.iter().find(|link| {
            let referred = link.relation.parent_columns(family.models[link.parent]);
            link.parent == parent
                && family.models[link.child].table.is_same_as(&key.child)
                && key.pairs(link.foreign_key, &referred)
        })
    }

    // The member whose table this foreign key is of, if its rows refer to the others no longer when those are removed.
    fn member(&self, key: &ForeignKey, parent: usize) -> Option<usize> {
        let mut models = self.family.models.iter();
        let child = models.position(|model| model.table.is_same_as(&key.child))?;
        let place = |member: usize| {
            let mut groups = self.order.iter();
            groups.position(|group| self.family.groups[*group].members.contains(&member))
        };
        let is_first = place(child) <= place(parent) || self.back_references.has_key(key, parent, child);
        (self.has_others() && is_first).then_some(child)
    }

    fn is_in_circle(&self, member: usize) -> bool {
        self.family.group_of(member).is_circle
    }

    /// The cascades into members over which their rows may have other heads than the one that they are come to from.
    pub(super) fn shared(&self) -> impl Iterator<Item = Shared> + '_ {
        let members = self.members.iter().enumerate();
        let several = members.filter(|(member, known)| {
            let is_along = *member > 0 || self.is_in_circle(*member);
            is_along && known.heads.len() > 1
        });
        several.flat_map(|(member, known)| {
            let heads = known.heads.iter();
            heads.map(move |head| (member, head.parent, head.relation))
        })
    }

    /// Whether rows of one table lead to others of it.
    pub(super) fn has_circle(&self) -> bool {
        self.family.groups.iter().any(|group| group.is_circle)
    }
}

impl Head {
    fn link(self, unless: Option<Box<Removable<'_>>>) -> HeadLink<'_> {
        HeadLink {
            parent: self.parent,
            relation: self.relation,
            unless,
        }
    }

    fn is(self, link: &Link, family: &Family) -> bool {
        let parent = family.models[link.parent];
        self.parent.name() == parent.name() && self.relation.foreign_key() == link.foreign_key
    }
}

/// The models of a registry, and those that are removed together with theirs.
pub(super) fn all(registry: &Registry) -> impl Iterator<Item = &'static Descriptor> + '_ {
    let families = registry.models().map(Descriptor::removed_together);
    registry
        .models()
        .chain(families.flat_map(|family| family.models.iter().skip(1).copied()))
}

/// How far the rows below a row are looked at.
#[derive(Clone, Copy)]
enum Looking {
    /// To the last.
    Down,
    /// Whether the next ones are of the family, as in a table whose rows lead to others of it.
    Once,
    /// Not at all.
    Here,
}

impl Looking {
    // What is looked at behind this link, if anything.
    fn next(self, link: &Link) -> Option<Self> {
        match self {
            Self::Down if link.parent == link.child => Some(Self::Once),
            Self::Down => Some(Self::Down),
            Self::Once if link.parent == link.child => None,
            Self::Once => Some(Self::Once),
            Self::Here => None,
        }
    }
}

// By all parents that are registered, and by those that the model itself knows.
fn heads_of(registry: &Registry, model: &'static Descriptor) -> Vec<Head> {
    let above = &model.relatives().above;
    let known = above.links_into(0).map(|link| above.models[link.parent]);
    let mut heads: Vec<Head> = Vec::new();
    for parent in registry.models().chain(known) {
        for relation in &parent.relations {
            let is_into = relation.child().is_some_and(|child| child.name() == model.name());
            let is_known = heads.iter().any(|head| {
                head.parent.name() == parent.name() && head.relation.foreign_key() == relation.foreign_key()
            });
            if is_into && !is_known && are_removed_together(parent, relation) {
                heads.push(Head { parent, relation });
            }
        }
    }
    heads
}
