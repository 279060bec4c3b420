//! `retention = ..`: the derive reads what `str::parse` of the library reads, and means the same.

use chrono::TimeDelta;
use soft_delete::prelude::*;

use super::leads;

// A model with this retention.
macro_rules! model {
    ($name:ident, $($retention:tt)+) => {
        #[derive(SoftDelete)]
        #[diesel(table_name = leads)]
        #[soft_delete($($retention)+)]
        struct $name {
            id: i64,
            deleted_at: Option<DateTime<Utc>>,
        }
        #[allow(dead_code, reason = "not every test deletes one")]
        impl $name {
            fn deleted(at: DateTime<Utc>) -> Self {
                Self { id: 1, deleted_at: Some(at) }
            }
        }
    };
}

macro_rules! agree {
    ($($text:literal),+ $(,)?) => {
        $({
            model!(Lead, retention = $text);
            let parsed: Result<Retention, _> = $text.parse();
            assert_eq!(parsed.as_ref(), Ok(&Lead::retention()), "{:?}", $text);
            let lead = Lead::deleted(DateTime::UNIX_EPOCH);
            assert_eq!(lead.expires_at(), parsed.unwrap().expiry(DateTime::UNIX_EPOCH), "{:?} {}", $text, lead.id);
        })+
    };
}

#[test]
fn texts_mean_what_the_library_reads() {
    agree!(
        "30 days",
        "30days",
        "30d",
        "1 day",
        " 1 Day ",
        "30  DAYS",
        "12 h",
        "1 hour",
        "12 hours",
        "2 weeks",
        "1 week",
        "2w",
        "90 min",
        "90m",
        "1 minute",
        "90 minutes",
        "45 s",
        "45 sec",
        "1 second",
        "45 seconds",
        "007 days",
        "\t3\u{a0}days\n",
        "106751991167 days",
        "9223372036854775 s",
        "forever",
        " Forever ",
        "immediate",
        "IMMEDIATE",
    );
}

#[test]
fn thirty_days_unless_said() {
    #[derive(SoftDelete)]
    #[diesel(table_name = leads)]
    struct Lead {
        id: i64,
        deleted_at: Option<DateTime<Utc>>,
    }
    use soft_delete::Model as _;

    assert_eq!(Lead::retention(), Retention::DEFAULT);
    assert_eq!(Lead::descriptor().retention_policy(), Retention::DEFAULT);
    let lead = Lead {
        id: 1,
        deleted_at: Some(DateTime::UNIX_EPOCH),
    };
    let expiry = DateTime::UNIX_EPOCH + TimeDelta::days(30);
    assert!(lead.is_expired_at(expiry), "{}", lead.id);
    assert!(!lead.is_expired_at(expiry - TimeDelta::microseconds(1)));
}

#[test]
fn a_text_sets_when_rows_expire_and_what_the_engine_knows() {
    use soft_delete::Model as _;
    model!(Lead, retention = "12 hours");

    let lead = Lead::deleted(DateTime::UNIX_EPOCH);
    let expiry = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
    assert!(lead.is_expired_at(expiry));
    assert!(!lead.is_expired_at(expiry - TimeDelta::microseconds(1)));
    assert_eq!(Lead::descriptor().retention_policy(), Lead::retention());
}

#[test]
fn forever_and_immediate() {
    model!(Kept, retention = "forever");
    model!(Gone, retention = "immediate");
    let now = DateTime::UNIX_EPOCH;
    assert!(!Kept::deleted(now).is_expired_at(DateTime::<Utc>::MAX_UTC));
    assert!(Gone::deleted(now).is_expired_at(now));
}

const A_YEAR: Retention = Retention::For(TimeDelta::days(365));

mod rules {
    pub(super) mod of_law {
        pub(crate) const TEN_YEARS: soft_delete::Retention =
            soft_delete::Retention::For(chrono::TimeDelta::days(3653));
    }
}

#[test]
fn a_constant_by_name_by_path_or_of_the_model_itself() {
    use soft_delete::Model as _;
    model!(Lead, retention = A_YEAR);
    model!(Invoice, retention = rules::of_law::TEN_YEARS);
    model!(Draft, retention = Self::A_WEEK);
    model!(Note, retention = Retention::DEFAULT);
    impl Draft {
        const A_WEEK: Retention = Retention::For(TimeDelta::days(7));
    }

    assert_eq!(Lead::retention(), A_YEAR);
    assert_eq!(Invoice::retention(), rules::of_law::TEN_YEARS);
    assert_eq!(Draft::retention(), Draft::A_WEEK);
    assert_eq!(Draft::descriptor().retention_policy(), Draft::A_WEEK);
    assert_eq!(Note::retention(), Retention::DEFAULT);
}
