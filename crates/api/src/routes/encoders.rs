//! What encodes and decodes here, and trying it again.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use mediaflow_engine::toolchain::Trials;
use mediaflow_ffmpeg::encoder::VideoEncoder;

use super::jobs::TAG;
use crate::error::ApiError;
use crate::openapi::op;
use crate::state::Api;
use crate::wire::encoders::{Decoder, Encoder, Encoders};

pub fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/transcode/encoders", get_with(list, op("list_encoders", TAG, "What encodes on this machine")))
        .api_route(
            "/api/transcode/encoders/try",
            post_with(try_again, op("try_encoders", TAG, "Try for a second each what encodes on this machine")),
        )
}

async fn list(State(api): State<Api>) -> Result<Json<Encoders>, ApiError> {
    api.blocking(|api| Ok(Json(shown(api.service.trials())))).await
}

/// Takes some seconds, and half a minute for each driver that hangs.
async fn try_again(State(api): State<Api>) -> Result<Json<Encoders>, ApiError> {
    api.blocking(|api| Ok(Json(shown(Some(api.service.try_again()?))))).await
}

fn shown(trials: Option<Trials>) -> Encoders {
    let is_tried = trials.is_some();
    let trials = trials.unwrap_or_default();
    let hw_accel_types = trials.gpus().into_iter().map(|gpu| gpu.name().to_owned()).collect();
    let encoders = trials.encoders.into_iter().map(|report| {
        let video = VideoEncoder::parse(&report.name);
        Encoder {
            codec: video
                .and_then(|encoder| encoder.codec.codec())
                .unwrap_or_else(|| report.name.trim_start_matches("lib"))
                .to_owned(),
            hw_accel: video.and_then(|encoder| encoder.gpu).map(|gpu| gpu.name().to_owned()),
            name: report.name,
            works: report.works,
            ten_bit: report.ten_bit,
            two_pass: report.two_pass,
            reason: report.reason,
            ten_bit_reason: report.ten_bit_reason,
        }
    });
    let decoders = trials.decoders.into_iter().map(|report| Decoder {
        name: report.name,
        codecs: report.codecs,
        reason: report.reason,
    });
    Encoders { is_tried, hw_accel_types, encoders: encoders.collect(), decoders: decoders.collect() }
}
