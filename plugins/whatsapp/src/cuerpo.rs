//! The documents of the Cloud API.
use huella_plugin_sdk::{PluginError, notification::Message};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct Mensaje<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    to: &'a str,
    #[serde(flatten)]
    contenido: Contenido<'a>,
    biz_opaque_callback_data: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Contenido<'a> {
    Template {
        template: Plantilla<'a>,
    },
    /// Only within a day of the owner's last message.
    Text {
        text: Texto<'a>,
    },
}

#[derive(Serialize)]
struct Plantilla<'a> {
    name: &'a str,
    language: Idioma<'a>,
    components: Vec<Componente<'a>>,
}

#[derive(Serialize)]
struct Idioma<'a> {
    code: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Componente<'a> {
    Body {
        parameters: Vec<Parametro<'a>>,
    },
    /// What comes back when the reader presses the button with this number.
    Button {
        sub_type: &'static str,
        index: &'a str,
        parameters: [Parametro<'a>; 1],
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Parametro<'a> {
    Text { text: &'a str },
    Payload { payload: &'a str },
}

#[derive(Serialize)]
struct Texto<'a> {
    body: &'a str,
    preview_url: bool,
}

impl<'a> Mensaje<'a> {
    /// Variables fill the template's body in their order; those named `boton.N` are what its buttons carry.
    pub fn new(message: &'a Message, idioma: &'a str, key: &'a str) -> Result<Self, PluginError> {
        let to = message.to.strip_prefix('+').unwrap_or(&message.to);
        if !(7..=15).contains(&to.len()) || !to.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PluginError::InvalidInput("el destino no es un teléfono en E.164".into()));
        }
        let contenido = if message.template.is_empty() {
            Contenido::Text { text: Texto { body: &message.text, preview_url: false } }
        } else {
            let template = Plantilla { name: &message.template, language: Idioma { code: idioma }, components: components(message) };
            Contenido::Template { template }
        };
        Ok(Self { messaging_product: "whatsapp", recipient_type: "individual", to, contenido, biz_opaque_callback_data: key })
    }
}

fn components(message: &Message) -> Vec<Componente<'_>> {
    let (mut parameters, mut buttons) = (Vec::new(), Vec::new());
    for var in &message.vars {
        match var.key.strip_prefix("boton.") {
            Some(index) => {
                buttons.push(Componente::Button {
                    sub_type: "quick_reply",
                    index,
                    parameters: [Parametro::Payload { payload: &var.value }],
                });
            }
            None => parameters.push(Parametro::Text { text: &var.value }),
        }
    }
    let body = (!parameters.is_empty()).then_some(Componente::Body { parameters });
    body.into_iter().chain(buttons).collect()
}

#[derive(Deserialize)]
pub struct Aceptado {
    messages: Vec<Identificado>,
}

#[derive(Deserialize)]
struct Identificado {
    id: String,
}

impl Aceptado {
    pub fn id(self) -> Option<String> {
        self.messages.into_iter().next().map(|message| message.id)
    }
}

#[derive(Deserialize)]
pub struct Fallo {
    pub error: Detalle,
}

#[derive(Deserialize)]
pub struct Detalle {
    pub code: u32,
    pub message: String,
    error_data: Option<Datos>,
    pub fbtrace_id: Option<String>,
}

#[derive(Deserialize)]
struct Datos {
    details: Option<String>,
}

impl Detalle {
    pub fn detail(self) -> String {
        self.error_data.and_then(|data| data.details).unwrap_or(self.message)
    }
}
