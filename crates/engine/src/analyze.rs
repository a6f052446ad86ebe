//! Analysing the library: the analyzers run over what the store knows, and what they find becomes recommendations.

use std::collections::HashMap;
use std::ops::ControlFlow;

use mediaflow_core::analyze::{Context, Finding, Item, LearnedRatios, Lesson, Thresholds, analyze as find};
use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::job::Verdict;
use mediaflow_core::media::preset::{DEFAULT_PRESET, find_builtin};
use mediaflow_core::media::tag::Mark;
use mediaflow_store::{MediaFile, NewRecommendation, Reader, Store, StoreError, Tx};
use mediaflow_transport::cancel::Cancel;

use crate::queue::{Asked, made_holds_back, remembered};

/// What an analysis came to.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisSummary {
    /// The run.
    pub run_id: i64,
    /// Media files that were looked at.
    pub files: u64,
    /// Open recommendations now.
    pub recommendations: u64,
    /// What they would save in bytes, each file counted once.
    pub savings_bytes: u64,
    /// What an analyzer found but is not proposed, because it was tried or made before.
    pub left_alone: Vec<LeftAlone>,
}

/// A finding that is not proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAlone {
    /// The file.
    pub file_id: i64,
    /// What was found, in a few words.
    pub title: String,
    /// Why it is left alone, for a person.
    pub reason: String,
}

/// What must be known of a file to recommend something for it; what the analyzers need is in its [`Item`].
struct Subject {
    generation: i64,
    content: Option<ContentId>,
    mark: Option<Mark>,
}

/// Analyses one library, or all, and writes the run, its recommendations and the event in one transaction. `cause` says
/// who asked.
///
/// # Errors
/// [`StoreError::GivenUp`] when it was cancelled: nothing of it was written, and what was recommended before stays.
pub fn analyze(
    store: &Store,
    library_id: Option<i64>,
    cause: &str,
    thresholds: &Thresholds,
    cancel: &Cancel,
) -> Result<AnalysisSummary, StoreError> {
    let (files, kept, left_alone) = store.read(|reader| {
        let (items, subjects) = load(reader, library_id, cancel)?;
        let learned = learned_ratios(reader)?;
        let findings = find(&items, &Context { thresholds, learned: &learned });
        let (kept, left_alone) = sort_out(reader, findings, &subjects, cancel)?;
        Ok((items.len() as u64, kept, left_alone))
    })?;
    store.write(|tx| {
        let run_id = tx.analysis_begin(library_id, cause)?;
        for proposal in &kept {
            still_wanted(cancel)?;
            propose(tx, run_id, proposal)?;
        }
        still_wanted(cancel)?;
        let totals = tx.analysis_end(run_id, files)?;
        Ok(AnalysisSummary {
            run_id,
            files,
            recommendations: totals.recommendations,
            savings_bytes: totals.savings_bytes,
            left_alone,
        })
    })
}

fn still_wanted(cancel: &Cancel) -> Result<(), StoreError> {
    if cancel.is_cancelled() { Err(StoreError::GivenUp) } else { Ok(()) }
}

/// A finding that may be proposed.
struct Proposal {
    finding: Finding,
    generation: i64,
    policy: Hash,
}

fn load(
    reader: &Reader<'_>,
    library_id: Option<i64>,
    cancel: &Cancel,
) -> Result<(Vec<Item>, HashMap<i64, Subject>), StoreError> {
    let (mut items, mut subjects) = (Vec::new(), HashMap::new());
    reader.media_files(library_id, |MediaFile { file, info, item }| {
        if cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        // A file that was only ever named by itself belongs to no library: nothing is recommended for it.
        if item.is_none() {
            return ControlFlow::Continue(());
        }
        let title = match &item {
            Some(item) => match item.year {
                Some(year) if item.item_type == "movie" => format!("{} ({year})", item.title),
                _ => item.title.clone(),
            },
            None => file.path.to_string(),
        };
        // No source that is known yet tells how often something was played.
        let play_count = 0;
        items.push(Item::of(file.id, &title, &file.path.extension(), play_count, &info));
        let subject = Subject { generation: file.generation, content: file.content, mark: Mark::find(&info.tags) };
        subjects.insert(file.id, subject);
        ControlFlow::Continue(())
    })?;
    still_wanted(cancel)?;
    Ok((items, subjects))
}

/// What finished encodes of this library gave with the default preset, which is the one that is proposed: another one makes
/// other sizes. Results that were not worth it count too; refusals and failures have none, and what the user took back is
/// no example to follow.
pub(crate) fn learned_ratios(reader: &Reader<'_>) -> Result<LearnedRatios, StoreError> {
    const PAGE: u32 = 1000;
    let mut learned = LearnedRatios::default();
    for offset in (0..).step_by(PAGE as usize) {
        let page = reader.outcomes_that_stand(DEFAULT_PRESET, PAGE, offset)?;
        for outcome in &page {
            if let (Some(source_codec), Some(target_codec), Some(tier), Some(target_bytes), Some(duration_us)) = (
                &outcome.source_codec,
                &outcome.target_codec,
                &outcome.source_resolution,
                outcome.target_bytes,
                outcome.media_duration_us,
            ) {
                let source_bytes = outcome.source_bytes;
                learned.record(&Lesson { source_codec, target_codec, tier, source_bytes, target_bytes, duration_us });
            }
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    Ok(learned)
}

/// Parts what may be proposed from what is to be left alone.
fn sort_out(
    reader: &Reader<'_>,
    findings: Vec<Finding>,
    subjects: &HashMap<i64, Subject>,
    cancel: &Cancel,
) -> Result<(Vec<Proposal>, Vec<LeftAlone>), StoreError> {
    let (mut kept, mut left_alone) = (Vec::new(), Vec::new());
    for finding in findings {
        still_wanted(cancel)?;
        let (Some(subject), Some(preset)) = (subjects.get(&finding.file_id), find_builtin(finding.preset)) else {
            continue;
        };
        let policy = preset.settings.policy();
        match obstacle(reader, subject, &policy)? {
            None => kept.push(Proposal { finding, generation: subject.generation, policy }),
            Some(verdict) => {
                left_alone.push(LeftAlone { file_id: finding.file_id, title: finding.title, reason: verdict.explain() })
            }
        }
    }
    Ok((kept, left_alone))
}

/// Why a file is not to be queued under a policy: what is remembered of its content, or our own mark in it, which is
/// there even when the database is a new one.
fn obstacle(reader: &Reader<'_>, subject: &Subject, policy: &Hash) -> Result<Option<Verdict>, StoreError> {
    if let Some(content) = &subject.content
        && let Some(verdict) = remembered(reader, content, policy, Asked::Recommended)?
    {
        return Ok(Some(verdict));
    }
    let is_ours = subject.mark.as_ref().is_some_and(|mark| made_holds_back(mark, policy, Asked::Recommended));
    Ok(is_ours.then_some(Verdict::Made))
}

/// Writes one recommendation, unless the file went or changed since it was read.
fn propose(tx: &Tx<'_>, run_id: i64, proposal: &Proposal) -> Result<(), StoreError> {
    let Proposal { finding, generation, policy } = proposal;
    match tx.file(finding.file_id) {
        Ok(file) if file.generation == *generation => {}
        Ok(_) | Err(StoreError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    }
    tx.recommend(
        run_id,
        &NewRecommendation {
            file_id: finding.file_id,
            generation: *generation,
            kind: finding.kind.name(),
            severity: finding.severity.name(),
            priority: finding.priority,
            confidence: finding.confidence,
            savings_bytes: finding.savings_bytes,
            title: &finding.title,
            reason: &finding.reason,
            preset: finding.preset,
            policy: *policy,
        },
    )
}

#[cfg(test)]
mod tests;
