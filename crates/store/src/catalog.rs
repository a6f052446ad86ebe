//! What the catalog in memory is made of: all its rows, what changed since a look at them, and what a page shows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use mediaflow_core::catalog::Row;
use mediaflow_core::media::MediaInfo;
use mediaflow_core::time::Timestamp;
use rusqlite::Row as SqlRow;

use crate::error::StoreError;
use crate::files::{File, read_file};
use crate::media_facts;
use crate::row::{all, each, first, get, json};
use crate::store::Reader;
use crate::tags::Tag;

/// What changed in the catalog.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogChanges {
    /// Items that are new or changed.
    pub rows: Vec<Row<'static>>,
    /// Items that are no longer there.
    pub gone: Vec<i64>,
    /// The number of the last change: where to go on from.
    pub seq: i64,
}

/// A media item with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaPart {
    /// What the catalog has of it.
    pub row: Row<'static>,
    /// The film or episode that it is a part of.
    pub item_id: i64,
    /// `movie` or `episode`.
    pub item_type: String,
    /// Title of its library.
    pub library_title: String,
    /// Its file.
    pub file: File,
    /// What was found in the file.
    pub info: MediaInfo,
    /// Its tags, by name.
    pub tags: Vec<Tag>,
}

/// The parts that have a file which is there and was probed. CROSS JOIN: from the parts on, in this order, so that rows
/// come sorted by part without a sort.
const PARTS: &str = "part_files pf
    CROSS JOIN parts t ON t.id = pf.part_id
    CROSS JOIN versions v ON v.id = t.version_id
    CROSS JOIN items i ON i.id = v.item_id
    CROSS JOIN files f ON f.id = pf.file_id AND f.kind = 'media' AND f.missing_since_at IS NULL
    CROSS JOIN media_facts m ON m.file_id = f.id AND m.generation = f.generation";

/// What [`Roots::row`] reads before the columns of the probe.
const COLUMNS: &str = "pf.part_id, f.id, i.library_id, i.key, i.title, i.year, f.storage_id, f.path, f.size_bytes,
    f.first_seen_at, m.probed_at";

/// How many columns these are.
const OWN_COLUMNS: usize = 11;

/// Where storages lie, for whole paths.
struct Roots(BTreeMap<i64, Vec<u8>>);

impl Roots {
    fn row<'r>(&self, row: &'r SqlRow<'_>) -> Result<Row<'r>, StoreError> {
        let text = |at| Ok::<_, StoreError>(media_facts::text(row, at)?.unwrap_or_default().into());
        let root = self.0.get(&row.get(6)?).map_or(&b""[..], Vec::as_slice);
        let below = row.get_ref(7)?.as_blob().map_err(rusqlite::Error::from)?;
        let path = [root.strip_suffix(b"/").unwrap_or(root), b"/", below].concat();
        Ok(Row {
            part_id: row.get(0)?,
            file_id: row.get(1)?,
            library_id: row.get(2)?,
            rating_key: text(3)?,
            title: text(4)?,
            year: row.get(5)?,
            path: lossy(path).into(),
            size_bytes: row.get::<_, Option<i64>>(8)?.unwrap_or(0).cast_unsigned(),
            // No source that is known yet tells how often something was played.
            play_count: 0,
            added_at: Timestamp(row.get(9)?),
            updated_at: Timestamp(row.get(10)?),
            media: media_facts::read(row, OWN_COLUMNS)?,
        })
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

impl Reader<'_> {
    /// Every row of the catalog by part id, one after the other, until `visit` breaks; gives the number of the last
    /// change that is in them. Of a part that lies in several files, the first that is there counts.
    pub fn catalog_rows(&self, mut visit: impl FnMut(Row<'_>) -> ControlFlow<()>) -> Result<i64, StoreError> {
        let sql = format!("SELECT {COLUMNS}, {} FROM {PARTS} ORDER BY pf.part_id, pf.file_id", media_facts::COLUMNS);
        let roots = self.roots()?;
        let mut last = None;
        each(self.conn, &sql, [], |row| {
            let row = roots.row(row)?;
            Ok(if last.replace(row.part_id) == Some(row.part_id) { ControlFlow::Continue(()) } else { visit(row) })
        })?;
        self.last_catalog_change()
    }

    /// What changed in the catalog after the change numbered `after_seq`.
    pub fn catalog_changes(&self, after_seq: i64) -> Result<CatalogChanges, StoreError> {
        let sql = "SELECT part_id FROM catalog_changes WHERE seq > ?1";
        let changed: BTreeSet<i64> = all(self.conn, sql, [after_seq], |row| get(row, "part_id"))?.into_iter().collect();
        if changed.is_empty() {
            return Ok(CatalogChanges { seq: after_seq, ..CatalogChanges::default() });
        }
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        let roots = self.roots()?;
        for part_id in changed {
            match self.catalog_row(&roots, part_id)? {
                Some(row) => rows.push(row),
                None => gone.push(part_id),
            }
        }
        Ok(CatalogChanges { rows, gone, seq: self.last_catalog_change()? })
    }

    /// A media item with all that is known of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also for one whose file is missing or not probed: it is not in the catalog.
    pub fn media_part(&self, part_id: i64) -> Result<MediaPart, StoreError> {
        self.media_parts(&[part_id])?.pop().ok_or(StoreError::NotFound { what: "item", id: part_id })
    }

    /// Media items in the order of `part_ids`; what is not, or no longer, in the catalog is left out.
    pub fn media_parts(&self, part_ids: &[i64]) -> Result<Vec<MediaPart>, StoreError> {
        let roots = self.roots()?;
        let mut parts = Vec::with_capacity(part_ids.len());
        for part_id in part_ids {
            if let Some(row) = self.catalog_row(&roots, *part_id)? {
                parts.extend(self.media_part_of(row)?);
            }
        }
        Ok(parts)
    }

    fn media_part_of(&self, row: Row<'static>) -> Result<Option<MediaPart>, StoreError> {
        let sql = "SELECT f.*, p.info, i.id AS item_id, i.type AS item_type, l.title AS library_title
                   FROM parts t JOIN versions v ON v.id = t.version_id JOIN items i ON i.id = v.item_id
                   JOIN libraries l ON l.id = i.library_id JOIN files f ON f.id = ?2 JOIN probes p ON p.file_id = f.id
                   WHERE t.id = ?1";
        let tags = self.tags_of_part(row.part_id)?;
        first(self.conn, sql, (row.part_id, row.file_id), |found| {
            Ok(MediaPart {
                row,
                item_id: get(found, "item_id")?,
                item_type: get(found, "item_type")?,
                library_title: get(found, "library_title")?,
                file: read_file(found)?,
                info: json(found, "info")?,
                tags,
            })
        })
    }

    fn catalog_row(&self, roots: &Roots, part_id: i64) -> Result<Option<Row<'static>>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, {} FROM {PARTS} WHERE pf.part_id = ?1 ORDER BY pf.file_id LIMIT 1",
            media_facts::COLUMNS
        );
        first(self.conn, &sql, [part_id], |row| Ok(roots.row(row)?.into_owned()))
    }

    fn roots(&self) -> Result<Roots, StoreError> {
        let roots =
            all(self.conn, "SELECT id, root FROM storages", [], |row| Ok((get(row, "id")?, get(row, "root")?)))?;
        Ok(Roots(roots.into_iter().collect()))
    }

    fn last_catalog_change(&self) -> Result<i64, StoreError> {
        let sql = "SELECT max(seq) AS seq FROM catalog_changes";
        Ok(first(self.conn, sql, [], |row| get::<Option<i64>>(row, "seq"))?.flatten().unwrap_or(0))
    }
}
