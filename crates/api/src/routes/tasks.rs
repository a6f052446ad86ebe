//! What runs in the background.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;

use crate::error::ApiError;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::system::Task;

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/tasks", get_with(list, op("list_tasks", "tasks", "Every background task with its state")))
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<Task>>, ApiError> {
    api.blocking(|api| {
        let shown = api.service.tasks().into_iter().map(|task| Task {
            name: task.name.to_owned(),
            description: task.description.to_owned(),
            state: task.state.name().to_owned(),
            detail: task.detail,
            last_started_at: task.last_started_at.map(Into::into),
            last_ended_at: task.last_ended_at.map(Into::into),
            last_error: task.last_error,
            next_run_at: task.next_run_at.map(Into::into),
        });
        Ok(Json(shown.collect()))
    })
    .await
}
