//! Configuration: embedded defaults, then a file, then the environment, then flags.

mod channels;
mod desk;
mod languages;
mod layers;
mod settings;
mod webhooks;

pub(crate) use channels::{ChannelEntry, ChannelWord};
pub(crate) use layers::{Layers, load};
pub(crate) use settings::{
    AnswerSection, GenerateMode, IngestSection, LogFormat, LogSection, ModelsSection, Settings,
    StoreKind, TeachWord,
};
pub(crate) use webhooks::{SecretText, WebhookEntry, WebhookKind};
