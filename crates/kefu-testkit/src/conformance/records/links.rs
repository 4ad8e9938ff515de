use kefu_core::ports::{CLAIM_TIMEOUT_MS, Claim, Link};
use kefu_core::{ConversationId, Customer};

use super::fixtures::{conversation, exchange};
use super::{Fresh, Subject};
use crate::scopes::customer;

/// Ties to other programs.
pub async fn links(fresh: Fresh<'_>) {
    links_lead_both_ways(fresh()).await;
    messages_are_claimed_once(fresh()).await;
    the_latest_conversation_of_a_customer(fresh()).await;
}

fn link(place: &str, key: &str, id: &ConversationId, at_ms: i64) -> Link {
    let (place, key, conversation_id) = (place.to_owned(), key.to_owned(), id.clone());
    Link { place, key, conversation_id, at_ms }
}

async fn links_lead_both_ways(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let (a, b) = (ConversationId::generate(), ConversationId::generate());
    let made = [
        link("channel:shop", "c-1", &a, 10),
        link("channel:chat", "退货/1", &a, 30),
        link("webhook:cw", "77", &a, 40),
        link("channel:shop", "c-2", &b, 20),
    ];
    for one in &made {
        records.set_link(&scope, one).await.unwrap();
    }
    let found = records.link(&scope, "channel:shop", "c-1").await.unwrap();
    assert_eq!(found.as_ref(), Some(&made[0]));
    assert_eq!(records.link(&scope, "channel:shop", "c-9").await.unwrap(), None);
    let last = records.link_of(&scope, "channel:", &a).await.unwrap();
    assert_eq!(last.as_ref(), Some(&made[1]));
    let remote = records.link_of(&scope, "webhook:cw", &a).await.unwrap();
    assert_eq!(remote.as_ref(), Some(&made[2]));
    assert_eq!(records.link_of(&scope, "webhook:", &b).await.unwrap(), None);
    // A key goes over to another conversation.
    let moved = link("channel:shop", "c-1", &b, 50);
    records.set_link(&scope, &moved).await.unwrap();
    assert_eq!(records.link(&scope, "channel:shop", "c-1").await.unwrap(), Some(moved.clone()));
    assert_eq!(records.link_of(&scope, "channel:shop", &a).await.unwrap(), None);
    assert_eq!(records.link_of(&scope, "channel:", &b).await.unwrap(), Some(moved));
    assert_eq!(records.link(&customer("globex"), "channel:shop", "c-1").await.unwrap(), None);
}

async fn messages_are_claimed_once(Subject { records, clock }: Subject) {
    let scope = customer("acme");
    let claim = async |id: &str| records.claim_message(&scope, "channel:a", id).await.unwrap();
    let settle = async |id: &str, done: bool| {
        records.settle_message(&scope, "channel:a", id, done).await.unwrap();
    };
    let (first, second) = tokio::join!(claim("m-1"), claim("m-1"));
    assert!([first, second].contains(&Claim::New) && [first, second].contains(&Claim::Busy));
    assert_eq!(records.claim_message(&scope, "channel:b", "m-1").await.unwrap(), Claim::New);
    assert_eq!(
        records.claim_message(&customer("globex"), "channel:a", "m-1").await.unwrap(),
        Claim::New
    );
    settle("m-1", false).await;
    assert_eq!(claim("m-1").await, Claim::New);
    settle("m-1", true).await;
    settle("m-1", false).await;
    assert_eq!(claim("m-1").await, Claim::Done);
    assert_eq!(claim("m-2").await, Claim::New);
    clock.advance_ms(CLAIM_TIMEOUT_MS);
    assert_eq!(claim("m-2").await, Claim::New);
    assert_eq!(claim("m-2").await, Claim::Busy);
    assert_eq!(claim("m-1").await, Claim::Done);
    let n_forgotten = records.forget_messages(&scope, i64::MAX).await.unwrap();
    assert_eq!(n_forgotten, 3);
    assert_eq!(claim("m-1").await, Claim::New);
}

async fn the_latest_conversation_of_a_customer(Subject { records, .. }: Subject) {
    let scope = customer("acme");
    let (first, second) = (conversation(1_000), conversation(2_000));
    let mut other = conversation(3_000);
    other.customer.id = Some("customer-8".to_owned());
    let mut claimed = conversation(5_000);
    claimed.customer.is_verified = false;
    let mut nobody = conversation(4_000);
    nobody.customer = Customer::default();
    for one in [&second, &first, &other, &nobody, &claimed] {
        records.commit_exchange(&scope, &exchange(one)).await.unwrap();
    }
    let latest = async |id: &str| records.latest_conversation_of(&scope, id).await.unwrap();
    assert_eq!(latest("customer-7").await, Some(second.id));
    assert_eq!(latest("customer-8").await, Some(other.id));
    assert_eq!(latest("customer-9").await, None);
    let elsewhere = records.latest_conversation_of(&customer("globex"), "customer-7").await;
    assert_eq!(elsewhere.unwrap(), None);
}
