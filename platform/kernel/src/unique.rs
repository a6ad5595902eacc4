//! JSON that can be read in one way only. RFC 8259 leaves open which of two members with one name counts: whoever looks at
//! a request on its way here (a firewall, a log, a program of the chain's own) might take the first one and this server
//! the last. So a name that comes twice is an error with its place.
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt::{self, Write};

/// More than anybody corrects at once: a body of a megabyte could name a hundred thousand.
const MOST: usize = 50;

/// A whole document, and JSON pointers to the names that come again in their object.
pub(crate) fn read(bytes: &[u8]) -> serde_json::Result<(Value, Vec<String>)> {
    let (mut path, mut repeated) = (String::new(), Vec::new());
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let value = Reader { path: &mut path, repeated: &mut repeated }.deserialize(&mut parser)?;
    parser.end()?;
    Ok((value, repeated))
}

/// Reads what stands at `path`.
struct Reader<'a> {
    path: &'a mut String,
    repeated: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn below(&mut self) -> Reader<'_> {
        Reader { path: self.path, repeated: self.repeated }
    }
    fn note(&mut self) {
        if self.repeated.len() < MOST && !self.repeated.contains(self.path) {
            self.repeated.push(self.path.clone());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let (at, mut list) = (self.path.len(), Vec::new());
        loop {
            // A `String` takes whatever is written to it.
            let _ = write!(self.path, "/{}", list.len());
            let item = items.next_element_seed(self.below())?;
            self.path.truncate(at);
            match item {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        let (at, mut object) = (self.path.len(), Map::new());
        while let Some(name) = members.next_key::<String>()? {
            self.path.push('/');
            self.path.push_str(&name.replace('~', "~0").replace('/', "~1"));
            if object.contains_key(&name) {
                self.note();
            }
            let value = members.next_value_seed(self.below())?;
            self.path.truncate(at);
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(r#"{"a":1,"b":2}"#, &[])]
    #[case(r#"{"a":1,"a":1}"#, &["/a"])]
    #[case(r#"{"a":1,"b":2,"a":3,"a":4,"b":5}"#, &["/a", "/b"])]
    #[case(r#"{"a":{"x":1},"b":{"x":1}}"#, &[])]
    #[case(r#"[{"a":1},{"a":1,"a":2},[{"b":{},"b":[]}]]"#, &["/1/a", "/2/0/b"])]
    #[case(r#"{"a/b":1,"~":{"c":1,"c":2},"a/b":1}"#, &["/~0/c", "/a~1b"])]
    // Written otherwise, the same name.
    #[case(r#"{"a":1,"\u0061":2}"#, &["/a"])]
    fn a_name_that_comes_again_is_found_wherever_it_stands(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(read(text.as_bytes()).expect("JSON").1, expected);
    }

    #[test]
    fn what_is_no_json_stays_an_error_and_a_long_list_is_cut() {
        for text in ["", "{", "{} {}", "{\"a\":}", "\"\\ud800\"", "nul", &"[".repeat(100_000)] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(b"\"\xff\"").is_err());
        let many: Vec<String> = (0..200).flat_map(|n| [format!("\"{n}\":1"), format!("\"{n}\":2")]).collect();
        assert_eq!(read(format!("{{{}}}", many.join(",")).as_bytes()).expect("JSON").1.len(), MOST);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9).prop_map(|number: f64| json!(number.round() / 8.0)),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(".{0,6}", inner, 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_else_is_read_as_it_always_was(value in any_json()) {
            let text = serde_json::to_vec(&value).expect("JSON");
            prop_assert_eq!(read(&text).expect("JSON"), (value, Vec::new()));
        }
    }
}
