//! `/v1/documents`.

mod request;
mod response;

pub use request::{
    ChangeStateRequest, CheckedDocument, ListDocumentsQuery, NewDocument, PutDocument,
    ReadDocumentQuery, UploadForm, WaitQuery,
};
pub use response::{DocumentItem, DocumentResponse, RemovalResponse};
