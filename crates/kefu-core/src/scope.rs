//! Who is asking, and what they may see.

use std::collections::BTreeSet;

use crate::ids::TenantId;

/// A group of readers a document may be restricted to, such as `public` or `staff`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audience(String);

impl Audience {
    /// The audience of documents that name none: every customer.
    #[must_use]
    pub fn public() -> Self {
        Self("public".to_owned())
    }

    /// Names an audience; `None` when the name is empty, longer than 64 bytes or not made of
    /// letters, digits, `-`, `_` and `.`.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let fits = !name.is_empty() && name.len() <= 64 && name.chars().all(allowed);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the bearer may do beside reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Asks questions and reads its own conversations.
    Customer,
    /// Works tickets.
    Agent,
    /// Puts documents in and publishes releases.
    Editor,
    /// Runs the installation.
    Operator,
}

impl Role {
    /// The word in messages and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Editor => "editor",
            Self::Operator => "operator",
        }
    }
}

/// Proof that code is entitled to grant scopes. Only authentication, the command line's wiring
/// and tests hold one; a test of the workspace lists the places that may name it.
#[derive(Clone, Copy, Debug)]
pub struct Authority(());

impl Authority {
    /// Asserts the entitlement. Every use outside the listed places fails `tests/tidy.rs`.
    #[must_use]
    pub fn assert() -> Self {
        Self(())
    }

    /// Grants a scope.
    #[must_use]
    pub fn grant(self, tenant: TenantId, audiences: BTreeSet<Audience>, role: Role) -> Scope {
        Scope { tenant, audiences, role }
    }
}

/// The tenant, audiences and role on whose behalf something is read or written. It cannot be made
/// without an [`Authority`], so a read without an audience does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    tenant: TenantId,
    audiences: BTreeSet<Audience>,
    role: Role,
}

impl Scope {
    /// Whose data this is about.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Audiences whose documents may be read. Empty means none: nothing is visible.
    #[must_use]
    pub fn audiences(&self) -> &BTreeSet<Audience> {
        &self.audiences
    }

    /// The role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether a document restricted to `audiences` may be read: the two sets meet.
    #[must_use]
    pub fn may_read(&self, audiences: &BTreeSet<Audience>) -> bool {
        self.role >= Role::Editor || !self.audiences.is_disjoint(audiences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_without_audiences_reads_nothing() {
        let tenant = TenantId::new("acme").unwrap_or_else(|_| unreachable!());
        let scope = Authority::assert().grant(tenant, BTreeSet::new(), Role::Customer);
        assert!(!scope.may_read(&BTreeSet::from([Audience::public()])));
    }
}
