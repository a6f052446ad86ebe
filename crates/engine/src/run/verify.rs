//! An output is proven, and encoded again where that may mend what was found.

use mediaflow_core::job::{Failure, FailureCause, JobStatus};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::plan::Intent;
use mediaflow_core::proof::{Conclusion, Proof, WORTH_IT};
use mediaflow_store::{AttemptState, NewAttempt, OutputMode, TaskKind};
use mediaflow_transport::machine::{Machine, ThisMachine};
use mediaflow_transport::storage::content;

use super::end::Stop;
use super::line::{Line, Output, storage_failed};
use super::outcome::ProvenProbe;
use super::place::Place;
use super::prove::{Examined, Judged, MeasuredSource, Subject, judge_output, prove};
use super::put_in_place::NAMES_TRIED;
use super::{Progress, Stage};

impl Line<'_> {
    /// Proves an output; one that only falls short of its quality floor is encoded again with a lower CRF, as often as the
    /// plan allows.
    pub(super) fn proven_or_again(
        &self,
        place: &Place,
        intent: &Intent,
        source: &MeasuredSource,
        mut output: Output,
    ) -> Result<Stop, Stop> {
        loop {
            self.step_to(JobStatus::Verifying)?;
            let examined = self.prove(place, intent, source, &output)?;
            let proof = &examined.proof;
            match proof.conclusion() {
                Conclusion::Proven => return self.put_in_place(place, intent, proof, &output.here, NAMES_TRIED),
                Conclusion::NotWorthIt => {
                    let check = proof.checks.iter().find(|check| check.check == WORTH_IT);
                    let measured = check.map_or_else(String::new, |check| check.measured.clone());
                    let reason = self.with_lowered_crf()? + &measured;
                    return Ok(Stop::NotWorthIt { reason, output_bytes: Some(proof.output_bytes) });
                }
                Conclusion::Rejected => {}
            }
            let Some(better) = self.another_try(intent, &examined)? else {
                // What hardware made is no word about what the CPU would make.
                let Some(means) = self.without_hardware(&reasons(proof))? else {
                    return Ok(rejected(proof, &self.with_lowered_crf()?));
                };
                self.discard(&output)?;
                self.runner.store.write(|tx| tx.job_step(self.job.id, JobStatus::Transcoding))?;
                self.forget_tries(intent)?;
                output = self.encode_by(intent, &place.there, source, means)?;
                continue;
            };
            tracing::info!("job {} is encoded again, with CRF {}: {}", self.job.id, better.crf, reasons(proof));
            // Gone before the next one needs its room.
            self.discard(&output)?;
            self.runner.store.write(|tx| {
                tx.tuning_put(self.job.id, &better)?;
                tx.job_step(self.job.id, JobStatus::Transcoding)
            })?;
            output = self.encode(intent, &place.there, source)?;
        }
    }

    /// Removes an output that is of no use, on both sides.
    fn discard(&self, output: &Output) -> Result<(), Stop> {
        ThisMachine.remove(&output.here).map_err(|error| self.not_kept(&error))?;
        self.worker.machine().remove(&output.there).map_err(|error| self.not_kept(&error))
    }

    fn prove(
        &self,
        place: &Place,
        intent: &Intent,
        source: &MeasuredSource,
        output: &Output,
    ) -> Result<Examined, Stop> {
        let runner = self.runner;
        // Proving has no holder but this thread: its lease is not what tells that it is gone.
        let new = NewAttempt {
            job_id: self.job.id,
            kind: TaskKind::Prove,
            position: 0,
            worker_id: self.worker.id,
            lease_until_at: runner.clock.now(),
        };
        let attempt = runner.store.write(|tx| tx.attempt_begin(&new, |token| self.attempt_dir(token)))?;
        let work = self.worker.dir_of(&attempt.dir);
        self.make_folder_there(&work)?;
        let replaces = self.job.mode == OutputMode::Replace;
        let subject =
            Subject { intent, source_path: &place.there, source, output_path: &output.there, work: &work, replaces };
        let examined = self.examine(place, subject, output).and_then(|examined| {
            // What is rejected is remembered.
            if examined.proof.conclusion() == Conclusion::Rejected {
                self.check_believable()?;
            }
            Ok(examined)
        });
        // What it holds was only of use while the output was measured; what stays is swept away at the job's end.
        if let Err(error) = self.worker.machine().remove(&work) {
            tracing::debug!("{error}");
        }
        let (state, kept) = match &examined {
            Ok(examined) => (AttemptState::Done, examined.probe.as_ref().map(|probe| self.kept_probe(probe))),
            Err(_) => (AttemptState::Failed, None),
        };
        let current = runner.store.write(|tx| {
            if let Ok(examined) = &examined {
                tx.proof_put(self.job.id, &examined.proof)?;
            }
            tx.attempt_finish(attempt.id, attempt.token, state, &kept, None)
        })?;
        if !current {
            return Err(Stop::Left("another attempt has taken it over".to_owned()));
        }
        examined
    }

    /// Measures an output where it was made. One that was made elsewhere comes back meanwhile, each piece of it hashed on
    /// both sides; what is replaced later is the file that has come, and its hash stands in the proof.
    fn examine(&self, place: &Place, subject: Subject<'_>, output: &Output) -> Result<Examined, Stop> {
        let mut on_share = |share| self.tell(&Progress::of(Stage::Verify, share));
        let Some(machine) = &self.worker.remote else {
            return prove(self.measurer(), subject, &mut on_share).map_err(|error| self.not_measured(&error));
        };
        let bytes = machine.size_bytes(&output.there).map_err(|error| self.not_kept(&error))?.unwrap_or(0);
        std::thread::scope(|scope| {
            let over = self.hand.cancel.below();
            let coming = scope.spawn({
                let over = over.clone();
                move || self.bring_back(machine, output, bytes, &over)
            });
            let same = place.is_mapped.then(|| scope.spawn(|| self.check_mapped(machine, place)));
            let judged = self.patiently(|| judge_output(self.measurer(), subject, bytes, &mut on_share));
            if judged.is_err() {
                // Nobody waits for it any more.
                over.cancel();
            }
            if let Some(same) = same {
                same.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            }
            if judged.as_ref().is_ok_and(Judged::is_good) {
                // What is left is only to bring it here and put it in place.
                self.watch.worker_is_free(self.job);
            }
            let come = coming.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let judged = judged.map_err(|error| self.not_measured(&error))?;
            come?;
            let here = |error| storage_failed(&output.here, &error);
            let mut file = std::fs::File::open(&output.here).map_err(here)?;
            let (hash, length) = content::hash_all(&mut file).map_err(here)?;
            if length != bytes {
                return Err(Stop::Left("the output is another one than was proven".to_owned()));
            }
            Ok(judged.into_examined(self.measurer(), subject, (hash, bytes)))
        })
    }

    fn kept_probe(&self, (info, text): &(MediaInfo, Vec<u8>)) -> ProvenProbe {
        ProvenProbe {
            info: info.clone(),
            text: String::from_utf8_lossy(text).into_owned(),
            tool: self.worker.tools.version.clone(),
        }
    }
}

/// What was wrong with an output, for a person.
fn reasons(proof: &Proof) -> String {
    let failed = proof.failures().filter(|check| check.check != WORTH_IT);
    failed.map(|check| format!("{}: {}", check.check, check.measured)).collect::<Vec<_>>().join("; ")
}

/// Whether a check looks at how good pictures are: more bits may mend what it found.
pub(super) fn is_quality(check: &str) -> bool {
    check.starts_with("quality") || check.starts_with("planes")
}

fn rejected(proof: &Proof, with: &str) -> Stop {
    let only_quality = proof.failures().all(|check| is_quality(&check.check));
    let hint = if only_quality { "; a preset of higher quality may do" } else { "" };
    let message = format!("the proof failed, the original stays: {with}{}{hint}", reasons(proof));
    Stop::Failed(Failure::new(FailureCause::Proof, message))
}
