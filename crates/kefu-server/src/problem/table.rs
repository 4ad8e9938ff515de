use axum::http::StatusCode;
use kefu_core::ErrorKind;

/// Everything that can go wrong with a request: the kinds of the domain, and the faults of the
/// protocol that end before the domain is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A kind of the domain.
    Kind(ErrorKind),
    /// The body or the query string cannot be read.
    Malformed,
    /// The body has a media type that the route does not take.
    MediaType,
    /// The route exists for other methods.
    Method,
    /// Somebody says who the customer is and does not prove it.
    Identity,
    /// The key of a step named another one before.
    KeyReused,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Stable word for programs; also the anchor of its explanation.
    pub(crate) code: &'static str,
    /// Short name for people.
    pub(crate) title: &'static str,
    /// What it means and what to do.
    pub(crate) advice: &'static str,
    /// When to try again.
    pub(crate) retry_after_s: Option<u16>,
}

impl Fault {
    /// All faults, for documentation.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let protocol =
            [Self::Malformed, Self::MediaType, Self::Method, Self::Identity, Self::KeyReused];
        ErrorKind::ALL.into_iter().map(Self::Kind).chain(protocol)
    }

    /// Whether sending other input would help.
    pub(crate) fn is_of_input(self) -> bool {
        self.entry().status.is_client_error() && self.entry().retry_after_s.is_none()
    }

    /// The one table of errors.
    pub(crate) fn entry(self) -> Entry {
        let entry = |status, code, title, advice| Entry {
            status,
            code,
            title,
            advice,
            retry_after_s: None,
        };
        match self {
            Self::Malformed => entry(
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request cannot be read",
                "The body or the query string is not well formed; send UTF-8 JSON.",
            ),
            Self::MediaType => entry(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The media type is not supported",
                "Send the body with content-type: application/json.",
            ),
            Self::Method => entry(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The method is not allowed",
                "The address exists for other methods; the allow header names them.",
            ),
            Self::Identity => entry(
                StatusCode::FORBIDDEN,
                "identity_not_proven",
                "The customer is not proven",
                "Send customer.signature and customer.expires as the site's own server made them, \
                 or leave customer out.",
            ),
            Self::KeyReused => entry(
                StatusCode::CONFLICT,
                "idempotency_key_reused",
                "The key named something else",
                "Nothing was done: the idempotency-key (or client_turn_id) was used for another \
                 step; send this one with a key of its own.",
            ),
            Self::Kind(ErrorKind::Invalid) => entry(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "The request is not valid",
                "Correct the named fields; sending the same again will not help.",
            ),
            Self::Kind(ErrorKind::TooLarge) => entry(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The request is too large",
                "Something exceeds a limit; send less.",
            ),
            Self::Kind(ErrorKind::NotFound) => entry(
                StatusCode::NOT_FOUND,
                "not_found",
                "Not found",
                "There is no such thing, or it is not visible to you.",
            ),
            Self::Kind(ErrorKind::Forbidden) => entry(
                StatusCode::FORBIDDEN,
                "forbidden",
                "Not allowed",
                "Your role or origin does not allow this.",
            ),
            Self::Kind(ErrorKind::Conflict) => entry(
                StatusCode::CONFLICT,
                "conflict",
                "Not possible in the present state",
                "The present state does not allow this; read it again and decide anew.",
            ),
            Self::Kind(ErrorKind::Overloaded) => Entry {
                retry_after_s: Some(1),
                ..entry(
                    StatusCode::TOO_MANY_REQUESTS,
                    "overloaded",
                    "Too many requests",
                    "The service is busy; try again after the stated time.",
                )
            },
            Self::Kind(ErrorKind::Unavailable) => Entry {
                retry_after_s: Some(5),
                ..entry(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Not available now",
                    "A part of the service is not ready; try again after the stated time.",
                )
            },
            Self::Kind(ErrorKind::StorageFull) => Entry {
                retry_after_s: Some(30),
                ..entry(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "storage_full",
                    "The service cannot write",
                    "Its disk is full or not writable, and nothing was changed; free some space \
                     and try again.",
                )
            },
            Self::Kind(ErrorKind::DeadlineExceeded) => entry(
                StatusCode::GATEWAY_TIMEOUT,
                "deadline_exceeded",
                "It took too long",
                "The time for one request was over before there was a result; try again.",
            ),
            Self::Kind(ErrorKind::Internal) => entry(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong",
                "The fault is on our side and was logged; mention request_id when you report it.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_statuses_are_errors() {
        let codes: BTreeSet<&str> = Fault::all().map(|fault| fault.entry().code).collect();
        assert_eq!(codes.len(), Fault::all().count());
        assert!(Fault::all().all(|fault| fault.entry().status.as_u16() >= 400));
    }
}
