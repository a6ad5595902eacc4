//! Bringing the files of a chain into the database: reading them, and deciding between what the file says
//! and what the API changed since.
//!
//! Three states of an entry are compared: the one in the file, the one that the last application wrote, and
//! the one in the database. What the API changed stays until the entry in the file changes; then the file
//! wins and the report says what it overwrote. Nothing is ever deleted.
use crate::{FieldError, Problem, Tx, schema, store};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};
use utoipa::ToSchema;

/// Something to correct in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub archivo: String,
    /// Where in the file, as `sedes[2].entidad_legal`; empty for the file as a whole.
    pub clave: String,
    pub detalle: String,
}

impl Fault {
    /// Of an entry; whoever knows the file adds it with [`Fault::in_file`], unless it is already known.
    pub fn new(clave: impl Into<String>, detalle: impl Into<String>) -> Self {
        Self { archivo: String::new(), clave: clave.into(), detalle: detalle.into() }
    }
    /// Of a field of an entry.
    pub fn of_field(entrada: &str, error: FieldError) -> Self {
        Self::new(format!("{entrada}.{}", key(&error.pointer)), error.detail)
    }
    pub fn in_file(mut self, archivo: &str) -> Self {
        if self.archivo.is_empty() {
            archivo.clone_into(&mut self.archivo);
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.archivo.as_str(), self.clave.as_str(), self.detalle.as_str()];
        f.write_str(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": "))
    }
}

/// Reads TOML against the schema of its type: unknown keys, missing keys and wrong values all at once.
/// Dates and hours are written as texts.
pub fn read<T: DeserializeOwned + ToSchema + 'static>(archivo: &str, text: &str) -> Result<T, Vec<Fault>> {
    let one = |clave: String, detalle: String| vec![Fault { archivo: archivo.to_owned(), clave, detalle }];
    let value: Value = toml::from_str(text).map_err(|error| one(String::new(), error.to_string().trim().to_owned()))?;
    let wrong = schema::violations::<T>(&value);
    if !wrong.is_empty() {
        return Err(wrong.iter().map(|error| Fault::new(key(&error.pointer), error.detail.clone()).in_file(archivo)).collect());
    }
    serde_path_to_error::deserialize(value).map_err(|error| one(error.path().to_string(), error.into_inner().to_string()))
}

/// `/sedes/2/ruc` → `sedes[2].ruc`
fn key(pointer: &str) -> String {
    let mut key = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            key.push_str(&format!("[{part}]"));
        } else {
            key.push_str(if key.is_empty() { "" } else { "." });
            key.push_str(part);
        }
    }
    key
}

/// What the application did with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Creado,
    Cambiado,
    /// The file changed and so had the API: the file won.
    Sobrescrito,
    /// The API changed it, the file did not: it stays as it is.
    Conservado,
    /// Gone from the file; it stays in the database.
    Retirado,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub outcome: Outcome,
    pub tipo: String,
    pub entrada: String,
    /// The fields that differ.
    pub campos: Vec<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let campos = self.campos.join(", ");
        let Self { tipo, entrada, .. } = self;
        match self.outcome {
            Outcome::Creado => write!(f, "creado       {tipo} {entrada}"),
            Outcome::Cambiado => write!(f, "cambiado     {tipo} {entrada}: {campos}"),
            Outcome::Sobrescrito => write!(f, "sobrescrito  {tipo} {entrada}: {campos} (se había cambiado por la API)"),
            Outcome::Conservado => write!(f, "conservado   {tipo} {entrada}: {campos} (cambiado por la API; el archivo sigue igual)"),
            Outcome::Retirado => write!(f, "retirado     {tipo} {entrada}: ya no está en el archivo; no se borra"),
        }
    }
}

/// All that one application did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub lines: Vec<Line>,
}

impl Report {
    pub fn line(&mut self, outcome: Outcome, tipo: &str, entrada: impl Into<String>, campos: Vec<String>) {
        self.lines.push(Line { outcome, tipo: tipo.to_owned(), entrada: entrada.into(), campos });
    }
    /// How many entries were written.
    pub fn changes(&self) -> usize {
        self.lines.iter().filter(|line| !matches!(line.outcome, Outcome::Conservado | Outcome::Retirado)).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        match self.changes() {
            0 => f.write_str("sin cambios"),
            1 => f.write_str("1 entrada escrita"),
            many => write!(f, "{many} entradas escritas"),
        }
    }
}

/// What to do with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    Crear,
    Cambiar,
    Dejar,
}

/// The entries of one kind (`sede`, `servicio`), compared one by one, then saved together.
pub struct Diff {
    tipo: &'static str,
    applied: BTreeMap<String, Value>,
    seen: BTreeSet<String>,
    write: Vec<(String, Value)>,
    lines: Vec<Line>,
    labels: BTreeMap<String, String>,
}

impl Diff {
    pub async fn load(tx: &mut Tx, tipo: &'static str) -> Result<Self, Problem> {
        Ok(Self::new(tipo, store::applied(tx, tipo).await?))
    }

    fn new(tipo: &'static str, applied: BTreeMap<String, Value>) -> Self {
        Self { tipo, applied, seen: BTreeSet::new(), write: Vec::new(), lines: Vec::new(), labels: BTreeMap::new() }
    }

    /// Compares one entry in its three states. `file` and `current` have the same shape; of personal values
    /// the shape holds a blind index, because it is kept in the clear. The report calls the entry `entrada`.
    pub fn entry<T: Serialize>(&mut self, clave: &str, entrada: &str, file: &T, current: Option<&T>) -> Verdict {
        let file = serde_json::to_value(file).unwrap_or_default();
        let current = current.map(|current| serde_json::to_value(current).unwrap_or_default());
        let before = self.applied.get(clave);
        self.seen.insert(clave.to_owned());
        let unchanged = before == Some(&file);
        let (verdict, line) = match &current {
            None if unchanged => (Verdict::Dejar, Some((Outcome::Conservado, vec!["borrado".to_owned()]))),
            None => (Verdict::Crear, Some((Outcome::Creado, Vec::new()))),
            Some(current) if *current == file => (Verdict::Dejar, None),
            Some(current) if unchanged => (Verdict::Dejar, Some((Outcome::Conservado, differing(&file, current)))),
            Some(current) => {
                let outcome = if before == Some(current) { Outcome::Cambiado } else { Outcome::Sobrescrito };
                (Verdict::Cambiar, Some((outcome, differing(&file, current))))
            }
        };
        if !unchanged {
            self.write.push((clave.to_owned(), file));
        }
        if let Some((outcome, campos)) = line {
            self.lines.push(Line { outcome, tipo: self.tipo.to_owned(), entrada: entrada.to_owned(), campos });
        }
        verdict
    }

    /// Keys that the last application knew and the file no longer has.
    pub fn gone(&self) -> Vec<String> {
        self.applied.keys().filter(|clave| !self.seen.contains(*clave)).cloned().collect()
    }
    /// How the report calls an entry that is gone, where its key says nothing.
    pub fn label(&mut self, clave: String, entrada: String) {
        self.labels.insert(clave, entrada);
    }

    /// Remembers what was applied, and reports the entries that the file no longer has, once.
    pub async fn save(mut self, tx: &mut Tx, report: &mut Report) -> Result<(), Problem> {
        let gone = self.gone();
        store::save_applied(tx, self.tipo, &self.write, &gone).await?;
        self.report_gone(gone);
        report.lines.append(&mut self.lines);
        Ok(())
    }

    fn report_gone(&mut self, gone: Vec<String>) {
        for clave in gone {
            let entrada = self.labels.remove(&clave).unwrap_or(clave);
            self.lines.push(Line { outcome: Outcome::Retirado, tipo: self.tipo.to_owned(), entrada, campos: Vec::new() });
        }
    }
}

/// Names of the fields in which two objects differ.
fn differing(a: &Value, b: &Value) -> Vec<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            names.into_iter().filter(|name| a.get(*name) != b.get(*name)).cloned().collect()
        }
        _ => vec!["valor".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde::Deserialize;
    use serde_json::json;

    // What the last application wrote, what the file says, what is in the database.
    #[rstest]
    #[case::new(None, "a", None, Verdict::Crear, Some(Outcome::Creado))]
    #[case::again(Some("a"), "a", Some("a"), Verdict::Dejar, None)]
    #[case::file_changed(Some("a"), "b", Some("a"), Verdict::Cambiar, Some(Outcome::Cambiado))]
    #[case::api_changed(Some("a"), "a", Some("x"), Verdict::Dejar, Some(Outcome::Conservado))]
    #[case::both_changed(Some("a"), "b", Some("x"), Verdict::Cambiar, Some(Outcome::Sobrescrito))]
    #[case::both_changed_alike(Some("a"), "b", Some("b"), Verdict::Dejar, None)]
    #[case::made_by_the_api(None, "a", Some("x"), Verdict::Cambiar, Some(Outcome::Sobrescrito))]
    #[case::deleted_by_the_api(Some("a"), "a", None, Verdict::Dejar, Some(Outcome::Conservado))]
    #[case::deleted_and_file_changed(Some("a"), "b", None, Verdict::Crear, Some(Outcome::Creado))]
    fn who_wins(
        #[case] applied: Option<&str>,
        #[case] file: &str,
        #[case] current: Option<&str>,
        #[case] verdict: Verdict,
        #[case] outcome: Option<Outcome>,
    ) {
        let entry = |nombre: &str| json!({ "nombre": nombre, "activa": true });
        let before = applied.map(|nombre| ("K".to_owned(), entry(nombre))).into_iter().collect();
        let mut diff = Diff::new("sede", before);
        assert_eq!(diff.entry("K", "K", &entry(file), current.map(entry).as_ref()), verdict);
        assert_eq!(diff.lines.first().map(|line| line.outcome), outcome);
        assert_eq!(diff.write.is_empty(), applied == Some(file), "what was applied is remembered");
        if let Some(line) = diff.lines.first().filter(|line| current.is_some() && line.outcome != Outcome::Creado) {
            assert_eq!(line.campos, ["nombre"]);
        }
    }

    #[test]
    fn what_left_the_file_is_reported() {
        let mut diff = Diff::new("sede", BTreeMap::from([("A".into(), json!({})), ("B".into(), json!({}))]));
        assert_eq!(diff.entry("A", "A", &json!({}), Some(&json!({}))), Verdict::Dejar);
        assert_eq!(diff.gone(), ["B"]);
        diff.report_gone(diff.gone());
        let mut report = Report::default();
        report.lines.append(&mut diff.lines);
        assert_eq!(report.to_string(), "retirado     sede B: ya no está en el archivo; no se borra\nsin cambios");
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Archivo {
        #[expect(dead_code, reason = "only its reading is tested")]
        sedes: Vec<Sede>,
    }
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Sede {
        #[expect(dead_code, reason = "only its reading is tested")]
        #[schema(format = "ruc")]
        ruc: String,
    }

    #[test]
    fn a_file_is_read_with_all_its_faults() {
        let text = "[[sedes]]\nruc = '20131312955'\n[[sedes]]\nruc = '1'\nrux = 'x'\n[[sedes]]\n";
        let faults = read::<Archivo>("tenant.toml", text).expect_err("three faults");
        let mut texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        texts.sort();
        assert_eq!(
            texts,
            [
                "tenant.toml: sedes[1].ruc: debe ser un RUC válido de 11 dígitos",
                "tenant.toml: sedes[1].rux: no es un campo conocido",
                "tenant.toml: sedes[2].ruc: es obligatorio",
            ]
        );
        let faults = read::<Archivo>("tenant.toml", "sedes = [").expect_err("not TOML");
        assert!(faults[0].to_string().starts_with("tenant.toml: TOML parse error at line 1"), "{faults:?}");
    }
}
