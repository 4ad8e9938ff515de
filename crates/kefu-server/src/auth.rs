//! Who asks. The one place of the service that grants scopes.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kefu_core::{Audience, Authority, Role, Scope, TenantId};

use crate::problem::ApiError;
use crate::service::AppState;

/// Decides on whose behalf a request is made.
///
/// Only the open mode exists: whoever reaches the service is trusted with every role of one
/// tenant. That fits a loopback address or a proxy that authenticates, and nothing else.
#[derive(Clone, Debug)]
pub struct Authenticator {
    tenant: TenantId,
}

impl Authenticator {
    /// Trusts every caller with `tenant`.
    #[must_use]
    pub fn open(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// The scope of work the service does on its own account.
    pub(crate) fn worker(&self) -> Scope {
        self.grant(Role::Editor)
    }

    fn caller(&self, _parts: &Parts) -> Caller {
        Caller {
            customer: self.grant(Role::Customer),
            agent: self.grant(Role::Agent),
            editor: self.grant(Role::Editor),
            operator: self.grant(Role::Operator),
        }
    }

    fn grant(&self, role: Role) -> Scope {
        let audiences = BTreeSet::from([Audience::public()]);
        Authority::assert().grant(self.tenant.clone(), audiences, role)
    }
}

/// Whoever asks, before a role is chosen. For routes whose role depends on the body.
pub(crate) struct Caller {
    customer: Scope,
    agent: Scope,
    editor: Scope,
    operator: Scope,
}

impl Caller {
    /// To act as a customer.
    pub(crate) fn customer(self) -> Result<Scope, ApiError> {
        Ok(self.customer)
    }

    /// To act as an agent.
    pub(crate) fn agent(self) -> Result<Scope, ApiError> {
        Ok(self.agent)
    }

    /// To act as an editor.
    fn editor(self) -> Result<Scope, ApiError> {
        Ok(self.editor)
    }

    /// To act as an operator.
    fn operator(self) -> Result<Scope, ApiError> {
        Ok(self.operator)
    }

    /// To read with all rights the caller has.
    fn reader(self) -> Result<Scope, ApiError> {
        self.editor()
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(state.parts.authenticator.caller(parts))
    }
}

macro_rules! role_extractor {
    ($(#[$doc:meta])* $name:ident by $method:ident) => {
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) Scope);

        impl FromRequestParts<AppState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &AppState,
            ) -> Result<Self, ApiError> {
                Caller::from_request_parts(parts, state).await?.$method().map(Self)
            }
        }
    };
}

role_extractor!(
    /// Acts as a customer: sees what customers see, whatever else the caller may.
    Customer by customer
);
role_extractor!(
    /// Works tickets.
    Agent by agent
);
role_extractor!(
    /// Puts documents in.
    Editor by editor
);
role_extractor!(
    /// Forgets customers.
    Operator by operator
);
role_extractor!(
    /// Reads with all rights the caller has.
    Reader by reader
);
