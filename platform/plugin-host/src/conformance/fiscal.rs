use super::{
    Answer, Bench, Report, Settings, Untried, first_attempt,
    providers::{Calling, Got, Op, Says, Stage},
};
use crate::v0_1::{DocStatus, Document, FiscalPlugin, IssueResult};
use serde_json::{Value, json};
use std::sync::Arc;

/// A consultation that a company pays for, on which an issuer is tried if nobody brings another document.
pub(super) const DOCUMENTO: &str = include_str!("../documento.json");
const ID: &str = "documento-de-prueba-7f3a";
const TICKET: &str = "ticket-de-prueba-7f3a";

impl Says for IssueResult {
    fn says(&self) -> &'static str {
        if matches!(self.status, DocStatus::Rejected | DocStatus::Error) { "rejected" } else { "ok" }
    }
}

/// What is wrong with a document.
impl Says for Vec<String> {
    fn says(&self) -> &'static str {
        if self.is_empty() { "ok" } else { "rejected" }
    }
}

fn document(kind: &str, json: String) -> Document {
    let series = if kind == "boleta" { "B001" } else { "F001" };
    Document { doc_id: ID.into(), kind: kind.into(), series: series.into(), number: 123, json }
}

type Issuer = dyn FiscalPlugin;

/// A number that is sent again is the same document: after a doubt all of it may simply be asked for again.
fn operations(documento: &Value) -> [Op<Issuer>; 3] {
    let factura = document("factura", documento.to_string());
    [
        Op::<Issuer>::asking("emitir una factura", &[], move |p, c| {
            let factura = factura.clone();
            Box::pin(async move { Got::of(&p.issue(c, factura).await) })
        }),
        Op::<Issuer>::asking("consultar un ticket", &[], |p, c| Box::pin(async move { Got::of(&p.poll(c, TICKET.into()).await) }))
            .perhaps(),
        Op::<Issuer>::asking("anular", &[], |p, c| {
            Box::pin(async move { Got::of(&p.void_documents(c, vec![ID.into()], "Error en el cliente".into()).await) })
        }),
    ]
}

pub(super) async fn run(report: &mut Report, bench: &Bench, settings: &Settings, documento: &Value) -> Result<(), Untried> {
    let stage: Stage<'_, Issuer> = Stage { bench, settings, open: |installed| installed.fiscal() };
    // Nothing comes back once enough failed.
    all(report, &stage, documento).await.map(drop)
}

async fn all(report: &mut Report, stage: &Stage<'_, Issuer>, documento: &Value) -> Result<Option<()>, Untried> {
    let credentials = stage.credentials(report, |p, _| Box::pin(async move { Got::of(&p.check().await) })).await?;
    let Some(()) = credentials else { return Ok(None) };
    let Some(()) = validating(report, stage).await? else { return Ok(None) };
    let Some(()) = kinds(report, stage, documento).await? else { return Ok(None) };
    stage.faulty(report, &operations(documento)).await
}

/// What is wrong with a document is told before it has a number.
async fn validating(report: &mut Report, stage: &Stage<'_, Issuer>) -> Result<Option<()>, Untried> {
    for (name, json) in [("que no se entiende", "no es JSON"), ("vacío", "{}"), ("de otro esquema", r#"{"esquema":"otro/v1"}"#)] {
        stage.bench.provider.set(Vec::new());
        let got = Got::of(&stage.fresh()?.validate(first_attempt(15_000), document("factura", json.into())).await);
        let verdict = if got.refused() { Ok(()) } else { got.but("debe decir qué está mal") };
        if report.add(format!("validar un documento {name}"), verdict, &got.corrida).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}

/// Each kind of document is answered; one that nobody knows never leaves.
async fn kinds(report: &mut Report, stage: &Stage<'_, Issuer>, documento: &Value) -> Result<Option<()>, Untried> {
    for kind in ["factura", "boleta", "nota_credito", "nota_debito", "pagare"] {
        let mut other = documento.clone();
        other["tipo"] = json!(kind);
        let call = |plugin: Arc<Issuer>, context| -> Calling {
            let document = document(kind, other.to_string());
            Box::pin(async move { Got::of(&plugin.issue(context, document).await) })
        };
        let no = Answer::Says { status: 400, body: b"{}".into() };
        let (got, asked) = stage.asks(&stage.fresh()?, call, first_attempt(15_000), vec![no]).await;
        let known = kind != "pagare";
        let (name, verdict) = if known {
            let fits = got.refused() || ["retry_later", "indeterminate"].contains(&got.outcome);
            (format!("emitir {kind}, y el proveedor no la acepta"), if fits { Ok(()) } else { got.but("debe responder") })
        } else {
            let fits = got.refused() && asked.is_empty();
            let why = "debe rechazarse sin llamar al proveedor";
            ("emitir lo que no existe".to_owned(), if fits { Ok(()) } else { got.but(why) })
        };
        if report.add(name, verdict, &got.corrida).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}
