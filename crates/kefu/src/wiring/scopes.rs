//! Scopes of the command line: whoever can read the data directory is its operator.

use std::collections::BTreeSet;

use anyhow::Context;
use kefu_core::{Audience, Authority, Role, Scope, TenantId};

pub(crate) fn customer(tenant: &str) -> anyhow::Result<Scope> {
    Ok(grant(named(tenant)?, Role::Customer))
}

pub(crate) fn editor(tenant: &str) -> anyhow::Result<Scope> {
    Ok(grant(named(tenant)?, Role::Editor))
}

pub(crate) fn operator(tenant: &str) -> anyhow::Result<Scope> {
    Ok(operator_of(named(tenant)?))
}

/// The operator, looking at a tenant that is known to exist.
pub(crate) fn operator_of(tenant: TenantId) -> Scope {
    grant(tenant, Role::Operator)
}

fn named(tenant: &str) -> anyhow::Result<TenantId> {
    TenantId::new(tenant).with_context(|| format!("`{tenant}` cannot name a tenant"))
}

fn grant(tenant: TenantId, role: Role) -> Scope {
    Authority::assert().grant(tenant, BTreeSet::from([Audience::public()]), role)
}
