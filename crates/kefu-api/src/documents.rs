//! `/v1/documents`.

mod pair;
mod request;
mod response;

pub use pair::{CheckedPair, PairRequest};
pub use request::{
    ChangeStateRequest, CheckedDocument, ListDocumentsQuery, NewDocument, PutDocument,
    ReadDocumentQuery, UploadForm, WaitQuery,
};
pub use response::{DocumentItem, DocumentResponse, RemovalResponse};
