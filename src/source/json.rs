//! JSON as all tools read it: what two parsers would take for two things is refused.
//!
//! Go's decoder takes the last of two equal keys (or joins them) and ignores the case of keys; containers are run by
//! programs that use it. A document that relies on that would be one image to us and another to them (as in CVE-2021-41190).

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Parses a document.
///
/// # Errors
/// Text that is no JSON, a key that stands twice in an object, or nesting deeper than 128.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    let document: Strict =
        serde_json::from_slice(bytes).map_err(|fault| format!("not JSON: {fault}"))?;
    Ok(document.0)
}

/// Returns the members of a document that must be an object whose `known` keys are written just so.
pub(crate) fn object<'a>(
    value: &'a Value,
    known: &[&str],
) -> Result<&'a Map<String, Value>, String> {
    let object = value.as_object().ok_or("not a JSON object")?;
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        let fold = |text: &str| text.to_uppercase().to_lowercase();
        if let Some(meant) = known.iter().find(|meant| fold(meant) == fold(key)) {
            return Err(format!(
                "key `{key}` differs from `{meant}` only in case, and other tools take it for that"
            ));
        }
    }
    Ok(object)
}

/// Returns a member; `null` is the same as absent.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.get(key).filter(|value| !value.is_null())
}

/// Returns a text member, if there.
pub(crate) fn text<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<Option<&'a str>, String> {
    typed(object, key, Value::as_str, "a string")
}

/// Returns a list member; empty if not there.
pub(crate) fn list<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], String> {
    Ok(typed(object, key, Value::as_array, "a list")?.map_or(&[], Vec::as_slice))
}

/// Returns an object member, if there.
pub(crate) fn map<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<Option<&'a Map<String, Value>>, String> {
    typed(object, key, Value::as_object, "an object")
}

fn typed<'a, T: ?Sized>(
    object: &'a Map<String, Value>,
    key: &str,
    cast: impl Fn(&'a Value) -> Option<&'a T>,
    kind: &str,
) -> Result<Option<&'a T>, String> {
    member(object, key)
        .map(|value| cast(value).ok_or_else(|| format!("`{key}` is not {kind}")))
        .transpose()
}

/// A value in whose objects no key stands twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = values.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(de::Error::custom(format_args!(
                    "key `{key}` stands twice in one object"
                )));
            }
            let Strict(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_is_what_serde_makes_of_it() {
        let text = r#"{"z":null,"a":[1,-2,3.5,true,"\u0026",{}],"b":{"c":18446744073709551615}}"#;
        assert_eq!(
            parse(text.as_bytes()).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn what_two_parsers_read_differently_is_refused() {
        for (text, fault) in [
            (r#"{"a":1,"a":1}"#, "stands twice"),
            (r#"{"a":{"b":[{"c":1,"\u0063":2}]}}"#, "`c` stands twice"),
            ("{} {}", "trailing"),
            ("\u{feff}{}", "not JSON"),
            ("", "EOF"),
            (r#"{"a":"\ud800"}"#, "not JSON"),
        ] {
            let said = parse(text.as_bytes()).unwrap_err();
            assert!(said.contains(fault), "{text}: {said}");
        }
        assert!(
            parse("[".repeat(100_000).as_bytes())
                .unwrap_err()
                .contains("recursion")
        );
        assert!(parse(b"{\"\xff\":1}").is_err());
    }

    #[test]
    fn keys_that_go_folds_are_refused_and_null_is_absent() {
        for key in ["Layers", "LAYERS", "layer\u{17f}"] {
            let value = serde_json::json!({ key: [] });
            assert!(
                object(&value, &["layers"])
                    .unwrap_err()
                    .contains("only in case"),
                "{key}"
            );
        }
        let value = serde_json::json!({ "layers": null, "other": "x" });
        let members = object(&value, &["layers"]).unwrap();
        assert_eq!(list(members, "layers"), Ok(&[][..]));
        assert_eq!(text(members, "layers"), Ok(None));
        assert_eq!(list(members, "other"), Err("`other` is not a list".into()));
        assert!(object(&Value::Null, &[]).is_err());
    }
}
