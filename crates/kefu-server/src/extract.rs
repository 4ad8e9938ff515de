//! Extractors whose rejections are problems that name the field.

mod call;
mod json;
mod params;

pub(crate) use call::{Call, RequestId};
pub(crate) use json::{JsonBody, OptionalJson, has_media_type, unreadable_body};
pub(crate) use params::{Params, PathNumbers, PathText};
