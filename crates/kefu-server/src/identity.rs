//! Who customers are: what the site's own server vouches for by a signature.

use kefu_api::Proof;
use kefu_core::Customer;
use ring::hmac::{self, HMAC_SHA256, Key};

use crate::problem::{ApiError, Fault};
use crate::webhooks::{Secret, hex, unhex};

/// First line of what is signed, so that a signature made for something else never fits.
const FORM: &str = "kefu.customer/1";

/// The signature by which a site's server vouches for a customer until `expires_s`, seconds since
/// the epoch: `hex(hmac-sha256(secret, text))`, where the text is made of these lines, joined by
/// line feeds: `kefu.customer/1`, the id, the tier (empty without one), `expires_s`, and
/// `name=value` for each attribute in the order of names' bytes.
#[must_use]
pub fn sign_customer(secret: &str, customer: &Customer, expires_s: i64) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    hex(hmac::sign(&key, signed(customer, expires_s).as_bytes()).as_ref())
}

/// The customer as far as the proof goes. Without a secret nothing can be proven and everything is
/// a claim; with one, whoever says anything about the customer must prove it.
///
/// # Errors
/// When a secret is configured and the proof is missing, too old or does not fit.
pub(crate) fn proven(
    secret: Option<&Secret>,
    customer: Customer,
    proof: &Proof,
    now_s: i64,
) -> Result<Customer, ApiError> {
    let Some(secret) = secret else { return Ok(Customer { is_verified: false, ..customer }) };
    if customer.is_unknown() {
        return Ok(Customer::default());
    }
    if customer.id.is_none() {
        return Err(refusal("customer.id", "is needed where a tier or attributes are told"));
    }
    let Some(signature) = &proof.signature else {
        return Err(refusal(
            "customer.signature",
            "is missing; this service takes no customer without the signature of the site's server",
        ));
    };
    let Some(expires_s) = proof.expires_s else {
        return Err(refusal(
            "customer.expires",
            "is missing; send the time that was signed, seconds since 1970 UTC",
        ));
    };
    let key = Key::new(HMAC_SHA256, secret.expose().as_bytes());
    let given = unhex(signature).unwrap_or_default();
    if hmac::verify(&key, signed(&customer, expires_s).as_bytes(), &given).is_err() {
        return Err(refusal(
            "customer.signature",
            "does not fit id, tier, attributes and expires; sign exactly what is sent",
        ));
    }
    if expires_s <= now_s {
        return Err(refusal("customer.expires", "has passed; ask the site's server for a new one"));
    }
    Ok(Customer { is_verified: true, ..customer })
}

fn refusal(field: &str, message: &str) -> ApiError {
    ApiError::of_field(Fault::Identity, field, message)
}

fn signed(customer: &Customer, expires_s: i64) -> String {
    let mut text = format!(
        "{FORM}\n{}\n{}\n{expires_s}",
        customer.id.as_deref().unwrap_or_default(),
        customer.tier.as_deref().unwrap_or_default(),
    );
    for (name, value) in &customer.attributes {
        text.push_str(&format!("\n{name}={value}"));
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "known to two servers";

    fn anna() -> Customer {
        Customer {
            id: Some("c-17".to_owned()),
            tier: Some("gold".to_owned()),
            attributes: BTreeMap::from([("plan".to_owned(), "yearly".to_owned())]),
            is_verified: false,
        }
    }

    fn signed_by(secret: &str, customer: &Customer, expires_s: i64) -> Proof {
        let signature = Some(sign_customer(secret, customer, expires_s));
        Proof { signature, expires_s: Some(expires_s) }
    }

    fn field(result: Result<Customer, ApiError>) -> String {
        let problem = result.unwrap_err().problem("r");
        assert_eq!((problem.status, problem.code.as_str()), (403, "identity_not_proven"));
        problem.errors[0].field.clone()
    }

    #[test]
    fn a_signature_is_what_the_description_says() {
        // printf 'kefu.customer/1\nc-17\ngold\n1700000000\nplan=yearly' |
        //     openssl dgst -sha256 -hmac 'known to two servers'
        assert_eq!(
            sign_customer(SECRET, &anna(), 1_700_000_000),
            "f190303cd81aa3a55496ccef8514688654e444bea840f4c86663327bd437a717"
        );
    }

    #[test]
    fn a_customer_is_who_the_site_vouches_for_and_nobody_else() {
        let secret = Secret::new(SECRET);
        let secret = Some(&secret);
        let good = signed_by(SECRET, &anna(), 100);
        let customer = proven(secret, anna(), &good, 99).unwrap();
        assert_eq!(customer, Customer { is_verified: true, ..anna() });
        assert_eq!(field(proven(secret, anna(), &good, 100)), "customer.expires");
        assert_eq!(field(proven(secret, anna(), &Proof::default(), 1)), "customer.signature");
        let undated = Proof { expires_s: None, ..good.clone() };
        assert_eq!(field(proven(secret, anna(), &undated, 1)), "customer.expires");
        let later = Proof { expires_s: Some(200), ..good.clone() };
        assert_eq!(field(proven(secret, anna(), &later, 1)), "customer.signature");
        let nameless = Customer { id: None, ..anna() };
        assert_eq!(field(proven(secret, nameless, &good, 1)), "customer.id");
        assert_eq!(
            proven(secret, Customer::default(), &Proof::default(), 1).unwrap(),
            Customer::default()
        );
    }

    #[test]
    fn without_a_secret_everything_is_a_claim() {
        let proof = signed_by(SECRET, &anna(), 100);
        let boasting = Customer { is_verified: true, ..anna() };
        assert!(!proven(None, boasting, &proof, 1).unwrap().is_verified);
    }

    proptest! {
        /// No two customers share a signature, and none fits under another secret.
        #[test]
        fn what_was_not_signed_is_refused(
            ours in customers(), theirs in customers(), secret in "[a-z]{16,20}", expires in 2_i64..9,
        ) {
            let proof = signed_by(&secret, &ours, expires);
            let known = Secret::new(secret.as_str());
            prop_assert!(proven(Some(&known), ours.clone(), &proof, 1).unwrap().is_verified);
            let other = Secret::new(format!("{secret}."));
            prop_assert!(proven(Some(&other), ours.clone(), &proof, 1).is_err());
            if theirs != ours {
                prop_assert!(proven(Some(&known), theirs, &proof, 1).is_err());
            }
        }
    }

    fn customers() -> impl Strategy<Value = Customer> {
        let attributes = prop::collection::btree_map("[ab]{1,2}", "[ab=]{0,2}", 0..3);
        ("[a客0-9]{1,3}", prop::option::of("[a-z]{1,2}"), attributes).prop_map(
            |(id, tier, attributes)| Customer {
                id: Some(id),
                tier,
                attributes,
                is_verified: false,
            },
        )
    }
}
