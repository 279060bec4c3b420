//! What a flag that is kept in step says, in SQL.

use crate::ColumnKind;

/// The values of a flag column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlagValues {
    /// Of a deleted row. What has any other value, or none, is not told to be deleted.
    pub(crate) deleted: &'static str,
    /// Of an active row.
    pub(crate) active: &'static str,
    /// Whether the database computes it by itself: then it is read and never written.
    pub(crate) is_generated: bool,
}

impl FlagValues {
    /// What a column of this kind holds.
    pub(crate) const fn of(kind: ColumnKind) -> Self {
        let (deleted, active) = if kind.is_integer() {
            ("1", "0")
        } else {
            ("TRUE", "FALSE")
        };
        Self {
            deleted,
            active,
            is_generated: false,
        }
    }

    /// What an enumeration of two values holds, where they can be told apart: `enum('Y','N')`.
    pub(crate) fn of_enumeration(sql_type: &str) -> Option<Self> {
        let values = sql_type.trim();
        let word = values.get(..5)?;
        let values = values.get(5..)?.strip_suffix(')')?;
        if !word.eq_ignore_ascii_case("enum(") {
            return None;
        }
        let (first, second) = values.split_once(',')?;
        let (first, second) = (first.trim(), second.trim());
        let known = PAIRS.iter().find(|(deleted, active)| {
            (first, second) == (*deleted, *active) || (first, second) == (*active, *deleted)
        });
        known.map(|(deleted, active)| Self {
            deleted,
            active,
            is_generated: false,
        })
    }
}

// Letter by letter: a collation may tell them apart.
const PAIRS: [(&str, &str); 10] = [
    ("'Y'", "'N'"),
    ("'y'", "'n'"),
    ("'Yes'", "'No'"),
    ("'YES'", "'NO'"),
    ("'yes'", "'no'"),
    ("'T'", "'F'"),
    ("'t'", "'f'"),
    ("'true'", "'false'"),
    ("'TRUE'", "'FALSE'"),
    ("'1'", "'0'"),
];

#[cfg(test)]
mod tests {
    use super::FlagValues;

    #[test]
    fn two_values_that_say_yes_and_no_are_a_flag() {
        let deleted = |sql_type| FlagValues::of_enumeration(sql_type).map(|values| values.deleted);
        assert_eq!(deleted("enum('Y','N')"), Some("'Y'"));
        assert_eq!(deleted("enum('no','yes')"), Some("'yes'"));
        assert_eq!(deleted("ENUM('0','1')"), Some("'1'"));
        for other in [
            "enum('Y','N','?')",
            "enum('live','gone')",
            "varchar(1)",
            "enum('Y')",
            "set('Y','N')",
        ] {
            assert_eq!(deleted(other), None, "{other}");
        }
    }
}
