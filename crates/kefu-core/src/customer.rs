//! Who a customer is, as far as somebody said so.

use std::collections::BTreeMap;

/// Attributes of a customer that are kept at most.
pub const MAX_ATTRIBUTES: usize = 32;

/// A customer in the caller's own terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// The caller's own id.
    pub id: Option<String>,
    /// Service level, such as `gold`.
    pub tier: Option<String>,
    /// Further facts by name; at most [`MAX_ATTRIBUTES`].
    pub attributes: BTreeMap<String, String>,
    /// Whether the site's own server, or a channel that signs, vouched for it. Otherwise all of it
    /// is a claim of whoever writes.
    pub is_verified: bool,
}

/// Somebody proved to be another customer than the one whose conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherCustomer;

impl Customer {
    /// Takes over what is told later, in an order that never lets a claim win over what was proven:
    ///
    /// * what is proven replaces all claims, whoever they were about, and wins field by field over
    ///   what was proven of the same customer;
    /// * a claim fills in what is missing of an unproven customer and replaces attributes by name;
    ///   it changes nothing that was proven, and nothing when it names another customer.
    ///
    /// An attribute with an empty value is forgotten. Beyond [`MAX_ATTRIBUTES`] no new names are
    /// taken, in the order of names.
    ///
    /// # Errors
    /// [`OtherCustomer`] when both are proven and their ids differ; nothing is changed then.
    pub fn learn(&mut self, told: &Self) -> Result<(), OtherCustomer> {
        let is_other = match (&self.id, &told.id) {
            (Some(known), Some(told)) => known != told,
            _ => false,
        };
        match (self.is_verified, told.is_verified) {
            (true, true) if is_other => return Err(OtherCustomer),
            (true, false) => return Ok(()),
            (false, false) if is_other => return Ok(()),
            // Nothing that was only claimed may look as if it were proven.
            (false, true) => *self = Self { is_verified: true, ..Self::default() },
            _ => {}
        }
        let (kept, other) = if told.is_verified { (told, &*self) } else { (&*self, told) };
        let either = |kept: &Option<String>, other: &Option<String>| kept.clone().or(other.clone());
        (self.id, self.tier) = (either(&kept.id, &other.id), either(&kept.tier, &other.tier));
        for (name, value) in &told.attributes {
            if value.is_empty() {
                self.attributes.remove(name);
            } else if self.attributes.contains_key(name) || self.attributes.len() < MAX_ATTRIBUTES {
                self.attributes.insert(name.clone(), value.clone());
            }
        }
        Ok(())
    }

    /// The tier, where it was proven: a claim gives nobody precedence.
    #[must_use]
    pub fn proven_tier(&self) -> Option<&str> {
        self.tier.as_deref().filter(|_| self.is_verified)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.id.is_none() && self.tier.is_none() && self.attributes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: &str, tier: Option<&str>, attributes: &[(&str, &str)]) -> Customer {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Customer {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            tier: tier.map(str::to_owned),
            attributes: attributes.iter().map(owned).collect(),
            is_verified: false,
        }
    }

    fn proven(customer: Customer) -> Customer {
        Customer { is_verified: true, ..customer }
    }

    #[test]
    fn a_claim_fills_in_and_never_takes_over() {
        let mut known = customer("", None, &[]);
        known.learn(&customer("a", None, &[("plan", "free"), ("city", "Ulm")])).ok();
        known.learn(&customer("a", Some("gold"), &[("plan", "paid"), ("city", "")])).ok();
        known.learn(&customer("b", Some("iron"), &[("plan", "none")])).ok();
        assert_eq!(known, customer("a", Some("gold"), &[("plan", "paid")]));
        assert_eq!(known.proven_tier(), None);
    }

    #[test]
    fn what_is_proven_stays() {
        let mut known = customer("a", Some("gold"), &[("plan", "paid")]);
        assert_eq!(known.learn(&proven(customer("a", None, &[("city", "Ulm")]))), Ok(()));
        assert_eq!(known, proven(customer("a", None, &[("city", "Ulm")])), "no claim is left");
        assert_eq!(known.learn(&customer("a", Some("gold"), &[("plan", "x")])), Ok(()));
        assert_eq!(known.learn(&customer("b", None, &[])), Ok(()));
        assert_eq!(known, proven(customer("a", None, &[("city", "Ulm")])));
        assert_eq!(known.learn(&proven(customer("b", None, &[]))), Err(OtherCustomer));
        assert_eq!(known.learn(&proven(customer("a", Some("iron"), &[("plan", "x")]))), Ok(()));
        assert_eq!(
            known.learn(&proven(customer("a", None, &[]))),
            Ok(()),
            "a channel tells no tier"
        );
        let all = proven(customer("a", Some("iron"), &[("city", "Ulm"), ("plan", "x")]));
        assert_eq!((known.proven_tier(), &known), (Some("iron"), &all));
        let mut claimed = customer("b", Some("gold"), &[("plan", "paid")]);
        assert_eq!(claimed.learn(&proven(customer("a", None, &[("city", "Ulm")]))), Ok(()));
        assert_eq!(claimed, proven(customer("a", None, &[("city", "Ulm")])));
    }

    #[test]
    fn attributes_are_bounded_in_the_order_of_names() {
        let names: Vec<String> = (0..MAX_ATTRIBUTES + 3).map(|n| format!("n{n:03}")).collect();
        let mut told = customer("a", None, &[]);
        told.attributes = names.iter().map(|name| (name.clone(), "x".to_owned())).collect();
        let mut known = customer("a", None, &[("z", "kept")]);
        known.learn(&told).ok();
        assert_eq!(known.attributes.len(), MAX_ATTRIBUTES);
        assert!(known.attributes.contains_key("z") && known.attributes.contains_key("n030"));
        assert!(!known.attributes.contains_key("n031"));
    }
}
