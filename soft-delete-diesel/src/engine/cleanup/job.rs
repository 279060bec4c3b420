//! What a cleanup has to do with one model.

use soft_delete_core::{
    EARLIEST, Retention,
    chrono::{DateTime, Utc},
};

use super::{Keeper, kin::Kin, schema_watch::SchemaWatch};
use crate::{
    Descriptor, Registry, Relation, RelationKind,
    due::Cutoffs,
    foreign_key::ForeignKey,
    schema_facts::SchemaFacts,
    statement::{Act, Due, Expired, Instant, Order, Removable},
};

/// Which rows a run is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// The instant that retention is counted from.
    pub(super) now: DateTime<Utc>,
    pub(super) retention: Option<Retention>,
    pub(super) regardless_of_age: bool,
}

/// What a run does with every model.
pub(super) struct Task<'a> {
    pub(super) registry: &'a Registry,
    /// Who removes, when, why and in which operation; of the model that is named first.
    pub(super) act: &'a Act<'a>,
    pub(super) question: Question,
    /// Where rows are written before they are removed.
    pub(super) keeper: Option<&'a Keeper>,
}

impl Question {
    pub(super) fn due(&self, model: &'static Descriptor) -> Due {
        if self.regardless_of_age {
            return Due::Deleted(model);
        }
        let retention = self.retention.unwrap_or_else(|| model.retention_policy());
        Due::Expired(Expired::under(model, self.now, retention))
    }

    /// The latest deletion that is due by the model's retention.
    pub(super) fn cutoff(&self, model: &Descriptor) -> Option<DateTime<Utc>> {
        let retention = self.retention.unwrap_or_else(|| model.retention_policy());
        let cutoff = Cutoffs::at(self.now, retention).deleted_at;
        cutoff.filter(|cutoff| !self.regardless_of_age && *cutoff >= EARLIEST)
    }

    /// The rows of a model that are due and not held, whatever refers to them.
    pub(super) fn removable<'k>(&self, model: &'static Descriptor, by_key: bool) -> Removable<'k> {
        Removable {
            model,
            due: self.due(model),
            now: Instant::new(self.now),
            referring: Vec::new(),
            heads: Vec::new(),
            only_along: false,
            kept_below: None,
            by_key,
            locks: false,
        }
    }
}

/// One model, and what was found out about it before anything was removed.
#[allow(clippy::struct_excessive_bools, reason = "each is a finding of its own")]
pub(super) struct Job {
    pub(super) model: &'static Descriptor,
    /// The schema as it was when `keys` were read.
    pub(super) watch: SchemaWatch,
    /// What refers to its rows, but for those that they own.
    pub(super) keys: Vec<ForeignKey>,
    /// The rows that are removed in one transaction with its own.
    pub(super) kin: Kin,
    /// Whether its rows are not looked for, and go with those of other models alone.
    pub(super) only_along: bool,
    /// Rows that are due.
    pub(super) expired: u64,
    pub(super) oldest: Option<DateTime<Utc>>,
    /// Whether that is more of the table than may go.
    pub(super) is_too_many: bool,
    /// Whether its rows are walked through in the order of the key.
    pub(super) by_key: bool,
    /// Whether what refers to a row is asked before it is removed, also where the database would refuse: once it has.
    pub(super) careful: bool,
    /// Whether a trigger keeps rows, so that batches are done in steps that tell which.
    pub(super) has_keeping_trigger: bool,
    /// Whether a trigger of a table that the model, or one that goes along, owns may keep rows of it.
    pub(super) owned_may_stay: bool,
    /// Tables whose rows can lead back to this one: their rows go first, however often that takes.
    pub(super) circle: Vec<&'static Descriptor>,
}

impl Job {
    pub(super) fn new(
        model: &'static Descriptor,
        watch: SchemaWatch,
        keys: Vec<ForeignKey>,
        kin: Kin,
    ) -> Self {
        let family = &model.relatives().below;
        let group = family.group_of(0);
        let members = group.members.iter().map(|member| family.models[*member]);
        Self {
            model,
            watch,
            keys,
            kin,
            only_along: false,
            expired: 0,
            oldest: None,
            is_too_many: false,
            by_key: true,
            careful: false,
            has_keeping_trigger: false,
            owned_may_stay: false,
            circle: members.filter(|_| group.is_circle).collect(),
        }
    }

    pub(super) fn order(&self) -> Order {
        if self.by_key {
            Order::by_key(self.model)
        } else {
            Order::by_time(self.model)
        }
    }

    /// The condition for rows that go now, each with its family.
    pub(super) fn removable(&self, question: &Question) -> Removable<'_> {
        Removable {
            referring: self.kin.referrers(self, question, |key| self.is_asked(key)),
            heads: self.kin.heads(),
            locks: true,
            ..question.removable(self.model, self.by_key)
        }
    }

    /// The same condition, with all that can keep a row in it, for telling why rows stay.
    pub(super) fn remaining(&self, question: &Question) -> Removable<'_> {
        Removable {
            referring: self.kin.referrers(self, question, |_| true),
            heads: self.kin.heads(),
            ..question.removable(self.model, false)
        }
    }

    /// What keeps a row of this member of the family by itself.
    pub(super) fn member(&self, question: &Question, member: usize) -> Removable<'_> {
        Removable {
            referring: self.kin.referrers_of(self, question, member),
            locks: true,
            ..question.removable(self.kin.family.models[member], true)
        }
    }

    // The database would refuse a row of a circle before those that refer to it, again and again.
    fn is_asked(&self, key: &ForeignKey) -> bool {
        let mut circle =
            std::iter::once(&self.model.table).chain(self.circle.iter().map(|model| &model.table));
        let in_circle = circle.any(|table| table.is_same_as(&key.child));
        self.careful || key.is_silent() || in_circle
    }

    /// Whether a row that goes along with one of its own may have a head of another model, or another one of this.
    pub(super) fn shares_rows(&self) -> bool {
        self.kin.shared().next().is_some()
    }

    /// Whether its rows go along with others, or others with them.
    pub(super) fn has_family(&self) -> bool {
        self.kin.has_others() || self.kin.has_heads()
    }

    /// Whether a foreign key may refuse what the condition lets go.
    pub(super) fn can_be_more_careful(&self) -> bool {
        let of_others = self.kin.keys_of_others();
        self.keys.iter().chain(of_others).any(|key| !self.is_asked(key))
    }

    /// Whether a statement of its own must see what refers to the rows after they are locked.
    pub(super) fn must_look_again(&self) -> bool {
        self.keys.iter().any(ForeignKey::is_silent)
    }

    pub(super) fn owned(&self) -> impl Iterator<Item = &'static Relation> + use<> {
        owned_by(self.model)
    }

    /// As many rows as one statement can name.
    pub(super) fn largest_batch(&self) -> u64 {
        // SQLite binds 32,766 values, the others 65,535; keys are bound up to the next power of two.
        16_384 / self.model.key.len().max(1).next_power_of_two() as u64
    }
}

/// Whether a batch of this job may take rows of the model along: they go along with its own, or are the heads of such.
pub(super) fn takes_along(jobs: &[Job], at: usize, model: &Descriptor) -> bool {
    let mut together: Vec<&'static str> = vec![jobs[at].model.name()];
    let mut next = 0;
    while let Some(name) = together.get(next).copied() {
        next += 1;
        let Some(job) = jobs.iter().find(|job| job.model.name() == name) else {
            continue;
        };
        let below = job.kin.family.models.iter().map(|model| model.name());
        let beside = job.kin.shared().map(|(_, parent, _)| parent.name());
        let above = job.kin.parents().map(|(parent, _)| parent.name());
        let above = above.filter(|_| next > 1);
        for name in below.chain(beside).chain(above) {
            if !together.contains(&name) {
                together.push(name);
            }
        }
    }
    together[1..].contains(&model.name())
}

/// Whether what is owned by the rows of a family may stay when it is removed: where its table has a trigger.
pub(super) fn owned_may_stay(facts: &SchemaFacts, kin: &Kin) -> bool {
    let mut owned = kin.family.models.iter().flat_map(|model| owned_by(model));
    owned.any(|relation| {
        let table = facts.of(relation.child_table());
        table.is_none_or(|table| !table.on_delete.is_empty())
    })
}

/// The tables whose rows are removed with those of a model that they belong to.
pub(super) fn owned_by(model: &'static Descriptor) -> impl Iterator<Item = &'static Relation> + use<> {
    let relations = model.relations.iter();
    relations.filter(|relation| relation.kind() == RelationKind::Owns)
}
