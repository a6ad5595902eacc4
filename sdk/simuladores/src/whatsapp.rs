//! The WhatsApp Cloud API: sending messages, and the signed webhooks about what became of them and what people write.
use crate::{
    Destino, Entrante, Guion, Simulador,
    avisos::{Aviso, Destinos, enviar},
    firma::{ahora, hex, hmac},
    servidor::{Buzon, Palabras, antes, despues},
};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A business account with one number.
#[derive(Debug, Clone)]
pub struct Cuenta {
    pub numero_id: String,
    pub token: String,
    /// Signs the webhooks.
    pub secreto: String,
    /// Approved templates, by name and language.
    pub plantillas: BTreeMap<(String, String), Aprobada>,
    /// Who wrote within the last day and may be sent free text.
    pub conversaciones: BTreeSet<String>,
    pub destinos: BTreeMap<String, Destino>,
    pub webhook: Option<String>,
    pub pausa: Duration,
}

/// How many variables a template's body has, and how many buttons for a quick answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aprobada {
    pub variables: usize,
    pub botones: usize,
}

impl Default for Cuenta {
    fn default() -> Self {
        let plantilla = |name: &str, variables, botones| ((name.to_owned(), "es".to_owned()), Aprobada { variables, botones });
        Self {
            numero_id: "106540352242922".into(),
            token: "EAAG-simulado".into(),
            secreto: "secreto-de-la-app".into(),
            plantillas: [plantilla("recordatorio_cita", 3, 2), plantilla("vacuna_pendiente", 3, 0)].into(),
            conversaciones: BTreeSet::new(),
            destinos: Destinos::new(),
            webhook: None,
            pausa: Duration::from_millis(20),
        }
    }
}

struct Servicio {
    cuenta: Cuenta,
    guion: Arc<Guion>,
    /// Who wrote since the server started: they may be sent free text.
    escribieron: Arc<Mutex<BTreeSet<String>>>,
}

/// Serves one account.
pub async fn servir(port: u16, cuenta: Cuenta) -> io::Result<Simulador> {
    let guion = Arc::new(Guion::default());
    let escribieron = Arc::new(Mutex::new(BTreeSet::new()));
    let servicio = Arc::new(Servicio { cuenta: cuenta.clone(), guion: guion.clone(), escribieron: escribieron.clone() });
    let routes = Router::new().route("/{version}/{numero}/messages", post(recibir)).route("/{version}/{numero}", get(describir));
    let routes = routes.with_state(servicio);
    let webhook = cuenta.webhook.clone();
    let avisar = move |entrante: &Entrante| {
        escribieron.lock().unwrap_or_else(PoisonError::into_inner).insert(entrante.de.clone());
        cuenta.entrante(entrante)
    };
    Simulador::start(port, guion, Buzon { avisar: Box::new(avisar), webhook }, routes).await
}

/// An error as the Graph API words it.
type Negado = (StatusCode, Json<Value>);

fn error(status: StatusCode, code: u32, message: &str, details: &str) -> Negado {
    (status, Json(error_body(code, message, details)))
}

fn error_body(code: u32, message: &str, details: &str) -> Value {
    json!({"error": {
        "message": format!("(#{code}) {message}"), "type": "OAuthException", "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": Uuid::now_v7().simple().to_string(),
    }})
}

const PALABRAS: Palabras = Palabras {
    limite: || {
        let details = "Message failed to send because there were too many messages sent from this phone number in a short period of time";
        (StatusCode::TOO_MANY_REQUESTS, error_body(130_429, "Rate limit hit", details))
    },
    servidor: || error_body(131_000, "Something went wrong", "Message failed to send because of an unknown error. Try again later"),
};

#[derive(Deserialize)]
struct Mensaje {
    messaging_product: Option<String>,
    to: Option<String>,
    #[serde(rename = "type")]
    tipo: Option<String>,
    text: Option<Texto>,
    template: Option<Plantilla>,
    biz_opaque_callback_data: Option<String>,
}

#[derive(Deserialize)]
struct Texto {
    body: String,
}

#[derive(Deserialize)]
struct Plantilla {
    name: String,
    language: Idioma,
    #[serde(default)]
    components: Vec<Componente>,
}

#[derive(Deserialize)]
struct Idioma {
    code: String,
}

#[derive(Deserialize)]
struct Componente {
    #[serde(rename = "type")]
    tipo: String,
    sub_type: Option<String>,
    index: Option<String>,
    #[serde(default)]
    parameters: Vec<Value>,
}

impl Componente {
    /// A button for a quick answer, by its number.
    fn boton(&self) -> Option<usize> {
        let quick = self.sub_type.as_deref() == Some("quick_reply");
        let payload = matches!(&*self.parameters, [one] if one["type"] == "payload" && one["payload"].is_string());
        self.index.as_deref().filter(|_| quick && payload)?.parse().ok()
    }
}

async fn recibir(
    State(servicio): State<Arc<Servicio>>,
    Path((version, numero)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let cuenta = &servicio.cuenta;
    if let Err(refused) = cuenta.admitir(&version, &numero, &headers) {
        return refused.into_response();
    }
    let falla = servicio.guion.siguiente();
    if let Some(response) = antes(falla.as_ref(), &PALABRAS).await {
        return response;
    }
    let mut destino = match cuenta.revisar(&body) {
        Ok(destino) => destino,
        Err(refused) => return refused.into_response(),
    };
    destino.fuera_de_ventana &= !servicio.escribieron.lock().unwrap_or_else(PoisonError::into_inner).contains(&destino.numero);
    let wamid = format!("wamid.{}", STANDARD.encode(format!("\x18{}\x11{}", destino.numero, Uuid::now_v7().simple())));
    let avisos = cuenta.estados(&wamid, &destino).iter().map(|estado| cuenta.aviso(estado)).collect();
    enviar(cuenta.webhook.clone(), avisos, falla.as_ref(), cuenta.pausa);
    let answer = json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": destino.escrito, "wa_id": destino.numero}],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    });
    despues(falla.as_ref(), StatusCode::OK, answer).await
}

async fn describir(State(servicio): State<Arc<Servicio>>, Path((version, numero)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match servicio.cuenta.admitir(&version, &numero, &headers) {
        Ok(()) => {
            Json(json!({"verified_name": "Andes Vet", "display_phone_number": "+51 1 614 7000", "quality_rating": "GREEN", "id": numero}))
                .into_response()
        }
        Err(refused) => refused.into_response(),
    }
}

/// Whom a message is for, and whether it may reach them.
struct Hacia {
    escrito: String,
    numero: String,
    fuera_de_ventana: bool,
    /// Comes back with every webhook.
    dato: Option<String>,
}

impl Cuenta {
    fn admitir(&self, version: &str, numero: &str, headers: &HeaderMap) -> Result<(), Negado> {
        let known = version.strip_prefix('v').is_some_and(|number| number.split_once('.').is_some()) && numero == self.numero_id;
        let wanted = format!("Bearer {}", self.token);
        let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        if !bool::from(given.ct_eq(wanted.as_bytes())) {
            let details = "The access token could not be decrypted";
            return Err(error(StatusCode::UNAUTHORIZED, 190, "Invalid OAuth access token", details));
        }
        if !known {
            let details = "Object does not exist, cannot be loaded due to missing permissions, or does not support this operation";
            return Err(error(StatusCode::BAD_REQUEST, 100, "Unsupported post request", details));
        }
        Ok(())
    }

    fn revisar(&self, body: &str) -> Result<Hacia, Negado> {
        let bad = |code, message, details: &str| error(StatusCode::BAD_REQUEST, code, message, details);
        let mensaje: Mensaje = serde_json::from_str(body).map_err(|fault| bad(100, "Invalid parameter", &fault.to_string()))?;
        if mensaje.messaging_product.as_deref() != Some("whatsapp") {
            return Err(bad(100, "Invalid parameter", "The parameter messaging_product is required."));
        }
        let escrito = mensaje.to.ok_or_else(|| bad(131_008, "Required parameter is missing", "The parameter to is required."))?;
        let numero: String = escrito.chars().filter(char::is_ascii_digit).collect();
        if !(7..=15).contains(&numero.len()) {
            return Err(bad(131_009, "Parameter value is not valid", "The parameter to is not a phone number."));
        }
        let fuera_de_ventana = match (mensaje.tipo.as_deref(), mensaje.text, mensaje.template) {
            (Some("text"), Some(text), _) if (1..=4096).contains(&text.body.chars().count()) => !self.conversaciones.contains(&numero),
            (Some("template"), _, Some(plantilla)) => {
                self.revisar_plantilla(&plantilla)?;
                false
            }
            _ => return Err(bad(131_009, "Parameter value is not valid", "The type and its content do not match.")),
        };
        Ok(Hacia { escrito, numero, fuera_de_ventana, dato: mensaje.biz_opaque_callback_data })
    }

    fn revisar_plantilla(&self, plantilla: &Plantilla) -> Result<(), Negado> {
        let name = (plantilla.name.clone(), plantilla.language.code.clone());
        let Some(&wanted) = self.plantillas.get(&name) else {
            let details = format!("template name ({}) does not exist in {}", name.0, name.1);
            return Err(error(StatusCode::NOT_FOUND, 132_001, "Template name does not exist in the translation", &details));
        };
        let body = plantilla.components.iter().filter(|component| component.tipo == "body");
        let given: usize = body.map(|component| component.parameters.len()).sum();
        let buttons = plantilla.components.iter().filter(|component| component.tipo == "button");
        let details = match given == wanted.variables {
            true if buttons.into_iter().all(|button| button.boton().is_some_and(|index| index < wanted.botones)) => return Ok(()),
            true => "buttons: Button at index does not exist in the template or does not take this parameter".to_owned(),
            false => {
                format!("body: number of localizable_params ({given}) does not match the expected number of params ({})", wanted.variables)
            }
        };
        Err(error(StatusCode::BAD_REQUEST, 132_000, "Number of parameters does not match the expected number of params", &details))
    }

    fn estados(&self, wamid: &str, hacia: &Hacia) -> Vec<Value> {
        let status = |name: &str| {
            let mut status =
                json!({"id": wamid, "status": name, "timestamp": ahora().as_second().to_string(), "recipient_id": hacia.numero});
            if let Some(dato) = &hacia.dato {
                status["biz_opaque_callback_data"] = json!(dato);
            }
            status
        };
        let failed = |code: u32, title: &str| {
            let mut failed = status("failed");
            failed["errors"] = json!([{"code": code, "title": title, "message": title}]);
            failed
        };
        if hacia.fuera_de_ventana {
            return vec![failed(131_047, "Re-engagement message")];
        }
        match self.destinos.get(&hacia.numero).copied().unwrap_or_default() {
            Destino::Leido => ["sent", "delivered", "read"].map(status).into(),
            Destino::Entregado => ["sent", "delivered"].map(status).into(),
            Destino::Apagado => vec![status("sent")],
            Destino::NoEntregable => vec![failed(131_026, "Message undeliverable")],
        }
    }

    /// A text, or a pressed button of a template.
    fn entrante(&self, entrante: &Entrante) -> Aviso {
        let wamid = format!("wamid.{}", STANDARD.encode(format!("\x18{}\x12{}", entrante.de, Uuid::now_v7().simple())));
        let mut message = json!({"from": entrante.de, "id": wamid, "timestamp": ahora().as_second().to_string()});
        if let Some(id) = &entrante.responde_a {
            message["context"] = json!({"from": "5116147000", "id": id});
        }
        match &entrante.boton {
            Some(payload) => {
                message["type"] = json!("button");
                message["button"] = json!({"payload": payload, "text": entrante.texto});
            }
            None => {
                message["type"] = json!("text");
                message["text"] = json!({"body": entrante.texto});
            }
        }
        let contact = json!({"profile": {"name": "Rosa"}, "wa_id": entrante.de});
        self.avisar(&json!({"contacts": [contact], "messages": [message]}))
    }

    fn aviso(&self, estado: &Value) -> Aviso {
        self.avisar(&json!({"statuses": [estado]}))
    }

    fn avisar(&self, what: &Value) -> Aviso {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "5116147000", "phone_number_id": self.numero_id},
        });
        for (name, part) in what.as_object().into_iter().flatten() {
            value[name] = part.clone();
        }
        let entry = json!([{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}]);
        let cuerpo = json!({"object": "whatsapp_business_account", "entry": entry}).to_string();
        Aviso { cabecera: ("x-hub-signature-256", firmar(&self.secreto, cuerpo.as_bytes())), cuerpo }
    }
}

/// `sha256=` and the HMAC of the body as it travels, in hexadecimal.
pub fn firmar(secreto: &str, cuerpo: &[u8]) -> String {
    format!("sha256={}", hex(&hmac(secreto, cuerpo)))
}
