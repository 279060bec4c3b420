//! The models of the suite. Their Rust and SQL types differ with the database and the style, their shape does not.

/// The type that a time is given to a query as: Diesel has none with a zone for MySQL.
macro_rules! time_param {
    ($time:ty) => {
        $time
    };
    ($time:ty, $read_as:ty) => {
        chrono::NaiveDateTime
    };
}

/// Tables and models with these types: `time` for `deleted_at`, `id` for `deletion_id`.
macro_rules! models {
    (time: $time_sql:ident as $time:ty $(, read as $read_as:ty)?; id: $id_sql:ident as $id:ty;) => {
        diesel::table! {
            leads (id) {
                id -> BigInt,
                full_name -> Text,
                email -> Nullable<Text>,
                owner_id -> BigInt,
                deleted_at -> Nullable<$time_sql>,
                deleted_by -> Nullable<Text>,
                deletion_reason -> Nullable<Text>,
                deletion_id -> Nullable<$id_sql>,
            }
        }
        diesel::table! {
            callbacks (id) {
                id -> BigInt,
                lead_id -> BigInt,
                deleted_at -> Nullable<$time_sql>,
                deleted_by -> Nullable<BigInt>,
                deletion_id -> Nullable<$id_sql>,
            }
        }
        diesel::table! {
            taggings (lead_id, tag) {
                lead_id -> BigInt,
                tag -> Text,
                deleted_at -> Nullable<$time_sql>,
                deletion_reason -> Nullable<Text>,
            }
        }
        diesel::table! {
            notes (slug) {
                slug -> Text,
                #[sql_name = "removed on"]
                removed_on -> Nullable<$time_sql>,
                hidden -> Bool,
            }
        }
        diesel::table! {
            attachments (id) {
                id -> Binary,
                deleted_at -> Nullable<$time_sql>,
                deleted_by -> Nullable<Integer>,
            }
        }
        diesel::table! {
            #[sql_name = "order \"of\" the `day`, naïve"]
            orders (id) {
                #[sql_name = "select"]
                id -> BigInt,
                #[sql_name = "from \"where\""]
                deleted_at -> Nullable<$time_sql>,
                #[sql_name = "group"]
                deleted_by -> Nullable<Text>,
            }
        }
        diesel::table! {
            contracts (id) {
                id -> BigInt,
                deleted_at -> Nullable<$time_sql>,
                deletion_id -> Nullable<$id_sql>,
                purge_after -> Nullable<$time_sql>,
            }
        }
        diesel::table! {
            soft_delete_audit (id) {
                id -> BigInt,
                operation_id -> $id_sql,
                action -> Text,
                model -> Text,
                record_id -> Text,
                actor -> Text,
                reason -> Nullable<Text>,
                root -> Bool,
            }
        }
        diesel::joinable!(callbacks -> leads (lead_id));
        diesel::allow_tables_to_appear_in_same_query!(leads, callbacks);

        #[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = leads)]
        #[soft_delete(label = full_name, unique(email))]
        pub struct Lead {
            pub id: i64,
            pub full_name: String,
            pub email: Option<String>,
            pub owner_id: i64,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deleted_by: Option<String>,
            pub deletion_reason: Option<String>,
            pub deletion_id: Option<$id>,
        }

        /// The same table through a key of its own type, with hooks.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = leads)]
        #[soft_delete(hooks = ($crate::support::hook::Watcher,), retention = "forever")]
        pub struct WatchedLead {
            pub id: LeadId,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deletion_id: Option<$id>,
        }

        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, diesel_derive_newtype::DieselNewType)]
        pub struct LeadId(pub i64);

        /// Deleted by a number.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, SoftDelete)]
        #[diesel(table_name = callbacks, belongs_to(Lead))]
        #[soft_delete(retention = "immediate")]
        pub struct Callback {
            pub id: i64,
            pub lead_id: i64,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deleted_by: Option<i64>,
            pub deletion_id: Option<$id>,
        }

        /// A composite key, and nothing goes without a reason.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = taggings, primary_key(lead_id, tag))]
        #[soft_delete(reason = required)]
        pub struct Tagging {
            pub lead_id: i64,
            pub tag: String,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deletion_reason: Option<String>,
        }

        /// A text key, roles by attribute, no audit.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = notes, primary_key(slug))]
        #[soft_delete(audit = false)]
        pub struct Note {
            pub slug: String,
            #[soft_delete(deleted_at)]
            $(#[diesel(deserialize_as = $read_as)])?
            pub removed_on: Option<$time>,
            #[soft_delete(is_deleted)]
            pub hidden: bool,
        }

        /// A binary key.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = attachments)]
        pub struct Attachment {
            pub id: Vec<u8>,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deleted_by: Option<i32>,
        }

        /// Names that would be something else without quotes.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = orders)]
        pub struct Order {
            pub id: i64,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deleted_by: Option<String>,
        }

        /// Rows say when they become due.
        #[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = contracts)]
        pub struct Contract {
            pub id: i64,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            pub deletion_id: Option<$id>,
            $(#[diesel(deserialize_as = $read_as)])?
            pub purge_after: Option<$time>,
        }

        /// The same table, for the one test that configures its retention.
        #[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = contracts)]
        pub struct ConfiguredPaper {
            pub id: i64,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
            $(#[diesel(deserialize_as = $read_as)])?
            pub purge_after: Option<$time>,
        }

        /// The leads, for the one test that configures their retention.
        #[derive(Debug, Clone, Queryable, Selectable, Identifiable, SoftDelete)]
        #[diesel(table_name = leads)]
        pub struct ConfiguredLead {
            pub id: i64,
            $(#[diesel(deserialize_as = $read_as)])?
            pub deleted_at: Option<$time>,
        }

        /// The time that a row was read with, as a parameter.
        pub fn time_param(lead: &Lead) -> Option<time_param!($time $(, $read_as)?)> {
            let mut param = None;
            soft_delete::TimeField::set(&mut param, SoftDelete::deleted_at(lead));
            param
        }

        /// A table whose rows say when they become due, with three of them.
        pub fn create_papers(db: &TestDatabase) {
            db.create("CREATE TABLE contracts (id BIGINT PRIMARY KEY)", Contract::descriptor());
            db.sql("INSERT INTO contracts (id) VALUES (1), (2), (3)");
        }

        /// The library's own tables, three leads and two callbacks of the first.
        pub fn prepare(db: &TestDatabase) {
            db.migrate();
            db.create(
                "CREATE TABLE leads (id BIGINT PRIMARY KEY, full_name VARCHAR(100) NOT NULL, email VARCHAR(100), owner_id BIGINT NOT NULL)",
                Lead::descriptor(),
            );
            db.create("CREATE TABLE callbacks (id BIGINT PRIMARY KEY, lead_id BIGINT NOT NULL)", Callback::descriptor());
            db.sql("INSERT INTO leads (id, full_name, email, owner_id) VALUES (1, 'Ada', 'ada@example.com', 7), (2, 'Grace', NULL, 7), (3, 'Charles', 'c@example.com', 8)");
            db.sql("INSERT INTO callbacks (id, lead_id) VALUES (10, 1), (11, 1)");
        }
    };
}
