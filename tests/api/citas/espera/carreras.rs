//! Several at once, and whoever dies in between.
use super::*;
use jiff::SignedDuration;

#[tokio::test]
async fn two_neighbouring_times_are_offered_once_each_or_together_to_who_needs_both() {
    let lista = Lista::start().await;
    // Nothing else is free around 10:00 to 11:05.
    let (before, after) = (lista.ocupada("2026-03-02T09:25:00").await, lista.ocupada("2026-03-02T11:10:00").await);
    let (one, two) = (lista.ocupada("2026-03-02T10:00:00").await, lista.ocupada("2026-03-02T10:35:00").await);
    let larga = lista.cirugia().await;
    let today = json!({ "hasta": "2026-03-02", "medico_id": lista.agenda.soto });
    let with = |extra: Value| {
        let mut all = today.clone();
        all.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        all
    };
    let long = lista.espera(&lista.mascota("Larga").await, with(json!({ "servicio_id": larga, "prioridad": "urgente" }))).await;
    tokio::join!(lista.anular(&one), lista.anular(&two));
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&long).await, "2026-03-02T15:00:00Z");
    assert_eq!(lista.recepcion.post(&format!("/esperas/{long}/oferta/rechazar"), json!({})).await.status, 204);
    trabajar(&lista.agenda).await;
    // Two who need half an hour each get one each.
    let mut short = Vec::new();
    for nombre in ["Luna", "Max", "Nala"] {
        short.push(lista.espera(&lista.mascota(nombre).await, with(json!({}))).await);
    }
    let (one, two) = (lista.ocupada("2026-03-02T10:00:00").await, lista.ocupada("2026-03-02T10:35:00").await);
    tokio::join!(lista.anular(&one), lista.anular(&two));
    trabajar(&lista.agenda).await;
    let mut offered = Vec::new();
    for espera in &short {
        offered.push(lista.ofrecida(espera).await);
    }
    offered.sort();
    assert_eq!(offered, ["", "2026-03-02T15:00:00Z", "2026-03-02T15:35:00Z"]);
    drop((before, after));
}

/// Work that is done twice, by a worker that died before it could say that it was done, or by two servers at once.
#[tokio::test]
async fn a_server_that_dies_between_hold_and_letter_loses_and_doubles_nothing() {
    let lista = Lista::start().await;
    let huella = &lista.agenda.huella;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let espera = lista.espera(&lista.mascota("Luna").await, json!({})).await;
    // What rules have to say of the pets that were just registered is none of this.
    trabajar(&lista.agenda).await;
    lista.anular(&cita).await;
    trabajos::relay(&huella.parts).await.expect("relayed");
    // The one who offers dies with the work in hand, before anything was committed.
    let lent = worker::lend(&huella.parts, 32).await.expect("lent");
    assert_eq!(lent.iter().map(|job| job.tipo.as_str()).collect::<Vec<_>>(), ["hora.ofrecer"]);
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&espera).await, "", "it is lent");
    huella.avanzar(SignedDuration::from_secs(61));
    // Found again by two servers at once.
    let other = huella.otra_instancia().await;
    let (a, b) = tokio::join!(worker::work_once(&huella.parts), worker::work_once(&other.parts));
    assert_eq!((a.expect("worked").done + b.expect("worked").done, lista.enlace("Luna").is_some()), (1, false));
    assert_eq!(lista.ofrecida(&espera).await, "2026-03-02T15:00:00Z");
    // The letter's worker dies too; the same offer again, as if it had died after the commit.
    let lent = worker::lend(&huella.parts, 32).await.expect("lent");
    assert_eq!(lent.iter().map(|job| job.tipo.as_str()).collect::<Vec<_>>(), ["aviso.enviar"]);
    huella
        .execute(
            "insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
             select tenant_id, gen_random_uuid(), 'hora.ofrecer', jsonb_build_object('sede_id', sede_id, 'medico_id', medico_id, 'inicio', inicio, 'fin', fin), creado_en, creado_en
               from citas where estado = 'anulada'",
        )
        .await;
    huella.avanzar(SignedDuration::from_secs(61));
    trabajar(&lista.agenda).await;
    assert_eq!(lista.contar("select count(*) from ofertas").await, 1);
    assert_eq!(lista.contar("select count(*) from citas where retenida_hasta is not null").await, 1);
    assert_eq!(mails_to(&lista.correo("Luna")).len(), 1);
    assert!(texto(&lista.contestar(&lista.enlace("Luna").expect("a letter"), "aceptar").await).contains("La hora es suya"));
}

/// The owner accepts, reception lets go, gives it to another, and the time runs out, all at once: one thing happens.
#[tokio::test]
async fn of_all_who_answer_an_offer_at_once_one_is_heard() {
    let lista = Lista::start().await;
    let other = lista.mascota("Otra").await;
    for round in 0..6 {
        let nombre = format!("Ronda{round}");
        let at = format!("2026-03-02T{:02}:00:00", 10 + round);
        let cita = lista.ocupada(&at).await;
        let espera = lista.espera(&lista.mascota(&nombre).await, json!({ "hasta": "2026-03-02" })).await;
        lista.anular(&cita).await;
        trabajar(&lista.agenda).await;
        let seen = lista.ver(&espera).await;
        let held = seen["oferta"]["cita_id"].as_str().unwrap_or_else(|| panic!("{seen:#}")).to_owned();
        let enlace = lista.enlace(&nombre).expect("a letter");
        let (hold, mine, theirs) =
            (format!("/retenciones/{held}"), format!("/retenciones/{held}/confirmar"), format!("/esperas/{espera}/oferta/aceptar"));
        let answers = tokio::join!(
            lista.contestar(&enlace, "aceptar"),
            lista.contestar(&enlace, "rechazar"),
            lista.recepcion.delete(&hold),
            lista.recepcion.post(&mine, json!({ "mascota_id": other })),
            lista.recepcion.post(&theirs, json!({})),
        );
        let answers = [answers.0, answers.1, answers.2, answers.3, answers.4];
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{answers:?}");
        let seen = lista.ver(&espera).await;
        let estado: String = lista.agenda.huella.scalar(&format!("select estado from ofertas where cita_id = '{held}'")).await;
        let booked: Option<String> =
            sqlx::query_scalar("select mascota_id::text from citas where id = $1::uuid and retenida_hasta is null")
                .bind(&held)
                .fetch_optional(&lista.agenda.huella.sql)
                .await
                .expect("a row or none");
        match (estado.as_str(), booked) {
            ("aceptada", Some(pet)) => {
                assert_ne!(pet, other);
                assert_eq!((&seen["estado"], &seen["cita_id"]), (&json!("cumplida"), &json!(held)));
            }
            ("retirada", Some(pet)) => assert_eq!((pet, &seen["estado"]), (other.clone(), &json!("activa"))),
            ("rechazada" | "retirada", None) => assert_eq!(seen["estado"], "activa"),
            impossible => panic!("{impossible:?} {seen:#}"),
        }
        trabajar(&lista.agenda).await;
        let twice = "select count(*) from citas a join citas b on b.tenant_id = a.tenant_id and b.medico_id = a.medico_id and b.id > a.id and a.activa and b.activa
                      and a.ocupado_desde < b.ocupado_hasta and b.ocupado_desde < a.ocupado_hasta";
        assert_eq!(lista.contar(twice).await, 0);
        lista.recepcion.delete(&format!("/esperas/{espera}?motivo=fin")).await;
    }
}
