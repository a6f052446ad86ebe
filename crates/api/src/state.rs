//! What every handler has at hand.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use mediaflow_engine::catalog::LiveCatalog;
use mediaflow_engine::service::Service;

use crate::door::PathGuard;
use crate::error::ApiError;
use crate::live::Hub;
use crate::logs::LogBuffer;

/// The parts of the server. Cheap to clone; every clone is the same one.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

/// See [`Api`].
pub struct Parts {
    /// The line as a service.
    pub service: Service,
    /// The library in memory.
    pub catalog: LiveCatalog,
    /// Which paths may be given over the API.
    pub paths: PathGuard,
    /// The program's own log.
    pub logs: LogBuffer,
    /// Who is connected to `/ws`.
    pub hub: Hub,
    /// Where things of ours lie.
    pub about: About,
}

/// What diagnostics tell of this process.
#[derive(Debug, Clone)]
pub struct About {
    /// Where everything of ours lies.
    pub data_dir: PathBuf,
    /// The database file.
    pub database: PathBuf,
    /// Where attempts have their directories.
    pub work: PathBuf,
    /// When the process started.
    pub started: Instant,
}

impl Deref for Api {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Api {
    /// Puts the parts together; from here on the hub is told of everything that happens.
    #[must_use]
    pub fn new(service: Service, catalog: LiveCatalog, paths: PathGuard, logs: LogBuffer, about: About) -> Self {
        let hub = Hub::new(&service, catalog.clone());
        Self(Arc::new(Parts { service, catalog, paths, logs, hub, about }))
    }

    /// Runs what waits for a disk or a database where it holds up nobody.
    ///
    /// # Errors
    /// Those of `work`; a panic in it is an internal error.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let api = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&api)).await;
        done.unwrap_or_else(|panic| Err(ApiError::Internal(format!("a request's work panicked: {panic}"))))
    }
}
