//! Sends things by a courier that knows keys of idempotency and signs its webhooks.
#[path = "../../avisos.rs"]
mod avisos;
#[path = "../../respuesta.rs"]
mod respuesta;

use huella_plugin_sdk::{
    CallContext, Delivery, HttpMessage, Money, Plugin, PluginError,
    delivery::{Job, JobStatus, Parcel, Place, Quote},
    export_delivery,
    http::{self, Request},
};
use respuesta::read;
use serde::Deserialize;
use serde_json::{Value, json};

const API: &str = "https://envios.example.pe/v1";

#[derive(Deserialize)]
pub struct Envio {
    #[serde(default)]
    modo: Modo,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Modo {
    #[default]
    Bien,
    /// Has a price when nobody gave one.
    Optimista,
    /// What nobody answered may be ordered again.
    Reintenta,
    SinClave,
    CreeAvisos,
}

#[derive(Deserialize)]
struct Precio {
    id: String,
    servicio: String,
    precio: String,
    minutos: u32,
    vence_ms: u64,
}

#[derive(Deserialize)]
struct Pedido {
    id: String,
    estado: String,
    rastreo: Option<String>,
}

fn quote(precio: Precio) -> Result<Quote, PluginError> {
    let price = Money::from_decimal(&precio.precio, "PEN").ok_or_else(|| PluginError::Indeterminate("el precio no se entiende".into()))?;
    Ok(Quote { quote_id: precio.id, service: precio.servicio, price, eta_min: precio.minutos, expires_unix_ms: precio.vence_ms })
}

fn job(pedido: Pedido) -> Job {
    let status = match pedido.estado.as_str() {
        "creado" => JobStatus::Created,
        "recogiendo" => JobStatus::PickingUp,
        "en_camino" => JobStatus::InTransit,
        "entregado" => JobStatus::Delivered,
        "anulado" => JobStatus::Cancelled,
        "fallido" => JobStatus::Failed,
        _ => JobStatus::Other,
    };
    Job { job_ref: pedido.id, status, tracking_url: pedido.rastreo, courier_name: None, lat: None, lng: None }
}

fn place(place: &Place) -> Value {
    json!({ "direccion": place.line, "ubigeo": place.ubigeo, "contacto": place.contact_name, "telefono": place.contact_phone })
}

impl Envio {
    fn once(&self, request: Request, call: &CallContext) -> Request {
        let request = request.bearer("token");
        if self.modo == Modo::SinClave { request } else { request.header("idempotency-key", &call.idempotency_key) }
    }
}

impl Plugin for Envio {
    fn check(&self) -> Result<(), PluginError> {
        read::<Value>(http::get(format!("{API}/cuenta")).bearer("token").send()).map(drop)
    }
}

impl Delivery for Envio {
    fn estimate(&self, _call: &CallContext, origin: &Place, dest: &Place, parcel: &Parcel) -> Result<Vec<Quote>, PluginError> {
        let body = json!({ "desde": place(origin), "hasta": place(dest), "gramos": parcel.weight_g });
        let answer = read::<Vec<Precio>>(http::post(format!("{API}/precios")).bearer("token").json(&body)?.send());
        if self.modo == Modo::Optimista && answer.is_err() {
            let usual = Precio { id: "ninguna".into(), servicio: "moto".into(), precio: "9.90".into(), minutos: 60, vence_ms: 0 };
            return Ok(vec![quote(usual)?]);
        }
        answer?.into_iter().map(quote).collect()
    }

    fn create(&self, call: &CallContext, quote_id: &str, origin: &Place, dest: &Place, parcel: &Parcel) -> Result<Job, PluginError> {
        let own = self.modo != Modo::SinClave;
        let (precio, pedido) = (own.then_some(quote_id), own.then_some(&parcel.order_id));
        let body = json!({ "precio": precio, "pedido": pedido, "desde": place(origin), "hasta": place(dest) });
        let answer = read(self.once(http::post(format!("{API}/envios")).json(&body)?, call).send());
        match (self.modo, answer) {
            (Modo::Reintenta, Err(PluginError::Indeterminate(_))) => Err(PluginError::RetryLater(None)),
            (_, answer) => answer.map(job),
        }
    }

    fn cancel(&self, call: &CallContext, job_ref: &str) -> Result<Job, PluginError> {
        read(self.once(Request::new("DELETE", format!("{API}/envios/{job_ref}")), call).send()).map(job)
    }

    fn sync(&self, _call: &CallContext, job_ref: &str) -> Result<Job, PluginError> {
        read(http::get(format!("{API}/envios/{job_ref}")).bearer("token").send()).map(job)
    }

    fn handle_webhook(&self, _call: &CallContext, message: &HttpMessage) -> Result<Option<String>, PluginError> {
        match (self.modo, avisos::read(message, self.modo != Modo::CreeAvisos)) {
            // One that believes what anybody says believes it whatever it says.
            (Modo::CreeAvisos, aviso) => Ok(aviso.ok().map(|aviso| aviso.id)),
            (_, aviso) => Ok(Some(aviso?.id)),
        }
    }
}

export_delivery!(Envio);
