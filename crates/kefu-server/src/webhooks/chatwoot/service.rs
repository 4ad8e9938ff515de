use kefu_core::ports::{SendMethod, SendRequest};
use serde_json::Value;

use super::Place;
use crate::service::AppState;
use crate::webhooks::Endpoint;
use crate::webhooks::worker::{Failure, send};

/// The API of an installation.
pub(super) struct Chatwoot<'a> {
    pub(super) state: &'a AppState,
    pub(super) endpoint: &'a Endpoint,
    pub(super) place: Place<'a>,
}

impl Chatwoot<'_> {
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        let pairs = query.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        self.call(SendMethod::Get, format!("{path}{mark}{query}"), Vec::new()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(SendMethod::Post, path.to_owned(), body.to_string().into_bytes()).await
    }

    async fn call(
        &self,
        method: SendMethod,
        path: String,
        body: Vec<u8>,
    ) -> Result<Value, Failure> {
        let base = self.endpoint.url.trim_end_matches('/');
        let url = format!("{base}/api/v1/accounts/{}{path}", self.place.account_id);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("content-type", "application/json"),
            header("accept", "application/json"),
            header("api_access_token", self.endpoint.secret.expose()),
        ];
        let reply = send(self.state, SendRequest { method, url, headers, body }).await?;
        if reply.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&reply.body).map_err(|_| Failure::of("unexpected answer"))
    }
}

fn percent_encoded(text: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let encode = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded() {
        assert_eq!(percent_encoded("kefu:a b&退"), "kefu%3Aa%20b%26%E9%80%80");
    }
}
