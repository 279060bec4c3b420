//! `force-cleanup`: deleted rows are removed for good, however young.

use diesel::connection::LoadConnection;
use soft_delete::{Action, Dialect};

use super::{change, cleanup};
use crate::{
    args::ForceCleanup,
    exit::Exit,
    session::{Answer, Session},
};

pub(crate) fn run<C>(session: &mut Session<'_, C>, asked: &ForceCleanup) -> Answer
where
    C: LoadConnection<Backend: Dialect>,
{
    let records = session.registry.records(&asked.model)?;
    let model = asked.model.as_str();
    let what = if asked.ids.is_empty() {
        let stats = session.registry.stats(session.conn)?;
        let deleted = stats.iter().find(|stats| stats.model == model);
        let (deleted, held) = deleted.map_or((0, 0), |stats| (stats.deleted, stats.held));
        format!("All deleted rows of {model} go for good, {deleted} but for {held} that are held")
    } else {
        format!("{} of {model} go for good", asked.ids.join(", "))
    };
    if !session
        .consent()
        .by_name(&what, model, asked.confirm.as_deref())?
    {
        session.say("Nothing was removed.");
        return Ok(Exit::Done);
    }
    if asked.ids.is_empty() {
        return cleanup::finish(session, |session, signals| {
            let cleanup = asked
                .limits
                .of(soft_delete::Cleanup::new(session.registry).model(model));
            let who = session.who(Some(asked.reason.clone()));
            signals
                .watch(cleanup, session.common.quiet)
                .force_regardless_of_age(session.conn, who)
        });
    }
    let who = session.who(Some(asked.reason.clone()));
    let operation = records.force_delete(session.conn, &asked.ids, who)?;
    session.answer(change::changed(&operation)?)?;
    change::completeness(session, &operation, model, &asked.ids, Action::ForceDelete)
}
