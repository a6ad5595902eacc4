//! Few words, for channels that take no letters: a text, and the template at the provider with what fills it.
use super::{
    Tipo, Variable,
    plantilla::{has_autoescape, part, told, unknown},
};
use kernel::{FieldError, version::HasVersion};
use minijinja::Error;
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a text message may come to.
const LARGEST: usize = 1_000;
/// What a variable of a template may come to.
const LONGEST: usize = 600;

/// Canal de los mensajes cortos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CanalCorto {
    Whatsapp,
    Sms,
}

impl CanalCorto {
    pub const ALL: [Self; 2] = [Self::Whatsapp, Self::Sms];
    pub fn medio(self) -> Medio {
        match self {
            Self::Whatsapp => Medio::Whatsapp,
            Self::Sms => Medio::Sms,
        }
    }
}

/// Las palabras de una clase de mensaje por un canal corto. Son Jinja, como las de los correos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TextoCorto)]
pub struct Corta {
    #[schema(min_length = 1, max_length = 1000, example = "{{ sede }}: cita de {{ mascota }}, {{ fecha }}, {{ hora }}")]
    pub texto: String,
    /// El nombre de la plantilla aprobada, donde el canal las tiene.
    #[schema(min_length = 1, max_length = 120, pattern = "^[a-z0-9_]+$", example = "recordatorio_cita")]
    pub plantilla: Option<String>,
    /// Lo que llena la plantilla, en su orden.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub variables: Vec<String>,
    /// Si la plantilla tiene dos botones de respuesta: confirmar y anular, en ese orden.
    #[serde(default)]
    pub botones: bool,
}

/// A file of the platform's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Archivo {
    texto: String,
    plantilla: String,
    variables: Vec<String>,
    #[serde(default)]
    botones: bool,
}

/// The few words in force for a kind of message on a channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PlantillaCorta)]
pub struct PlantillaCorta {
    pub tipo: Tipo,
    #[schema(inline)]
    pub canal: CanalCorto,
    /// Si es de la cadena; si no, es la de la plataforma.
    pub propia: bool,
    #[serde(flatten)]
    pub corta: Corta,
    /// Lo que puede decir.
    #[serde(rename = "dice")]
    #[schema(inline)]
    pub dice: Vec<Variable>,
    pub version: i32,
}

impl HasVersion for PlantillaCorta {
    fn version(&self) -> i32 {
        self.version
    }
}

/// What goes out.
pub struct Escrita {
    pub texto: String,
    pub variables: Vec<String>,
}

impl Corta {
    /// From a file of the platform's, which a test reads too.
    pub(super) fn read(archivo: &str, medio: Medio) -> Self {
        let Archivo { texto, plantilla, variables, botones } =
            toml::from_str(archivo).unwrap_or_else(|error| unreachable!("few words of the platform: {error}"));
        match medio {
            Medio::Whatsapp => Self { texto, plantilla: Some(plantilla), variables, botones },
            Medio::Correo | Medio::Sms => Self { texto, plantilla: None, variables: Vec::new(), botones: false },
        }
    }

    /// With data that has a value for every variable of its kind. What a template takes has no lines.
    pub fn escribir(&self, datos: &Map<String, Value>) -> Result<Escrita, Error> {
        let plain = |source: &str, most: usize| {
            let written = part("texto", source, datos, None)?.split_whitespace().collect::<Vec<_>>().join(" ");
            Ok(written.chars().take(most).collect::<String>())
        };
        let variables = self.variables.iter().map(|source| plain(source, LONGEST)).collect::<Result<_, Error>>()?;
        Ok(Escrita { texto: plain(&self.texto, LARGEST)?, variables })
    }

    /// Everything wrong with it.
    pub fn revisar(&self, tipo: Tipo) -> Vec<FieldError> {
        let known: BTreeSet<&str> = tipo.variables().map(|variable| variable.nombre).collect();
        let sources = self.variables.iter().enumerate().map(|(index, source)| (format!("/variables/{index}"), source.as_str()));
        let mut errors = Vec::new();
        for (pointer, source) in [("/texto".to_owned(), self.texto.as_str())].into_iter().chain(sources) {
            let before = errors.len();
            errors.extend(unknown(source, &known).into_iter().map(|detail| FieldError::new(pointer.clone(), detail)));
            if has_autoescape(source) {
                errors.push(FieldError::new(pointer.clone(), "no puede cambiar el escape con autoescape"));
            }
            if errors.len() == before {
                let tried = [tipo.ejemplo(), tipo.vacio()].iter().find_map(|datos| part("texto", source, datos, None).err());
                errors.extend(tried.map(|error| FieldError::new(pointer.clone(), told(&error))));
            }
        }
        if self.botones && !tipo.con_enlace() {
            errors.push(FieldError::new("/botones", "a este mensaje no se responde"));
        }
        if self.plantilla.is_none() && (self.botones || !self.variables.is_empty()) {
            errors.push(FieldError::new("/plantilla", "falta el nombre de la plantilla que las lleva"));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[test]
    fn what_the_platform_writes_in_few_words_can_be_written() {
        for tipo in Tipo::ALL {
            for canal in CanalCorto::ALL {
                let corta = tipo.corta(canal.medio());
                assert_eq!(corta.revisar(*tipo), [], "{tipo:?}");
                let written = corta.escribir(&tipo.ejemplo()).expect("written");
                let about = match tipo.clave() {
                    clave if clave.starts_with("reclamo") => "00000012-2026",
                    "codigo_reserva" => "482913",
                    "auditoria_ancla" => "@1042",
                    _ => "Luna",
                };
                assert!(written.texto.contains(about) && written.texto.chars().count() < 320, "{}", written.texto);
                assert!(written.variables.iter().all(|variable| !variable.is_empty()), "{:?}", written.variables);
            }
        }
    }

    #[rstest]
    #[case::unknown(json!({ "texto": "{{ secreto }}" }), &["/texto"])]
    #[case::in_a_variable(json!({ "texto": "x", "plantilla": "p", "variables": ["{{ mascota }}", "{{ tutro }}"] }), &["/variables/1"])]
    #[case::no_template(json!({ "texto": "x", "variables": ["{{ mascota }}"] }), &["/plantilla"])]
    #[case::all(json!({ "texto": "{{ mascota", "botones": true }), &["/texto", "/plantilla"])]
    fn what_is_wrong_is_told(#[case] corta: Value, #[case] pointers: &[&str]) {
        let corta: Corta = serde_json::from_value(corta).expect("a body");
        let told: Vec<String> = corta.revisar(Tipo::CitaMovida).into_iter().map(|error| error.pointer.into_owned()).collect();
        assert_eq!(told, pointers);
    }

    #[test]
    fn nobody_answers_a_cancellation() {
        let corta = Corta { botones: true, ..Tipo::CitaMovida.corta(Medio::Whatsapp) };
        assert_eq!(corta.revisar(Tipo::CitaAnulada).iter().map(|error| &*error.pointer).collect::<Vec<_>>(), ["/botones"]);
    }

    #[test]
    fn a_variable_is_one_line() {
        let corta = Corta { texto: "x".into(), plantilla: Some("p".into()), variables: vec!["{{ mascota }}".into()], botones: false };
        let datos = json!({ "mascota": "Luna\r\n\t y     Sol" });
        assert_eq!(corta.escribir(datos.as_object().expect("an object")).expect("written").variables, ["Luna y Sol"]);
    }
}
