//! The library as one table.

use std::ops::ControlFlow;

use axum::Json;
use axum::extract::State;
use mediaflow_core::catalog::{Filter, Row};

use super::item;
use crate::error::ApiError;
use crate::extract::Query;
use crate::state::Api;
use crate::wire::media::{Export, ExportData, ExportQuery};
use crate::wire::{int, kbps};

/// Items that are read from the database at once.
const CHUNK: usize = 1000;
/// The contract's columns.
const HEADER: &str = "title,year,resolution,codec,bitrate,file_size,audio,file_path\r\n";

pub async fn export(State(api): State<Api>, Query(asked): Query<ExportQuery>) -> Result<Json<Export>, ApiError> {
    let format = asked.format.as_deref().unwrap_or("csv").to_owned();
    if format != "csv" && format != "json" {
        return Err(ApiError::field(&["query", "format"], "string_pattern_mismatch", "it is csv or json", format));
    }
    let library = asked.library_id.filter(|id| *id != 0);
    api.blocking(move |api| {
        let store = api.service.store();
        let filter = Filter { library_ids: library.into_iter().collect(), ..Filter::default() };
        if format == "json" {
            let ids = api.catalog.read(|catalog| catalog.ids(&filter))?.ids;
            let mut items = Vec::with_capacity(ids.len());
            for chunk in ids.chunks(CHUNK) {
                items.extend(store.read(|r| r.media_parts(chunk))?.iter().map(item));
            }
            return Ok(Json(Export { count: int(items.len() as u64), format, data: ExportData::Items(items) }));
        }
        let (mut text, mut count) = (HEADER.to_owned(), 0);
        store.read(|r| {
            r.catalog_rows(|row| {
                if library.is_none_or(|id| id == row.library_id) {
                    line(&mut text, &row);
                    count += 1;
                }
                ControlFlow::Continue(())
            })
        })?;
        Ok(Json(Export { count, format, data: ExportData::Csv(text) }))
    })
    .await
}

fn line(text: &mut String, row: &Row<'_>) {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let fields = [
        row.title.to_string(),
        number(row.year.map(i64::from)),
        row.media.tier.map(|tier| tier.to_string()).unwrap_or_default(),
        row.media.video_codec.as_deref().unwrap_or_default().to_owned(),
        number(row.media.video_bitrate_bps.map(kbps)),
        row.size_bytes.to_string(),
        row.media.audio_codec.as_deref().unwrap_or_default().to_owned(),
        row.path.to_string(),
    ];
    for (position, field) in fields.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(&quoted(field));
    }
    text.push_str("\r\n");
}

/// RFC 4180; and what a spreadsheet would run as a formula is kept from being one.
fn quoted(field: &str) -> String {
    let harmless = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err() {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if harmless.contains([',', '"', '\n', '\r']) { format!("\"{}\"", harmless.replace('"', "\"\"")) } else { harmless }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn fields_are_quoted_as_rfc_4180_says_and_formulas_are_disarmed() {
        let cases = [
            ("Alien", "Alien"),
            ("Crouching Tiger, Hidden Dragon", "\"Crouching Tiger, Hidden Dragon\""),
            ("say \"when\"", "\"say \"\"when\"\"\""),
            ("=1+1", "'=1+1"),
            ("two\nlines", "\"two\nlines\""),
            ("-5", "-5"),
        ];
        for (field, expected) in cases {
            assert_eq!(quoted(field), expected);
        }
    }
}
