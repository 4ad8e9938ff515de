use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use kefu_core::ErrorKind;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::{ApiError, Fault};
use crate::service::AppState;

/// The query string. Each name may stand once; faults name their parameter.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(&parts.uri)
            .map_err(|_| ApiError::new(Fault::Malformed, "the query string is not well formed"))?;
        read_pairs(pairs.0).map(Self)
    }
}

fn read_pairs<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, ApiError> {
    let invalid = Fault::Kind(ErrorKind::Invalid);
    let mut fields = Map::new();
    for (name, value) in pairs {
        if fields.contains_key(&name) {
            return Err(ApiError::of_field(invalid, &name, "must not be given twice"));
        }
        fields.insert(name, Value::String(value));
    }
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let field = error.path().to_string();
        ApiError::of_field(invalid, &field, error.into_inner().to_string())
    })
}

/// The one parameter of a path, percent-decoded.
pub(crate) struct PathText(pub(crate) String);

impl FromRequestParts<AppState> for PathText {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text))
            .map_err(|_| ApiError::of_field(Fault::Malformed, "path", "is not UTF-8 text"))
    }
}

impl PathText {
    /// Reads an id of one kind. Text that is no such id names nothing that exists.
    pub(crate) fn id<T, E>(
        &self,
        what: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, ApiError> {
        parse(&self.0).map_err(|_| {
            let detail = format!("no {what} {:?}", self.0);
            ApiError::new(Fault::Kind(ErrorKind::NotFound), detail).naming("id")
        })
    }
}

/// The numbers of a path. Text that is no such number names nothing that exists.
pub(crate) struct PathNumbers<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for PathNumbers<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(numbers)| Self(numbers)).map_err(|_| {
            let detail = "releases are named by their numbers, such as 7";
            ApiError::new(Fault::Kind(ErrorKind::NotFound), detail).naming("n")
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use kefu_api::PageQuery;

    use super::*;

    fn field_of(pairs: &[(&str, &str)]) -> String {
        let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let error = read_pairs::<PageQuery>(owned.collect()).unwrap_err();
        error.problem("req_1").errors.first().unwrap().field.clone()
    }

    #[test]
    fn faults_name_their_parameter() {
        assert_eq!(field_of(&[("limit", "many")]), "limit");
        assert_eq!(field_of(&[("page", "2")]), "page");
        assert_eq!(field_of(&[("limit", "2"), ("limit", "3")]), "limit");
    }
}
