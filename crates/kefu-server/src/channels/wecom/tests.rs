use axum::http::HeaderMap;

use super::*;

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const NOW_S: i64 = 1_700_000_000;

fn channel(aes_key: Option<&str>) -> Wecom {
    Wecom::new(&ChannelSpec {
        name: "wecom".to_owned(),
        kind: super::super::ChannelKind::Wecom,
        secret: Secret::new("the token of both"),
        token: None,
        aes_key: aes_key.map(Secret::new),
        reply_url: None,
        follow_customer: false,
    })
    .unwrap()
}

fn signed(name: &str, at_s: i64, more: &[&str]) -> Vec<(String, String)> {
    let at = at_s.to_string();
    let mut parts = vec!["the token of both", &at, "n0nce"];
    parts.extend(more);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![pair(name, &signature(parts)), pair("timestamp", &at), pair("nonce", "n0nce")]
}

fn receive(
    channel: &Wecom,
    query: &[(String, String)],
    body: Option<&str>,
) -> Result<Received, Refused> {
    channel.receive(&Incoming {
        is_get: body.is_none(),
        query,
        headers: &HeaderMap::new(),
        body: body.unwrap_or_default().as_bytes(),
        now_s: NOW_S,
    })
}

fn message() -> String {
    xml::write(&[
        ("ToUserName", "corp-1"),
        ("FromUserName", "user-5"),
        ("CreateTime", "1700000000"),
        ("MsgType", "text"),
        ("Content", "多久能退货？"),
        ("MsgId", "42"),
    ])
}

#[test]
fn the_address_is_checked_in_both_forms() {
    let mut query = signed("signature", NOW_S, &[]);
    query.push(("echostr".to_owned(), "echo-1".to_owned()));
    let answer = receive(&channel(None), &query, None);
    assert_eq!(answer, Ok(Received::Challenge(TEXT, "echo-1".to_owned())));

    let sealed = Cipher::new(KEY).unwrap().seal("echo-2", "corp-1");
    let mut query = signed("msg_signature", NOW_S, &[&sealed]);
    query.push(("echostr".to_owned(), sealed));
    let answer = receive(&channel(Some(KEY)), &query, None);
    assert_eq!(answer, Ok(Received::Challenge(TEXT, "echo-2".to_owned())));
    query[0].1 = "0".repeat(40);
    assert_eq!(receive(&channel(Some(KEY)), &query, None), Err(Refused::Forged));
}

#[test]
fn messages_are_read_and_answered_in_both_forms() {
    let plain = receive(&channel(None), &signed("signature", NOW_S, &[]), Some(&message()));
    let Ok(Received::Message(inbound)) = plain else { panic!("{plain:?}") };
    assert_eq!((inbound.customer_id.as_str(), inbound.message_id.as_str()), ("user-5", "42"));
    assert_eq!(inbound.text, "多久能退货？");

    let cipher = Cipher::new(KEY).unwrap();
    let sealed = cipher.seal(&message(), "corp-1");
    let body = xml::write(&[("ToUserName", "corp-1"), ("Encrypt", &sealed)]);
    let query = signed("msg_signature", NOW_S, &[&sealed]);
    let secure = channel(Some(KEY));
    let inbound = Inbound { sealed_for: Some("corp-1".to_owned()), ..inbound };
    assert_eq!(receive(&secure, &query, Some(&body)), Ok(Received::Message(inbound.clone())));

    let Answer::Form(_, reply) = secure.answer(&inbound, Some("30 天"), NOW_S) else {
        panic!("no reply")
    };
    let outer = xml::fields(&reply).unwrap();
    let parts = vec!["the token of both", &outer["TimeStamp"], &outer["Nonce"], &outer["Encrypt"]];
    assert_eq!(signature(parts), outer["MsgSignature"]);
    let opened = cipher.open(&outer["Encrypt"]).unwrap();
    let inner = xml::fields(&opened.text).unwrap();
    assert_eq!((inner["Content"].as_str(), inner["ToUserName"].as_str()), ("30 天", "user-5"));
    assert_eq!((inner["FromUserName"].as_str(), opened.recipient.as_str()), ("corp-1", "corp-1"));
    let silent = secure.answer(&inbound, None, NOW_S);
    assert!(matches!(silent, Answer::Received("success")));
}

#[test]
fn forged_old_and_changed_messages_are_refused() {
    let body = message();
    let old = signed("signature", NOW_S - 301, &[]);
    assert_eq!(receive(&channel(None), &old, Some(&body)), Err(Refused::Stale));
    let mut forged = signed("signature", NOW_S, &[]);
    forged[2].1 = "another".to_owned();
    assert_eq!(receive(&channel(None), &forged, Some(&body)), Err(Refused::Forged));
    assert_eq!(receive(&channel(None), &[], Some(&body)), Err(Refused::Forged));

    // With a key nothing plain is believed, and nothing that was changed.
    let secure = channel(Some(KEY));
    let plain = signed("signature", NOW_S, &[]);
    assert_eq!(receive(&secure, &plain, Some(&body)), Err(Refused::Forged));
    let cipher = Cipher::new(KEY).unwrap();
    let (one, two) = (cipher.seal(&body, "corp-1"), cipher.seal(&body, "corp-1"));
    let query = signed("msg_signature", NOW_S, &[&one]);
    let changed = xml::write(&[("Encrypt", &two)]);
    assert_eq!(receive(&secure, &query, Some(&changed)), Err(Refused::Forged));
}
