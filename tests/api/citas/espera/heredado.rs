//! What the release before left in the queue is done after an upgrade.
use super::*;
use huella_tests::afuera::cartas;
use kernel::{Job, ids::TenantId};

/// Work as the release before asked for it: `secreto` sealed as it did, under its name in the body.
async fn encolar(lista: &Lista, tipo: &'static str, proposito: &str, (campo, secreto): (&str, String), mut cuerpo: Value) {
    let huella = &lista.agenda.huella;
    let tenant = TenantId(huella.scalar("select id from tenants where clave = 'andina'").await);
    let mut tx = huella.parts.system().begin(tenant).await.expect("a transaction");
    cuerpo[campo] = json!(tx.seal_secret(proposito, &secreto).expect("sealed"));
    assert!(tx.enqueue(Job::new(tipo, cuerpo)).await.expect("asked for"));
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn a_letter_that_was_written_before_an_upgrade_leaves_after_it() {
    let lista = Lista::start().await;
    let correo = lista.correo("Nora");
    let escrita = json!([correo, "Su cita está reservada en Andina", "Hola, Nora:\n\n", "/api/v1/reservas/hv_antes"]);
    encolar(&lista, "carta.enviar", "carta", ("sellada", escrita.to_string()), json!({})).await;
    trabajar(&lista.agenda).await;
    let got = cartas(&correo);
    assert_eq!((got.len(), got[0].subject.as_str()), (1, "Su cita está reservada en Andina"));
    assert!(got[0].text.starts_with("Hola, Nora:") && got[0].text.contains("/api/v1/reservas/hv_antes"), "{}", got[0].text);
    assert_eq!(lista.contar("select count(*) from trabajos where tipo = 'carta.enviar'").await, 0);
}

#[tokio::test]
async fn an_offer_of_before_an_upgrade_is_told_after_it_with_its_link() {
    let lista = Lista::start().await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let espera = lista.espera(&lista.mascota("Luna").await, json!({})).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    // As if the letter had never been asked for in today's words, but in those of before.
    let enlace = lista.enlace("Luna").expect("a letter");
    lista.agenda.huella.execute("delete from mensajes_envios; delete from mensajes").await;
    let oferta: uuid::Uuid = lista.agenda.huella.scalar("select id from ofertas").await;
    let secreto = enlace.trim_start_matches("/ofertas/").to_owned();
    encolar(&lista, "hora.escribir", "oferta", ("enlace", secreto), json!({ "oferta": oferta })).await;
    trabajar(&lista.agenda).await;
    assert_eq!(cartas(&lista.correo("Luna")).len(), 2);
    assert_eq!(lista.enlace("Luna"), Some(enlace.clone()));
    assert_eq!(lista.contestar(&enlace, "aceptar").await.status, 200);
    assert_eq!(lista.ver(&espera).await["estado"], "cumplida");
}
