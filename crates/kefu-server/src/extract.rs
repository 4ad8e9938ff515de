//! Extractors whose rejections are problems that name the field.

mod call;
mod json;
mod params;
mod stream;

pub(crate) use call::{Call, RequestId};
pub(crate) use json::{JsonBody, OptionalJson, has_media_type, unreadable_body};
pub(crate) use params::{Params, PathNumbers, PathText};
pub(crate) use stream::{IDEMPOTENCY_KEY, LAST_EVENT_ID, StepKey, header_text, stream_permit};
