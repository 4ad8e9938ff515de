use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::index;

use crate::dataset::{Dataset, GoldQuestion};
use crate::error::EvalError;
use crate::observe::EvalObserver;
use crate::options::{RunOptions, Suite};
use crate::report::{EvalReport, ItemReport, Slice};
use crate::statistics::Bootstrap;
use crate::subject::Subject;
use crate::suites::triage::TriageRun;
use crate::suites::{self, SuiteRun};

/// Asks the subject everything the suites need, one question after the other, and counts.
///
/// A question that fails is counted as a failure and the run goes on. Dropping the future ends the
/// run without a report.
///
/// # Errors
/// [`EvalError::BadOption`] and [`EvalError::NothingToAsk`], before anything is asked.
pub async fn run(
    subject: &dyn Subject,
    dataset: &Dataset,
    options: &RunOptions,
    observer: &dyn EvalObserver,
) -> Result<EvalReport, EvalError> {
    options.check()?;
    for suite in &options.suites {
        suite.check_rows(dataset)?;
    }
    let questions = sample(&dataset.questions, options);
    let questions: Vec<&GoldQuestion> = questions.into_iter().map(|(_, q)| q).collect();
    let mut runs = Vec::new();
    let mut trusted = Vec::new();
    let mut triaged = None;
    for suite in &options.suites {
        match suite {
            Suite::Retrieval => {
                runs.push(
                    suites::retrieval::run(subject, &questions, Slice::AsAsked, observer).await,
                );
                if questions.iter().any(|q| q.answerable && !q.history.is_empty()) {
                    runs.push(
                        suites::retrieval::run(subject, &questions, Slice::Alone, observer).await,
                    );
                }
            }
            Suite::Answers => runs.push(suites::answers::run(subject, &questions, observer).await),
            Suite::Trust => trusted = suites::trust::run(subject, &questions, observer).await,
            Suite::Curated => runs.push(suites::curated::run(subject, &questions, observer).await),
            Suite::Triage => {
                let examples = sample(&dataset.examples, options);
                let labels = &dataset.labels;
                triaged = Some(suites::triage::run(subject, &examples, labels, observer).await);
            }
            Suite::Injection => {
                let examples = sample(&dataset.examples, options);
                let rows = (questions.as_slice(), examples.as_slice());
                runs.push(suites::injection::run(subject, dataset, rows, observer).await);
            }
        }
    }
    Ok(report(subject, dataset, options, (runs, trusted, triaged)))
}

fn report(
    subject: &dyn Subject,
    dataset: &Dataset,
    options: &RunOptions,
    (runs, trusted, triaged): (Vec<SuiteRun>, Vec<ItemReport>, Option<TriageRun>),
) -> EvalReport {
    let bootstrap = Bootstrap { seed: options.seed, n_resamples: options.n_resamples };
    let mut report = EvalReport {
        dataset: dataset.name.clone(),
        dataset_hash: dataset.hash.clone(),
        n_questions: dataset.questions.len(),
        n_examples: dataset.examples.len(),
        options: options.clone(),
        subject: subject.info(),
        groups: Vec::new(),
        notes: Vec::new(),
        confusions: Vec::new(),
        items: Vec::new(),
    };
    let triaged = triaged.map(|triaged| {
        let mut groups = suites::groups(&triaged.run, bootstrap);
        suites::triage::complete(&mut groups, &triaged, bootstrap);
        report.confusions = suites::triage::confusions(&triaged);
        (groups, triaged.run)
    });
    let others = runs.into_iter().map(|run| (suites::groups(&run, bootstrap), run));
    for (groups, run) in others.chain(triaged) {
        report.groups.extend(groups);
        for item in run.items.iter().filter(|item| item.failure.is_some()) {
            tracing::warn!(
                question.id = item.id,
                eval.suite = item.suite.as_str(),
                error = item.failure,
                "question failed and counts as wrong"
            );
        }
        for note in run.notes {
            if !report.notes.contains(&note) {
                report.notes.push(note);
            }
        }
        report.items.extend(run.items);
    }
    if !trusted.is_empty() {
        report.groups.extend(suites::trust::groups(&trusted, bootstrap));
        report.items.extend(trusted);
    }
    report
}

/// The rows to ask in their own order, numbered from 1: all, or as many as asked for.
fn sample<'a, Row>(rows: &'a [Row], options: &RunOptions) -> Vec<(usize, &'a Row)> {
    let numbered = (1..).zip(rows);
    match options.sample {
        Some(n) if n < rows.len() => {
            let mut rng = StdRng::seed_from_u64(options.seed);
            let mut chosen = index::sample(&mut rng, rows.len(), n).into_vec();
            chosen.sort_unstable();
            chosen.into_iter().filter_map(|index| Some((index + 1, rows.get(index)?))).collect()
        }
        _ => numbered.collect(),
    }
}

#[cfg(test)]
mod tests;
