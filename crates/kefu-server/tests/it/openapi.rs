use std::fmt::Write as _;

use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(kefu_server::openapi_document()).unwrap()
}

fn name_of(reference: &Value) -> String {
    let target = reference["$ref"].as_str().unwrap_or_default();
    target.rsplit('/').next().unwrap_or_default().to_owned()
}

/// One line per operation and per schema: enough to see any change of the contract in a review.
fn summary(document: &Value) -> String {
    let mut lines = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
            let id = operation["operationId"].as_str().unwrap();
            let takes = operation["requestBody"]["content"].as_object().map_or_else(
                String::new,
                |content| {
                    let names = content.values().map(|body| name_of(&body["schema"]));
                    format!(" ({})", names.collect::<Vec<_>>().join(" | "))
                },
            );
            let method = method.to_uppercase();
            writeln!(lines, "{method} {path} {id}{takes} {}", statuses.join(" ")).unwrap();
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(fields) = schema["properties"].as_object() else { continue };
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mark = |field: &String| {
            let is_required = required.iter().any(|name| name == field);
            format!("{field}{}", if is_required { "!" } else { "" })
        };
        let fields: Vec<String> = fields.keys().map(mark).collect();
        writeln!(lines, "{name}: {}", fields.join(" ")).unwrap();
    }
    lines
}

#[test]
fn the_contract_changes_only_on_purpose() {
    insta::assert_snapshot!(summary(&document()));
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(node: &Value, document: &Value) {
        match node {
            Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    let pointer = target.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{target}");
                }
                fields.values().for_each(|field| check(field, document));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            _ => {}
        }
    }
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    check(&document, &document);
}
