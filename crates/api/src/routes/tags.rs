//! The contract's group `tags`.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::Json;
use axum::extract::State;
use mediaflow_core::catalog::Catalog;
use mediaflow_store::{StoreError, Tag};

use super::checked_name;
use super::items::{filter_of, tag_of};
use crate::error::ApiError;
use crate::extract::{Body, InPath, ItemId, TagId};
use crate::openapi::op;
use crate::state::Api;
use crate::wire::marks::{BulkTagRequest, TagCreate, TagResponse, TagUpdate, TagsApplied, TagsRemoved};
use crate::wire::media::TagBrief;
use crate::wire::{Done, int};

const TAG: &str = "tags";

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route(
            "/api/tags/",
            get_with(list, op("list_tags", TAG, "All tags by name, with how many items have them")),
        )
        .api_route("/api/tags/", post_with(create, op("create_tag", TAG, "Make a tag")))
        .api_route("/api/tags/{tag_id}", put_with(update, op("update_tag", TAG, "Rename or recolour a tag")))
        .api_route("/api/tags/{tag_id}", delete_with(remove, op("delete_tag", TAG, "Delete a tag")))
        .api_route("/api/tags/apply", post_with(apply, op("apply_tags", TAG, "Give tags to items")))
        .api_route("/api/tags/remove", post_with(take, op("remove_tags", TAG, "Take tags from items")))
        .api_route("/api/tags/items/{item_id}", get_with(of_item, op("list_item_tags", TAG, "The tags of an item")))
}

fn shown(tag: Tag, counts: &BTreeMap<i64, u64>) -> TagResponse {
    let media_count = counts.get(&tag.id).map_or(0, |count| int(*count));
    TagResponse { id: tag.id, name: tag.name, color: tag.color, media_count }
}

fn explained(error: StoreError) -> ApiError {
    match error {
        StoreError::NotFound { what: "tag", .. } => ApiError::NotFound("Tag not found".to_owned()),
        StoreError::Taken { .. } => ApiError::Conflict("Tag name already exists".to_owned()),
        other => other.into(),
    }
}

fn color_of(color: String) -> Result<String, ApiError> {
    let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6);
    match digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        true => Ok(color),
        false => Err(ApiError::field(
            &["body", "color"],
            "string_pattern_mismatch",
            "it is # and six hexadecimal digits, such as #256af4",
            color,
        )),
    }
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<TagResponse>>, ApiError> {
    api.blocking(|api| {
        let tags = api.service.store().read(|r| r.tags())?;
        let counts = api.catalog.read(Catalog::tag_counts)?;
        Ok(Json(tags.into_iter().map(|tag| shown(tag, &counts)).collect()))
    })
    .await
}

async fn create(State(api): State<Api>, Body(wish): Body<TagCreate>) -> Result<Json<TagResponse>, ApiError> {
    let (name, color) = (checked_name(&wish.name)?, color_of(wish.color)?);
    api.blocking(move |api| {
        let store = api.service.store();
        let id = store.write(|tx| tx.tag_create(&name, &color)).map_err(explained)?;
        Ok(Json(shown(store.read(|r| r.tag(id))?, &BTreeMap::new())))
    })
    .await
}

async fn update(
    State(api): State<Api>,
    InPath(TagId { tag_id }): InPath<TagId>,
    Body(change): Body<TagUpdate>,
) -> Result<Json<TagResponse>, ApiError> {
    let name = change.name.as_deref().map(checked_name).transpose()?;
    let color = change.color.map(color_of).transpose()?;
    api.blocking(move |api| {
        let changed = api.service.store().write(|tx| {
            let before = tx.tag(tag_id)?;
            let tag = Tag { id: tag_id, name: name.unwrap_or(before.name), color: color.unwrap_or(before.color) };
            tx.tag_update(&tag).map(|()| tag)
        });
        Ok(Json(shown(changed.map_err(explained)?, &api.catalog.read(Catalog::tag_counts)?)))
    })
    .await
}

async fn remove(State(api): State<Api>, InPath(TagId { tag_id }): InPath<TagId>) -> Result<Json<Done>, ApiError> {
    api.blocking(move |api| {
        api.service.store().write(|tx| tx.tag_delete(tag_id)).map_err(explained)?;
        api.catalog.catch_up()?;
        Ok(Json(Done { status: "deleted" }))
    })
    .await
}

/// The items that are named, and those that the filter finds.
fn items_of(api: &Api, wish: &BulkTagRequest) -> Result<Vec<i64>, ApiError> {
    let mut ids = wish.media_item_ids.clone();
    if let Some(filter) = &wish.filter {
        let filter = filter_of(filter)?;
        ids.extend(api.catalog.read(|catalog| catalog.ids(&filter))?.ids);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

async fn apply(State(api): State<Api>, Body(wish): Body<BulkTagRequest>) -> Result<Json<TagsApplied>, ApiError> {
    api.blocking(move |api| {
        let items = items_of(api, &wish)?;
        let added = api.service.tags_apply(&items, &wish.tag_ids)?;
        // Whoever asks next finds them.
        api.catalog.catch_up()?;
        Ok(Json(TagsApplied { status: "applied", added: int(added as u64) }))
    })
    .await
}

async fn take(State(api): State<Api>, Body(wish): Body<BulkTagRequest>) -> Result<Json<TagsRemoved>, ApiError> {
    api.blocking(move |api| {
        let items = items_of(api, &wish)?;
        let removed = api.service.tags_remove(&items, &wish.tag_ids)?;
        api.catalog.catch_up()?;
        Ok(Json(TagsRemoved { status: "removed", removed: int(removed as u64) }))
    })
    .await
}

async fn of_item(
    State(api): State<Api>,
    InPath(ItemId { item_id }): InPath<ItemId>,
) -> Result<Json<Vec<TagBrief>>, ApiError> {
    api.blocking(move |api| {
        let tags = api.service.store().read(|r| r.tags_of_part(item_id))?;
        Ok(Json(tags.iter().map(tag_of).collect()))
    })
    .await
}
