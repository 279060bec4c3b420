//! A case, done step by step; and the smallest one that fails in the same way.

use std::{
    collections::BTreeMap,
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    Figures,
    operation::{self, Answer, Past},
    oracle::{self, Finding, Scene, Verdict},
    picture::Picture,
    registration,
    schema::{Case, Step, Table},
    script, shrink,
    site::Site,
};

/// What came of a case: figures, or a finding, or nothing because its script failed.
pub enum Outcome {
    Done(Figures),
    Invalid(String),
    Found(Finding),
}

/// How many smaller cases are tried for one finding.
const TRIES: usize = 300;

/// Does all steps of a case, and looks at everything before and after each.
pub fn attempt<S: Site>(site: &mut S, case: &Case) -> Outcome {
    if let Err(problem) = site.prepare(case) {
        return Outcome::Invalid(problem);
    }
    let Ok(registry) = registration::registry(case, site) else {
        // A registration that is refused is as good as an operation that is.
        return Outcome::Done(Figures {
            asked: 1,
            refused: 1,
            ..Figures::default()
        });
    };
    let models: BTreeMap<usize, String> = case
        .tables
        .iter()
        .map(|table| (table.number, registration::named(case, table).to_string()))
        .filter(|(_, name)| registry.model(name).is_ok())
        .collect();
    let (mut past, mut figures) = (Past::default(), Figures::default());
    let mut before = Picture::take(site, case);
    for (at, step) in case.steps.iter().enumerate() {
        let done = catch_unwind(AssertUnwindSafe(|| {
            let dry = match step {
                Step::Cleanup {
                    model,
                    batch,
                    after_dry_run: true,
                } if model.is_none_or(|model| models.contains_key(&model)) => {
                    Some(operation::dry_run(site, case, &registry, *model, *batch))
                }
                _ => None,
            };
            let between = dry.as_ref().map(|_| Picture::take(site, case));
            let answer = operation::perform(site, case, &registry, &mut past, step);
            (dry, between, answer)
        }));
        let Ok((dry, between, answer)) = done else {
            return Outcome::Found(Finding {
                kind: "the library panicked",
                details: format!("step {}", at + 1),
            });
        };
        let after = Picture::take(site, case);
        let scene = Scene {
            case,
            step,
            past: &past,
            models: &models,
            before: &before,
            after: &after,
            answer: &answer,
        };
        if let Err(finding) = judge(&scene, dry.as_ref(), between.as_ref()) {
            let answer = match &answer {
                Answer::Report(report) => report.to_string(),
                Answer::Refused(told) => format!("a refusal: {told}"),
                other => format!("{other:?}"),
            };
            let details = format!("step {} answers {answer}\n{}", at + 1, finding.details);
            return Outcome::Found(Finding { details, ..finding });
        }
        figures.note(&answer, &before, &after);
        before = after;
    }
    Outcome::Done(figures)
}

fn judge(scene: &Scene<'_>, dry: Option<&Answer>, between: Option<&Picture>) -> Verdict {
    if let Some(between) = between {
        oracle::unchanged(scene.before, between, false)?;
    }
    oracle::check(scene)?;
    dry.map_or(Ok(()), |dry| {
        oracle::same_figures(scene.case, scene.before, dry, scene.answer)
    })
}

/// The smallest case that is found that fails in the same way, as a script, with what is wrong.
pub fn shorten<S: Site>(site: &mut S, mut case: Case, mut finding: Finding) -> String {
    let mut tries = TRIES;
    'smaller: while tries > 0 {
        for smaller in shrink::smaller(&case).into_iter().take(tries) {
            tries -= 1;
            if let Outcome::Found(again) = attempt(site, &smaller)
                && again.kind == finding.kind
            {
                (case, finding) = (smaller, again);
                continue 'smaller;
            }
        }
        break;
    }
    format!("{}: {}\n{}", finding.kind, finding.details, in_words(&case))
}

fn in_words(case: &Case) -> String {
    let mut told = String::new();
    for statement in script::statements(case) {
        let _ = writeln!(told, "{statement};");
    }
    let models = case
        .tables
        .iter()
        .filter(|table| table.is_registered)
        .map(Table::name);
    let from = if case.is_discovered {
        ", discovered in the catalog"
    } else {
        ""
    };
    let _ = writeln!(told, "models: {}{from}", models.collect::<Vec<_>>().join(", "));
    if case.is_restricted {
        let hidden = case
            .tables
            .iter()
            .filter(|table| table.is_hidden)
            .map(Table::name);
        let hidden = hidden.collect::<Vec<_>>().join(", ");
        let _ = writeln!(told, "by a user who has no rights on {hidden}");
    }
    for one in &case.relations {
        let columns = one.columns.join(", ");
        let _ = writeln!(told, "t{} {:?} t{} ({columns})", one.parent, one.kind, one.child);
    }
    for (at, step) in case.steps.iter().enumerate() {
        let _ = writeln!(told, "{}. {step:?}", at + 1);
    }
    told
}
