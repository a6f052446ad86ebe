//! What a file is, told by its name alone.

use mediaflow_core::path::RelPath;

/// What the name of a file says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A video, going by the extension.
    Media,
    /// Something that belongs to a video: subtitles, metadata, artwork.
    Sidecar,
    /// A download or copy that has not ended.
    Partial,
    /// Anything else.
    Other,
}

/// The extensions that Plex reads as video (`VIDEO_EXTS` of its `LocalMedia.bundle`) without those that are playlists,
/// indexes or drawings (`asx avs bup fli sdp strm wpl xsp`), and with three that it lacks (`f4v mk3d mxf`).
const MEDIA: [&str; 45] = [
    "3g2", "3gp", "asf", "avc", "avi", "bivx", "divx", "dv", "dvr-ms", "evo", "f4v", "flv", "m2t", "m2ts", "m2v",
    "m4v", "mk3d", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "nsv", "nuv", "ogm", "ogv", "pva", "qt", "rm",
    "rmvb", "svq3", "tp", "ts", "ty", "vdr", "viv", "vob", "vp3", "webm", "wmv", "wtv", "xvid", "trp",
];

/// Subtitles and artwork of the same bundle, `sup` and `mks` for subtitles, and the metadata of Kodi and Jellyfin.
const SIDECARS: [&str; 22] = [
    "aqt", "ass", "bif", "idx", "jpeg", "jpg", "jss", "mks", "nfo", "png", "psb", "rt", "smi", "srt", "ssa", "sub",
    "sup", "tbn", "utf8", "vtt", "webp", "xml",
];

/// What downloaders and browsers append while they are not done: wget and Firefox (`part`), qBittorrent (`!qB`),
/// uTorrent (`!ut`), `BitComet` (`bc!`), Chrome (`crdownload`), Safari (`download`), Opera, aria2's control file,
/// `FileZilla` and Total Commander, SABnzbd and others (`tmp`, `temp`, `partial`).
const PARTIAL: [&str; 14] = [
    "!qb",
    "!sync",
    "!ut",
    "aria2",
    "bc!",
    "crdownload",
    "download",
    "filepart",
    "opdownload",
    "part",
    "partial",
    "temp",
    "tmp",
    "unfinished",
];

/// Folders that a system or NAS keeps for itself; what lies in them is not the user's library.
const SYSTEM_FOLDERS: [&str; 6] =
    ["@eadir", "#recycle", "#snapshot", "$recycle.bin", "lost+found", "system volume information"];

impl FileKind {
    /// The kind of a path.
    #[must_use]
    pub fn of(path: &RelPath) -> Self {
        let extension = path.extension();
        if path.file_name().ends_with(b"~") || PARTIAL.contains(&extension.as_str()) {
            Self::Partial
        } else if MEDIA.contains(&extension.as_str()) {
            Self::Media
        } else if SIDECARS.contains(&extension.as_str()) {
            Self::Sidecar
        } else {
            Self::Other
        }
    }
}

/// Whether a name is kept from users: dot files, MediaFlow's own working files and quarantine among them, and the
/// folders of systems.
#[must_use]
pub fn is_hidden(name: &[u8]) -> bool {
    let folded = name.to_ascii_lowercase();
    name.first() == Some(&b'.') || SYSTEM_FOLDERS.iter().any(|system| folded == system.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        for (name, kind) in [
            ("Heat (1995).mkv", FileKind::Media),
            ("HEAT.AVI", FileKind::Media),
            ("VTS_01_1.VOB", FileKind::Media),
            ("recording.dvr-ms", FileKind::Media),
            ("Heat (1995).en.srt", FileKind::Sidecar),
            ("Heat.idx", FileKind::Sidecar),
            ("poster.JPG", FileKind::Sidecar),
            ("Heat.mkv.part", FileKind::Partial),
            ("Heat.mkv.!qB", FileKind::Partial),
            ("Heat.tmp", FileKind::Partial),
            ("Heat.mkv.crdownload", FileKind::Partial),
            ("Heat.mkv.partial~", FileKind::Partial),
            ("Heat.mkv~", FileKind::Partial),
            ("readme.txt", FileKind::Other),
            ("song.mp3", FileKind::Other),
            ("mkv", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(&RelPath::new(name).unwrap()), kind, "{name}");
        }
    }

    #[test]
    fn our_own_names_are_hidden() {
        for name in
            [".mediaflow-quarantine", ".mf-0123.part", ".mf-0123.part.mkv", ".DS_Store", "@eaDir", "$RECYCLE.BIN"]
        {
            assert!(is_hidden(name.as_bytes()), "{name}");
        }
        assert!(!is_hidden(b"@home (1999).mkv"));
    }
}
