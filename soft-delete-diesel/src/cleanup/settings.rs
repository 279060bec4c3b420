//! What a cleanup was asked to do.

use std::time::Duration;

use soft_delete_core::{Action, Actor, Context, Retention};

use super::{Progress, StopHandle};
use crate::{Descriptor, Error, Registry, Result};

/// Everything that a cleanup was told.
pub(crate) struct Settings<'a> {
    pub(crate) registry: &'a Registry,
    /// The SQL tables to be cleaned; none are all.
    pub(crate) models: Vec<String>,
    pub(crate) who: Context,
    pub(crate) limits: Limits,
    pub(crate) stop: StopHandle,
    pub(crate) listeners: Listeners<'a>,
    #[cfg(feature = "archive")]
    pub(crate) archive: Option<crate::Archive>,
}

/// What a cleanup may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) dry_run: bool,
    /// Every deleted row, whatever its age.
    pub(crate) regardless_of_age: bool,
    pub(crate) batch_size: u32,
    pub(crate) max_rows: Option<u64>,
    pub(crate) max_fraction: f64,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) pause: Duration,
    pub(crate) retention: Option<Retention>,
    /// `None` trusts the application's clock.
    pub(crate) max_clock_skew: Option<Duration>,
    /// `None` takes no lease.
    pub(crate) lease: Option<Duration>,
}

type Listener<'a, T> = Box<dyn FnMut(&Progress<'_>) -> T + Send + 'a>;

/// Those who are told of every batch.
#[derive(Default)]
pub(crate) struct Listeners<'a> {
    pub(crate) progress: Option<Listener<'a, ()>>,
    pub(crate) throttle: Option<Listener<'a, Option<Duration>>>,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            models: Vec::new(),
            who: Actor::new("cleanup").into(),
            limits: Limits::DEFAULT,
            stop: StopHandle::new(),
            listeners: Listeners::default(),
            #[cfg(feature = "archive")]
            archive: None,
        }
    }

    /// The models to be cleaned, children first, once everything that they lead to is known to be registered.
    pub(crate) fn chosen(&self) -> Result<Vec<&'static Descriptor>> {
        self.registry.check()?;
        for name in &self.models {
            self.registry.model(name)?;
        }
        let mut models = self.registry.children_first();
        if !self.models.is_empty() {
            models.retain(|model| self.models.iter().any(|name| name == model.name()));
        }
        Ok(models)
    }
}

impl Limits {
    const DEFAULT: Self = Self {
        dry_run: false,
        regardless_of_age: false,
        batch_size: 1_000,
        max_rows: None,
        max_fraction: 0.5,
        max_duration: None,
        pause: Duration::from_millis(10),
        retention: None,
        max_clock_skew: Some(Duration::from_secs(60)),
        lease: Some(Duration::from_secs(15)),
    };

    /// Refuses what makes no sense.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = |setting, value: String, way_out| {
            Err(Error::BadSetting {
                setting,
                value,
                way_out,
            })
        };
        if !(1..=10_000).contains(&self.batch_size) {
            return bad("batch_size", self.batch_size.to_string(), "give 1 to 10,000 rows");
        }
        if !(self.max_fraction > 0.0 && self.max_fraction <= 1.0) {
            return bad(
                "max_fraction",
                self.max_fraction.to_string(),
                "give more than 0, and 1 for a whole table",
            );
        }
        if self.max_rows == Some(0) {
            return bad("max_rows", "0".to_owned(), "use a dry run to remove nothing");
        }
        if self.lease.is_some_and(|lease| lease < Duration::from_secs(1)) {
            return bad("lease", "less than a second".to_owned(), "give a second or more");
        }
        Ok(())
    }

    /// What the audit trail calls the removal.
    pub(crate) fn action(&self) -> Action {
        if self.regardless_of_age {
            Action::ForceDelete
        } else {
            Action::Purge
        }
    }
}
