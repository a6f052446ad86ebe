//! Probes: what ffprobe found in a file, in our words and in its own.

use mediaflow_core::media::MediaInfo;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::media_facts;
use crate::row::{first, get, json, run, time, to_json, unreadable};
use crate::store::{Reader, Tx};

/// Deflate's level: 6 is where more effort stops paying for text.
const DEFLATE_LEVEL: u8 = 6;

/// The most that a kept text may inflate to; ffprobe writes a few kilobytes per stream.
const MAX_TEXT_BYTES: usize = 256 * 1024 * 1024;

/// A probe of the content that a file has now.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What it found.
    pub info: MediaInfo,
    /// The build that probed.
    pub tool: String,
    /// When.
    pub probed_at: Timestamp,
}

impl Reader<'_> {
    /// The probe of a file; `None` while its content has not been probed.
    pub fn probe(&self, file_id: i64) -> Result<Option<Probe>, StoreError> {
        let sql = "SELECT p.info, p.tool, p.probed_at FROM probes p
                   JOIN files f ON f.id = p.file_id AND f.generation = p.generation WHERE f.id = ?1";
        first(self.conn, sql, [file_id], |row| {
            Ok(Probe { info: json(row, "info")?, tool: get(row, "tool")?, probed_at: time(row, "probed_at")? })
        })
    }

    /// What ffprobe wrote about a file when it was last probed, whole.
    pub fn probe_text(&self, file_id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT deflated FROM probe_texts WHERE file_id = ?1";
        first(self.conn, sql, [file_id], |row| {
            let deflated: Vec<u8> = get(row, "deflated")?;
            miniz_oxide::inflate::decompress_to_vec_with_limit(&deflated, MAX_TEXT_BYTES)
                .map_err(|error| unreadable("deflated", error.to_string()))
        })
    }
}

impl Tx<'_> {
    /// Keeps a probe that was made of `generation` of a file, with the text that the tool wrote. If the file has moved
    /// on meanwhile, the probe does not count and the next scan probes again.
    pub fn probe_put(
        &self,
        file_id: i64,
        generation: i64,
        info: &MediaInfo,
        text: &[u8],
        tool: &str,
    ) -> Result<(), StoreError> {
        run(
            self.conn,
            "INSERT INTO probes (file_id, generation, info, tool, probed_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (file_id) DO UPDATE SET generation = excluded.generation, info = excluded.info,
             tool = excluded.tool, probed_at = excluded.probed_at",
            (file_id, generation, to_json("probe", info)?, tool, self.now().0),
        )?;
        media_facts::put(self.conn, file_id, generation, info, self.now())?;
        let deflated = miniz_oxide::deflate::compress_to_vec(text, DEFLATE_LEVEL);
        run(
            self.conn,
            "INSERT INTO probe_texts (file_id, deflated) VALUES (?1, ?2)
             ON CONFLICT (file_id) DO UPDATE SET deflated = excluded.deflated",
            (file_id, deflated),
        )?;
        Ok(())
    }
}
