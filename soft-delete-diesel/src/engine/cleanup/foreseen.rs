//! Which rows a run would remove, told before it has done its work on the others.

use super::{Job, job::Question};
use crate::{
    Descriptor, Relation,
    foreign_key::ForeignKey,
    statement::{HeadLink, KeptBelow, Membership, Referrer, Removable, Unless},
};

/// What a run would find of each model by the time it came to it.
pub(super) struct Foreseen<'k> {
    jobs: &'k [Job],
    question: &'k Question,
    /// How many models downwards what refers to a row is looked at.
    levels: usize,
}

/// How many models upwards a head is looked at with all that is below it. Each makes the condition some times longer.
const DEEPEST: usize = 2;

/// How many tables a condition may name. Where tables refer to each other in many ways, each level names some times as many as the one
/// before, and a database would take longer to read the condition than to answer it.
const LARGEST: usize = 64;

/// The models that a condition has come through, so that it comes to an end.
type Through = Vec<&'static Descriptor>;

impl<'k> Foreseen<'k> {
    /// The rows of a model that would be removed, whether they are looked for or go along.
    ///
    /// A row that refers to another one does not keep it if it is gone by then, and a row goes with its head if that goes. In a tree this
    /// looks to the bottom; where several models lead back to each other, one step far.
    ///
    /// It looks one model deep, and deeper as far as fits into [`LARGEST`]: beyond that a row that is due is taken to go.
    pub(super) fn of(jobs: &'k [Job], question: &'k Question, job: &'k Job) -> Removable<'k> {
        let at_most = |levels| {
            let foreseen = Self {
                jobs,
                question,
                levels,
            };
            foreseen.with_heads(job, &mut Vec::new())
        };
        let mut deepest = at_most(1);
        for levels in 2..=jobs.len() {
            let next = at_most(levels);
            if next.size() > LARGEST {
                break;
            }
            deepest = next;
        }
        deepest
    }

    fn with_heads(&self, job: &'k Job, through: &mut Through) -> Removable<'k> {
        let mut removable = self.down(job, None, &mut vec![job.model], through);
        let parents = job.kin.parents();
        // That a row's own table stays is told by all of it at once.
        for (parent, relation) in parents.filter(|(parent, _)| parent.name() != job.model.name()) {
            removable.heads.push(self.head(parent, relation, through));
            if let Some(kept) = &mut removable.kept_below {
                kept.removable.heads.push(self.head(parent, relation, through));
            }
        }
        removable.only_along = job.only_along;
        removable
    }

    // A head that is looked for by nobody stays, and so does what would go along with it.
    fn head(
        &self,
        parent: &'static Descriptor,
        relation: &'static Relation,
        through: &mut Through,
    ) -> HeadLink<'k> {
        let known = self.jobs.iter().find(|job| job.model.name() == parent.name());
        let unless = known.map(|job| {
            let is_known = through.iter().any(|model| model.name() == parent.name());
            if is_known || through.len() >= DEEPEST.min(self.levels) {
                return Box::new(self.question.removable(parent, true));
            }
            through.push(parent);
            let head = self.with_heads(job, through);
            through.pop();
            Box::new(head)
        });
        HeadLink {
            parent,
            relation,
            unless,
        }
    }

    // The rows of a model that nothing below them keeps. Those that are come to over a cascade may have other parents beside it.
    fn down(
        &self,
        job: &'k Job,
        over: Option<(&'static Descriptor, &'k [String])>,
        above: &mut Through,
        through: &mut Through,
    ) -> Removable<'k> {
        let mut removable = self.question.removable(job.model, false);
        for key in &job.keys {
            let unless = self.unless(job, key, above, through);
            removable.referring.push(Referrer { key, unless });
        }
        if over.is_some() {
            let others = Self::other_heads(job, over, false);
            let deep = others.map(|(parent, relation)| self.head(parent, relation, through));
            removable.heads = deep.collect();
        }
        self.to_the_bottom(job, removable)
    }

    fn unless(
        &self,
        job: &'k Job,
        key: &'k ForeignKey,
        above: &mut Through,
        through: &mut Through,
    ) -> Option<Unless<'k>> {
        let child = self
            .jobs
            .iter()
            .find(|other| other.model.table.is_same_as(&key.child))?;
        let link = job.kin.link(0, key);
        let over = link.map(|link| (job.model, link.foreign_key));
        let is_above = above.iter().any(|model| model.name() == child.model.name());
        let removable = if is_above || above.len() > self.levels {
            let others = Self::other_heads(child, over, true);
            Removable {
                heads: others.map(|head| self.shallow(head)).collect(),
                ..self.question.removable(child.model, false)
            }
        } else {
            above.push(child.model);
            let gone = self.down(
                child,
                Some(over.unwrap_or((job.model, &key.columns[..0]))),
                above,
                through,
            );
            above.pop();
            gone
        };
        Some(Unless {
            membership: link.map_or(Membership::No, |_| Membership::Link(child.model)),
            is_only_family: child.only_along,
            removable: Some(Box::new(removable)),
        })
    }

    // Parents that a row may go along with, but for that over which it was come to.
    fn other_heads(
        job: &'k Job,
        over: Option<(&'static Descriptor, &'k [String])>,
        in_circle: bool,
    ) -> impl Iterator<Item = (&'static Descriptor, &'static Relation)> + use<'k> {
        let is_over = move |parent: &Descriptor, relation: &Relation| {
            over.is_some_and(|(known, foreign_key)| {
                known.name() == parent.name() && relation.foreign_key() == foreign_key
            })
        };
        let is_own = move |parent: &Descriptor| !in_circle && parent.name() == job.model.name();
        let parents = job.kin.parents();
        parents.filter(move |(parent, relation)| !is_over(parent, relation) && !is_own(parent))
    }

    // The head without deeper looks.
    fn shallow(&self, (parent, relation): (&'static Descriptor, &'static Relation)) -> HeadLink<'k> {
        let known = self.jobs.iter().any(|job| job.model.name() == parent.name());
        HeadLink {
            parent,
            relation,
            unless: known.then(|| Box::new(self.question.removable(parent, true))),
        }
    }

    // What a row of a tree refers to stays with it, and so on upwards; and what would go along with a row that stays.
    fn to_the_bottom(&self, job: &'k Job, mut removable: Removable<'k>) -> Removable<'k> {
        let model = job.model;
        let is_link = |key: &ForeignKey| key.child.is_same_as(&model.table);
        let links: Vec<&ForeignKey> = job.keys.iter().filter(|key| is_link(key)).collect();
        if links.is_empty() {
            return removable;
        }
        let own = || {
            job.kin
                .parents()
                .filter(|(parent, _)| parent.name() == model.name())
        };
        let mut others = self.question.removable(model, false);
        std::mem::swap(&mut others.referring, &mut removable.referring);
        others.heads = own()
            .map(|(parent, relation)| HeadLink {
                parent,
                relation,
                unless: Some(Box::new(self.question.removable(parent, true))),
            })
            .collect();
        // A row that is not due itself keeps what it refers to; one that is stays only if something keeps it.
        removable.kept_below = Some(Box::new(KeptBelow {
            removable: others,
            links,
            together: own().map(|(_, relation)| relation).collect(),
        }));
        removable
    }
}
