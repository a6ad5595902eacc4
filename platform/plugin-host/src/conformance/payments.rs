use super::{
    Answer, Bench, Report, Settings, Untried, first_attempt,
    providers::{Got, Op, Says, Stage},
};
use crate::v0_1::{Attempt, Intent, Money, PaymentPlugin, RefundRequest, Status, WebhookOutcome};

const PAGO: &str = "pago-de-prueba-7f3a";
const REFERENCIA: &str = "referencia-de-prueba-7f3a";
const DEVOLUCION: &str = "devolucion-de-prueba-7f3a";

impl Says for Attempt {
    fn says(&self) -> &'static str {
        if matches!(self.status, Status::Failed | Status::Expired) { "rejected" } else { "ok" }
    }
}

impl Says for WebhookOutcome {}

fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency: currency.into() }
}

fn intent(amount: Money) -> Intent {
    Intent {
        payment_id: PAGO.into(),
        amount,
        method: "card".into(),
        method_data: Vec::new(),
        capture: true,
        description: "Consulta".into(),
        return_url: "https://andes.example.pe/volver".into(),
        buyer_email: Some("rosa@tutores.example".into()),
        buyer_phone: Some("+51987654321".into()),
        metadata: Vec::new(),
    }
}

fn refund() -> RefundRequest {
    RefundRequest { refund_id: DEVOLUCION.into(), provider_ref: REFERENCIA.into(), amount: money(500, "PEN"), reason: "Prueba".into() }
}

type Payments = dyn PaymentPlugin;

fn operations() -> [Op<Payments>; 5] {
    [
        Op::<Payments>::moving("cobrar", &[PAGO], |p, c| {
            Box::pin(async move { Got::of(&p.create(c, intent(money(11_800, "PEN"))).await) })
        }),
        Op::<Payments>::asking("consultar", &[], |p, c| {
            Box::pin(async move { Got::of(&p.sync(c, Some(REFERENCIA.into()), PAGO.into()).await) })
        }),
        Op::<Payments>::moving("capturar", &[REFERENCIA], |p, c| {
            Box::pin(async move { Got::of(&p.capture(c, REFERENCIA.into(), money(11_800, "PEN")).await) })
        })
        .perhaps(),
        Op::<Payments>::moving("anular", &[REFERENCIA], |p, c| Box::pin(async move { Got::of(&p.cancel(c, REFERENCIA.into()).await) }))
            .perhaps(),
        Op::<Payments>::moving("devolver", &[DEVOLUCION], |p, c| Box::pin(async move { Got::of(&p.refund(c, refund()).await) })).perhaps(),
    ]
}

pub(super) async fn run(report: &mut Report, bench: &Bench, settings: &Settings) -> Result<(), Untried> {
    let stage: Stage<'_, Payments> = Stage { bench, settings, open: |installed| installed.payments() };
    // Nothing comes back once enough failed.
    all(report, &stage).await.map(drop)
}

async fn all(report: &mut Report, stage: &Stage<'_, Payments>) -> Result<Option<()>, Untried> {
    let ops = operations();
    let credentials = stage.credentials(report, |p, _| Box::pin(async move { Got::of(&p.check().await) })).await?;
    let Some(()) = credentials else { return Ok(None) };
    let Some(()) = amounts(report, stage).await? else { return Ok(None) };
    let Some(()) = stage.faulty(report, &ops).await? else { return Ok(None) };
    let Some(()) = stage.once(report, &ops[0]).await? else { return Ok(None) };
    let Some(()) = stage.once(report, &ops[4]).await? else { return Ok(None) };
    stage.forged(report, |p, c, m| Box::pin(async move { Got::of(&p.handle_webhook(c, m).await) })).await
}

/// What is no charge does not leave; what is an odd one is answered.
async fn amounts(report: &mut Report, stage: &Stage<'_, Payments>) -> Result<Option<()>, Untried> {
    for (name, amount) in [("cero", money(0, "PEN")), ("menos que nada", money(-100, "PEN"))] {
        let context = first_attempt(15_000);
        stage.bench.provider.set(vec![Answer::Says { status: 200, body: b"{}".into() }]);
        let got = Got::of(&stage.fresh()?.create(context, intent(amount)).await);
        let left = stage.bench.provider.asked().iter().any(|request| request.contains(PAGO));
        let verdict = if got.refused() && !left { Ok(()) } else { got.but("debe rechazarse sin llamar al proveedor") };
        if report.add(format!("cobrar {name}"), verdict, &got.corrida).is_none() {
            return Ok(None);
        }
    }
    for (name, amount) in [("un céntimo", money(1, "PEN")), ("dólares", money(100, "USD")), ("lo más que hay", money(i64::MAX, "PEN"))] {
        stage.bench.provider.set(vec![Answer::Says { status: 400, body: b"{}".into() }]);
        let got = Got::of(&stage.fresh()?.create(first_attempt(15_000), intent(amount)).await);
        let verdict =
            if got.refused() || ["retry_later", "indeterminate"].contains(&got.outcome) { Ok(()) } else { got.but("debe responder") };
        if report.add(format!("cobrar {name}, y el proveedor no lo acepta"), verdict, &got.corrida).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}
