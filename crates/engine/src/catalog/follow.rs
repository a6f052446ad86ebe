//! Looks at the store: a first one that loads everything, then one for the changes since the last.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{PoisonError, RwLock};

use mediaflow_core::catalog::{Catalog, Loading};
use mediaflow_store::{CatalogChanges, Store, StoreError};

/// Rows between two reports of a load.
const REPORT_ROWS: usize = 8192;

/// Where in the store's changes the catalog stands.
#[derive(Default)]
pub(super) struct Follower {
    /// The last change that is in the catalog; `None` before it is loaded.
    seq: Option<i64>,
    /// The tags that are in the catalog, with the number of their last change.
    tags: BTreeMap<i64, i64>,
}

impl Follower {
    /// Brings the catalog up to date and gives its number of items. `report` is told the rows of a load, and says
    /// whether to go on; `None` when it said no.
    pub(super) fn look(
        &mut self,
        store: &Store,
        catalog: &RwLock<Catalog>,
        report: impl Fn(u64) -> bool,
    ) -> Result<Option<u64>, StoreError> {
        let write = || catalog.write().unwrap_or_else(PoisonError::into_inner);
        let Some(seq) = self.seq else {
            let Some((loaded, seq)) = load(store, report)? else { return Ok(None) };
            *write() = loaded;
            self.seq = Some(seq);
            self.tags.clear();
            self.look_at_tags(store, catalog)?;
            return Ok(Some(items(catalog)));
        };
        let CatalogChanges { rows, gone, seq } = store.read(|reader| reader.catalog_changes(seq))?;
        // Those who look are held up only for a change that is one.
        if !rows.is_empty() || !gone.is_empty() {
            write().apply(rows, gone);
        }
        self.seq = Some(seq);
        self.look_at_tags(store, catalog)?;
        Ok(Some(items(catalog)))
    }

    /// Takes over the tags that changed, each as a whole.
    fn look_at_tags(&mut self, store: &Store, catalog: &RwLock<Catalog>) -> Result<(), StoreError> {
        let write = || catalog.write().unwrap_or_else(PoisonError::into_inner);
        let now: BTreeMap<i64, i64> = store.read(|reader| reader.tag_versions())?.into_iter().collect();
        for (tag_id, version) in &now {
            if self.tags.get(tag_id) != Some(version) {
                let part_ids = store.read(|reader| reader.tagged_parts(*tag_id))?;
                write().put_tag(*tag_id, part_ids);
                self.tags.insert(*tag_id, *version);
            }
        }
        for tag_id in self.tags.keys().filter(|id| !now.contains_key(id)) {
            write().drop_tag(*tag_id);
        }
        self.tags = now;
        Ok(())
    }
}

fn items(catalog: &RwLock<Catalog>) -> u64 {
    catalog.read().unwrap_or_else(PoisonError::into_inner).len() as u64
}

/// All of it, with the last change that is in it; `None` when it was broken off.
fn load(store: &Store, report: impl Fn(u64) -> bool) -> Result<Option<(Catalog, i64)>, StoreError> {
    let mut loading = Loading::default();
    let mut is_stopped = false;
    let seq = store.read(|reader| {
        reader.catalog_rows(|row| {
            loading.push(&row);
            is_stopped = loading.len() % REPORT_ROWS == 0 && !report(loading.len() as u64);
            if is_stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    })?;
    Ok((!is_stopped).then(|| (loading.finish(), seq)))
}
