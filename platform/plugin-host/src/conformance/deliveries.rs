use super::{
    Bench, Report, Settings, Untried,
    providers::{Got, Op, Says, Stage},
};
use crate::v0_1::{DeliveryPlugin, Job, JobStatus, Money, Parcel, Place, Quote};

const PEDIDO: &str = "pedido-de-prueba-7f3a";
const COTIZACION: &str = "cotizacion-de-prueba-7f3a";
const ENVIO: &str = "envio-de-prueba-7f3a";

impl Says for Job {
    fn says(&self) -> &'static str {
        if matches!(self.status, JobStatus::Failed | JobStatus::Cancelled) { "rejected" } else { "ok" }
    }
}

impl Says for Vec<Quote> {}

/// The job that a webhook is about.
impl Says for Option<String> {}

fn place(line: &str, district: &str, ubigeo: &str) -> Place {
    Place {
        line: line.into(),
        district: district.into(),
        ubigeo: ubigeo.into(),
        lat: -12.1,
        lng: -77.03,
        contact_name: "Rosa".into(),
        contact_phone: "+51987654321".into(),
        notes: String::new(),
    }
}

fn way() -> (Place, Place, Parcel) {
    let declared = Money { minor: 4_500, currency: "PEN".into() };
    let parcel = Parcel { order_id: PEDIDO.into(), weight_g: 800, declared, cold_chain: false, controlled_drug: false };
    (place("Av. Larco 100", "Miraflores", "150122"), place("Jr. Puno 123", "Lima", "150101"), parcel)
}

type Courier = dyn DeliveryPlugin;

fn operations() -> [Op<Courier>; 4] {
    [
        Op::<Courier>::asking("cotizar", &[], |p, c| {
            let (origin, dest, parcel) = way();
            Box::pin(async move { Got::of(&p.estimate(c, origin, dest, parcel).await) })
        }),
        Op::<Courier>::moving("pedir", &[PEDIDO, COTIZACION], |p, c| {
            let (origin, dest, parcel) = way();
            Box::pin(async move { Got::of(&p.create(c, COTIZACION.into(), origin, dest, parcel).await) })
        }),
        Op::<Courier>::moving("anular", &[ENVIO], |p, c| Box::pin(async move { Got::of(&p.cancel(c, ENVIO.into()).await) })),
        Op::<Courier>::asking("consultar", &[], |p, c| Box::pin(async move { Got::of(&p.sync(c, ENVIO.into()).await) })),
    ]
}

pub(super) async fn run(report: &mut Report, bench: &Bench, settings: &Settings) -> Result<(), Untried> {
    let stage: Stage<'_, Courier> = Stage { bench, settings, open: |installed| installed.deliveries() };
    // Nothing comes back once enough failed.
    all(report, &stage).await.map(drop)
}

async fn all(report: &mut Report, stage: &Stage<'_, Courier>) -> Result<Option<()>, Untried> {
    let ops = operations();
    let credentials = stage.credentials(report, |p, _| Box::pin(async move { Got::of(&p.check().await) })).await?;
    let Some(()) = credentials else { return Ok(None) };
    let Some(()) = stage.faulty(report, &ops).await? else { return Ok(None) };
    let Some(()) = stage.once(report, &ops[1]).await? else { return Ok(None) };
    stage.forged(report, |p, c, m| Box::pin(async move { Got::of(&p.handle_webhook(c, m).await) })).await
}
