//! Takes out of a record what is personal or secret.
use regex::{Captures, Regex};
use serde_json::Value;
use std::sync::LazyLock;

/// Cards, RUC, DNI and foreigners' cards, telephones; e-mail addresses. Ids and digests of ours, in which there may be as many
/// digits in a row, stay: they are nobody's.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [
        r"(?P<id>\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b|\b[0-9A-Fa-f]{40,128}\b)",
        // What a link of ours is good with.
        r"(?P<enlace>\bh[a-z]_[A-Za-z0-9_-]{20,}(?:\.ics)?)",
        r"(?P<correo>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
        r"(?P<tarjeta>\b\d(?:[ -]?\d){12,18}\b)",
        r"(?P<telefono>\+\d{1,3}(?:[ -]?\d){7,11}\b|\b(?:51[ -]?)?9\d{2}[ -]?\d{3}[ -]?\d{3}\b|\b0\d{1,2}[ -]\d{3}[ -]?\d{3,4}\b)",
        // Also where a word goes on: DNI45678912.
        r"(?P<documento>\d{8,})",
    ];
    Regex::new(&parts.join("|")).unwrap_or_else(|error| unreachable!("{error}"))
});

/// Members of requests and answers that are bytes of HTTP.
const BODIES: [&str; 2] = ["body", "response_body"];
/// Longer ones are counted: a record is for people.
const LONGEST_BODY: usize = 4 << 10;

/// What of a configuration was shown to a guest, or put into a call for it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// Short ones would blank half of the text.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= 4 && !self.secrets.iter().any(|known| known == secret) {
            self.secrets.push(secret.to_owned());
        }
    }

    pub fn text(&self, text: &str) -> String {
        let hidden = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[secreto]"));
        if !may_be_personal(&hidden) {
            return hidden;
        }
        let name = |found: &Captures<'_>| {
            let is = |name: &&&str| found.name(name).is_some();
            if is(&&"id") {
                return found[0].to_owned();
            }
            format!("[{}]", ["enlace", "correo", "tarjeta", "telefono", "documento"].iter().find(is).unwrap_or(&"dato"))
        };
        PERSONAL.replace_all(&hidden, name).into_owned()
    }

    /// Every text inside, and the names of members, which may be somebody's number too. Bytes, which are lists of numbers, become
    /// their count; what came or went by HTTP, the beginning of its text.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.embedded(&text)),
            Value::Array(items) if items.len() > 64 && items.iter().all(Value::is_u64) => format!("[{} bytes]", items.len()).into(),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => fields.into_iter().map(|(key, value)| self.member(key, value)).collect(),
            Value::Number(number) => match number.as_u64() {
                // A document or telephone that somebody took for a number; a time in milliseconds has more digits.
                Some(n) if (10_000_000..=99_999_999_999).contains(&n) => "[documento]".into(),
                _ => Value::Number(number),
            },
            other => other,
        }
    }

    fn member(&self, key: String, value: Value) -> (String, Value) {
        let value = match bytes(&value).filter(|_| BODIES.contains(&key.as_str())) {
            Some(body) => self.body(&body).into(),
            None => self.value(value),
        };
        (self.text(&key), value)
    }

    fn body(&self, body: &[u8]) -> String {
        match std::str::from_utf8(body) {
            Ok(text) if text.len() <= LONGEST_BODY => self.embedded(text),
            _ => format!("[{} bytes]", body.len()),
        }
    }

    /// JSON within a text stays JSON.
    fn embedded(&self, text: &str) -> String {
        if !text.trim_start().starts_with(['{', '[']) {
            return self.text(text);
        }
        match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => self.value(inner).to_string(),
            _ => self.text(text),
        }
    }
}

/// A list of numbers that are bytes.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.as_array()?.iter().map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
}

/// Most texts have neither a sign of an address nor digits enough for a number of anybody's, and looking closer costs much more.
fn may_be_personal(text: &str) -> bool {
    let (mut digits, mut run, mut longest) = (0_usize, 0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'@' | b'+' => return true,
            b'0'..=b'9' => {
                digits += 1;
                run += 1;
                longest = longest.max(run);
            }
            _ => run = 0,
        }
    }
    digits >= 9 || longest >= 8 || text.as_bytes().windows(3).any(|three| matches!(three, [b'h', b'a'..=b'z', b'_']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::card("pagó con 4551 7081 6176 8059 hoy", "pagó con [tarjeta] hoy")]
    #[case::document("DNI 45678912.", "DNI [documento].")]
    #[case::company("RUC 20123456789", "RUC [documento]")]
    #[case::mobile("llamar al 987-654-321", "llamar al [telefono]")]
    #[case::abroad("a +51987654321 ya", "a [telefono] ya")]
    #[case::within_a_word("DNI45678912 y RUC20123456789", "DNI[documento] y RUC[documento]")]
    #[case::a_mobile_within_a_word("cel987654321x", "cel[documento]x")]
    #[case::at_home("llamar al 01 445-6789", "llamar al [telefono]")]
    #[case::a_key_of_ours_stays("clave 01898765-4321-7000-8000-123456789012", "clave 01898765-4321-7000-8000-123456789012")]
    #[case::mail("escribir a ana.p@correo.example.pe", "escribir a [correo]")]
    #[case::a_link_of_ours("vea https://a.pe/r/hv_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v ya", "vea https://a.pe/r/[enlace] ya")]
    #[case::a_date_stays("vence 2027-03-14", "vence 2027-03-14")]
    #[case::an_amount_stays("S/ 1,180.00 en 12 cuotas", "S/ 1,180.00 en 12 cuotas")]
    fn what_is_personal_goes(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(Redactor::default().text(text), expected);
    }

    #[test]
    fn it_goes_out_of_documents_and_of_documents_within_them() {
        let mut redactor = Redactor::default();
        redactor.add("s3creto");
        let value =
            json!({ "a": ["tel 987654321", 45678912], "b": "{\"dni\":\"45678912\",\"n\":3}", "c": "usa s3creto", "d": vec![7; 65] });
        let clean = redactor.value(value);
        assert_eq!(clean["a"], json!(["tel [telefono]", "[documento]"]));
        assert_eq!(clean["b"], "{\"dni\":\"[documento]\",\"n\":3}");
        assert_eq!(clean["c"], "usa [secreto]");
        assert_eq!(clean["d"], "[65 bytes]");
    }

    #[test]
    fn what_came_by_http_is_read_before_it_is_kept_however_short_it_is() {
        let redactor = Redactor::default();
        let message = |body: &[u8]| redactor.value(json!({ "message": { "body": body.to_vec(), "51987654321": 1 } }));
        let short = message(b"{\"de\":\"51987654321\"}");
        assert_eq!(short["message"], json!({ "body": "{\"de\":\"[telefono]\"}", "[telefono]": 1 }));
        assert_eq!(message(b"tel=987654321&ok")["message"]["body"], "tel=[telefono]&ok");
        assert_eq!(message(b"\xff\xfe45678912")["message"]["body"], "[10 bytes]");
        assert_eq!(message(&[b'a'; 5_000])["message"]["body"], "[5000 bytes]");
        assert_eq!(message(b"")["message"]["body"], "");
    }
}
