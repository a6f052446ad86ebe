//! Errors of the engine as those of the wire.

use mediaflow_engine::catalog::CatalogError;
use mediaflow_engine::service::CommandError;
use mediaflow_engine::uploads::UploadError;

use crate::error::ApiError;

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        let text = error.to_string();
        match error {
            CommandError::NotFound { .. } => Self::NotFound(text),
            CommandError::WrongState(_) | CommandError::Conflict(_) | CommandError::Refused(_) => Self::Conflict(text),
            CommandError::BuiltIn(_) => Self::BadRequest(text),
            CommandError::Invalid { field, message } => {
                Self::field(&["body", field], "value_error", message, serde_json::Value::Null)
            }
            CommandError::NoSpace(_) => Self::NoSpace(text),
            CommandError::NoTools(_) | CommandError::Stopping | CommandError::Away(_) => Self::Unavailable(text),
            CommandError::Store(store) => store.into(),
            CommandError::Failed(_) => Self::Internal(text),
        }
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        CommandError::from(error).into()
    }
}

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        Self::Unavailable(format!("{error}; try again in a moment"))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn what_is_away_is_no_fault_of_ours() {
        let error = ApiError::from(CommandError::Away("the NAS is off".to_owned()));
        assert_eq!(error.to_string(), "the NAS is off");
        assert_eq!(error.into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
