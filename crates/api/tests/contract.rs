//! The wire contract of existing clients, operation by operation, against our OpenAPI document: paths, methods, statuses,
//! parameters, body and response fields with their types and nullability. It lies in `../shared` beside the workspace
//! (`MEDIAFLOW_SHARED` names another place); without it, the test is skipped and says so.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;

use support::door;

/// The groups that are there so far.
const GROUPS: [&str; 10] = [
    "health",
    "library",
    "tags",
    "filter-presets",
    "presets",
    "transcode",
    "recommendations",
    "servers",
    "settings",
    "logs",
];

fn contract() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MEDIAFLOW_SHARED").map_or_else(beside, PathBuf::from);
    let contract = shared.join("contract");
    if contract.is_dir() {
        return Some(contract);
    }
    println!("skipped: the contract is not there; MEDIAFLOW_SHARED can name where it is");
    None
}

/// The OpenAPI document, with what was found wrong so far.
struct Document {
    root: Value,
    faults: Vec<String>,
}

/// A type as the contract names it, and whether null is one of its values.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    kind: &'static str,
    is_nullable: bool,
}

impl Document {
    /// What a schema stands for, through references.
    fn resolved<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            schema = self.root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"));
        }
        schema
    }

    fn shape(&self, schema: &Value) -> Shape {
        let mut schema = self.resolved(schema);
        let mut is_nullable = false;
        if let Some(options) = schema["anyOf"].as_array() {
            let others: Vec<&Value> = options.iter().filter(|option| option["type"] != "null").collect();
            is_nullable = others.len() < options.len();
            match others[..] {
                [one] => schema = self.resolved(one),
                _ => return Shape { kind: "any", is_nullable },
            }
        }
        let mut names: Vec<&str> = match &schema["type"] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        is_nullable |= names.contains(&"null");
        names.retain(|name| *name != "null");
        let kind = match names[..] {
            ["integer"] => "int",
            ["number"] => "float",
            ["boolean"] => "bool",
            ["string"] => "string",
            ["array"] => "array",
            ["object"] => "object",
            _ => "any",
        };
        Shape { kind, is_nullable }
    }

    /// A field of an object, and whether it is always there.
    fn field<'a>(&'a self, schema: &'a Value, name: &str) -> Option<(&'a Value, bool)> {
        let schema = self.resolved(schema);
        let options = schema["anyOf"].as_array().into_iter().flatten();
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let here = schema["properties"].get(name).map(|field| {
            let required = schema["required"].as_array().into_iter().flatten();
            (field, required.into_iter().any(|required| required == name))
        });
        here.or_else(|| options.chain(parts).find_map(|part| self.field(part, name)))
    }

    /// Compares one type with what the contract calls it.
    fn check_type(&mut self, place: &str, schema: &Value, wanted: &str) {
        let shape = self.shape(schema);
        let wanted_kind = match wanted {
            "datetime" => "string",
            list if list.starts_with("array") => "array",
            map if map.starts_with("map") || map.starts_with("dict") => "object",
            kind @ ("int" | "float" | "bool" | "string" | "object") => kind,
            // Named types and unions: their own fields are listed where it matters.
            _ => return,
        };
        if shape.kind != wanted_kind && shape.kind != "any" {
            self.faults.push(format!("{place} is {}, in the contract {wanted}", shape.kind));
        }
    }

    fn check_operation(&mut self, operation: &Value) {
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        let name = format!("{} {}", text("method"), text("path"));
        let Some(ours) = self.root["paths"].get(text("path")).and_then(|path| path.get(text("method").to_lowercase()))
        else {
            return self.faults.push(format!("{name} is not there"));
        };
        let ours = ours.clone();
        self.check_parameters(&name, operation, &ours);
        self.check_body(&name, operation, &ours);
        let status = operation["status"].to_string();
        let Some(response) = ours["responses"].get(&status) else {
            return self.faults.push(format!("{name} does not answer {status}"));
        };
        let media = response["content"].as_object().and_then(|content| content.values().next());
        let schema = media.map(|media| media["schema"].clone()).unwrap_or_default();
        let fields = list(&operation["response"]["fields"]);
        match operation["response"]["kind"].as_str() {
            Some("array") if !fields.is_empty() => {
                let items = self.resolved(&schema)["items"].clone();
                self.check_response(&name, &items, &fields);
            }
            Some("object") if !fields.is_empty() => self.check_response(&name, &schema, &fields),
            _ => {}
        }
    }

    fn check_parameters(&mut self, name: &str, operation: &Value, ours: &Value) {
        let known = list(&ours["parameters"]);
        for place in ["query", "path_params"] {
            for wanted in list(&operation[place]) {
                let found = known.iter().find(|parameter| parameter["name"] == wanted["name"]);
                let place = format!("{name}: parameter {}", wanted["name"]);
                let Some(found) = found else {
                    self.faults.push(format!("{place} is not there"));
                    continue;
                };
                self.check_type(&place, &found["schema"], wanted["type"].as_str().unwrap_or_default());
                if found["required"] == true && wanted["required"] == false {
                    self.faults.push(format!("{place} is required, in the contract it is not"));
                }
            }
        }
    }

    fn check_body(&mut self, name: &str, operation: &Value, ours: &Value) {
        let wanted = &operation["body"];
        if wanted.is_null() {
            return;
        }
        let body = &ours["requestBody"];
        if body.is_null() {
            return self.faults.push(format!("{name} takes no body"));
        }
        if wanted["required"] == false && body["required"] == true {
            self.faults.push(format!("{name} requires a body, in the contract it may be absent"));
        }
        let schema = body["content"]["application/json"]["schema"].clone();
        for field in list(&wanted["fields"]) {
            let place = format!("{name}: body.{}", field["name"]);
            let found = self.field(&schema, field["name"].as_str().unwrap_or_default());
            let Some((found, is_required)) = found.map(|(found, is_required)| (found.clone(), is_required)) else {
                self.faults.push(format!("{place} is not there"));
                continue;
            };
            self.check_type(&place, &found, field["type"].as_str().unwrap_or_default());
            let shape = self.shape(&found);
            if field["nullable"] == true && !shape.is_nullable && shape.kind != "any" {
                self.faults.push(format!("{place} may not be null, in the contract it may"));
            }
            if is_required && field["required"] == false {
                self.faults.push(format!("{place} is required, in the contract it is not"));
            }
        }
    }

    fn check_response(&mut self, name: &str, schema: &Value, fields: &[Value]) {
        for field in fields {
            let place = format!("{name}: response.{}", field["name"]);
            let found = self.field(schema, field["name"].as_str().unwrap_or_default());
            let Some((found, is_always_there)) = found.map(|(found, is_required)| (found.clone(), is_required)) else {
                self.faults.push(format!("{place} is not there"));
                continue;
            };
            self.check_type(&place, &found, field["type"].as_str().unwrap_or_default());
            let shape = self.shape(&found);
            if shape.is_nullable && field["nullable"] == false {
                self.faults.push(format!("{place} may be null, in the contract it may not"));
            }
            // A field that may be null is written as null: our answers leave none out.
            if field["always_present"] == true && !is_always_there && !shape.is_nullable {
                self.faults.push(format!("{place} may be absent, in the contract it may not"));
            }
        }
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[test]
fn every_operation_of_the_groups_so_far_is_as_existing_clients_know_it() {
    let Some(contract) = contract() else { return };
    let (_home, door) = door();
    let (document, _) = mediaflow_api::document(&door);
    let mut document = Document { root: serde_json::to_value(&document).expect("JSON"), faults: Vec::new() };
    let operations = std::fs::read_to_string(contract.join("operations.jsonl")).expect("the operations");
    let mut checked = 0;
    for line in operations.lines() {
        let operation: Value = serde_json::from_str(line).expect("an operation a line");
        if GROUPS.iter().any(|group| operation["group"] == *group) {
            document.check_operation(&operation);
            checked += 1;
        }
    }
    assert!(checked > 35, "only {checked} operations were checked");
    assert!(document.faults.is_empty(), "{}", document.faults.join("\n"));
}
