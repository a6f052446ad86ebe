//! What the user chooses: presets and settings.

use mediaflow_core::event::Event;
use mediaflow_core::media::preset::Preset;
use mediaflow_store::StoredPreset;
use serde_json::Value;

use super::Service;
use super::error::CommandError;
use crate::settings;

/// Longest name of a preset, in characters: what a table can show.
const NAME_LIMIT: usize = 100;

impl Service {
    /// Makes a preset of the user's own.
    pub fn preset_create(&self, preset: &Preset) -> Result<StoredPreset, CommandError> {
        let preset = named(preset)?;
        let made = self.inner.store.write(|tx| tx.stored_preset(tx.preset_create(&preset)?))?;
        tracing::info!("preset {} was made", preset.name);
        Ok(made)
    }

    /// Changes a preset of the user's own.
    pub fn preset_update(&self, id: i64, preset: &Preset) -> Result<StoredPreset, CommandError> {
        let preset = named(preset)?;
        let changed = self.inner.store.write(|tx| {
            tx.preset_update(id, &preset)?;
            tx.stored_preset(id)
        })?;
        tracing::info!("preset {} was changed", preset.name);
        Ok(changed)
    }

    /// Deletes a preset of the user's own. Jobs keep the settings that they were queued with.
    pub fn preset_delete(&self, id: i64) -> Result<(), CommandError> {
        self.inner.store.write(|tx| tx.preset_delete(id))?;
        tracing::info!("preset {id} was deleted");
        Ok(())
    }

    /// Sets a setting and gives the value as it is kept; null makes the default hold again.
    pub fn setting_set(&self, key: &str, value: &Value) -> Result<Value, CommandError> {
        let store = &self.inner.store;
        let kept = match value {
            Value::Null => Value::Null,
            value => settings::checked(key, value)
                .map_err(|error| CommandError::Invalid { field: "value", message: error.to_string() })?,
        };
        store.write(|tx| {
            let was_paused = settings::queue_paused(tx)?;
            match &kept {
                Value::Null => tx.setting_clear(key)?,
                kept => tx.setting_put(key, kept)?,
            }
            match (was_paused, settings::queue_paused(tx)?) {
                (false, true) => tx.event(&Event::QueuePaused).map(drop),
                (true, false) => tx.event(&Event::QueueResumed).map(drop),
                _ => Ok(()),
            }
        })?;
        match (&kept, settings::find(key)) {
            (Value::Null, _) => tracing::info!("setting {key} has its default again"),
            (kept, Some(_)) => tracing::info!("setting {key} is {kept}"),
            // Another client's own: it may be a secret.
            (_, None) => tracing::info!("setting {key} was set"),
        }
        Ok(kept)
    }
}

/// The preset with its name trimmed.
fn named(preset: &Preset) -> Result<Preset, CommandError> {
    let name = preset.name.trim();
    if name.is_empty() || name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        let message = format!("a preset needs a name of 1 to {NAME_LIMIT} characters on one line");
        return Err(CommandError::Invalid { field: "name", message });
    }
    Ok(Preset { name: name.to_owned(), ..preset.clone() })
}
