//! The kin of `support/kin.rs` once more, in the oracle's own words.

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Teams,
    Members,
    Tasks,
    Invoices,
    Folders,
    Papers,
    Authors,
    Books,
    Tickets,
    Stores,
    Shelves,
}

/// A row, by a small number. A store's is its region and its code in one.
pub type Key = (Table, i64);

/// A column that names a row of another table.
pub struct Link {
    pub column: &'static str,
    pub parent: Table,
    /// Whether a row goes along with the row that it names.
    pub cascades: bool,
    pub nullable: bool,
}

const fn cascade(column: &'static str, parent: Table) -> Link {
    Link {
        column,
        parent,
        cascades: true,
        nullable: false,
    }
}

const fn optional(column: &'static str, parent: Table) -> Link {
    Link {
        column,
        parent,
        cascades: true,
        nullable: true,
    }
}

/// Tables that have nothing to do with the others, parents first.
pub const FAMILIES: [&[Table]; 5] = [
    &[Table::Teams, Table::Members, Table::Tasks, Table::Invoices],
    &[Table::Folders, Table::Papers],
    &[Table::Authors, Table::Books],
    &[Table::Tickets],
    &[Table::Stores, Table::Shelves],
];

impl Table {
    pub fn name(self) -> &'static str {
        match self {
            Self::Teams => "teams",
            Self::Members => "members",
            Self::Tasks => "tasks",
            Self::Invoices => "invoices",
            Self::Folders => "folders",
            Self::Papers => "papers",
            Self::Authors => "authors",
            Self::Books => "books",
            Self::Tickets => "tickets",
            Self::Stores => "stores",
            Self::Shelves => "shelves",
        }
    }

    /// What its rows hang on.
    pub fn links(self) -> &'static [Link] {
        const RESTRICTING: Link = Link {
            column: "team_id",
            parent: Table::Teams,
            cascades: false,
            nullable: false,
        };
        match self {
            Self::Teams | Self::Stores => &[],
            Self::Members => const { &[cascade("team_id", Self::Teams)] },
            Self::Tasks => {
                const {
                    &[
                        optional("team_id", Self::Teams),
                        optional("member_id", Self::Members),
                    ]
                }
            }
            Self::Invoices => &[RESTRICTING],
            Self::Folders => const { &[optional("parent_id", Self::Folders)] },
            Self::Papers => const { &[cascade("folder_id", Self::Folders)] },
            Self::Authors => const { &[optional("inspired_by", Self::Books)] },
            Self::Books => const { &[cascade("author_id", Self::Authors)] },
            Self::Tickets => {
                const {
                    &[
                        optional("parent_id", Self::Tickets),
                        optional("duplicate_of", Self::Tickets),
                    ]
                }
            }
            Self::Shelves => const { &[cascade("region, code", Self::Stores)] },
        }
    }

    /// How many rows it may have.
    pub fn rows(self) -> i64 {
        match self {
            Self::Folders => 8,
            Self::Tickets => 6,
            Self::Tasks => 5,
            Self::Teams => 3,
            Self::Invoices => 1,
            _ => 4,
        }
    }
}

/// The two parts of a store's key.
pub fn store(number: i64) -> (&'static str, i32) {
    let code = i32::try_from(number / 2).expect("a small number");
    (if number % 2 == 0 { "north" } else { "south" }, code)
}

/// A row's key as the audit trail writes it.
pub fn record_id((table, number): Key) -> String {
    if table == Table::Stores {
        let (region, code) = store(number);
        return format!("{region},{code}");
    }
    number.to_string()
}

/// `INSERT` of a row that is active.
pub fn insert(table: Table, row: i64, parents: &[Option<i64>], email: Option<i64>) -> String {
    let mut columns = vec![key_columns(table).to_owned()];
    let mut values = vec![key_values(table, row)];
    for (link, to) in table.links().iter().zip(parents) {
        columns.push(link.column.to_owned());
        values.push(to.map_or_else(|| "NULL".to_owned(), |to| key_values(link.parent, to)));
    }
    if let Some(email) = email {
        columns.push("email".to_owned());
        values.push(format!("'{email}'"));
    }
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name(),
        columns.join(", "),
        values.join(", ")
    )
}

/// `UPDATE` of the column, or columns, that name a parent.
pub fn hang(table: Table, row: i64, link: usize, to: Option<i64>) -> String {
    let link = &table.links()[link];
    let set = match to {
        Some(to) if link.parent == Table::Stores => {
            let (region, code) = store(to);
            format!("region = '{region}', code = {code}")
        }
        Some(to) => format!("{} = {to}", link.column),
        None => format!("{} = NULL", link.column),
    };
    format!("UPDATE {} SET {set} WHERE id = {row}", table.name())
}

/// `UPDATE` that marks a row deleted, and says nothing else.
pub fn mark(table: Table, row: i64, at: &str) -> String {
    let columns = key_columns(table);
    format!(
        "UPDATE {} SET deleted_at = '{at}' WHERE ({columns}) = ({})",
        table.name(),
        key_values(table, row)
    )
}

/// Statements that remove all rows of a family, the audit trail and all holds.
pub fn empty(family: &[Table]) -> String {
    let mut sql = vec![
        "DELETE FROM soft_delete_audit".to_owned(),
        "DELETE FROM soft_delete_holds".to_owned(),
    ];
    for table in family.iter().rev() {
        // MariaDB looks at every row alone: none may name another any more.
        for link in table.links().iter().filter(|link| link.nullable) {
            sql.push(format!("UPDATE {} SET {} = NULL", table.name(), link.column));
        }
        sql.push(format!("DELETE FROM {}", table.name()));
    }
    sql.join("; ")
}

/// `SELECT` of all rows of a family: table, number, time and operation of the deletion as texts.
pub fn select(family: &[Table], deleted_at: &str, text: &str) -> String {
    let rows = family.iter().map(|table| {
        let number = match table {
            Table::Stores => "code * 2 + CASE region WHEN 'north' THEN 0 ELSE 1 END",
            _ => "id",
        };
        let name = table.name();
        format!("SELECT CAST('{name}' AS {text}) AS model, CAST({number} AS {text}) AS number, {deleted_at} AS deleted_at, CAST(deletion_id AS {text}) AS deletion_id FROM {name}")
    });
    rows.collect::<Vec<_>>().join(" UNION ALL ")
}

fn key_columns(table: Table) -> &'static str {
    if table == Table::Stores {
        "region, code"
    } else {
        "id"
    }
}

fn key_values(table: Table, number: i64) -> String {
    if table == Table::Stores {
        let (region, code) = store(number);
        return format!("'{region}', {code}");
    }
    number.to_string()
}
