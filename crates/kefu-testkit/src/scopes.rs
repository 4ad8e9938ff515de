//! Scopes for tests.

use std::collections::BTreeSet;

use kefu_core::{Audience, Authority, Role, Scope, TenantId};

/// A customer of `tenant` who reads public documents.
#[must_use]
pub fn customer(tenant: &str) -> Scope {
    grant(tenant, &["public"], Role::Customer)
}

/// An agent of `tenant` who reads public and staff documents.
#[must_use]
pub fn agent(tenant: &str) -> Scope {
    grant(tenant, &["public", "staff"], Role::Agent)
}

/// An editor of `tenant`.
#[must_use]
pub fn editor(tenant: &str) -> Scope {
    grant(tenant, &["public", "staff"], Role::Editor)
}

/// The operator, looking at `tenant`.
#[must_use]
pub fn operator(tenant: &str) -> Scope {
    grant(tenant, &["public", "staff"], Role::Operator)
}

/// Any scope.
#[must_use]
pub fn grant(tenant: &str, audiences: &[&str], role: Role) -> Scope {
    let tenant = TenantId::new(tenant).expect("a valid tenant name");
    let audiences: BTreeSet<Audience> =
        audiences.iter().map(|name| Audience::new(name).expect("a valid audience")).collect();
    Authority::assert().grant(tenant, audiences, role)
}
