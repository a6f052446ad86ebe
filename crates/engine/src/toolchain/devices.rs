//! What this machine's hardware can do, shared by all that encodes here: tried once, and looked at again where it failed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::plan::Intent;
use mediaflow_ffmpeg::abilities::Abilities;
use mediaflow_ffmpeg::encoder::Accel;
use mediaflow_ffmpeg::failure::Device;
use mediaflow_transport::cancel::Cancel;

use super::{ToolError, Toolchain, Trials};

/// A handle; clones share what is known. The default one knows of no hardware.
#[derive(Debug, Clone, Default)]
pub struct Devices(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    toolchain: Toolchain,
    /// Held while something is tried, so that it is tried once.
    trying: Mutex<()>,
    known: Mutex<Option<Known>>,
}

/// What was seen to work. Shared as it is: each choice of a worker for a job asks all workers for it.
#[derive(Debug, Clone, Default)]
struct Known {
    trials: Arc<Trials>,
    abilities: Arc<Abilities>,
}

impl From<Trials> for Known {
    fn from(trials: Trials) -> Self {
        Self { abilities: Arc::new(trials.abilities()), trials: Arc::new(trials) }
    }
}

impl Devices {
    /// Those that this build of ffmpeg can use.
    #[must_use]
    pub fn of(toolchain: &Toolchain) -> Self {
        let known = Mutex::new(toolchain.known_trials().map(Known::from));
        Self(Some(Arc::new(Shared { toolchain: toolchain.clone(), trying: Mutex::new(()), known })))
    }

    /// What is known; `None` before anything was tried.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Trials>> {
        self.0.as_ref().and_then(|shared| shared.known().as_ref().map(|known| Arc::clone(&known.trials)))
    }

    /// What a plan can be bound to; nothing but the CPU before anything was tried.
    #[must_use]
    pub fn abilities(&self) -> Arc<Abilities> {
        let known =
            self.0.as_ref().and_then(|shared| shared.known().as_ref().map(|known| Arc::clone(&known.abilities)));
        known.unwrap_or_default()
    }

    /// What works, tried now if it was not. Waits for whoever is trying it.
    pub fn trials(&self, cancel: &Cancel) -> Result<Trials, ToolError> {
        let Some(shared) = &self.0 else { return Ok(Trials::default()) };
        if let Some(known) = self.known() {
            return Ok(known.as_ref().clone());
        }
        let _trying = shared.trying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known() {
            return Ok(known.as_ref().clone());
        }
        let trials = shared.toolchain.trials(cancel)?;
        *shared.known() = Some(trials.clone().into());
        Ok(trials)
    }

    /// Why this build cannot carry out a plan, whatever the hardware; `None` when it can.
    #[must_use]
    pub fn obstacle(&self, intent: &Intent) -> Option<String> {
        let draws_letters = self.0.as_ref().is_none_or(|shared| shared.toolchain.build.draws_letters());
        (intent.draws_letters() && !draws_letters).then(|| {
            "this ffmpeg was built without libass and cannot draw subtitles into the picture; keep them instead, or take a \
             full build (mediaflow doctor --install-ffmpeg)"
                .to_owned()
        })
    }

    /// Tries everything again: after a driver was mended, or a device plugged in.
    pub fn try_again(&self, cancel: &Cancel) -> Result<Trials, ToolError> {
        let Some(shared) = &self.0 else { return Ok(Trials::default()) };
        let _trying = shared.trying.lock().unwrap_or_else(PoisonError::into_inner);
        let trials = shared.toolchain.try_all(cancel)?;
        *shared.known() = Some(trials.clone().into());
        Ok(trials)
    }

    /// Why an encoder fails with test pictures now; `None` when it does well. Nothing is remembered of it.
    pub fn fails(&self, encoder: &str, cancel: &Cancel) -> Result<Option<String>, ToolError> {
        let Some(shared) = &self.0 else { return Ok(None) };
        let _trying = shared.trying.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(shared.toolchain.try_encoder(encoder, cancel)?.reason)
    }

    /// Looks again at what has just failed a film. What fails a second of test pictures too is not used any more until all
    /// is tried again, so that a thousand jobs do not each fail first; what does not had trouble with that film only.
    pub fn look_again(&self, device: Device, by: &EncodedBy, cancel: &Cancel) {
        let Some(shared) = &self.0 else { return };
        let _trying = shared.trying.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = match (device, by.decoder.as_deref().and_then(Accel::parse)) {
            (Device::Decoder, Some(accel)) => shared.toolchain.try_decoder(accel, cancel).map(|report| {
                shared.change(|known| known.put_decoder(report));
            }),
            _ => shared.toolchain.try_encoder(&by.encoder, cancel).map(|report| {
                shared.change(|known| known.put_encoder(report));
            }),
        };
        if let Err(error) = looked {
            tracing::warn!("could not look again whether {} works: {error}", by.encoder);
        }
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Trials)) {
        let mut known = self.known();
        let mut trials = known.take().unwrap_or_default().trials.as_ref().clone();
        change(&mut trials);
        self.toolchain.remember(&trials);
        *known = Some(trials.into());
    }
}
