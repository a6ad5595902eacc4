//! Reminders of what pets are due for: step by step, together, and to nobody to whom they are of no use.
use super::{Familia, Mundo, SMS, WHATSAPP, trabajar};
use huella_tests::{Huella, id};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A look through every chain, as each minute makes one, and all that follows from it.
async fn mirar(huella: &Huella) {
    alertas::programar_escalera(&huella.parts.system()).await.expect("asked for");
    trabajar(huella).await;
}

impl Mundo {
    /// It is ten in the morning of March 2nd in Lima.
    async fn que_recuerda() -> Self {
        let mundo = Self::start().await;
        mundo.recordar(json!({ "activo": true })).await;
        mundo.huella.avanzar(SignedDuration::from_hours(2));
        mundo
    }
    async fn recordar(&self, ajustes: Value) {
        self.admin().await.put("/ajustes/recordatorios", ajustes).await.ok();
    }
    /// A rule says that a pet is due for something.
    async fn toca(&self, mascota: &str, regla: &str, vence: &str) -> String {
        let alerta = uuid::Uuid::now_v7();
        self.huella
            .execute(&format!(
                "insert into alertas_medicas (tenant_id, id, mascota_id, complemento, version, digest, revision, regla, clave, gravedad, titulo,
                   detalle, vence, evidencia, hechos, sugiere_bloquear, desde, cambiada_en)
                 select tenant_id, '{alerta}', id, 'pe.huella.vacunas', '0.1.0', 'sha256:x', 1, '{regla}', '{regla}', 'advertencia',
                        'Refuerzo de {regla}', '', '{vence}', '[]', '[]', false, now(), now() from mascotas where id = '{mascota}'"
            ))
            .await;
        alerta.to_string()
    }
    async fn cierra(&self, alerta: &str) {
        let sql = format!("update alertas_medicas set cerrada_en = now(), cerrada_motivo = 'resuelta' where id = '{alerta}'");
        self.huella.execute(&sql).await;
    }
    /// So many days pass, and every hour of the last one is looked at.
    async fn dias(&self, days: i64) {
        self.huella.avanzar(SignedDuration::from_hours(24 * days));
        mirar(&self.huella).await;
    }
    fn recordados(&self) -> Vec<String> {
        self.guion.por(WHATSAPP).into_iter().filter(|one| one.mensaje.plantilla == "recordatorio").map(|one| one.mensaje.texto).collect()
    }
    async fn previstos(&self, hasta: &str) -> Vec<Value> {
        let path = format!("/recordatorios/previstos?hasta={hasta}");
        self.recepcion().await.get(&path).await.ok()["items"].as_array().expect("a list").clone()
    }
}

/// What is previewed, in short: day, pet, step, and by what or why not.
fn breve(previstos: &[Value]) -> Vec<String> {
    let one = |one: &Value| {
        let how = one["canal"].as_str().or(one["motivo"].as_str()).unwrap_or_default();
        format!("{} {} {} {how}", one["fecha"].as_str().expect("a day"), one["mascota"].as_str().expect("a name"), one["paso"])
    };
    previstos.iter().map(one).collect()
}

#[tokio::test]
async fn each_step_once_however_often_it_is_looked_and_by_whom() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    mundo.toca(&familia.mascota, "rabia", "2026-04-01").await;
    let otra = mundo.huella.otra_instancia().await;
    for _ in 0..3 {
        tokio::join!(mirar(&mundo.huella), mirar(&otra));
    }
    let told = mundo.recordados();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Luna: Refuerzo de rabia (vence el miércoles 1 de abril)"), "{}", told[0]);
    for (days, count) in [(22, 1), (1, 2), (1, 2), (5, 2), (1, 3), (29, 3), (1, 4), (1, 4), (30, 4), (300, 4)] {
        mundo.dias(days).await;
        assert_eq!(mundo.recordados().len(), count, "after {days} more");
    }
    assert!(mundo.recordados()[3].contains("venció el miércoles 1 de abril"));
    let steps: Vec<i32> = {
        let found: String = mundo.huella.scalar("select string_agg(paso::text, ' ' order by creado_en) from recordatorios").await;
        found.split(' ').map(|paso| paso.parse().expect("a number")).collect()
    };
    assert_eq!(steps, [-30, -7, 0, 30]);
}

#[tokio::test]
async fn all_pets_of_an_owner_come_in_one_message_and_what_is_soon_comes_along() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    let (toby, sol) = (mundo.otra_mascota(&familia, "Toby").await, mundo.otra_mascota(&familia, "Sol").await);
    mundo.toca(&familia.mascota, "rabia", "2026-03-09").await;
    mundo.toca(&toby, "rabia", "2026-03-02").await;
    // Its first step would be in five days.
    mundo.toca(&sol, "rabia", "2026-04-06").await;
    let ajena = mundo.familia("Kira").await;
    mundo.toca(&ajena.mascota, "rabia", "2026-03-02").await;
    mirar(&mundo.huella).await;
    let told = mundo.guion.enviados();
    assert_eq!(told.len(), 2, "a message for each owner: {told:?}");
    let one = &told.iter().find(|one| one.mensaje.a == familia.telefono).expect("told").mensaje.texto;
    for said in [
        "Luna: Refuerzo de rabia (vence el lunes 9 de marzo)",
        "Toby: Refuerzo de rabia (vence hoy)",
        "Sol: Refuerzo de rabia (vence el lunes 6 de abril)",
    ] {
        assert!(one.contains(said), "{said}: {one}");
    }
    mundo.dias(5).await;
    assert_eq!(mundo.guion.enviados().len(), 2, "it was said");
}

#[tokio::test]
async fn what_was_given_died_has_an_appointment_or_is_not_wanted_is_not_reminded_of() {
    let mundo = Mundo::que_recuerda().await;
    let mut familias = Vec::new();
    for nombre in ["Vacunada", "Muerta", "Citada", "Retirada", "Ajena"] {
        let familia = mundo.familia(nombre).await;
        familias.push((mundo.toca(&familia.mascota, "rabia", "2026-03-09").await, familia));
    }
    mirar(&mundo.huella).await;
    assert_eq!(mundo.recordados().len(), 5);
    let [vacunada, muerta, citada, retirada, _] = &familias[..] else { panic!("five") };
    mundo.cierra(&vacunada.0).await;
    let death = json!({ "fecha": "2026-03-02", "causa": "Vejez" });
    mundo.recepcion().await.post(&format!("/pacientes/{}/fallecimiento", muerta.1.mascota), death).await.created();
    mundo.reservar(&citada.1.mascota, "2026-03-10T15:30:00").await;
    mundo.consiente(&retirada.1, false, None).await;
    let before = mundo.guion.enviados().len();
    let seen = mundo.previstos("2026-03-09").await;
    mundo.dias(7).await;
    let told: Vec<String> = mundo.guion.enviados().into_iter().skip(before).map(|one| one.mensaje.a).collect();
    assert_eq!(told.iter().filter(|one| **one == familias[4].1.telefono).count(), 1, "the others are still reminded");
    assert_eq!(told.len(), 2, "and the appointment was confirmed: {told:?}");
    let mut seen = breve(&seen);
    seen.sort();
    assert_eq!(
        seen,
        [
            "2026-03-09 Ajena 0 whatsapp",
            "2026-03-09 Citada 0 tiene cita",
            "2026-03-09 Retirada 0 whatsapp: el tutor no lo consintió; sms: el tutor no lo consintió; correo: el tutor no lo consintió",
        ]
    );
    // It did not come: the step of that day is due again.
    mundo.dias(2).await;
    assert!(
        mundo.guion.por(WHATSAPP).iter().any(|one| one.mensaje.a == citada.1.telefono && one.mensaje.texto.contains("venció el lunes 9"))
    );
    assert_eq!(mundo.recordados().len(), 7);
}

#[tokio::test]
async fn a_pet_that_changes_hands_is_its_new_owners_to_be_reminded_of() {
    let mundo = Mundo::que_recuerda().await;
    let (antes, ahora) = (mundo.familia("Luna").await, mundo.familia("Kira").await);
    mundo.toca(&antes.mascota, "rabia", "2026-03-09").await;
    mirar(&mundo.huella).await;
    let to = |mundo: &Mundo| mundo.guion.enviados().into_iter().map(|one| one.mensaje.a).collect::<Vec<_>>();
    assert_eq!(to(&mundo), std::slice::from_ref(&antes.telefono), "a week before");
    let path = format!("/pacientes/{}/transferencia", antes.mascota);
    mundo.recepcion().await.post(&path, json!({ "tutor_id": ahora.tutor })).await.created();
    let seen = mundo.previstos("2026-04-08").await;
    let whose: Vec<_> = seen.iter().map(|one| (&one["paso"], &one["tutor_id"], &one["mascota_id"])).collect();
    let (tutor, mascota) = (json!(ahora.tutor), json!(antes.mascota));
    assert_eq!(whose, [(&json!(0), &tutor, &mascota), (&json!(30), &tutor, &mascota)]);
    for days in [7, 30] {
        mundo.dias(days).await;
    }
    assert_eq!(to(&mundo), [antes.telefono, ahora.telefono.clone(), ahora.telefono], "the steps still to come");
    assert!(mundo.recordados()[1..].iter().all(|text| text.contains("Luna")), "{:?}", mundo.recordados());
}

/// Between asking for the message and sending it the world went on.
#[tokio::test]
async fn what_is_of_no_use_by_the_time_it_leaves_is_left_out() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    let toby = mundo.otra_mascota(&familia, "Toby").await;
    let alertas = [mundo.toca(&familia.mascota, "rabia", "2026-03-09").await, mundo.toca(&toby, "rabia", "2026-03-09").await];
    for _ in 0..2 {
        mundo.guion.falla(WHATSAPP, super::luego());
    }
    mirar(&mundo.huella).await;
    mundo.cierra(&alertas[0]).await;
    mundo.pasan(SignedDuration::from_secs(7)).await;
    let second = &mundo.recordados()[1];
    assert!(second.contains("Toby") && !second.contains("Luna"), "{second}");
    mundo.cierra(&alertas[1]).await;
    mundo.pasan(SignedDuration::from_secs(10)).await;
    let left_out = &mundo.mensajes("tipo=recordatorio").await[0];
    assert_eq!((&left_out["estado"], &left_out["error"]), (&json!("omitido"), &json!("ya se aplicó, tiene cita o la mascota falleció")));
    assert_eq!(mundo.recordados().len(), 2, "two tries that were refused");
}

#[tokio::test]
async fn after_a_long_silence_only_the_step_of_today_and_at_the_chains_own_hours() {
    let mundo = Mundo::start().await;
    let (familia, otra) = (mundo.familia("Luna").await, mundo.familia("Kira").await);
    mundo.toca(&familia.mascota, "rabia", "2026-02-20").await;
    mundo.toca(&otra.mascota, "rabia", "2025-06-01").await;
    mirar(&mundo.huella).await;
    mundo.recordar(json!({ "activo": true, "hora": "10:00" })).await;
    mirar(&mundo.huella).await;
    assert_eq!(mundo.recordados().len(), 0, "it is eight o'clock");
    mundo.huella.avanzar(SignedDuration::from_hours(2));
    mirar(&mundo.huella).await;
    assert_eq!(mundo.recordados().len(), 1, "due on the day, told late; what was due last year is let be");
    mundo.dias(20).await;
    assert_eq!(mundo.recordados().len(), 2, "the last step, and none of those missed");
}

#[tokio::test]
async fn rules_have_steps_of_their_own_or_none() {
    let mundo = Mundo::que_recuerda().await;
    let wrong = json!({ "activo": true, "pasos": [0, 0], "hora": "24:00", "reglas": [{ "prefijo": "a", "pasos": [900] }] });
    let told = mundo.admin().await.put("/ajustes/recordatorios", wrong).await.wrong_fields();
    assert_eq!(told, ["/hora", "/pasos", "/reglas/0/pasos"]);
    let reglas = json!([{ "prefijo": "peso", "activa": false }, { "prefijo": "rab", "pasos": [1] }]);
    mundo.recordar(json!({ "activo": true, "reglas": reglas })).await;
    let familia = mundo.familia("Luna").await;
    mundo.toca(&familia.mascota, "rabia", "2026-03-02").await;
    mundo.toca(&familia.mascota, "peso", "2026-03-02").await;
    mirar(&mundo.huella).await;
    assert_eq!(mundo.recordados().len(), 0);
    mundo.dias(1).await;
    let told = mundo.recordados();
    assert!(told.len() == 1 && told[0].contains("rabia") && !told[0].contains("peso"), "{told:?}");
}

/// More owners than are gone through at once, and a look that ends in the middle.
#[tokio::test]
async fn a_chain_is_gone_through_in_bites_and_goes_on_where_it_stopped() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    mundo.toca(&familia.mascota, "rabia", "2026-03-02").await;
    // Owners without a key have no phone: they are gone through, and cannot be told.
    mundo
        .huella
        .execute(&format!(
            "insert into tutores (tenant_id, id, nombres, creado_en, actualizado_en, sedes)
             select tenant_id, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'T' || n, now(), now(), sedes
               from tutores, generate_series(1, 150) n where id = '{0}';
             insert into mascotas (tenant_id, id, nombre, especie_id, sexo, creado_en, actualizado_en, sedes)
             select tenant_id, ('00000000-0000-4000-8001-' || lpad(n::text, 12, '0'))::uuid, 'M' || n, especie_id, sexo, now(), now(), sedes
               from mascotas, generate_series(1, 150) n where id = '{1}';
             insert into tutores_mascotas (tenant_id, id, tutor_id, mascota_id, relacion, desde)
             select tenant_id, gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
                    ('00000000-0000-4000-8001-' || lpad(n::text, 12, '0'))::uuid, 'propietario', desde
               from tutores_mascotas, generate_series(1, 150) n where mascota_id = '{1}';
             insert into alertas_medicas (tenant_id, id, mascota_id, complemento, version, digest, revision, regla, clave, gravedad, titulo,
                   detalle, vence, evidencia, hechos, sugiere_bloquear, desde, cambiada_en)
             select a.tenant_id, gen_random_uuid(), ('00000000-0000-4000-8001-' || lpad(n::text, 12, '0'))::uuid, a.complemento, a.version, a.digest,
                    1, a.regla, a.clave, a.gravedad, a.titulo, '', a.vence, '[]', '[]', false, now(), now()
               from alertas_medicas a, generate_series(1, 150) n",
            familia.tutor, familia.mascota
        ))
        .await;
    // It stopped behind her: in this hour she is not looked at again, in the next one she is the last of all.
    mundo
        .huella
        .execute(&format!(
            "insert into recordatorios_recorrido (tenant_id, hora, tutor, terminado)
             select tenant_id, '2026-03-02T15:00:00Z', '{}', false from recordatorios_ajustes",
            familia.tutor
        ))
        .await;
    mirar(&mundo.huella).await;
    assert_eq!(mundo.recordados().len(), 0);
    let done: bool = mundo.huella.scalar("select terminado from recordatorios_recorrido").await;
    assert!(done);
    alertas::programar_escalera(&mundo.huella.parts.system()).await.expect("asked for");
    let waiting: i64 = mundo.huella.scalar("select count(*) from trabajos where tipo = 'aviso.escalera'").await;
    assert_eq!(waiting, 0, "once an hour");
    mundo.huella.avanzar(SignedDuration::from_hours(1));
    mirar(&mundo.huella).await;
    assert_eq!(mundo.recordados().len(), 1);
    let reached: String = mundo.huella.scalar("select hora::text || terminado from recordatorios_recorrido").await;
    assert!(reached.ends_with("true"), "{reached}");
}

#[tokio::test]
async fn the_preview_is_what_goes_out() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    let toby = mundo.otra_mascota(&familia, "Toby").await;
    mundo.toca(&familia.mascota, "rabia", "2026-03-20").await;
    mundo.toca(&toby, "parvo", "2026-03-18").await;
    let seen = mundo.previstos("2026-04-20").await;
    let per_page = mundo.recepcion().await.get("/recordatorios/previstos?hasta=2026-04-20&limite=1").await.ok();
    assert_eq!(per_page["items"], json!(seen));
    let expected = breve(&seen);
    for _ in 0..50 {
        mirar(&mundo.huella).await;
        mundo.huella.avanzar(SignedDuration::from_hours(24));
    }
    let rows: String = mundo
        .huella
        .scalar(
            "select string_agg((r.creado_en - interval '5 hours')::date || ' ' || m.nombre || ' ' || r.paso || ' whatsapp', '|' order by r.creado_en, r.vence, m.nombre)
               from recordatorios r join mascotas m on m.id = r.mascota_id",
        )
        .await;
    assert_eq!(expected, rows.split('|').collect::<Vec<_>>());
    mundo.recepcion().await.get("/recordatorios/previstos?hasta=2027-04-20").await.problem(422, "datos-invalidos");
}

#[tokio::test]
async fn what_reminders_achieve_is_counted_and_who_did_not_book_is_called() {
    let mundo = Mundo::que_recuerda().await;
    let (viene, calla): (Familia, Familia) = (mundo.familia("Luna").await, mundo.familia("Kira").await);
    for familia in [&viene, &calla] {
        mundo.toca(&familia.mascota, "rabia", "2026-03-02").await;
    }
    mundo.guion.falla(WHATSAPP, super::rechazado("1"));
    mirar(&mundo.huella).await;
    assert_eq!((mundo.guion.por(WHATSAPP).len(), mundo.guion.por(SMS).len()), (2, 1));
    let whatsapp = mundo.guion.por(WHATSAPP).pop().expect("sent");
    mundo.avisa(WHATSAPP, mundo.entrega(&whatsapp, alertas::canales::EstadoEntrega::Leido)).await;
    let (booker, other) = if whatsapp.mensaje.a == viene.telefono { (&viene, &calla) } else { (&calla, &viene) };
    mundo.huella.avanzar(SignedDuration::from_hours(1));
    let cita = mundo.reservar(&booker.mascota, "2026-03-03T15:30:00").await;
    mundo.trabajar().await;
    let path = "/recordatorios/conversion?desde=2026-03-01&hasta=2026-03-02";
    let row = |canal: &str, leidos: i64, reservados: i64, atendidos: i64| json!({ "regla": "rabia", "paso": 0, "canal": canal, "enviados": 1, "entregados": leidos, "leidos": leidos, "reservados": reservados, "atendidos": atendidos });
    assert_eq!(mundo.recepcion().await.get(path).await.ok(), json!([row("sms", 0, 0, 0), row("whatsapp", 1, 1, 0)]));
    for estado in ["en_espera", "en_consulta"] {
        mundo.recepcion().await.put(&format!("/citas/{}/estado", id(&cita)), json!({ "estado": estado })).await.ok();
    }
    assert_eq!(mundo.recepcion().await.get(path).await.ok()[1], row("whatsapp", 1, 1, 1));

    let open = mundo.mensajes("sin_cita=true&atendido=false").await;
    assert_eq!((open.len(), &open[0]["tutor_id"]), (1, &json!(other.tutor)));
    let attend = format!("/mensajes/{}/atender", id(&open[0]));
    for _ in 0..2 {
        assert!(mundo.recepcion().await.post(&attend, json!({})).await.ok()["atendido_en"].is_string());
    }
    assert!(mundo.mensajes("sin_cita=true&atendido=false").await.is_empty());
    let file = mundo.admin().await.get("/recordatorios/conversion?desde=2026-03-01&hasta=2026-03-02&formato=csv").await;
    assert!(file.status.is_success() && String::from_utf8_lossy(&file.bytes).contains("whatsapp"));
    mundo.admin().await.get("/recordatorios/conversion?desde=2026-03-03&hasta=2026-03-02").await.problem(422, "datos-invalidos");
}
