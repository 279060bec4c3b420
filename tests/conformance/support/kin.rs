//! Models that hang on each other: a diamond, a tree, a circle, two ways through one table, a composite key, owned rows,
//! restrictions.

/// Tables and models with these types, as in `models!`.
macro_rules! kin {
    (time: $time_sql:ident as $time:ty $(, read as $read_as:ty)?; id: $id_sql:ident as $id:ty;) => {
        kin_table!(teams, $time_sql, $id_sql, { email -> Nullable<Text>, });
        kin_table!(members, $time_sql, $id_sql, { team_id -> BigInt, });
        kin_table!(tasks, $time_sql, $id_sql, { team_id -> Nullable<BigInt>, member_id -> Nullable<BigInt>, });
        kin_table!(invoices, $time_sql, $id_sql, { team_id -> BigInt, });
        kin_table!(folders, $time_sql, $id_sql, { parent_id -> Nullable<BigInt>, });
        kin_table!(papers, $time_sql, $id_sql, { folder_id -> BigInt, });
        kin_table!(authors, $time_sql, $id_sql, { inspired_by -> Nullable<BigInt>, });
        kin_table!(books, $time_sql, $id_sql, { author_id -> BigInt, });
        kin_table!(tickets, $time_sql, $id_sql, { parent_id -> Nullable<BigInt>, duplicate_of -> Nullable<BigInt>, });
        kin_table!(shelves, $time_sql, $id_sql, { region -> Text, code -> Integer, });
        diesel::table! {
            stores (region, code) {
                region -> Text,
                code -> Integer,
                deleted_at -> Nullable<$time_sql>,
                deletion_id -> Nullable<$id_sql>,
            }
        }
        diesel::table! {
            pictures (id) {
                id -> BigInt,
                team_id -> BigInt,
            }
        }

        kin_model!(Team, teams, [$time $(, $read_as)?], $id, { email: Option<String>, },
            [unique(email), cascade(Member, Task), restrict(Invoice), owns(Picture)], []; []);
        kin_model!(Member, members, [$time $(, $read_as)?], $id, { team_id: i64, },
            [cascade(Task)], [Associations]; [belongs_to(Team)]);
        kin_model!(Task, tasks, [$time $(, $read_as)?], $id, { team_id: Option<i64>, member_id: Option<i64>, },
            [], [Associations]; [belongs_to(Team), belongs_to(Member)]);
        kin_model!(Invoice, invoices, [$time $(, $read_as)?], $id, { team_id: i64, },
            [], [Associations]; [belongs_to(Team)]);
        kin_model!(Folder, folders, [$time $(, $read_as)?], $id, { parent_id: Option<i64>, },
            [cascade(Self(folders::parent_id), Paper)], []; []);
        kin_model!(Paper, papers, [$time $(, $read_as)?], $id, { folder_id: i64, },
            [hooks = $crate::support::hook::Watcher], [Associations]; [belongs_to(Folder)]);
        kin_model!(Author, authors, [$time $(, $read_as)?], $id, { inspired_by: Option<i64>, },
            [cascade(Book)], [Associations]; [belongs_to(Book, foreign_key = inspired_by)]);
        kin_model!(Book, books, [$time $(, $read_as)?], $id, { author_id: i64, },
            [cascade(Author(authors::inspired_by))], [Associations]; [belongs_to(Author)]);
        kin_model!(Ticket, tickets, [$time $(, $read_as)?], $id, { parent_id: Option<i64>, duplicate_of: Option<i64>, },
            [cascade(Self(tickets::parent_id), Self(tickets::duplicate_of))], []; []);
        kin_model!(Shelf, shelves, [$time $(, $read_as)?], $id, { region: String, code: i32, },
            [child_of(Store)], []; []);

        /// A composite key.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = stores, primary_key(region, code))]
        #[soft_delete(cascade(Shelf(shelves::region, shelves::code)))]
        pub struct Store {
            pub region: String,
            pub code: i32,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deletion_id: Option<$id>,
        }

        /// Without deletion columns.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
        #[diesel(table_name = pictures, belongs_to(Team))]
        pub struct Picture {
            pub id: i64,
            pub team_id: i64,
        }

        /// All of them.
        pub fn kin() -> soft_delete::Registry {
            soft_delete::Registry::new()
                .with::<Team>().with::<Member>().with::<Task>().with::<Invoice>()
                .with::<Folder>().with::<Paper>()
                .with::<Author>().with::<Book>()
                .with::<Ticket>()
                .with::<Store>().with::<Shelf>()
        }

        /// Their tables, empty, with foreign keys that the database keeps.
        pub fn prepare_kin(db: &TestDatabase) {
            let key = "id BIGINT PRIMARY KEY";
            for (sql, model) in [
                (format!("CREATE TABLE teams ({key}, email VARCHAR(100))"), Team::descriptor()),
                (format!("CREATE TABLE members ({key}, team_id BIGINT NOT NULL, FOREIGN KEY (team_id) REFERENCES teams (id))"), Member::descriptor()),
                (format!("CREATE TABLE tasks ({key}, team_id BIGINT, member_id BIGINT, FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (member_id) REFERENCES members (id))"), Task::descriptor()),
                (format!("CREATE TABLE invoices ({key}, team_id BIGINT NOT NULL, FOREIGN KEY (team_id) REFERENCES teams (id))"), Invoice::descriptor()),
                (format!("CREATE TABLE folders ({key}, parent_id BIGINT, FOREIGN KEY (parent_id) REFERENCES folders (id))"), Folder::descriptor()),
                (format!("CREATE TABLE papers ({key}, folder_id BIGINT NOT NULL, FOREIGN KEY (folder_id) REFERENCES folders (id))"), Paper::descriptor()),
                (format!("CREATE TABLE authors ({key}, inspired_by BIGINT)"), Author::descriptor()),
                (format!("CREATE TABLE books ({key}, author_id BIGINT NOT NULL, FOREIGN KEY (author_id) REFERENCES authors (id))"), Book::descriptor()),
                (format!("CREATE TABLE tickets ({key}, parent_id BIGINT, duplicate_of BIGINT, FOREIGN KEY (parent_id) REFERENCES tickets (id), FOREIGN KEY (duplicate_of) REFERENCES tickets (id))"), Ticket::descriptor()),
                ("CREATE TABLE stores (region VARCHAR(20) NOT NULL, code INTEGER NOT NULL, PRIMARY KEY (region, code))".to_owned(), Store::descriptor()),
                (format!("CREATE TABLE shelves ({key}, region VARCHAR(20) NOT NULL, code INTEGER NOT NULL, FOREIGN KEY (region, code) REFERENCES stores (region, code))"), Shelf::descriptor()),
            ] {
                db.create(&sql, model);
            }
            db.sql(&format!("CREATE TABLE pictures ({key}, team_id BIGINT NOT NULL, FOREIGN KEY (team_id) REFERENCES teams (id))"));
        }
    };
}

/// A table with a numeric key and deletion columns.
macro_rules! kin_table {
    ($table:ident, $time_sql:ident, $id_sql:ident, { $($column:ident -> $sql:ty,)* }) => {
        diesel::table! {
            $table (id) {
                id -> BigInt,
                $($column -> $sql,)*
                deleted_at -> Nullable<$time_sql>,
                deletion_id -> Nullable<$id_sql>,
            }
        }
    };
}

/// A model of such a table.
macro_rules! kin_model {
    ($model:ident, $table:ident, [$time:ty $(, $read_as:ty)?], $id:ty, { $($field:ident: $ty:ty,)* }, [$($key:tt)*], [$($derive:ident)?]; [$($belongs:tt)*]) => {
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, $($derive,)? SoftDelete)]
        #[diesel(table_name = $table, $($belongs)*)]
        #[soft_delete($($key)*)]
        pub struct $model {
            pub id: i64,
            $(pub $field: $ty,)*
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deletion_id: Option<$id>,
        }
    };
}
