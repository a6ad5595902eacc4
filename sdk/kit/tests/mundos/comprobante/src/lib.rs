//! Issues documents by a provider (OSE) that takes JSON; a number that is sent again is the same document there.
#[path = "../../respuesta.rs"]
mod respuesta;

use huella_plugin_sdk::{
    CallContext, Fiscal, Plugin, PluginError, export_fiscal,
    fiscal::{Artifact, DocStatus, Document, IssueResult},
    http,
};
use respuesta::read;
use serde::Deserialize;
use serde_json::{Value, json};

const API: &str = "https://ose.example.pe/v1";

#[derive(Deserialize)]
pub struct Comprobante {
    #[serde(default)]
    modo: Modo,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Modo {
    #[default]
    Bien,
    /// What nobody answered was accepted.
    Optimista,
    /// Nothing is ever wrong with a document.
    TodoVale,
    /// Sends what it does not know.
    CualquierTipo,
    /// Dies of a boleta.
    Cae,
}

#[derive(Deserialize)]
struct Recibido {
    estado: String,
    ticket: Option<String>,
    codigo: Option<String>,
    #[serde(default)]
    observaciones: Vec<String>,
    cdr: Option<String>,
}

fn result(recibido: Recibido) -> IssueResult {
    let status = match (recibido.estado.as_str(), recibido.observaciones.is_empty()) {
        ("en_cola", _) => DocStatus::Queued,
        ("aceptado", true) => DocStatus::Accepted,
        ("aceptado", false) => DocStatus::AcceptedWithObservations,
        ("rechazado", _) => DocStatus::Rejected,
        ("anulado", _) => DocStatus::Voided,
        _ => DocStatus::Other,
    };
    let cdr = |text: String| Artifact { name: "cdr.xml".into(), media_type: "application/xml".into(), data: text.into_bytes() };
    IssueResult {
        status,
        ticket: recibido.ticket,
        code: recibido.codigo,
        messages: recibido.observaciones,
        artifacts: recibido.cdr.map(cdr).into_iter().collect(),
        qr_payload: None,
        hash: None,
    }
}

/// What is wrong with a document.
fn faults(json: &str) -> Vec<String> {
    let Ok(document) = serde_json::from_str::<Value>(json) else { return vec!["no es JSON".into()] };
    if document["esquema"] != "documento-fiscal/v1" {
        return vec!["el esquema no es documento-fiscal/v1".into()];
    }
    let missing = ["emisor", "receptor", "lineas", "total"].iter().filter(|name| document[**name].is_null());
    missing.map(|name| format!("falta {name}")).collect()
}

impl Comprobante {
    fn answer(&self, answer: Result<Recibido, PluginError>) -> Result<IssueResult, PluginError> {
        match (self.modo, answer) {
            (Modo::Optimista, Err(PluginError::Indeterminate(_))) => Ok(IssueResult { status: DocStatus::Accepted, ..result(nothing()) }),
            (_, answer) => answer.map(result),
        }
    }
}

fn nothing() -> Recibido {
    Recibido { estado: "aceptado".into(), ticket: None, codigo: None, observaciones: Vec::new(), cdr: None }
}

impl Plugin for Comprobante {
    fn check(&self) -> Result<(), PluginError> {
        read::<Value>(http::get(format!("{API}/cuenta")).bearer("token").send()).map(drop)
    }
}

impl Fiscal for Comprobante {
    fn validate(&self, _call: &CallContext, document: &Document) -> Result<Vec<String>, PluginError> {
        Ok(if self.modo == Modo::TodoVale { Vec::new() } else { faults(&document.json) })
    }

    fn issue(&self, _call: &CallContext, document: &Document) -> Result<IssueResult, PluginError> {
        assert!(self.modo != Modo::Cae || document.kind != "boleta", "no sé de boletas");
        let known = ["factura", "boleta", "nota_credito", "nota_debito"].contains(&document.kind.as_str());
        if !known && self.modo != Modo::CualquierTipo {
            return Err(PluginError::Unsupported(format!("no se emite «{}»", document.kind)));
        }
        if let Some(fault) = faults(&document.json).into_iter().next() {
            return Err(PluginError::InvalidInput(fault));
        }
        let body = json!({ "id": document.doc_id, "serie": document.series, "numero": document.number, "documento": document.json });
        self.answer(read(http::post(format!("{API}/documentos")).bearer("token").json(&body)?.send()))
    }

    fn poll(&self, _call: &CallContext, ticket: &str) -> Result<IssueResult, PluginError> {
        self.answer(read(http::get(format!("{API}/tickets/{ticket}")).bearer("token").send()))
    }

    fn void_documents(&self, _call: &CallContext, ids: &[String], reason: &str) -> Result<IssueResult, PluginError> {
        let body = json!({ "ids": ids, "motivo": reason });
        self.answer(read(http::post(format!("{API}/bajas")).bearer("token").json(&body)?.send()))
    }
}

export_fiscal!(Comprobante);
