//! Ways to wait for an operation; the suite says `case!` and `act!` and does not know which it is.

/// Operations that are done when they return.
macro_rules! blocking_style {
    ($d:tt) => {
        /// Runs an operation.
        macro_rules! act {
                            ($d e:expr) => {
                                $d e
                            };
                        }

        /// A test with a database of its own.
        macro_rules! case {
                            ($d(#[$d meta:meta])* fn $d name:ident($d db:ident) $d body:block) => {
                                $d(#[$d meta])*
                                #[test]
                                fn $d name() {
                                    let $d db = TestDatabase::new(DATABASE);
                                    prepare(&$d db);
                                    $d body
                                }
                            };
                        }

        /// A function that a thread of a test runs.
        macro_rules! threaded {
                            (fn $d name:ident($d($d arg:ident: $d ty:ty),*) -> $d ret:ty $d body:block) => {
                                fn $d name($d($d arg: $d ty),*) -> $d ret $d body
                            };
                        }

        pub fn begin(conn: &mut Conn) {
            use diesel::connection::TransactionManager;
            <Conn as Connection>::TransactionManager::begin_transaction(conn).expect("begin");
        }

        pub fn rollback(conn: &mut Conn) {
            use diesel::connection::TransactionManager;
            <Conn as Connection>::TransactionManager::rollback_transaction(conn).expect("rollback");
        }

        pub fn commit(conn: &mut Conn) {
            use diesel::connection::TransactionManager;
            <Conn as Connection>::TransactionManager::commit_transaction(conn).expect("commit");
        }

        pub fn batch(conn: &mut Conn, sql: &str) {
            diesel::connection::SimpleConnection::batch_execute(conn, sql).expect(sql);
        }

        pub fn migrate(conn: &mut Conn) -> soft_delete::Result<Vec<&'static str>> {
            soft_delete::migrations::run(conn)
        }

        pub fn undo(
            conn: &mut Conn,
            registry: &soft_delete::Registry,
            operation: soft_delete::DeletionId,
            context: impl Into<soft_delete::Context>,
        ) -> soft_delete::Result<soft_delete::Operation> {
            soft_delete::undo(conn, registry, operation, context)
        }

        pub fn hold_operation(conn: &mut Conn, operation: soft_delete::DeletionId, context: soft_delete::Context) -> soft_delete::Result<soft_delete::Hold> {
            soft_delete::hold_operation(conn, operation, context)
        }

        pub fn release_operation(conn: &mut Conn, operation: soft_delete::DeletionId, actor: Actor) -> soft_delete::Result<u64> {
            soft_delete::release_operation(conn, operation, actor)
        }

        pub fn release(conn: &mut Conn, hold: soft_delete::DeletionId, actor: Actor) -> soft_delete::Result<()> {
            soft_delete::release(conn, hold, actor)
        }

        pub fn clean(conn: &mut Conn, cleanup: Cleanup<'_>) -> soft_delete::Result<soft_delete::CleanupReport> {
            cleanup.run(conn)
        }

        pub fn load(conn: &mut Conn, registry: &Registry, path: &std::path::Path) -> soft_delete::Result<soft_delete::LoadReport> {
            soft_delete::load_archive(conn, registry, path, crate::support::clock::at_noon("ann", "a mistake"))
        }

        pub fn force(conn: &mut Conn, cleanup: Cleanup<'_>, who: soft_delete::Context) -> soft_delete::Result<soft_delete::CleanupReport> {
            cleanup.force_regardless_of_age(conn, who)
        }

        pub fn activity(conn: &mut Conn, since: DateTime<Utc>) -> soft_delete::Result<Vec<soft_delete::DayActivity>> {
            soft_delete::activity(conn, since)
        }

        pub fn audit(conn: &mut Conn, trail: &soft_delete::Trail) -> soft_delete::Result<Vec<soft_delete::AuditRecord>> {
            soft_delete::audit(conn, trail)
        }

        /// A scheduler until it stops; at first there is no connection so many times.
        pub fn schedule(db: &TestDatabase, mut outages: u32, scheduler: soft_delete::Scheduler) {
            scheduler.run(|| {
                if outages > 0 {
                    outages -= 1;
                    return Err("the database is away");
                }
                Ok(connect(db))
            });
        }

        pub fn runs(conn: &mut Conn, page: soft_delete::Page) -> soft_delete::Result<Vec<soft_delete::Run>> {
            soft_delete::runs(conn, page)
        }

        pub fn stats(conn: &mut Conn, question: soft_delete::Stats<'_>) -> soft_delete::Result<Vec<soft_delete::ModelStats>> {
            question.run(conn)
        }

        pub fn list_deleted(conn: &mut Conn, registry: &Registry, model: &str, listing: &soft_delete::Listing) -> soft_delete::Result<soft_delete::DeletedPage> {
            registry.list_deleted(conn, model, listing)
        }

        pub fn doctor(conn: &mut Conn, registry: &Registry) -> soft_delete::Result<Vec<soft_delete::Finding>> {
            soft_delete::doctor(conn, registry)
        }

        pub fn holds(conn: &mut Conn, page: soft_delete::Page) -> soft_delete::Result<Vec<soft_delete::Hold>> {
            soft_delete::holds(conn, page)
        }

        pub fn operations(conn: &mut Conn, registry: &soft_delete::Registry, page: soft_delete::Page) -> soft_delete::Result<Vec<soft_delete::OperationEntry>> {
            soft_delete::operations(conn, registry, page)
        }

        pub fn count_expired(
            conn: &mut Conn,
            registry: &soft_delete::Registry,
            now: DateTime<Utc>,
        ) -> soft_delete::Result<Vec<soft_delete::ModelRows>> {
            registry.count_expired(conn, now)
        }
    };
}

/// Operations that are awaited.
macro_rules! async_style {
    ($d:tt) => {
        /// Awaits an operation.
        macro_rules! act {
            ($d e:expr) => {
                $d e.await
            };
        }

        /// A test with a database of its own.
        macro_rules! case {
            ($d(#[$d meta:meta])* fn $d name:ident($d db:ident) $d body:block) => {
                $d(#[$d meta])*
                #[test]
                fn $d name() {
                    let $d db = TestDatabase::new(DATABASE);
                    prepare(&$d db);
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async $d body);
                }
            };
        }

        /// A function that a thread of a test runs, with a runtime of its own.
        macro_rules! threaded {
            (fn $d name:ident($d($d arg:ident: $d ty:ty),*) -> $d ret:ty $d body:block) => {
                fn $d name($d($d arg: $d ty),*) -> $d ret {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async $d body)
                }
            };
        }

        pub async fn begin(conn: &mut Conn) {
            use diesel_async::TransactionManager;
            <Conn as diesel_async::AsyncConnection>::TransactionManager::begin_transaction(conn).await.expect("begin");
        }

        pub async fn rollback(conn: &mut Conn) {
            use diesel_async::TransactionManager;
            <Conn as diesel_async::AsyncConnection>::TransactionManager::rollback_transaction(conn)
                .await
                .expect("rollback");
        }

        pub async fn commit(conn: &mut Conn) {
            use diesel_async::TransactionManager;
            <Conn as diesel_async::AsyncConnection>::TransactionManager::commit_transaction(conn).await.expect("commit");
        }

        pub async fn batch(conn: &mut Conn, sql: &str) {
            diesel_async::SimpleAsyncConnection::batch_execute(conn, sql).await.expect(sql);
        }

        pub async fn migrate(conn: &mut Conn) -> soft_delete::Result<Vec<&'static str>> {
            soft_delete::migrations::run_async(conn).await
        }

        pub async fn undo(
            conn: &mut Conn,
            registry: &soft_delete::Registry,
            operation: soft_delete::DeletionId,
            context: impl Into<soft_delete::Context> + Send,
        ) -> soft_delete::Result<soft_delete::Operation> {
            soft_delete::undo_async(conn, registry, operation, context).await
        }

        pub async fn hold_operation(conn: &mut Conn, operation: soft_delete::DeletionId, context: soft_delete::Context) -> soft_delete::Result<soft_delete::Hold> {
            soft_delete::hold_operation_async(conn, operation, context).await
        }

        pub async fn release_operation(conn: &mut Conn, operation: soft_delete::DeletionId, actor: Actor) -> soft_delete::Result<u64> {
            soft_delete::release_operation_async(conn, operation, actor).await
        }

        pub async fn release(conn: &mut Conn, hold: soft_delete::DeletionId, actor: Actor) -> soft_delete::Result<()> {
            soft_delete::release_async(conn, hold, actor).await
        }

        // What a task of tokio asks for.
        fn can_be_spawned<F: Future + Send>(future: F) -> F {
            future
        }

        pub async fn clean(conn: &mut Conn, cleanup: Cleanup<'_>) -> soft_delete::Result<soft_delete::CleanupReport> {
            can_be_spawned(cleanup.run_async(conn)).await
        }

        pub async fn load(conn: &mut Conn, registry: &Registry, path: &std::path::Path) -> soft_delete::Result<soft_delete::LoadReport> {
            soft_delete::load_archive_async(conn, registry, path, crate::support::clock::at_noon("ann", "a mistake")).await
        }

        pub async fn force(conn: &mut Conn, cleanup: Cleanup<'_>, who: soft_delete::Context) -> soft_delete::Result<soft_delete::CleanupReport> {
            cleanup.force_regardless_of_age_async(conn, who).await
        }

        pub async fn activity(conn: &mut Conn, since: DateTime<Utc>) -> soft_delete::Result<Vec<soft_delete::DayActivity>> {
            soft_delete::activity_async(conn, since).await
        }

        pub async fn audit(conn: &mut Conn, trail: &soft_delete::Trail) -> soft_delete::Result<Vec<soft_delete::AuditRecord>> {
            soft_delete::audit_async(conn, trail).await
        }

        /// A scheduler until it stops; at first there is no connection so many times.
        pub async fn schedule(db: &TestDatabase, mut outages: u32, scheduler: soft_delete::Scheduler) {
            let scheduled = scheduler.run_async(|| {
                let is_away = outages > 0;
                outages = outages.saturating_sub(1);
                async move {
                    if is_away { Err("the database is away") } else { Ok(connect(db).await) }
                }
            });
            can_be_spawned(scheduled).await;
        }

        pub async fn runs(conn: &mut Conn, page: soft_delete::Page) -> soft_delete::Result<Vec<soft_delete::Run>> {
            soft_delete::runs_async(conn, page).await
        }

        pub async fn stats(conn: &mut Conn, question: soft_delete::Stats<'_>) -> soft_delete::Result<Vec<soft_delete::ModelStats>> {
            question.run_async(conn).await
        }

        pub async fn list_deleted(conn: &mut Conn, registry: &Registry, model: &str, listing: &soft_delete::Listing) -> soft_delete::Result<soft_delete::DeletedPage> {
            registry.list_deleted_async(conn, model, listing).await
        }

        pub async fn doctor(conn: &mut Conn, registry: &Registry) -> soft_delete::Result<Vec<soft_delete::Finding>> {
            soft_delete::doctor_async(conn, registry).await
        }

        pub async fn holds(conn: &mut Conn, page: soft_delete::Page) -> soft_delete::Result<Vec<soft_delete::Hold>> {
            soft_delete::holds_async(conn, page).await
        }

        pub async fn operations(conn: &mut Conn, registry: &soft_delete::Registry, page: soft_delete::Page) -> soft_delete::Result<Vec<soft_delete::OperationEntry>> {
            soft_delete::operations_async(conn, registry, page).await
        }

        pub async fn count_expired(
            conn: &mut Conn,
            registry: &soft_delete::Registry,
            now: DateTime<Utc>,
        ) -> soft_delete::Result<Vec<soft_delete::ModelRows>> {
            registry.count_expired_async(conn, now).await
        }
    };
}
