//! Templates: what a chain may write, and writing it with data. Texts are Jinja's; HTML is escaped, always.
use super::{Tipo, Variable};
use kernel::{FieldError, Problem, version::HasVersion};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value as Dicho, value::Serde};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};
use utoipa::ToSchema;

/// Steps of one template: a letter takes some dozens.
const FUEL: u64 = 20_000;
/// What a letter may come to, in bytes.
const LARGEST: usize = 200_000;

/// Las tres partes de un correo: como plantilla, o ya escritas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PartesCorreo)]
pub struct Partes {
    pub asunto: String,
    /// Para quien no ve HTML.
    pub texto: String,
    pub html: String,
}

impl Partes {
    /// From a file of the platform's, which a test reads too.
    pub(super) fn read(archivo: &str) -> Self {
        toml::from_str(archivo).unwrap_or_else(|error| unreachable!("a template of the platform: {error}"))
    }
    fn parts(&self) -> [(&'static str, &str); 3] {
        [("asunto", &self.asunto), ("texto", &self.texto), ("html", &self.html)]
    }
}

/// Las palabras propias de la cadena para una clase de correo. Las plantillas son Jinja: `{{ variable }}`, `{% if variable %}…{% endif %}`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosPlantilla {
    #[schema(min_length = 1, max_length = 200, format = "texto", example = "Cita de {{ mascota }}")]
    pub asunto: String,
    #[schema(min_length = 1, max_length = 20000, example = "Hola, {{ tutor }}")]
    pub texto: String,
    /// El contenido; alrededor va el marco con el nombre de la cadena y los datos de la sede.
    #[schema(min_length = 1, max_length = 40000, example = "<p>Hola, {{ tutor }}</p>")]
    pub html: String,
}

impl From<DatosPlantilla> for Partes {
    fn from(datos: DatosPlantilla) -> Self {
        Self { asunto: datos.asunto, texto: datos.texto, html: datos.html }
    }
}

/// La plantilla en vigor de una clase de correo.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlantillaDeTipo {
    pub tipo: Tipo,
    /// Si es de la cadena; si no, es la de la plataforma.
    pub propia: bool,
    #[serde(flatten)]
    pub partes: Partes,
    /// Lo que puede decir.
    #[schema(inline)]
    pub variables: Vec<Variable>,
    pub version: i32,
}

impl HasVersion for PlantillaDeTipo {
    fn version(&self) -> i32 {
        self.version
    }
}

fn engine() -> &'static Environment<'static> {
    static ENGINE: OnceLock<Environment<'static>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
        engine.set_fuel(Some(FUEL));
        // What a person is called is never markup, whatever a template says.
        engine.remove_filter("safe");
        engine
    })
}

/// Writes one part. `whole`: something that is already written, and escaped where that matters, by its name.
pub(super) fn part(name: &str, source: &str, datos: &Map<String, Value>, whole: Option<(&str, &str)>) -> Result<String, Error> {
    let mut said: BTreeMap<&str, Dicho> = datos.iter().map(|(name, value)| (name.as_str(), Dicho::from(Serde(value)))).collect();
    if let Some((name, text)) = whole {
        said.insert(name, Dicho::from_safe_string(text.to_owned()));
    }
    // A slash means nothing in HTML; written out, links stay readable.
    let written = engine().template_from_named_str(name, source)?.render(said)?.replace("&#x2f;", "/");
    if written.len() > LARGEST { Err(Error::new(ErrorKind::WriteFailure, "el correo sería demasiado largo")) } else { Ok(written) }
}

fn marco() -> &'static Partes {
    static MARCO: OnceLock<Partes> = OnceLock::new();
    MARCO.get_or_init(|| Partes::read(include_str!("../../../../tenants/_base/correos/marco.toml")))
}

/// Writes a letter in its frame. `datos` has a value for every variable of its kind.
pub fn escribir(plantilla: &Partes, datos: &Map<String, Value>) -> Result<Partes, Error> {
    let framed =
        |name: &str, frame: &str, source: &str| part(name, frame, datos, Some(("contenido", part(name, source, datos, None)?.trim())));
    let asunto = part("asunto", &plantilla.asunto, datos, None)?;
    Ok(Partes {
        asunto: asunto.split_whitespace().collect::<Vec<_>>().join(" "),
        texto: framed("texto", &marco().texto, &plantilla.texto)?.trim().to_owned() + "\n",
        html: framed("html", &marco().html, &plantilla.html)?.trim().to_owned() + "\n",
    })
}

/// The style of pages of ours.
pub fn estilo() -> &'static str {
    include_str!("../paginas/estilo.css").trim_ascii()
}

/// A page of ours, escaped like a letter.
pub(super) fn pagina(source: &str, datos: &Map<String, Value>) -> Result<String, Problem> {
    part("html", source, datos, Some(("estilo", estilo()))).map_err(Problem::internal)
}

/// Everything wrong with a template, part by part, with its line.
pub fn revisar(tipo: Tipo, plantilla: &Partes) -> Vec<FieldError> {
    let known: BTreeSet<&str> = tipo.variables().map(|variable| variable.nombre).collect();
    let mut errors = Vec::new();
    for (name, source) in plantilla.parts() {
        let pointer = format!("/{name}");
        let before = errors.len();
        errors.extend(unknown(source, &known).into_iter().map(|detail| FieldError::new(pointer.clone(), detail)));
        if has_autoescape(source) {
            errors.push(FieldError::new(pointer.clone(), "no puede cambiar el escape con autoescape"));
        }
        if errors.len() > before {
            continue;
        }
        // Once with everything and once without what may be missing: both ways through most conditions.
        let tried = [tipo.ejemplo(), tipo.vacio()].iter().find_map(|datos| part(name, source, datos, None).err());
        errors.extend(tried.map(|error| FieldError::new(pointer, told(&error))));
    }
    errors
}

/// Names that no letter of this kind has, each with its first line. A template that cannot be read has none yet.
pub(super) fn unknown(source: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let Ok(template) = engine().template_from_named_str("texto", source) else { return Vec::new() };
    let mut names: Vec<String> = template.undeclared_variables(false).into_iter().filter(|name| !known.contains(name.as_str())).collect();
    names.retain(|name| !engine().globals().any(|(global, _)| global == name));
    names.sort();
    let line = |name: &str| source.lines().position(|line| mentions(line, name)).map_or(1, |index| index + 1);
    let all = known.iter().copied().collect::<Vec<_>>().join(", ");
    names.iter().map(|name| format!("línea {}: «{name}» no es una variable de este mensaje; son: {all}", line(name))).collect()
}

fn mentions(line: &str, name: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name)
}

pub(super) fn has_autoescape(source: &str) -> bool {
    source.split("{%").skip(1).any(|tag| tag.trim_start_matches(['-', '+']).trim_start().starts_with("autoescape"))
}

/// The engine's complaint for people: where, and what.
pub(super) fn told(error: &Error) -> String {
    let line = error.line().map(|line| format!("línea {line}: ")).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::SyntaxError => "no se entiende la plantilla",
        ErrorKind::UnknownFilter => "no existe ese filtro",
        ErrorKind::UnknownFunction | ErrorKind::UnknownMethod => "no existe esa función",
        ErrorKind::UnknownTest => "no existe esa prueba",
        ErrorKind::UndefinedError => "usa algo que no está definido",
        ErrorKind::OutOfFuel => "da demasiadas vueltas",
        ErrorKind::WriteFailure => "el correo sería demasiado largo",
        _ => "no se puede escribir",
    };
    let detail = error.detail().filter(|_| error.kind() != ErrorKind::WriteFailure).map(|detail| format!(" ({detail})"));
    format!("{line}{what}{}", detail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[test]
    fn what_the_platform_writes_can_be_written() {
        for tipo in Tipo::ALL {
            assert_eq!(revisar(*tipo, tipo.base()), [], "{tipo:?}");
            let written = escribir(tipo.base(), &tipo.ejemplo()).expect("written");
            // What is told to staff names no pet, and neither does a code or a seal.
            let about = match tipo {
                Tipo::ReclamoPorVencer => "00000012-2026",
                Tipo::CodigoReserva => "482913",
                Tipo::AuditoriaAncla => "@1042",
                _ => "Luna",
            };
            assert!(written.texto.contains(about) && written.html.contains("Andina Lima"), "{written:?}");
            assert!(!written.asunto.is_empty() && !written.texto.contains("\n\n\n"), "{written:?}");
        }
    }

    #[rstest]
    #[case::unknown("a\n{{ tutor }}\n{{ tutro }}", "línea 3: «tutro» no es una variable")]
    #[case::unknown_in_a_branch("{% if sede %}x{% else %}\n{{ secreto }}{% endif %}", "línea 2: «secreto»")]
    #[case::syntax("\n{{ tutor", "línea 2: no se entiende")]
    #[case::filter("{{ tutor|nada }}", "línea 1: no existe ese filtro")]
    #[case::unescaped("{{ mascota|safe }}", "línea 1: no existe ese filtro")]
    #[case::autoescape("{%- autoescape false %}{{ mascota }}{% endautoescape %}", "autoescape")]
    #[case::attribute("{{ tutor.clave }}", "línea 1:")]
    #[case::endless("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}", "da demasiadas vueltas")]
    #[case::huge("{{ 'x' * 9000000 }}", "línea 1:")]
    #[case::elsewhere("{% include 'marco' %}", "no se entiende")]
    fn a_bad_template_is_told_with_its_line(#[case] html: &str, #[case] expected: &str) {
        let partes = Partes { asunto: "x".into(), texto: "x".into(), html: html.into() };
        let errors = revisar(Tipo::CitaMovida, &partes);
        assert!(errors.len() == 1 && errors[0].pointer == "/html" && errors[0].detail.contains(expected), "{errors:?}");
    }

    #[test]
    fn names_are_never_markup_and_never_a_second_line_of_the_subject() {
        let partes = Partes {
            asunto: "Cita de {{ mascota }}".into(),
            texto: "{{ mascota }}".into(),
            html: "<p title=\"{{ mascota }}\">{{ mascota }}</p>{% set x = mascota %}{{ x }}".into(),
        };
        let mut datos = Tipo::CitaMovida.ejemplo();
        datos["mascota"] = json!("\"><img src=x onerror=alert(1)>\r\nBcc: x@example.pe {{ cadena }}");
        let written = escribir(&partes, &datos).expect("written");
        assert!(!written.html.contains("<img") && !written.html.contains("\"\">"), "{}", written.html);
        assert!(written.html.contains("{{ cadena }}"), "data is not a template: {}", written.html);
        assert!(!written.asunto.contains(['\r', '\n']), "{}", written.asunto);
        assert!(written.texto.starts_with("\"><img"), "{}", written.texto);
    }
}
