//! Tables of any application, as the database's catalogue describes them, and the models that can be made of them.

use diesel::connection::LoadConnection;

use crate::{
    Column, ColumnKind, Database, Descriptor, Dialect, Result, TableName, engine,
    executor::{Blocking, run},
    flag::FlagValues,
};

/// A table that has a column of the name that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundTable {
    name: TableName,
    database: Database,
    columns: Vec<FoundColumn>,
    pub(crate) unique: Vec<FoundUnique>,
}

/// A unique index on a part of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundUnique {
    pub(crate) columns: Vec<String>,
    /// Which part, in the database's words.
    pub(crate) condition: String,
}

impl FoundUnique {
    // Whether it is an index on the active rows and no others: whatever else it says, nothing is concluded from it.
    fn is_on_active(&self, roles: &Roles) -> bool {
        let bare = |text: &str| {
            let text = text.replace(['"', '`', '[', ']', '(', ')'], " ").to_lowercase();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let condition = bare(&self.condition);
        let flag = roles.is_deleted.as_deref().map(bare);
        condition == format!("{} is null", bare(&roles.deleted_at))
            || flag.is_some_and(|flag| {
                let said =
                    ["not {}", "{} = false", "{} = 0", "{} is false"].map(|form| form.replace("{}", &flag));
                said.contains(&condition)
            })
    }
}

/// A column as the catalogue describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundColumn {
    /// The SQL name.
    pub name: String,
    /// The type in the database's words.
    pub sql_type: String,
    /// Whether it can be NULL.
    pub is_nullable: bool,
    /// Its place in the primary key, from 1.
    pub key_place: Option<usize>,
    /// Whether the database computes it, so that nobody can write it.
    pub is_generated: bool,
}

/// A foreign key among tables that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundForeignKey {
    /// The table whose rows refer to others.
    pub child: TableName,
    /// Its columns, in the order of those that they refer to.
    pub columns: Vec<String>,
    /// The parent's columns that they refer to: its primary key, or others that are unique.
    pub parent_columns: Vec<String>,
    /// Whether a row can be without a parent.
    pub is_nullable: bool,
    /// The table that they refer to.
    pub parent: TableName,
}

/// Which columns of a table play which role, by their SQL names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Roles {
    /// When a row was deleted.
    pub deleted_at: String,
    /// Who deleted it.
    pub deleted_by: Option<String>,
    /// Why.
    pub deletion_reason: Option<String>,
    /// In which operation.
    pub deletion_id: Option<String>,
    /// When it becomes due.
    pub purge_after: Option<String>,
    /// A flag that is kept in step.
    pub is_deleted: Option<String>,
    /// What names a row to people.
    pub label: Option<String>,
}

impl Roles {
    /// The columns that play a role.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let optional = [
            &self.deleted_by,
            &self.deletion_reason,
            &self.deletion_id,
            &self.purge_after,
            &self.is_deleted,
            &self.label,
        ];
        let optional = optional.into_iter().filter_map(Option::as_deref);
        [self.deleted_at.as_str()].into_iter().chain(optional)
    }
}

impl FoundTable {
    /// A table without columns yet; [`discover`] finds whole ones, and this is for somebody who remembers what it found.
    ///
    /// ```
    /// use soft_delete_diesel::{Database, FoundColumn, FoundTable, TableName};
    /// let mut leads = FoundTable::new(Database::Sqlite, TableName::new("leads"));
    /// leads.add(FoundColumn::new("id", "bigint").in_key(1));
    /// leads.add(FoundColumn::new("deleted_at", "timestamp"));
    /// assert_eq!(leads.descriptor(&leads.roles("deleted_at")).unwrap().name(), "leads");
    /// ```
    #[must_use]
    pub fn new(database: Database, name: TableName) -> Self {
        Self {
            name,
            database,
            columns: Vec::new(),
            unique: Vec::new(),
        }
    }

    /// The same table under another name that it goes by.
    pub(crate) fn under(&self, name: TableName) -> Self {
        Self { name, ..self.clone() }
    }

    /// Adds a column behind the others.
    pub fn add(&mut self, column: FoundColumn) {
        self.columns.push(column);
    }

    /// Its name.
    pub fn name(&self) -> &TableName {
        &self.name
    }

    /// Its columns, in their order.
    pub fn columns(&self) -> &[FoundColumn] {
        &self.columns
    }

    /// The roles as the usual names tell, of Django, Rails, Laravel and of this library; a column whose type or whose
    /// `NOT NULL` does not let it play its role is left out, and [`FoundTable::left_out`] says why.
    pub fn roles(&self, deleted_at: &str) -> Roles {
        let usual = |role| {
            let column = self.usual(role)?;
            self.plays(role, &column.name).ok()?;
            Some(column.name.clone())
        };
        Roles {
            deleted_at: deleted_at.to_owned(),
            deleted_by: usual(Role::DeletedBy),
            deletion_reason: usual(Role::DeletionReason),
            deletion_id: usual(Role::DeletionId),
            purge_after: usual(Role::PurgeAfter),
            is_deleted: usual(Role::IsDeleted),
            label: usual(Role::Label),
        }
    }

    /// What keeps columns with the usual names of roles from playing them, in words for people.
    ///
    /// ```
    /// use soft_delete_diesel::{Database, FoundColumn, FoundTable, TableName};
    /// let mut leads = FoundTable::new(Database::Sqlite, TableName::new("leads"));
    /// leads.add(FoundColumn::new("is_deleted", "varchar(5)"));
    /// assert_eq!(leads.left_out(), ["is_deleted is varchar(5), which cannot be its is_deleted"]);
    /// ```
    pub fn left_out(&self) -> Vec<String> {
        let roles = [
            Role::DeletedBy,
            Role::DeletionReason,
            Role::DeletionId,
            Role::PurgeAfter,
            Role::IsDeleted,
        ];
        let problem = |role| self.plays(role, &self.usual(role)?.name).err();
        roles.into_iter().filter_map(problem).collect()
    }

    fn usual(&self, role: Role) -> Option<&FoundColumn> {
        role.usual_names().iter().find_map(|name| self.column(name))
    }

    /// The model of this table with these roles.
    ///
    /// # Errors
    /// Says in words for people what the table lacks.
    pub fn descriptor(&self, roles: &Roles) -> std::result::Result<Descriptor, String> {
        let deleted_at = self.plays(Role::DeletedAt, &roles.deleted_at)?;
        let key = self.primary_key();
        if key.is_empty() {
            return Err("it has no primary key".to_owned());
        }
        let mut model = Descriptor::new(self.name.clone(), deleted_at);
        for column in key {
            let part = self.plays(Role::Key, &column.name)?;
            let is_citext = column.sql_type.eq_ignore_ascii_case("citext");
            model = model.key(if is_citext {
                Column::new(&column.name, ColumnKind::Citext)
            } else {
                part
            });
        }
        if let Some(name) = &roles.deleted_by {
            model = model
                .deleted_by(self.plays(Role::DeletedBy, name)?)
                .actor_may_not_fit();
        }
        if let Some(name) = &roles.deletion_reason {
            model = model.deletion_reason(self.plays(Role::DeletionReason, name)?);
        }
        if let Some(name) = &roles.deletion_id {
            model = model.deletion_id(self.plays(Role::DeletionId, name)?);
        }
        if let Some(name) = &roles.purge_after {
            model = model.purge_after(self.plays(Role::PurgeAfter, name)?);
        }
        if let Some(name) = &roles.is_deleted {
            let column = self.plays(Role::IsDeleted, name)?;
            let found = self.named(Role::IsDeleted, name)?;
            let values = FlagValues::of_enumeration(&found.sql_type);
            let mut flag = values.unwrap_or_else(|| FlagValues::of(column.kind()));
            flag.is_generated = found.is_generated;
            model = model.flagged_by(column, flag);
        }
        if let Some(name) = &roles.label {
            self.named(Role::Label, name)?;
            model = model.label(name);
        }
        for index in self.unique.iter().filter(|index| index.is_on_active(roles)) {
            if index.columns.iter().all(|name| self.column(name).is_some()) {
                model = model.unique(&index.columns);
            }
        }
        Ok(model)
    }

    /// The columns of its primary key, in their order.
    pub fn primary_key(&self) -> Vec<&FoundColumn> {
        let mut key: Vec<&FoundColumn> = self
            .columns
            .iter()
            .filter(|column| column.key_place.is_some())
            .collect();
        key.sort_by_key(|column| column.key_place);
        key
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&FoundColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    fn named(&self, role: Role, name: &str) -> std::result::Result<&FoundColumn, String> {
        self.column(name)
            .ok_or_else(|| format!("it has no column {name} for the role {}", role.name()))
    }

    // The column with this name, if it can play the role.
    fn plays(&self, role: Role, name: &str) -> std::result::Result<Column, String> {
        let column = self.named(role, name)?;
        let is_flag = role == Role::IsDeleted && FlagValues::of_enumeration(&column.sql_type).is_some();
        let kind = column
            .kind(self.database)
            .filter(|kind| role.is_played_by(*kind))
            .or(is_flag.then_some(ColumnKind::Text));
        let kind = kind.ok_or_else(|| {
            format!(
                "{name} is {}, which cannot be its {}",
                column.sql_type,
                role.name()
            )
        })?;
        if role.is_written() && column.is_generated {
            return Err(format!(
                "{name} is generated, and the library could not write its {}",
                role.name()
            ));
        }
        if role.is_null_in_active_rows() && !column.is_nullable {
            return Err(format!("{name} is NOT NULL, and is NULL in active rows"));
        }
        Ok(Column::new(name, kind))
    }
}

/// What a column of a table is to a model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Key,
    DeletedAt,
    DeletedBy,
    DeletionReason,
    DeletionId,
    PurgeAfter,
    IsDeleted,
    Label,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::DeletedAt => "deleted_at",
            Self::DeletedBy => "deleted_by",
            Self::DeletionReason => "deletion_reason",
            Self::DeletionId => "deletion_id",
            Self::PurgeAfter => "purge_after",
            Self::IsDeleted => "is_deleted",
            Self::Label => "label",
        }
    }

    fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Key => &[],
            Self::DeletedAt => &["deleted_at"],
            Self::DeletedBy => &["deleted_by", "deleted_by_id"],
            Self::DeletionReason => &["deletion_reason", "delete_reason", "deleted_reason"],
            Self::DeletionId => &["deletion_id"],
            Self::PurgeAfter => &["purge_after"],
            Self::IsDeleted => &["is_deleted"],
            Self::Label => &[
                "name",
                "full_name",
                "title",
                "subject",
                "label",
                "email",
                "username",
                "slug",
            ],
        }
    }

    fn is_played_by(self, kind: ColumnKind) -> bool {
        match self {
            Self::Key => kind.can_be_key(),
            Self::DeletedAt | Self::PurgeAfter => {
                matches!(kind, ColumnKind::Timestamp | ColumnKind::ZonedTimestamp)
            }
            Self::DeletedBy => kind.can_be_actor(),
            Self::DeletionReason | Self::Label => kind == ColumnKind::Text,
            Self::DeletionId => matches!(kind, ColumnKind::Text | ColumnKind::Uuid),
            Self::IsDeleted => kind == ColumnKind::Bool || kind.is_integer(),
        }
    }

    // A flag that the database computes is read all the same.
    fn is_written(self) -> bool {
        !matches!(self, Self::Key | Self::IsDeleted | Self::Label)
    }

    fn is_null_in_active_rows(self) -> bool {
        self.is_written()
    }
}

impl FoundColumn {
    /// A column that can be NULL and is in no key, of a type in the database's words.
    #[must_use]
    pub fn new(name: impl Into<String>, sql_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: sql_type.into(),
            is_nullable: true,
            key_place: None,
            is_generated: false,
        }
    }

    /// The same column at this place of the primary key, from 1; it cannot be NULL then.
    #[must_use]
    pub fn in_key(mut self, place: usize) -> Self {
        self.key_place = Some(place);
        self.is_nullable = false;
        self
    }

    /// What the column holds, if the library can work with it.
    pub(crate) fn kind(&self, database: Database) -> Option<ColumnKind> {
        let sql_type = self.sql_type.to_ascii_lowercase();
        let word = sql_type
            .split(|end: char| !end.is_ascii_alphanumeric() && end != '_')
            .next()
            .unwrap_or_default();
        Some(match (database, word) {
            (_, "bool" | "boolean") | (Database::Sqlite, "bit") => ColumnKind::Bool,
            (Database::Mysql, "tinyint") if sql_type.starts_with("tinyint(1)") => ColumnKind::Bool,
            (Database::Mysql, "bit") if sql_type == "bit(1)" => ColumnKind::Bool,
            // A column that is declared a number holds 64 bits there; an unsigned one may hold more than its signed sibling.
            (Database::Mysql, "bigint") if sql_type.contains("unsigned") => ColumnKind::UnsignedBigInt,
            (Database::Sqlite, "int" | "integer" | "smallint" | "tinyint") | (_, "bigint") => {
                ColumnKind::BigInt
            }
            (_, "int" | "integer") if sql_type.contains("unsigned") => ColumnKind::BigInt,
            (_, "int" | "integer" | "mediumint") => ColumnKind::Integer,
            (_, "smallint") if sql_type.contains("unsigned") => ColumnKind::Integer,
            (_, "smallint" | "tinyint") => ColumnKind::SmallInt,
            (Database::Postgres, "uuid") => ColumnKind::Uuid,
            (_, "binary" | "varbinary" | "blob" | "bytea") => ColumnKind::Binary,
            (_, "char" | "varchar" | "text" | "character" | "citext" | "nvarchar" | "uuid") => {
                ColumnKind::Text
            }
            (Database::Mysql, "tinytext" | "mediumtext" | "longtext") => ColumnKind::Text,
            (Database::Postgres, "timestamp") if sql_type.contains("with time zone") => {
                ColumnKind::ZonedTimestamp
            }
            (_, "timestamp" | "datetime" | "timestamptz") => ColumnKind::Timestamp,
            _ => return None,
        })
    }
}

/// Finds all tables that have a column of this name, in what the connection sees: on PostgreSQL in all schemas, on MySQL in the
/// current database.
///
/// One query of the catalogue; nothing is read from the tables. Make models of them with [`FoundTable::descriptor`].
///
/// # Errors
/// [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_diesel::{Registry, discover};
/// let tables = discover(&mut conn, "deleted_at")?;
/// let leads = tables.iter().find(|table| table.name().to_string() == "leads").unwrap();
/// let model = leads.descriptor(&leads.roles("deleted_at")).unwrap();
/// let registry = Registry::new().with_table(model);
/// assert_eq!(registry.stats(&mut conn)?[0].active, 2);
/// # Ok(())
/// # }
/// ```
pub fn discover<C>(conn: &mut C, deleted_at: &str) -> Result<Vec<FoundTable>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::discover(&mut Blocking(conn), deleted_at))
}

/// The table of a name with its schema among tables that [`discover`] found, which names a schema only where it must: `main.leads`
/// where it found `leads`. `None` where it did not find it.
///
/// At most one query of the catalogue.
///
/// # Errors
/// [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// use soft_delete_diesel::{TableName, discover, find_discovered};
/// let tables = discover(&mut conn, "deleted_at")?;
/// let leads = find_discovered(&mut conn, &tables, &TableName::new("leads").in_schema("main"))?.unwrap();
/// assert_eq!(leads.name().to_string(), "main.leads");
/// # Ok(())
/// # }
/// ```
pub fn find_discovered<C>(conn: &mut C, tables: &[FoundTable], name: &TableName) -> Result<Option<FoundTable>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::find_discovered(&mut Blocking(conn), tables, name))
}

/// Looks up the unique indexes on the active rows of these tables, so that their models know what keeps a row from coming back: a
/// restore plan tells of it before the database does. On MySQL and MariaDB there are no such indexes.
///
/// One query of the catalogue for each table.
///
/// # Errors
/// [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// # use diesel::connection::SimpleConnection;
/// use soft_delete_diesel::{discover, discover_unique_keys};
/// conn.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, deleted_at TIMESTAMP); CREATE UNIQUE INDEX active_email ON users (email) WHERE deleted_at IS NULL")?;
/// let mut tables = discover(&mut conn, "deleted_at")?;
/// discover_unique_keys(&mut conn, &mut tables)?;
/// let users = tables.iter().find(|table| table.name().name() == "users").unwrap();
/// assert_eq!(users.descriptor(&users.roles("deleted_at")).unwrap().unique_keys(), [["email"]]);
/// # Ok(())
/// # }
/// ```
pub fn discover_unique_keys<C>(conn: &mut C, tables: &mut [FoundTable]) -> Result<()>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::discover_unique_keys(&mut Blocking(conn), tables))
}

/// The foreign keys by which rows of these tables refer to rows of others of them: what may be a
/// [`TableRelation`](crate::TableRelation), if somebody says so. A foreign key may refer to other columns than the primary key;
/// those are [`references`](crate::TableRelation::references) of the relation.
///
/// One query of the catalogue for each table.
///
/// # Errors
/// [`Database`](crate::Error::Database).
///
/// ```
/// # include!("doctest_setup.rs");
/// # fn main() -> soft_delete_diesel::Result<()> {
/// # let mut conn = connection();
/// # use diesel::connection::SimpleConnection;
/// use soft_delete_diesel::{discover, discover_foreign_keys};
/// conn.batch_execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, lead_id BIGINT REFERENCES leads (id), deleted_at TIMESTAMP)")?;
/// let tables = discover(&mut conn, "deleted_at")?;
/// let keys = discover_foreign_keys(&mut conn, &tables)?;
/// assert_eq!((keys[0].child.name(), keys[0].columns[0].as_str(), keys[0].parent.name()), ("notes", "lead_id", "leads"));
/// # Ok(())
/// # }
/// ```
pub fn discover_foreign_keys<C>(conn: &mut C, tables: &[FoundTable]) -> Result<Vec<FoundForeignKey>>
where
    C: LoadConnection<Backend: Dialect>,
{
    run(engine::discover_foreign_keys(&mut Blocking(conn), tables))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_index_on_active_rows_is_one() {
        let roles = Roles {
            deleted_at: "deleted_at".to_owned(),
            is_deleted: Some("is_deleted".to_owned()),
            ..Roles::default()
        };
        let is_on_active = |condition: &str| {
            let index = FoundUnique {
                columns: vec!["email".to_owned()],
                condition: condition.to_owned(),
            };
            index.is_on_active(&roles)
        };
        for condition in [
            "(deleted_at IS NULL)",
            "\"deleted_at\" is null",
            "(NOT is_deleted)",
            "[is_deleted] = 0",
        ] {
            assert!(is_on_active(condition), "{condition}");
        }
        for condition in [
            "",
            "(deleted_at IS NOT NULL)",
            "((deleted_at IS NULL) AND (kind = 'a'::text))",
            "(is_deleted)",
            "not_deleted_at is null",
        ] {
            assert!(!is_on_active(condition), "{condition}");
        }
    }
}
