//! A machine whose programs have stopped working says wrong things of films: that one is damaged, or cannot be encoded. So
//! before what another machine says of a film counts, its programs have to do well with test pictures.

use mediaflow_core::job::FailureCause;
use mediaflow_ffmpeg::abilities::encoder_of;
use mediaflow_store::{Job, StoreError};
use mediaflow_transport::cancel::Cancel;

use super::Runner;
use super::end::Stop;
use crate::fleet::Worker;

/// Every build has it.
const ALWAYS_THERE: &str = "aac";

impl Runner {
    /// Takes back what a worker said of a film when its programs fail with test pictures too: then it is the worker that
    /// cannot do it, and the job goes elsewhere.
    pub(super) fn second_look(
        &self,
        worker: &Worker,
        job: &Job,
        stop: Stop,
        cancel: &Cancel,
    ) -> Result<Stop, StoreError> {
        let Some(said) = stop.said_of_the_film().filter(|_| worker.remote.is_some()) else { return Ok(stop) };
        let devices = &worker.tools.devices;
        let intent = self.store.read(|r| r.job_intent(job.id))?;
        let of_pictures = intent.and_then(|intent| encoder_of(&intent, &devices.abilities()));
        let encoder = of_pictures.map_or_else(|| ALWAYS_THERE.to_owned(), |by| by.encoder);
        Ok(match devices.fails(&encoder, cancel) {
            Ok(None) => stop,
            Ok(Some(reason)) => Stop::WorkerLost(format!(
                "its ffmpeg does not work: {encoder} fails with test pictures too ({reason}), so what it said of the film counts \
                 for nothing ({said}). Set it up again (Servers, Set up)"
            )),
            Err(error) if error.is_cancelled() => stop,
            Err(error) => Stop::WorkerLost(error.to_string()),
        })
    }
}

impl Stop {
    /// What a program's failure was taken to mean for the film.
    fn said_of_the_film(&self) -> Option<String> {
        match self {
            Self::Refused(reason) => Some(reason.clone()),
            Self::Failed(failure) => {
                use FailureCause::{Encoder, Proof, Tool};
                matches!(failure.cause, Encoder | Proof | Tool).then(|| failure.message.clone())
            }
            _ => None,
        }
    }
}
