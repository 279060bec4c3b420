//! What the catalog says that the database does by itself with a write.

use crate::{TableName, foreign_key::ForeignKey};

/// What the catalog says of the tables that an operation touches.
#[derive(Debug, Default)]
pub(crate) struct SchemaFacts {
    /// Whether this session has the database enforce foreign keys; what it does not say clearly is a yes.
    pub(crate) are_keys_enforced: bool,
    /// The tables in the order in which they were asked about.
    pub(crate) tables: Vec<TableFacts>,
}

/// What the catalog says of one table.
#[derive(Debug, Clone)]
pub(crate) struct TableFacts {
    /// The table as it was asked about.
    pub(crate) name: TableName,
    /// The table by its schema and name in the catalog; `None` if this session sees no such table.
    pub(crate) canonical: Option<TableName>,
    /// What kind of relation it is.
    pub(crate) kind: RelationKind,
    /// The storage engine, where its writes cannot be rolled back.
    pub(crate) engine_without_transactions: Option<String>,
    /// Whether a row level security policy applies to this user.
    pub(crate) has_policy: bool,
    /// The foreign keys into it.
    pub(crate) foreign_keys: Vec<ForeignKey>,
    /// What the database runs when a row is removed.
    pub(crate) on_delete: Vec<Reaction>,
    /// What this user may not see of it, which is unknown and not absent.
    pub(crate) hidden: Vec<Hidden>,
}

/// What kind of relation a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelationKind {
    Table,
    View,
    /// A table of another server, whose rules the catalog does not know.
    Foreign,
}

/// What the database runs by itself when a row of a table is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reaction {
    pub(crate) name: String,
    pub(crate) kind: ReactionKind,
}

/// How the database reacts to a `DELETE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReactionKind {
    /// A rewrite rule does something else instead, or besides.
    Rule,
    /// A trigger, with what it runs; `None` if that cannot be read.
    Trigger { body: Option<String> },
}

/// A part of the catalog that this user may not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// What is hidden, in words.
    pub(crate) what: String,
    /// The right that shows it, as SQL names it.
    pub(crate) right: String,
}

/// A reason why rows of a table are not removed, whatever rows they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Danger {
    pub(crate) cause: String,
    pub(crate) help: String,
}

impl SchemaFacts {
    /// What is known of a table that was asked about under this name.
    pub(crate) fn of(&self, table: &TableName) -> Option<&TableFacts> {
        self.tables.iter().find(|facts| facts.name == *table)
    }

    /// The foreign keys into a table that was asked about under this name.
    pub(crate) fn keys_into(&self, table: &TableName) -> &[ForeignKey] {
        self.of(table).map_or(&[], |facts| &facts.foreign_keys)
    }

    /// Whether both names stand for one table of the catalog.
    pub(crate) fn is_same(&self, table: &TableName, canonical: &TableName) -> bool {
        self.of(table)
            .and_then(|facts| facts.canonical.as_ref())
            .is_some_and(|known| known == canonical)
    }
}

impl TableFacts {
    pub(crate) fn unknown(name: TableName) -> Self {
        Self {
            name,
            canonical: None,
            kind: RelationKind::Table,
            engine_without_transactions: None,
            has_policy: false,
            foreign_keys: Vec::new(),
            on_delete: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// Why no row of the table may be removed; triggers of these names are known to be harmless.
    pub(crate) fn dangers(&self, harmless_triggers: &[String]) -> Vec<Danger> {
        let mut dangers = Vec::new();
        let mut add = |cause: String, help: &str| {
            dangers.push(Danger {
                cause,
                help: help.to_owned(),
            });
        };
        if self.canonical.is_none() {
            add(
                "this session sees no such table".to_owned(),
                "create it, or correct its name or schema",
            );
        }
        match self.kind {
            RelationKind::Table => {}
            RelationKind::View => add(
                "it is a view, and the catalog does not say what removing its rows removes".to_owned(),
                "name the table under it",
            ),
            RelationKind::Foreign => add(
                "it is a table of another server, whose foreign keys and triggers are not known here"
                    .to_owned(),
                "remove its rows on that server",
            ),
        }
        if let Some(engine) = &self.engine_without_transactions {
            add(
                format!("its storage engine {engine} cannot roll back"),
                "move it to an engine with transactions (ALTER TABLE .. ENGINE = InnoDB)",
            );
        }
        if self.has_policy {
            add(
                "a row level security policy may hide rows from this user".to_owned(),
                "use the owner of the table, or a role with BYPASSRLS",
            );
        }
        for reaction in &self.on_delete {
            dangers.extend(reaction.danger(harmless_triggers));
        }
        for hidden in &self.hidden {
            dangers.push(Danger {
                cause: format!("this user may not see {}", hidden.what),
                help: format!("grant {} to it, or use another user", hidden.right),
            });
        }
        dangers
    }
}

impl Reaction {
    fn danger(&self, harmless_triggers: &[String]) -> Option<Danger> {
        let name = &self.name;
        let (cause, help) = match &self.kind {
            ReactionKind::Rule => (
                format!("the rule {name} rewrites DELETE"),
                "drop the rule, or make it an AFTER DELETE trigger",
            ),
            ReactionKind::Trigger { .. } if harmless_triggers.contains(name) => return None,
            ReactionKind::Trigger { body: None } => (
                format!("what the trigger {name} does on DELETE cannot be read"),
                "look at it, then declare it with `harmless_trigger`, or drop it",
            ),
            ReactionKind::Trigger { body: Some(body) } => {
                let word = writes_rows(body)?;
                (
                    format!("the trigger {name} may change other rows on DELETE ({word})"),
                    "declare the rows with `cascade(..)` or `owns(..)` and drop the trigger, or look at it and declare it with `harmless_trigger`",
                )
            }
        };
        Some(Danger {
            cause,
            help: help.to_owned(),
        })
    }
}

/// Whether a trigger's body may do more than set values of the row that is written: change others, refuse, or skip the row.
pub(crate) fn does_more(body: &str) -> bool {
    let words = words_of(body);
    let returns_null = words.windows(2).any(|pair| pair == ["RETURN", "NULL"]);
    let refuses = words.iter().any(|word| word == "RAISE" || word == "SIGNAL");
    refuses || returns_null || writes_rows(body).is_some()
}

/// The first word of a trigger's body by which it may change or remove rows; inserting into a log does neither.
fn writes_rows(body: &str) -> Option<String> {
    let words = words_of(body);
    words.iter().enumerate().find_map(|(place, word)| {
        let before = place
            .checked_sub(1)
            .and_then(|before| words.get(before))
            .map_or("", String::as_str);
        let writes = match word.as_str() {
            "DELETE" | "TRUNCATE" | "MERGE" | "EXECUTE" | "CALL" | "PERFORM" => true,
            // `SELECT .. FOR UPDATE` and `FOR NO KEY UPDATE` only lock.
            "UPDATE" => before != "FOR" && before != "KEY",
            // `INSERT OR REPLACE`, `REPLACE INTO`; the function of that name changes a text.
            "REPLACE" => before == "OR" || words.get(place + 1).is_some_and(|next| next == "INTO"),
            _ => false,
        };
        writes.then(|| word.clone())
    })
}

/// The words of a piece of SQL in capitals, without texts, quoted names and comments.
pub(crate) fn words_of(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        if c.is_alphanumeric() || c == '_' {
            word.extend(c.to_uppercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match (c, next) {
            ('\'' | '"' | '`', _) => skip_past(&mut rest, c),
            ('[', _) => skip_past(&mut rest, ']'),
            ('-', Some('-')) | ('#', _) => skip_past(&mut rest, '\n'),
            ('/', Some('*')) => {
                let mut last = ' ';
                for c in rest.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            _ => {}
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

// A doubled quote ends one text and begins the next, which comes to the same.
fn skip_past(rest: &mut impl Iterator<Item = char>, end: char) {
    for c in rest {
        if c == end {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_only_inserts_or_refuses_is_harmless() {
        for body in [
            "BEGIN INSERT INTO log (what) VALUES ('DELETE'); END",
            "SELECT RAISE(ABORT, 'UPDATE it instead')",
            "BEGIN PERFORM_ := 1; RETURN OLD; -- DELETE FROM x\nEND",
            "SELECT 1 FROM t FOR UPDATE; /* DELETE */",
            "SET NEW.name = REPLACE(OLD.name, 'a', 'b')",
            "INSERT INTO docs_fts (docs_fts, rowid) VALUES ('delete', old.id)",
        ] {
            assert_eq!(writes_rows(body), None, "{body}");
        }
    }

    #[test]
    fn a_body_that_may_change_rows_is_told_by_its_word() {
        for (body, word) in [
            ("delete from kids where lead_id = OLD.id;", "DELETE"),
            ("UPDATE leads SET deleted_at = now() WHERE id = OLD.id", "UPDATE"),
            ("INSERT OR REPLACE INTO counts VALUES (1)", "REPLACE"),
            ("EXECUTE 'DEL' || 'ETE FROM kids'", "EXECUTE"),
            ("PERFORM remove_kids(OLD.id)", "PERFORM"),
            (
                "INSERT INTO c VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 1",
                "UPDATE",
            ),
        ] {
            assert_eq!(writes_rows(body).as_deref(), Some(word), "{body}");
        }
    }
}
