//! `/v1/documents`.

mod overlay;
mod pair;
mod request;
mod response;
mod sections;

pub use overlay::{
    CheckedOverlay, ListOverlaysQuery, OverlayAccepted, OverlayKind, OverlayRequest,
    OverlayResponse, OverlayState,
};
pub use pair::{CheckedPair, PairRequest};
pub use request::{
    ChangeStateRequest, CheckedDocument, ListDocumentsQuery, NewDocument, PutDocument,
    ReadDocumentQuery, UploadForm, WaitQuery,
};
pub use response::{CorrectionResponse, DocumentItem, DocumentResponse, RemovalResponse};
pub use sections::SectionDays;
