//! Configuration: embedded defaults, then a file, then the environment, then flags.

mod layers;
mod settings;
mod webhooks;

pub(crate) use layers::{Layers, load};
pub(crate) use settings::{
    AnswerSection, GenerateMode, IngestSection, LogFormat, LogSection, ModelsSection, Settings,
    StoreKind, TeachWord,
};
pub(crate) use webhooks::{WebhookEntry, WebhookKind};
