//! Folder libraries, and the servers that earlier clients know them as.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FOLDER_PATH, NOT_BLANK, Time};

/// A folder to become a library.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct LibraryCreate {
    /// Absolute path of the folder, on the machine that MediaFlow runs on or on the one of `worker_server_id`.
    #[schemars(regex(pattern = FOLDER_PATH))]
    pub path: String,
    /// The server that the folder lies on, reached over SSH; the machine that MediaFlow runs on otherwise.
    pub worker_server_id: Option<i64>,
    /// What to call it; the folder's name otherwise.
    #[schemars(length(min = 1, max = 200), regex(pattern = NOT_BLANK))]
    pub title: Option<String>,
    /// `movie` or `show`.
    #[serde(rename = "type")]
    pub kind: Option<LibraryKind>,
}

/// What a library holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LibraryKind {
    /// Films.
    Movie,
    /// Series.
    Show,
}

impl LibraryKind {
    /// The wire's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Show => "show",
        }
    }
}

/// A folder library.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FolderLibrary {
    /// Its id.
    pub id: i64,
    /// The server that earlier clients see it as.
    pub server_id: i64,
    /// Its title.
    pub title: String,
    /// `movie` or `show`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The folder.
    pub path: String,
    /// The server that the folder lies on; null for the machine that MediaFlow runs on.
    pub worker_server_id: Option<i64>,
    /// Its name.
    pub worker_server_name: Option<String>,
    /// Whether the folder is there now; of one on a server, whether that answered when it was last asked.
    pub is_available: bool,
    /// Items in it.
    pub total_items: i64,
    /// Their size in bytes.
    pub total_size: i64,
    /// Files in it that could not be read.
    pub unreadable: i64,
    /// When a scan last ended.
    pub last_scanned_at: Option<Time>,
    /// The scan under way.
    pub scan: Option<ScanState>,
}

/// A file that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnreadableFile {
    /// Where it lies.
    pub path: String,
    /// Why it could not be read.
    pub reason: String,
    /// When it was last looked at.
    pub last_seen_at: Time,
}

/// A scan under way.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScanState {
    /// `running`.
    pub state: &'static str,
    /// Files seen.
    pub seen: i64,
    /// Files read, because they were new or had changed.
    pub probed: i64,
    /// When it began.
    pub started_at: Time,
}

/// Something that was begun and goes on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LibraryStatus {
    /// One word.
    pub status: &'static str,
    /// The library.
    pub library_id: i64,
}

/// Which folder to look into.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FolderQuery {
    /// Absolute path; where one may begin otherwise.
    #[schemars(regex(pattern = r"^(/([^/\u0000]+/)*[^/\u0000]*)?$"))]
    pub path: Option<String>,
    /// Also the media files in it.
    #[serde(default, deserialize_with = "super::flag")]
    pub files: bool,
}

/// The folders in a folder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Folders {
    /// The folder; null for the list of places to begin.
    pub path: Option<String>,
    /// The folder above, while it may be looked into.
    pub parent: Option<String>,
    /// Folders in it, by name; hidden and unreadable ones are left out.
    pub folders: Vec<FolderEntry>,
    /// Media files in it, by name, where they were asked for.
    pub files: Vec<FileEntry>,
}

/// One media file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its absolute path.
    pub path: String,
    /// Its size in bytes.
    pub size: i64,
}

/// One folder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Its absolute path.
    pub path: String,
}

/// A server, as earlier clients know it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlexServerResponse {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its address; for a folder, `file://` and its path.
    pub url: String,
    /// The server's own id.
    pub machine_id: Option<String>,
    /// The server's version.
    pub version: Option<String>,
    /// Whether it is there.
    pub is_active: bool,
    /// When it was last synced.
    pub last_synced_at: Option<Time>,
    /// When it was added.
    pub created_at: Option<Time>,
    /// Libraries of it.
    pub library_count: i64,
    /// SSH host; null for a folder.
    pub ssh_hostname: Option<String>,
    /// SSH port.
    pub ssh_port: i64,
    /// SSH user.
    pub ssh_username: Option<String>,
    /// SSH key.
    pub ssh_key_path: Option<String>,
    /// A mask, never the password.
    pub ssh_password: Option<String>,
    /// Where speed is measured.
    pub benchmark_path: Option<String>,
    /// `folder`.
    pub kind: String,
}

/// A library of a server, as earlier clients know it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlexLibraryResponse {
    /// Its id.
    pub id: i64,
    /// Its server.
    pub plex_server_id: i64,
    /// The server's own id for it.
    pub plex_key: String,
    /// Its title.
    pub title: String,
    /// `movie` or `show`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Items in it.
    pub total_items: i64,
    /// Their size in bytes.
    pub total_size: i64,
}
