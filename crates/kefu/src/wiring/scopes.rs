//! Scopes of the command line: whoever can read the data directory is its operator.

use std::collections::BTreeSet;

use anyhow::Context;
use kefu_core::{Audience, Authority, Role, Scope, TenantId};

pub(crate) fn customer(tenant: &str) -> anyhow::Result<Scope> {
    grant(tenant, Role::Customer)
}

pub(crate) fn editor(tenant: &str) -> anyhow::Result<Scope> {
    grant(tenant, Role::Editor)
}

pub(crate) fn operator(tenant: &str) -> anyhow::Result<Scope> {
    grant(tenant, Role::Operator)
}

fn grant(tenant: &str, role: Role) -> anyhow::Result<Scope> {
    let tenant =
        TenantId::new(tenant).with_context(|| format!("`{tenant}` cannot name a tenant"))?;
    Ok(Authority::assert().grant(tenant, BTreeSet::from([Audience::public()]), role))
}
