use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kefu_api::HANDOFF_SCHEMA;
use serde_json::{Map, Value, json};

/// Read the schema of the hand-off package
///
/// The JSON Schema (2020-12) of `kefu.handoff/1`, as webhooks carry it and tickets show it.
#[utoipa::path(
    get,
    path = "/v1/schemas/handoff.json",
    tag = "tickets",
    responses((status = 200, description = "The schema", content((Object = "application/schema+json"))))
)]
pub(crate) async fn handoff_schema() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| schema().to_string());
    ([(CONTENT_TYPE, "application/schema+json")], TEXT.as_str()).into_response()
}

/// The package's schema out of the description of the API, with what it refers to.
fn schema() -> Value {
    let document = serde_json::to_value(crate::openapi::document()).unwrap_or_default();
    let known = document.pointer("/components/schemas").and_then(Value::as_object);
    let mut definitions = Map::new();
    let mut wanted = vec!["HandoffResponse".to_owned()];
    while let Some(name) = wanted.pop() {
        if definitions.contains_key(&name) {
            continue;
        }
        let Some(mut schema) = known.and_then(|known| known.get(&name)).cloned() else { continue };
        move_references(&mut schema, &mut wanted);
        definitions.insert(name, schema);
    }
    if let Some(field) = definitions
        .get_mut("HandoffResponse")
        .and_then(|package| package.pointer_mut("/properties/schema"))
    {
        *field = json!({"const": HANDOFF_SCHEMA});
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://kefu.example/schemas/handoff/1",
        "title": HANDOFF_SCHEMA,
        "$ref": "#/$defs/HandoffResponse",
        "$defs": definitions,
    })
}

fn move_references(node: &mut Value, wanted: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get_mut("$ref")
                && let Some(name) = target.strip_prefix("#/components/schemas/")
            {
                wanted.push(name.to_owned());
                *target = format!("#/$defs/{name}");
            }
            fields.values_mut().for_each(|field| move_references(field, wanted));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_references(item, wanted)),
        _ => {}
    }
}
