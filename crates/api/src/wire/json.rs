//! JSON as its specification has it: an object is no list, and `3.0` is the whole number 3.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// Reads a value from an object only; serde by itself would also fill its fields from a list.
pub struct Object<T>(pub T);

struct InObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for InObject<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(InObject(PhantomData)).map(Self)
    }
}

/// An object within another, or null.
pub fn maybe_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(from)?.map(|Object(value)| value))
}

/// Writes numbers without a fraction as the whole numbers that they are.
pub fn with_whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(whole(&number).unwrap_or(number)),
        Value::Array(values) => values.into_iter().map(with_whole_numbers).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, with_whole_numbers(value))).collect())
        }
        other => other,
    }
}

fn whole(number: &Number) -> Option<Number> {
    // Up to here a float still tells neighbouring whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT)?;
    #[allow(clippy::cast_possible_truncation)]
    Some(Number::from(float as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wish {
        ids: Vec<i64>,
        #[serde(default, deserialize_with = "maybe_object")]
        inner: Option<Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        share: f64,
    }

    fn read(value: Value) -> Result<Wish, String> {
        serde_json::from_value(with_whole_numbers(value)).map(|Object(wish)| wish).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_without_a_fraction_are_whole() {
        let wish = read(json!({ "ids": [3.0, -4, 5e2], "inner": { "share": 1 } }));
        assert_eq!(wish, Ok(Wish { ids: vec![3, -4, 500], inner: Some(Inner { share: 1.0 }) }));
        assert!(read(json!({ "ids": [3.5] })).is_err());
        assert!(read(json!({ "ids": [1e300] })).is_err());
    }

    #[test]
    fn a_list_is_no_object() {
        assert!(read(json!([[1], null])).is_err());
        assert!(read(json!({ "ids": [1], "inner": [0.5] })).is_err());
        assert_eq!(read(json!({ "ids": [1], "inner": null })), Ok(Wish { ids: vec![1], inner: None }));
    }
}
