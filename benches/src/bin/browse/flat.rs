//! The other side: the same rows in one table of SQLite, as the contract's `media_items` is, with its indexes.

use std::ops::ControlFlow;

use mediaflow_store::Store;
use rusqlite::{Connection, params};

const SCHEMA: &str = "
    PRAGMA journal_mode = wal;
    CREATE TABLE media_items (
        id INTEGER PRIMARY KEY, library_id INTEGER NOT NULL, plex_rating_key TEXT NOT NULL, title TEXT NOT NULL,
        year INTEGER, duration_ms INTEGER, file_path TEXT, file_size INTEGER, container TEXT, video_codec TEXT,
        video_profile TEXT, video_bitrate INTEGER, width INTEGER, height INTEGER, resolution_tier TEXT, frame_rate REAL,
        is_hdr INTEGER, hdr_format TEXT, bit_depth INTEGER, audio_codec TEXT, audio_channels INTEGER,
        audio_channel_layout TEXT, audio_bitrate INTEGER);";

const INDEXES: &str = "
    CREATE INDEX idx_media_size ON media_items (file_size);
    CREATE INDEX idx_media_codec ON media_items (video_codec);
    CREATE INDEX idx_media_rating_key ON media_items (plex_rating_key);
    CREATE INDEX idx_media_resolution ON media_items (resolution_tier);
    CREATE INDEX idx_media_library ON media_items (library_id);
    CREATE INDEX idx_media_title ON media_items (title);
    ANALYZE;";

/// Copies every row of the catalog into the table.
pub fn copy(store: &Store, flat: &Connection) {
    flat.execute_batch(SCHEMA).unwrap();
    flat.execute_batch("BEGIN").unwrap();
    let mut insert = flat.prepare(&format!("INSERT INTO media_items VALUES ({})", vec!["?"; 23].join(", "))).unwrap();
    store
        .read(|reader| {
            reader.catalog_rows(|row| {
                let media = row.media;
                insert
                    .execute(params![
                        row.part_id,
                        row.library_id,
                        row.rating_key,
                        row.title,
                        row.year,
                        media.duration_us.map(|duration| duration / 1000),
                        row.path,
                        row.size_bytes.cast_signed(),
                        media.container,
                        media.video_codec,
                        media.video_profile,
                        media.video_bitrate_bps.map(u64::cast_signed),
                        media.width,
                        media.height,
                        media.tier.map(|tier| tier.to_string()),
                        media.frame_rate,
                        media.hdr_format.is_some(),
                        media.hdr_format.map(|format| format.to_string()),
                        media.bit_depth,
                        media.audio_codec,
                        media.audio_channels,
                        media.audio_layout,
                        media.audio_bitrate_bps.map(u64::cast_signed),
                    ])
                    .unwrap();
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    flat.execute_batch("COMMIT").unwrap();
    flat.execute_batch(INDEXES).unwrap();
}

/// Runs statements to their ends and gives their number of rows.
pub fn rows_of(conn: &Connection, statements: &[String]) -> usize {
    let mut count = 0;
    for sql in statements {
        let mut statement = conn.prepare_cached(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while rows.next().unwrap().is_some() {
            count += 1;
        }
    }
    count
}
