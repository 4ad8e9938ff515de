//! Configuration: embedded defaults, then a file, then the environment, then flags.

mod desk;
mod layers;
mod settings;

pub(crate) use layers::{Layers, load};
pub(crate) use settings::{
    AnswerSection, GenerateMode, IngestSection, LogFormat, LogSection, ModelsSection, Settings,
    StoreKind,
};
