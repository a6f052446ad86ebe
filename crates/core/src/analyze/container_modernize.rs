//! Container modernize: files in a container that players are giving up, put into Matroska as they are.

use super::{Context, Finding, Item, Kind, Severity, priority};
use crate::media::preset::REMUX;
use crate::media::{Container, is_outdated};

/// Finds files in an outdated container. Nothing is saved by it, and nothing is guessed: what the container is was read
/// from the file.
pub(super) fn analyze(items: &[Item], _: &Context<'_>) -> Vec<Finding> {
    items.iter().filter_map(look).collect()
}

fn look(item: &Item) -> Option<Finding> {
    const CERTAIN: f64 = 1.0;
    let video = item.video.as_ref()?;
    if !is_outdated(item.container, &item.extension) {
        return None;
    }
    let name = match item.container {
        Container::Other => item.extension.to_uppercase(),
        known => known.to_string(),
    };
    Some(Finding {
        file_id: item.file_id,
        kind: Kind::ContainerModernize,
        severity: Severity::Info,
        title: format!("{}: {name} to Matroska", item.title),
        reason: format!("Fewer and fewer players open {name}; Matroska holds the same streams without re-encoding."),
        savings_bytes: 0,
        confidence: CERTAIN,
        priority: priority::score(item.size_bytes, &video.codec, CERTAIN, item.play_count),
        preset: REMUX,
    })
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{GB, item};
    use super::super::{LearnedRatios, Thresholds};
    use super::*;

    #[test]
    fn the_container_decides_and_not_the_name() {
        let (thresholds, learned) = (Thresholds::default(), LearnedRatios::default());
        let context = Context { thresholds: &thresholds, learned: &learned };
        for (container, extension, title) in [
            (Container::Avi, "avi", Some("Heat: AVI to Matroska")),
            (Container::Avi, "divx", Some("Heat: AVI to Matroska")),
            (Container::Asf, "wmv", Some("Heat: ASF to Matroska")),
            (Container::MpegPs, "mpg", Some("Heat: MPEG-PS to Matroska")),
            (Container::Ogg, "ogm", Some("Heat: Ogg to Matroska")),
            (Container::Flv, "flv", Some("Heat: FLV to Matroska")),
            (Container::RealMedia, "rmvb", Some("Heat: RealMedia to Matroska")),
            (Container::Other, "rm", Some("Heat: RM to Matroska")),
            (Container::Matroska, "avi", None),
            (Container::Mp4, "mp4", None),
            (Container::MpegTs, "ts", None),
            (Container::Other, "nut", None),
        ] {
            let file = Item { container, extension: extension.into(), ..item("hevc", GB) };
            let found = analyze(&[file], &context).pop();
            assert_eq!(found.as_ref().map(|f| f.title.as_str()), title, "{container} .{extension}");
            assert!(found.is_none_or(|f| f.savings_bytes == 0 && f.preset == "Remux"));
        }
    }

    #[test]
    fn sound_alone_is_not_a_film_to_modernise() {
        let (thresholds, learned) = (Thresholds::default(), LearnedRatios::default());
        let context = Context { thresholds: &thresholds, learned: &learned };
        let file = Item { video: None, container: Container::Ogg, ..item("", GB) };
        assert_eq!(analyze(&[file], &context), []);
    }
}
