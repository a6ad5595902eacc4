//! Reads values by key from environment and file, and remembers every mistake and every effective value.
use super::{Secret, StandIns};
use std::{
    collections::{BTreeSet, HashMap},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// A kind of value: how it is read from text, how it is shown, and what is said when it cannot be read.
pub trait Value: Sized {
    const ESPERADO: &'static str;
    fn read(text: &str) -> Option<Self>;
    fn show(&self) -> String;
}

macro_rules! values {
    ($($kind:ty, $help:literal;)*) => {$(
        impl Value for $kind {
            const ESPERADO: &'static str = $help;
            fn read(text: &str) -> Option<Self> { text.parse().ok() }
            fn show(&self) -> String { self.to_string() }
        }
    )*};
}
values! {
    u16, "un número entero de 0 a 65535";
    u32, "un número entero";
    usize, "un número entero";
    SocketAddr, "una dirección con puerto, como 0.0.0.0:8080";
}

impl Value for bool {
    const ESPERADO: &'static str = "true o false";
    fn read(text: &str) -> Option<Self> {
        match text {
            "true" | "1" | "si" | "sí" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for String {
    const ESPERADO: &'static str = "un texto";
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn show(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    const ESPERADO: &'static str = "una ruta";
    fn read(text: &str) -> Option<Self> {
        Some(text.into())
    }
    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for Secret {
    const ESPERADO: &'static str = "un texto";
    fn read(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

/// In milliseconds.
impl Value for Duration {
    const ESPERADO: &'static str = "un número de milisegundos";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::from_millis)
    }
    fn show(&self) -> String {
        self.as_millis().to_string()
    }
}

impl Value for Vec<IpAddr> {
    const ESPERADO: &'static str = "una lista de direcciones IP";
    fn read(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
    }
    fn show(&self) -> String {
        self.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Value for StandIns {
    const ESPERADO: &'static str = "una lista de host=dirección:puerto";
    fn read(text: &str) -> Option<Self> {
        let pair = |part: &str| {
            let (host, address) = part.split_once('=')?;
            Some((host.trim().to_owned(), address.trim().parse().ok()?))
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(pair).collect::<Option<_>>().map(Self)
    }
    fn show(&self) -> String {
        self.0.iter().map(|(host, address)| format!("{host}={address}")).collect::<Vec<_>>().join(",")
    }
}

/// One effective value, as it may be shown.
#[derive(Debug, Clone)]
pub struct Shown {
    pub key: &'static str,
    pub env: &'static str,
    pub value: Option<String>,
    pub source: &'static str,
}

pub struct Reader<'a> {
    file: HashMap<String, String>,
    env: &'a HashMap<String, String>,
    known: BTreeSet<&'static str>,
    pub shown: Vec<Shown>,
    pub errors: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &str, env: &'a HashMap<String, String>) -> Self {
        let mut errors = Vec::new();
        let mut file = HashMap::new();
        match text.parse::<toml::Table>() {
            Ok(table) => flatten("", &toml::Value::Table(table), &mut file, &mut errors),
            // The parser's message quotes the line, and the line may hold a secret.
            Err(error) => {
                let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
                errors.push(format!("archivo: no es TOML válido (línea {line})"));
            }
        }
        Self { file, env, known: BTreeSet::new(), shown: Vec::new(), errors }
    }

    /// Environment before file; an empty variable counts as absent.
    pub fn find<T: Value>(&mut self, key: &'static str, env: &'static str) -> Option<T> {
        self.known.insert(key);
        let from_env = self.env.get(env).filter(|text| !text.is_empty());
        let (text, source) = match (from_env, self.file.get(key)) {
            (Some(text), _) => (text, "entorno"),
            (None, Some(text)) => (text, "archivo"),
            (None, None) => {
                self.shown.push(Shown { key, env, value: None, source: "-" });
                return None;
            }
        };
        let read = T::read(text.trim());
        if read.is_none() {
            let place = if source == "entorno" { format!("variable {env}") } else { "archivo".to_owned() };
            self.errors.push(format!("{key} ({place}): debe ser {}", T::ESPERADO));
        }
        self.shown.push(Shown { key, env, value: read.as_ref().map(Value::show), source });
        read
    }

    pub fn or<T: Value>(&mut self, key: &'static str, env: &'static str, default: T) -> T {
        let found = self.find(key, env);
        if let Some(last) = self.shown.last_mut().filter(|last| last.source == "-") {
            last.source = "por defecto";
            last.value = Some(default.show());
        }
        found.unwrap_or(default)
    }

    pub fn error(&mut self, text: String) {
        self.errors.push(text);
    }

    /// What the file says and nobody asked for is a slip of the pen.
    pub fn reject_unknown(&mut self) {
        let mut unknown: Vec<&String> = self.file.keys().filter(|key| !self.known.contains(key.as_str())).collect();
        unknown.sort();
        let errors: Vec<String> = unknown.into_iter().map(|key| format!("{key} (archivo): no es una clave conocida")).collect();
        self.errors.extend(errors);
    }
}

/// `[a] b = 1` becomes `a.b` = "1"; a list becomes its items joined by commas.
fn flatten(prefix: &str, value: &toml::Value, out: &mut HashMap<String, String>, errors: &mut Vec<String>) {
    let text = match value {
        toml::Value::Table(table) => {
            for (name, inner) in table {
                let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&key, inner, out, errors);
            }
            return;
        }
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(|item| item.as_str().unwrap_or("?")).collect::<Vec<_>>().join(","),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        _ => {
            errors.push(format!("{prefix} (archivo): debe ser texto, número entero, true, false o lista de textos"));
            return;
        }
    };
    out.insert(prefix.to_owned(), text);
}
