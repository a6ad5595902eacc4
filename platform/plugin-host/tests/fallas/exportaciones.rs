//! Whatever an export of whatever world does, it ends at its limit, says why, and costs nobody else anything.
use crate::{
    codigo::{component, manifest, package},
    hostil::{ATAQUES, modulo, operaciones},
    limites::context,
    mundo::Mundo,
};
use plugin_host::{
    Corrida, Installed, Outcome,
    manifest::World,
    v0_1::{AlertPlugin, DeliveryPlugin, FiscalPlugin, Moment, NotificationPlugin, PaymentPlugin},
};
use rstest::rstest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("as the contract has it")
}

fn money() -> Value {
    json!({ "minor": 11_800, "currency": "PEN" })
}

fn hook<T: DeserializeOwned>() -> T {
    of(json!({ "method": "POST", "path_and_query": "/default", "headers": [], "body": [123, 125] }))
}

async fn pago(plugin: &dyn PaymentPlugin, operacion: &str) -> Corrida {
    let (context, reference) = (context(), "ref-1".to_owned());
    let intent = json!({
        "payment_id": "p-1", "amount": money(), "method": "card", "method_data": [], "capture": true, "description": "Consulta",
        "return_url": "https://andes.example.pe", "buyer_email": null, "buyer_phone": null, "metadata": [],
    });
    match operacion {
        "create" => plugin.create(context, of(intent)).await.corrida,
        "capture" => plugin.capture(context, reference, of(money())).await.corrida,
        "cancel" => plugin.cancel(context, reference).await.corrida,
        "refund" => {
            let refund = json!({ "refund_id": "d-1", "provider_ref": "ref-1", "amount": money(), "reason": "Prueba" });
            plugin.refund(context, of(refund)).await.corrida
        }
        "sync" => plugin.sync(context, Some(reference), "p-1".into()).await.corrida,
        "handle_webhook" => plugin.handle_webhook(context, hook()).await.corrida,
        "check" => plugin.check().await.corrida,
        "migrate" => plugin.migrate("0.9.0".into()).await.corrida,
        other => panic!("nobody calls {other}"),
    }
}

async fn comprobante(plugin: &dyn FiscalPlugin, operacion: &str) -> Corrida {
    let context = context();
    let document = json!({ "doc_id": "c-1", "kind": "01", "series": "F001", "number": 1, "json": "{}" });
    match operacion {
        "validate" => plugin.validate(context, of(document)).await.corrida,
        "issue" => plugin.issue(context, of(document)).await.corrida,
        "poll" => plugin.poll(context, "t-1".into()).await.corrida,
        "void_documents" => plugin.void_documents(context, vec!["c-1".into()], "Error".into()).await.corrida,
        "check" => plugin.check().await.corrida,
        "migrate" => plugin.migrate("0.9.0".into()).await.corrida,
        other => panic!("nobody calls {other}"),
    }
}

async fn envio(plugin: &dyn DeliveryPlugin, operacion: &str) -> Corrida {
    let (context, job) = (context(), "j-1".to_owned());
    let place = || {
        of(json!({
            "line": "Av. Larco 1", "district": "Miraflores", "ubigeo": "150122", "lat": -12.1, "lng": -77.0, "contact_name": "Rosa",
            "contact_phone": "+51987654321", "notes": "",
        }))
    };
    let parcel = json!({ "order_id": "o-1", "weight_g": 900, "declared": money(), "cold_chain": false, "controlled_drug": false });
    match operacion {
        "estimate" => plugin.estimate(context, place(), place(), of(parcel)).await.corrida,
        "create" => plugin.create(context, "q-1".into(), place(), place(), of(parcel)).await.corrida,
        "cancel" => plugin.cancel(context, job).await.corrida,
        "sync" => plugin.sync(context, job).await.corrida,
        "handle_webhook" => plugin.handle_webhook(context, hook()).await.corrida,
        "check" => plugin.check().await.corrida,
        "migrate" => plugin.migrate("0.9.0".into()).await.corrida,
        other => panic!("nobody calls {other}"),
    }
}

async fn canal(plugin: &dyn NotificationPlugin, operacion: &str) -> Corrida {
    let message = json!({ "to": "+51987654321", "template": "cita", "vars": [], "text": "Hola" });
    match operacion {
        "send" => plugin.send(context(), of(message)).await.corrida,
        "handle_webhook" => plugin.handle_webhook(context(), hook()).await.corrida,
        "check" => plugin.check().await.corrida,
        "migrate" => plugin.migrate("0.9.0".into()).await.corrida,
        other => panic!("nobody calls {other}"),
    }
}

async fn regla(plugin: &dyn AlertPlugin, operacion: &str) -> Corrida {
    let moment = Moment { unix_ms: 0, today: "2027-03-14".into() };
    match operacion {
        "describe" => plugin.describe().await.corrida,
        "evaluate" => plugin.evaluate("diario", &json!({ "pesos": [] }), &["pesos".into()], moment).await.corrida,
        other => panic!("nobody calls {other}"),
    }
}

async fn called(installed: Installed, operacion: &str) -> Corrida {
    match installed.plugin().world() {
        World::Payment => pago(&*installed.payments().expect("its world"), operacion).await,
        World::Fiscal => comprobante(&*installed.fiscal().expect("its world"), operacion).await,
        World::Delivery => envio(&*installed.deliveries().expect("its world"), operacion).await,
        World::Notification => canal(&*installed.notifications().expect("its world"), operacion).await,
        World::Alerts => regla(&*installed.alerts().expect("its world"), operacion).await,
    }
}

#[rstest]
#[case::payment("payment", 8)]
#[case::fiscal("fiscal", 6)]
#[case::delivery("delivery", 7)]
#[case::notification("notification", 4)]
#[case::alerts("alerts", 2)]
#[tokio::test]
async fn whatever_an_export_does_it_ends_and_says_why(#[case] world: &str, #[case] exports: usize) {
    let mundo = Mundo::new();
    let operaciones = operaciones(world);
    assert_eq!(operaciones.len(), exports, "{operaciones:?}");
    let mut chain = 100;
    for ataque in &ATAQUES {
        let more = json!({ "id": format!("pe.prueba.{}", ataque.nombre) });
        let packaged = package(&component(world, &modulo(world, ataque, false)), manifest(world, more), None);
        let plugin = mundo.load(&packaged).await;
        for operacion in &operaciones {
            // A chain of its own: the third time in one puts the code away.
            chain += 1;
            let at = format!("{} in {operacion}", ataque.nombre);
            let run = called(mundo.install(&plugin, Uuid::from_u128(chain), json!({})), operacion).await;
            assert!(ataque.fin.contains(&run.resultado), "{at}: {:?} {:?}", run.resultado, run.detalle);
            assert_eq!(run.operacion, *operacion);
            let limit = matches!(run.resultado, Outcome::Limit(_));
            let why = if limit { "llegó a su límite de " } else { "se detuvo por un error propio" };
            assert!(run.detalle.as_deref().is_some_and(|said| said.starts_with(why)), "{at}: {:?}", run.detalle);
            assert!(run.tiempos.cpu < 400_000, "{at}: {:?}", run.tiempos);
            let lines = if ataque.nombre == "diluvio" { (100, 900) } else { (0, 0) };
            assert_eq!((run.registro.len(), run.lineas_perdidas), lines, "{at}");
        }
    }
}
