//! All routes of the real server, without a login.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use mediaflow_api::logs::LogBuffer;
use mediaflow_api::{About, Api};
use mediaflow_core::replace::Epoch;
use mediaflow_engine::catalog::LiveCatalog;
use mediaflow_engine::service::{Service, ServiceOptions};
use mediaflow_transport::executor::LocalExecutor;

use crate::support::{Server, Site, get_of, request};

/// What lies outside the document.
const OTHERS: [&str; 10] = [
    "/",
    "/library",
    "/index.html",
    "/assets/index.js",
    "/favicon.ico",
    "/ws",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/nothing/at/all",
];

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// All that answers without a login.
const PUBLIC: [(&str, &str); 8] = [
    ("GET", "/api/health"),
    ("HEAD", "/api/health"),
    ("GET", "/login"),
    ("HEAD", "/login"),
    ("POST", "/login"),
    ("GET", "/login/style.css"),
    ("HEAD", "/login/style.css"),
    ("POST", "/api/auth/login"),
];

/// The whole server behind a door, with nothing to do.
struct Whole {
    server: Server,
    service: Service,
    catalog: LiveCatalog,
}

impl Whole {
    fn start() -> Self {
        let site = Site::at("0.0.0.0").with_password();
        let folder = site.folder().to_owned();
        let catalog = LiveCatalog::start(site.store.clone()).unwrap();
        let service = Service::start(ServiceOptions {
            store: site.store.clone(),
            clock: site.clock(),
            epoch: Epoch(1),
            executor: Arc::new(LocalExecutor::new(folder.join("no-program"))),
            work: folder.join("work"),
            uploads: folder.join("uploads"),
            find_tools: Arc::new(|_| Err("no ffmpeg is needed here".to_owned())),
            scan_threads: 1,
            more_tasks: Vec::new(),
        })
        .unwrap();
        let about = About {
            data_dir: folder.clone(),
            database: site.store.path().to_owned(),
            work: folder.join("work"),
            started: Instant::now(),
        };
        let (for_api, for_catalog) = (service.clone(), catalog.clone());
        let server = site.open_with(move |door| {
            let api = Api::new(for_api, for_catalog, door.paths(), LogBuffer::default(), about);
            mediaflow_api::router(api, door)
        });
        Self { server: server.unwrap(), service, catalog }
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        self.service.stop_hard();
        self.catalog.stop();
    }
}

/// Every path there is, with numbers for what stands in braces.
fn paths(whole: &Whole) -> BTreeSet<String> {
    let (document, _) = mediaflow_api::document(&whole.server.door);
    let filled = |path: &String| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let mut paths: BTreeSet<String> = document["paths"].as_object().unwrap().keys().map(filled).collect();
    paths.extend(OTHERS.map(str::to_owned));
    paths.extend(PUBLIC.map(|(_, path)| path.to_owned()));
    paths
}

#[tokio::test]
async fn no_route_but_health_and_login_answers_without_a_login() {
    let whole = Whole::start();
    let paths = paths(&whole);
    assert!(paths.len() > 50, "the document names all operations: {paths:?}");
    for path in &paths {
        for method in METHODS {
            let answer = whole.server.ask(request(method, path)).await;
            let is_public = PUBLIC.contains(&(method, path));
            // The login itself says what it lacks.
            let is_refused = answer.status == 401 && answer.header("www-authenticate") == "Bearer";
            assert_eq!(is_refused, !is_public, "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(whole.server.audited(), ["password.set", "login.failed"], "nothing else came of it");
}

#[tokio::test]
async fn with_a_login_they_are_reached() {
    let whole = Whole::start();
    let (cookie, _) = whole.server.login().await;
    for path in paths(&whole) {
        let answer = whole.server.ask(get_of(&path).cookie(&cookie)).await;
        assert_ne!(answer.status, 401, "{path}: {answer:?}");
        assert!(!matches!(answer.status, 500 | 502..=599), "{path}: {answer:?}");
    }
    let libraries = whole.server.ask(get_of("/api/libraries").cookie(&cookie)).await;
    assert_eq!((libraries.status, libraries.body.as_str()), (200, "[]"));
}
