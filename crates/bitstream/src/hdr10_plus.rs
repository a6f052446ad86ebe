//! HDR10+ (SMPTE ST 2094-40): the T.35 message of one picture, which HEVC and AV1 carry alike.

use hdr10plus::metadata::Hdr10PlusMetadata;
use mediaflow_core::plan::Reshape;

use crate::dolby_vision::COUNTRY_US;

/// Whether a T.35 message is HDR10+: provider 0x003C, code 1, application 4.
#[must_use]
pub fn is_message(message: &[u8]) -> bool {
    message.starts_with(&[COUNTRY_US, 0x00, 0x3C, 0x00, 0x01, 0x04])
}

/// The message as the plan wants it, which is as it is: it is read only to be sure that it is whole.
pub fn checked(message: Vec<u8>, reshape: Option<Reshape>) -> Result<Vec<u8>, String> {
    let parsed =
        Hdr10PlusMetadata::parse(&message).map_err(|error| format!("its HDR10+ metadata cannot be read: {error}"))?;
    if reshape.is_some() && parsed.num_windows > 1 {
        return Err("its HDR10+ metadata is about parts of the picture, which would no longer be where they were; \
                    choose a preset that keeps the resolution"
            .to_owned());
    }
    Ok(message)
}
