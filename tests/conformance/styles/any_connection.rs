//! The enum of connections that the `multi` styles share.

#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Pg(diesel::PgConnection),
    Mysql(diesel::MysqlConnection),
    Sqlite(diesel::SqliteConnection),
}

soft_delete::multi_connection!(AnyConnection { Pg, Mysql, Sqlite });
