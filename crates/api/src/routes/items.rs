//! The contract's group `library`: the media files of all libraries.

mod export;
mod filter;
mod render;

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::catalog::{Catalog, Count, SortKey, SortOrder};
use mediaflow_store::JobPage;

use self::export::export;
pub use self::filter::filter_of;
pub use self::render::{item, stream as stream_of, tag_of};
use crate::error::ApiError;
use crate::extract::{InPath, ItemId, Query};
use crate::openapi::op;
use crate::respond::Picture;
use crate::state::Api;
use crate::wire::media::{
    Facet, Facets, ItemDetails, ItemFilter, ItemIds, ItemOrder, ItemPage, LibraryCount, LibrarySectionResponse,
    LibraryStatsResponse, MediaItemResponse,
};
use crate::wire::{Paging, int, kbps};

const TAG: &str = "library";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/library/items", get_with(list, op("list_items", TAG, "A page of the library")))
        .api_route("/api/library/item-ids", get_with(ids, op("list_item_ids", TAG, "The ids of all that match")))
        .api_route("/api/library/facets", get_with(facets, op("list_facets", TAG, "What can be filtered by, counted")))
        .api_route("/api/library/items/{item_id}", get_with(one, op("get_item", TAG, "One media item")))
        .api_route(
            "/api/library/items/{item_id}/details",
            get_with(details, op("get_item_details", TAG, "One media item with all its streams")),
        )
        .api_route("/api/library/sections", get_with(sections, op("list_sections", TAG, "All libraries by title")))
        .api_route("/api/library/stats", get_with(stats, op("get_library_stats", TAG, "The library in numbers")))
        .api_route("/api/library/export", post_with(export, op("export_library", TAG, "The library as CSV or JSON")))
        .api_route("/api/library/thumb/{item_id}", get_with(thumb, op("get_thumb", TAG, "The picture of an item")))
}

async fn list(
    State(api): State<Api>,
    Query(filter): Query<ItemFilter>,
    Query(order): Query<ItemOrder>,
) -> Result<Json<ItemPage>, ApiError> {
    let paging = Paging::of(order.page, order.page_size, 50, 500)?;
    let filter = filter_of(&filter)?;
    let key = order.sort_by.as_deref().and_then(SortKey::parse).unwrap_or(SortKey::Title);
    let descending = order.sort_order.is_some_and(|order| order.eq_ignore_ascii_case("desc"));
    let direction = if descending { SortOrder::Descending } else { SortOrder::Ascending };
    api.blocking(move |api| {
        let (offset, size) = (paging.offset(), paging.page_size);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let page = api
            .catalog
            .read(|catalog| catalog.page(&filter, key, direction, offset, usize::try_from(size).unwrap_or(0)))?;
        let parts = api.service.store().read(|r| r.media_parts(&page.ids))?;
        let total = int(page.total);
        Ok(Json(ItemPage {
            items: parts.iter().map(item).collect(),
            total,
            page: paging.page,
            page_size: paging.page_size,
            total_pages: paging.pages_of(total),
            total_size: int(page.total_size_bytes),
        }))
    })
    .await
}

async fn ids(State(api): State<Api>, Query(filter): Query<ItemFilter>) -> Result<Json<ItemIds>, ApiError> {
    let filter = filter_of(&filter)?;
    api.blocking(move |api| {
        let found = api.catalog.read(|catalog| catalog.ids(&filter))?;
        Ok(Json(ItemIds { ids: found.ids, total: int(found.total), total_size: int(found.total_size_bytes) }))
    })
    .await
}

async fn facets(State(api): State<Api>, Query(filter): Query<ItemFilter>) -> Result<Json<Facets>, ApiError> {
    let filter = filter_of(&filter)?;
    let shown = |counts: Vec<Count<String>>| {
        counts.into_iter().map(|count| Facet { value: count.value, count: int(count.count) }).collect()
    };
    api.blocking(move |api| {
        let found = api.catalog.read(|catalog| catalog.facets(&filter))?;
        let libraries = found.library_id.into_iter();
        Ok(Json(Facets {
            library_id: libraries.map(|c| Facet { value: c.value.to_string(), count: int(c.count) }).collect(),
            resolution: shown(found.resolution),
            video_codec: shown(found.video_codec),
            audio_codec: shown(found.audio_codec),
            container: shown(found.container),
            hdr_format: shown(found.hdr_format),
            tags: found.tag_id.into_iter().map(|c| Facet { value: c.value.to_string(), count: int(c.count) }).collect(),
        }))
    })
    .await
}

async fn one(
    State(api): State<Api>,
    InPath(ItemId { item_id }): InPath<ItemId>,
) -> Result<Json<MediaItemResponse>, ApiError> {
    api.blocking(move |api| {
        let part = api.service.store().read(|r| r.media_part(item_id)).map_err(not_found)?;
        Ok(Json(item(&part)))
    })
    .await
}

async fn details(
    State(api): State<Api>,
    InPath(ItemId { item_id }): InPath<ItemId>,
) -> Result<Json<ItemDetails>, ApiError> {
    api.blocking(move |api| {
        let store = api.service.store();
        let part = store.read(|r| r.media_part(item_id)).map_err(not_found)?;
        let jobs = JobPage { statuses: &[], file_id: Some(part.file.id), limit: 50, offset: 0 };
        let (jobs, probed) = store.read(|r| Ok((r.jobs(&jobs)?, r.probe(part.file.id)?)))?;
        Ok(Json(ItemDetails {
            item: item(&part),
            streams: part.info.streams.iter().map(render::stream).collect(),
            chapters: part.info.chapters.iter().map(render::chapter).collect(),
            container_tags: part.info.tags.clone(),
            bitrate: part.info.bitrate_bps.map(kbps),
            added_at: part.file.first_seen_at.into(),
            probed_at: probed.map(|probe| probe.probed_at.into()),
            job_ids: jobs.into_iter().map(|job| job.id).collect(),
        }))
    })
    .await
}

fn not_found(error: mediaflow_store::StoreError) -> ApiError {
    match error {
        mediaflow_store::StoreError::NotFound { .. } => ApiError::NotFound("Media item not found".to_owned()),
        other => other.into(),
    }
}

async fn sections(State(api): State<Api>) -> Result<Json<Vec<LibrarySectionResponse>>, ApiError> {
    api.blocking(|api| {
        let totals = api.catalog.read(Catalog::library_totals)?;
        let mut libraries = api.service.store().read(|r| r.library_overviews())?;
        libraries.sort_by_key(|overview| (overview.library.title.to_lowercase(), overview.library.id));
        let shown = libraries.into_iter().map(|overview| {
            let held = totals.get(&overview.library.id).copied().unwrap_or_default();
            LibrarySectionResponse {
                id: overview.library.id,
                title: overview.library.title,
                kind: overview.library.library_type,
                total_items: int(held.items),
                total_size: int(held.size_bytes),
                server_name: overview.source_name,
                server_id: overview.library.source_id,
            }
        });
        Ok(Json(shown.collect()))
    })
    .await
}

async fn stats(State(api): State<Api>) -> Result<Json<LibraryStatsResponse>, ApiError> {
    let counted = |counts: Vec<Count<String>>| -> BTreeMap<String, i64> {
        counts.into_iter().map(|count| (count.value, int(count.count))).collect()
    };
    api.blocking(move |api| {
        let stats = api.catalog.read(Catalog::stats)?;
        let libraries = api.service.store().read(|r| r.libraries())?;
        Ok(Json(LibraryStatsResponse {
            total_items: int(stats.total_items),
            total_size: int(stats.total_size_bytes),
            total_duration_ms: int(stats.total_duration_us / 1000),
            codec_breakdown: counted(stats.video_codecs),
            resolution_breakdown: counted(stats.resolutions),
            hdr_count: int(stats.hdr_count),
            avg_bitrate: stats.average_video_bitrate_bps.map_or(0.0, |bps| (bps / 100.0).round() / 10.0),
            libraries: libraries
                .into_iter()
                .map(|library| {
                    let totals = stats.libraries.get(&library.id);
                    LibraryCount {
                        id: library.id,
                        title: library.title,
                        kind: library.library_type,
                        total_items: totals.map_or(0, |totals| int(totals.items)),
                        total_size: totals.map_or(0, |totals| int(totals.size_bytes)),
                    }
                })
                .collect(),
        }))
    })
    .await
}

/// A folder has no pictures for its films.
async fn thumb(State(api): State<Api>, InPath(ItemId { item_id }): InPath<ItemId>) -> Result<Picture, ApiError> {
    api.blocking(move |api| {
        api.service.store().read(|r| r.media_part(item_id)).map_err(not_found)?;
        Err(ApiError::NotFound("Thumbnail not found".to_owned()))
    })
    .await
}
