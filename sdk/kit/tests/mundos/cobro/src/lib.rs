//! Charges by a provider that knows keys of idempotency and signs its webhooks.
#[path = "../../avisos.rs"]
mod avisos;
#[path = "../../respuesta.rs"]
mod respuesta;

use huella_plugin_sdk::{
    CallContext, HttpMessage, Money, Payment, Plugin, PluginError, export_payment,
    http::{self, Error, Request, Response},
    payment::{Attempt, Intent, NextAction, RefundRequest, Status, WebhookKind, WebhookOutcome},
};
use respuesta::read;
use serde::Deserialize;
use serde_json::{Value, json};

const API: &str = "https://pagos.example.pe/v1";

#[derive(Deserialize)]
pub struct Cobro {
    #[serde(default)]
    modo: Modo,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Modo {
    #[default]
    Bien,
    /// What nobody answered went well.
    Optimista,
    /// What nobody answered may be charged again.
    Reintenta,
    SinClave,
    CreeAvisos,
    CobraCero,
    /// Credentials are good, whatever the provider says.
    Calla,
}

#[derive(Deserialize)]
struct Pago {
    id: String,
    estado: String,
}

fn attempt(pago: Pago) -> Attempt {
    let status = match pago.estado.as_str() {
        "pendiente" => Status::Pending,
        "cobrado" => Status::Captured,
        "devuelto" => Status::Refunded,
        "anulado" => Status::Voided,
        _ => Status::Other,
    };
    Attempt { provider_ref: pago.id, status, amount: None, action: NextAction::None, raw_code: None, raw_message: None }
}

impl Cobro {
    fn answer(&self, sent: Result<Response, Error>) -> Result<Attempt, PluginError> {
        match (self.modo, read(sent).map(attempt)) {
            (Modo::Optimista, Err(PluginError::Indeterminate(_))) => Ok(attempt(Pago { id: "ninguno".into(), estado: "cobrado".into() })),
            (Modo::Reintenta, Err(PluginError::Indeterminate(_))) => Err(PluginError::RetryLater(None)),
            (_, answer) => answer,
        }
    }

    fn once(&self, request: Request, call: &CallContext) -> Request {
        let request = request.bearer("token");
        if self.modo == Modo::SinClave { request } else { request.header("idempotency-key", &call.idempotency_key) }
    }

    fn charge(&self, intent: &Intent) -> Result<Value, PluginError> {
        let Money { minor, currency } = &intent.amount;
        if *minor <= 0 && self.modo != Modo::CobraCero {
            return Err(PluginError::InvalidInput("el monto debe ser mayor que cero".into()));
        }
        if !["PEN", "USD"].contains(&currency.as_str()) {
            return Err(PluginError::Unsupported(format!("no se cobra en {currency}")));
        }
        let pedido = if self.modo == Modo::SinClave { None } else { Some(&intent.payment_id) };
        Ok(json!({ "pedido": pedido, "monto": intent.amount.decimal(), "moneda": currency, "detalle": intent.description }))
    }
}

impl Plugin for Cobro {
    fn check(&self) -> Result<(), PluginError> {
        let answer = read::<Value>(http::get(format!("{API}/cuenta")).bearer("token").send());
        if self.modo == Modo::Calla { Ok(()) } else { answer.map(drop) }
    }
}

impl Payment for Cobro {
    fn create(&self, call: &CallContext, intent: &Intent) -> Result<Attempt, PluginError> {
        let request = http::post(format!("{API}/pagos")).json(&self.charge(intent)?)?;
        self.answer(self.once(request, call).send())
    }

    fn sync(&self, _call: &CallContext, provider_ref: Option<&str>, payment_id: &str) -> Result<Attempt, PluginError> {
        let url = provider_ref.map_or_else(|| format!("{API}/pagos?pedido={payment_id}"), |id| format!("{API}/pagos/{id}"));
        self.answer(http::get(url).bearer("token").send())
    }

    fn cancel(&self, call: &CallContext, provider_ref: &str) -> Result<Attempt, PluginError> {
        self.answer(self.once(Request::new("DELETE", format!("{API}/pagos/{provider_ref}")), call).send())
    }

    fn refund(&self, call: &CallContext, refund: &RefundRequest) -> Result<Attempt, PluginError> {
        let id = if self.modo == Modo::SinClave { None } else { Some(&refund.refund_id) };
        let body = json!({ "id": id, "monto": refund.amount.decimal(), "motivo": refund.reason });
        let request = http::post(format!("{API}/pagos/{}/devoluciones", refund.provider_ref)).json(&body)?;
        self.answer(self.once(request, call).send())
    }

    fn handle_webhook(&self, _call: &CallContext, message: &HttpMessage) -> Result<WebhookOutcome, PluginError> {
        // One that believes what anybody says believes it whatever it says.
        let aviso = avisos::read(message, self.modo != Modo::CreeAvisos);
        let provider_ref = if self.modo == Modo::CreeAvisos { aviso.ok().map(|aviso| aviso.id) } else { Some(aviso?.id) };
        Ok(WebhookOutcome {
            kind: WebhookKind::PaymentChanged,
            provider_ref,
            event_id: None,
            response_status: 200,
            response_body: Vec::new(),
        })
    }
}

export_payment!(Cobro);
