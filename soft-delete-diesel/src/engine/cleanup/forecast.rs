//! Saying what a run would do.

use soft_delete_core::{CleanupReport, ModelReport, Stopped};

use super::{
    job::{Job, Question},
    setting, tally,
};
use crate::{
    Result,
    cleanup::Limits,
    engine,
    executor::{ChangedSession, Executor},
    statement::Ddl,
};

/// In a transaction that cannot write, unless it is the caller's.
pub(super) async fn foretell<E: Executor>(
    executor: &mut E,
    jobs: &[Job],
    question: &Question,
    limits: &Limits,
    report: &mut CleanupReport,
) -> Result<()> {
    let outermost = executor.depth()? == 0;
    let read_only = engine::database(executor).await?.syntax().read_only();
    let mut session = ChangedSession::of(executor);
    let executor = session.executor();
    // What is asked of families is long to read and quick to answer.
    let slowing = setting::turn_off(executor).await?;
    let command = |statement: Option<&'static str>| statement.filter(|_| outermost).map(Ddl);
    if let Some(before) = command(read_only.before) {
        executor.execute(&before).await?;
    }
    let answer = match executor.begin().await {
        Ok(()) => {
            let inside = command(read_only.inside);
            let answer = foretell_in(executor, inside, jobs, question, limits, report).await;
            let _ = executor.rollback().await;
            answer
        }
        Err(error) => Err(error.into()),
    };
    // Also after an error: the connection must be able to write again.
    if let Some(after) = command(read_only.after) {
        executor.execute(&after).await?;
    }
    setting::restore(executor, slowing).await;
    session.mended();
    answer
}

async fn foretell_in<E: Executor>(
    executor: &mut E,
    read_only: Option<Ddl<'_>>,
    jobs: &[Job],
    question: &Question,
    limits: &Limits,
    report: &mut CleanupReport,
) -> Result<()> {
    if let Some(read_only) = read_only {
        executor.execute(&read_only).await?;
    }
    let mut left = limits.max_rows.unwrap_or(u64::MAX);
    for job in jobs {
        let mut model = ModelReport::begun(job.model.name());
        model.is_too_many = job.is_too_many;
        tally::foretell(executor, job, jobs, question, &mut model).await?;
        if model.purged > left {
            report.stopped = Stopped::MaxRows;
        }
        model.purged = model.purged.min(left);
        left -= model.purged;
        // Of a model that was not asked for a run tells nothing but what goes along.
        if !job.only_along || model.purged > 0 {
            report.models.push(model);
        }
    }
    Ok(())
}
