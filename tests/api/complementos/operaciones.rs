//! What was asked of a plugin under a key, and what its provider answered: whoever has to ask again hands it over.
use super::{
    reales::{WHATSAPP, by_whatsapp, reservar},
    *,
};
use complementos::operaciones::{empezar, respondida};
use jiff::SignedDuration;
use simuladores::Falla;
use std::time::Duration;

const CREATE: &str = "create";

#[tokio::test]
async fn an_answer_is_kept_for_the_next_attempt_of_its_own_chain_plugin_operation_and_key() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.en_marcha(&mundo.costera).await;
    let known = async |cadena: &str, operacion: &str, clave: &str| {
        let mut tx = mundo.tx(cadena).await;
        let known = empezar(&mut tx, PAGOS, operacion, clave).await.expect("noted");
        tx.commit().await.expect("committed");
        known
    };
    let answer = async |clave: &str, referencia: &str| {
        let mut tx = mundo.tx("andina").await;
        respondida(&mut tx, PAGOS, CREATE, clave, referencia).await.expect("noted");
        tx.commit().await.expect("committed");
    };
    assert_eq!(known("andina", CREATE, "k-1").await, None);
    assert_eq!(known("andina", CREATE, "k-1").await, None, "it was asked for, and nobody answered");
    answer("k-1", "ref-1").await;
    answer("k-2", "ref-2").await;
    assert_eq!(known("andina", CREATE, "k-1").await.as_deref(), Some("ref-1"));
    assert_eq!(known("andina", CREATE, "k-2").await, None, "an answer to what nobody asked");
    assert_eq!(known("andina", "refund", "k-1").await, None);
    assert_eq!(known("costera", CREATE, "k-1").await, None);
    for none in [String::new(), "x".repeat(501)] {
        answer("k-1", &none).await;
    }
    assert_eq!(known("andina", CREATE, "k-1").await.as_deref(), Some("ref-1"), "what is no reference changes nothing");
    let mut tx = mundo.tx("andina").await;
    assert!(empezar(&mut tx, "pe.nadie.nada", CREATE, "k-1").await.is_err(), "only of what is installed");
    drop(tx);

    // What belongs to a provider's test servers is nothing in the real ones.
    let path = format!("/complementos/{PAGOS}/habilitar");
    mundo.andina.post(&path, json!({})).await.ok();
    assert!(known("andina", CREATE, "k-1").await.is_some());
    mundo.andina.post(&path, json!({ "sandbox": true })).await.ok();
    assert_eq!(known("andina", CREATE, "k-1").await, None);
}

#[tokio::test]
async fn answers_are_kept_for_a_week_and_no_longer_than_their_plugin() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    for who in [&mundo.andina, &mundo.costera] {
        mundo.en_marcha(who).await;
    }
    let ask = async |cadena: &str, clave: &str| {
        let mut tx = mundo.tx(cadena).await;
        empezar(&mut tx, PAGOS, CREATE, clave).await.expect("noted");
        tx.commit().await.expect("committed");
    };
    let left = async || {
        while server::trabajos::clean(&mundo.huella.parts.system()).await.expect("cleaned") {}
        mundo.huella.scalar::<i64>("select count(*) from complementos_operaciones").await
    };
    ask("andina", "k-1").await;
    mundo.huella.avanzar(SignedDuration::from_hours(6 * 24));
    ask("costera", "k-1").await;
    assert_eq!(left().await, 2);
    mundo.huella.avanzar(SignedDuration::from_hours(25));
    assert_eq!(left().await, 1);
    ask("costera", "k-1").await;
    mundo.huella.avanzar(SignedDuration::from_hours(6 * 24));
    assert_eq!(left().await, 1, "it is still asked for");
    let costera = mundo.huella.como(costera::ADMIN).await;
    costera.post(&format!("/complementos/{PAGOS}/deshabilitar"), json!({})).await.ok();
    costera.delete(&format!("/complementos/{PAGOS}")).await.expect(204);
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn a_message_that_is_asked_for_again_carries_the_reference_it_was_answered() {
    asked_again(None).await;
}

/// Only its webhooks say what became of it.
#[tokio::test]
async fn so_does_one_whose_answer_was_lost_on_the_way() {
    asked_again(Some(Falla::Cortada)).await;
}

/// The provider has it, its webhooks told all, and whoever handed it over died before it could say so; what the plugin itself knew
/// of it is gone as well.
async fn asked_again(falla: Option<Falla>) {
    let (mundo, provider) = by_whatsapp(&["whatsapp"]).await;
    provider.guion().fallar(falla);
    let (_, luna) = mundo.familia("+51987654321").await;
    reservar(&mundo, &luna, "15:30").await;
    for _ in 0..50 {
        mundo.work().await;
        if mundo.huella.scalar::<i64>("select count(*) from mensajes_envios where entrega = 'leido'").await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        mundo.huella.avanzar(SignedDuration::from_millis(100));
    }
    let reference: String = mundo.huella.scalar("select referencia from mensajes_envios where entrega = 'leido'").await;
    assert_eq!(mundo.huella.scalar::<String>("select referencia from complementos_operaciones where operacion = 'send'").await, reference);
    mundo
        .huella
        .execute(
            "update mensajes set estado = 'pendiente'; update mensajes_envios set estado = 'saliendo', referencia = null, entrega = null;
             delete from complementos_estado;
             insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
             select tenant_id, gen_random_uuid(), 'aviso.reenviar', jsonb_build_object('mensaje', id), creado_en, creado_en from mensajes",
        )
        .await;
    mundo.work().await;
    assert_eq!(mundo.huella.scalar::<String>("select referencia from mensajes_envios").await, reference);
    assert_eq!(mundo.huella.scalar::<i32>("select intentos from complementos_operaciones where operacion = 'send'").await, 2);
    let sent = provider.guion().recibidos().into_iter().filter(|one| one.metodo == "POST" && one.cuerpo.contains("template")).count();
    assert_eq!(sent, 1, "it left once");
    let runs = mundo.runs("operacion=send").await;
    let again = mundo.andina.get(&format!("/complementos/corridas/{}", huella_tests::id(&runs[0]))).await.ok();
    assert_eq!((runs.len(), &again["documento"]["llamadas"], &again["intento"]), (2, &json!([]), &json!(1)), "{again}");
    assert_eq!(again["complemento"], WHATSAPP);
}
