//! What we answer has every field, also those that are null; what we are sent may leave fields out. The generator knows one
//! rule for both, so the difference is made here.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where a reference to a schema of the document begins.
const SCHEMAS: &str = "#/components/schemas/";

/// Makes every field of a schema required that is only ever answered.
pub fn make_whole(document: &mut Value) {
    let mut sent = BTreeSet::new();
    for operation in document["paths"].as_object().into_iter().flat_map(|paths| paths.values()) {
        for method in operation.as_object().into_iter().flat_map(|methods| methods.values()) {
            collect(&method["requestBody"], document, &mut sent);
        }
    }
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (_, schema) in schemas.into_iter().flatten().filter(|(name, _)| !sent.contains(name.as_str())) {
        if let Some(fields) = schema["properties"].as_object() {
            let names: Vec<Value> = fields.keys().cloned().map(Value::from).collect();
            schema["required"] = Value::from(names);
        }
    }
}

/// The names of all schemas that a part of the document comes to.
fn collect(part: &Value, document: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMAS))
                && found.insert(name.to_owned())
            {
                collect(&document["components"]["schemas"][name], document, found);
            }
            fields.values().for_each(|value| collect(value, document, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, document, found)),
        _ => {}
    }
}
