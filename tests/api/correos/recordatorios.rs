//! Reminders, in each sede's own time.
use super::{Mundo, trabajar};
use huella_tests::{Huella, id};
use jiff::SignedDuration;
use serde_json::json;

/// A look through every chain that has reminders, as each minute makes one, and all that follows from it.
async fn mirar(huella: &Huella) {
    alertas::programar(&huella.parts.system()).await.expect("asked for");
    trabajar(huella).await;
}

impl Mundo {
    /// A chain that only reminds.
    async fn que_recuerda() -> Self {
        let mundo = Self::callado().await;
        mundo.ajustar(json!({ "recordatorios": true })).await;
        mundo
    }
    /// Looks every half hour for so long.
    async fn pasan(&self, hours: i64) {
        for _ in 0..hours * 2 {
            mirar(&self.huella).await;
            self.huella.avanzar(SignedDuration::from_mins(30));
        }
    }
    /// The civil time in Lima.
    fn son_las(&self) -> String {
        self.huella.now().to_zoned(jiff::tz::TimeZone::get("America/Lima").expect("a zone")).strftime("%d %H:%M").to_string()
    }
}

const RECORDATORIO: &str = "Recordatorio: cita de Luna, jueves 5 de marzo de 2026, 3:30 p. m.";

#[tokio::test]
async fn a_reminder_leaves_once_a_day_before_however_often_it_is_looked_and_by_whom() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia, "2026-03-05T15:30:00").await;
    mundo.pasan(55).await;
    assert_eq!((familia.asuntos(), mundo.son_las().as_str()), (vec![], "04 15:00"));
    // The server is gone for an hour, then two look at once.
    mundo.huella.avanzar(SignedDuration::from_hours(1));
    let otra = mundo.huella.otra_instancia().await;
    tokio::join!(mirar(&mundo.huella), mirar(&otra));
    assert_eq!(familia.asuntos(), [RECORDATORIO]);
    mundo.pasan(24).await;
    assert_eq!(familia.asuntos(), [RECORDATORIO]);
    let listed = mundo.mensajes("tipo=cita_recordatorio").await;
    assert_eq!((listed.len(), &listed[0]["estado"]), (1, &json!("enviado")));
}

#[tokio::test]
async fn a_move_changes_the_reminder_and_what_is_cancelled_or_dead_gets_none() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    let (moved, cancelled) = (mundo.reservar(&familia, "2026-03-03T15:30:00").await, mundo.reservar(&familia, "2026-03-03T17:30:00").await);
    let muerta = mundo.familia("Kira").await;
    mundo.reservar(&muerta, "2026-03-03T16:30:00").await;
    mundo.mover(&moved, "2026-03-05T15:30:00").await;
    mundo.anular(&cancelled).await;
    let death = json!({ "fecha": "2026-03-02", "causa": "Accidente" });
    mundo.recepcion().await.post(&format!("/pacientes/{}/fallecimiento", muerta.mascota), death).await.created();
    mundo.pasan(40).await;
    assert_eq!((familia.asuntos(), muerta.asuntos()), (vec![], vec![]));
    mundo.pasan(20).await;
    assert_eq!(familia.asuntos(), [RECORDATORIO]);
    // Moved after it was reminded of: reminded again of the new time, and only of that.
    mundo.mover(&moved, "2026-03-09T10:00:00").await;
    mundo.pasan(120).await;
    assert_eq!(familia.asuntos()[1..], ["Recordatorio: cita de Luna, lunes 9 de marzo de 2026, 10:00 a. m."]);
}

/// Asked for and not sent yet, a reminder of an appointment that moves meanwhile is left out.
#[tokio::test]
async fn a_reminder_that_waits_is_not_sent_of_a_time_that_is_no_more() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia_en("Luna", "ocupado.example").await;
    let cita = mundo.reservar(&familia, "2026-03-03T08:00:00").await;
    mirar(&mundo.huella).await;
    assert_eq!(mundo.mensajes("estado=pendiente").await.len(), 1);
    mundo.mover(&cita, "2026-03-06T10:00:00").await;
    mundo.huella.avanzar(SignedDuration::from_secs(10));
    mundo.trabajar().await;
    assert_eq!(mundo.mensajes("tipo=cita_recordatorio").await[0]["estado"], "omitido");
}

#[tokio::test]
async fn what_is_due_in_the_night_leaves_the_evening_before_and_in_the_sedes_own_night() {
    let mundo = Mundo::que_recuerda().await;
    // Seven hours before nine is two at night. Cusco keeps another clock here: two hours ahead of Lima.
    mundo.ajustar(json!({ "recordatorios": true, "recordatorio_horas": 7 })).await;
    mundo.huella.execute("update sedes set zona_horaria = 'America/Santiago' where codigo = 'CUS'").await;
    let (lima, cusco) = (mundo.familia("Luna").await, mundo.familia("Inti").await);
    mundo.reservar(&lima, "2026-03-04T09:00:00").await;
    let body = json!({ "sede_id": mundo.cusco, "mascota_id": cusco.mascota, "servicio_id": mundo.consulta, "inicio": "2026-03-05T09:00:00-03:00" });
    mundo.admin().await.post("/citas/reservar", body).await.created();
    // From Monday eight to Tuesday, half past seven in the evening.
    mundo.pasan(35).await;
    mundo.huella.avanzar(SignedDuration::from_mins(30));
    assert_eq!((lima.asuntos().len(), mundo.son_las().as_str()), (0, "03 19:30"));
    mundo.huella.avanzar(SignedDuration::from_mins(30));
    mirar(&mundo.huella).await;
    assert_eq!(lima.asuntos(), ["Recordatorio: cita de Luna, miércoles 4 de marzo de 2026, 9:00 a. m."]);
    // On Wednesday eight in the evening in Santiago is six in Lima.
    mundo.pasan(21).await;
    mundo.huella.avanzar(SignedDuration::from_mins(30));
    assert_eq!((cusco.asuntos().len(), mundo.son_las().as_str()), (0, "04 17:30"));
    mundo.huella.avanzar(SignedDuration::from_mins(30));
    mirar(&mundo.huella).await;
    assert_eq!(cusco.asuntos(), ["Recordatorio: cita de Inti, jueves 5 de marzo de 2026, 9:00 a. m."]);
}

/// On the fifth of April clocks in Santiago are an hour back: what is due on Monday at two at night leaves on Sunday at eight.
#[tokio::test]
async fn a_night_after_clocks_changed_begins_by_the_new_hour() {
    let mundo = Mundo::que_recuerda().await;
    mundo.ajustar(json!({ "recordatorios": true, "recordatorio_horas": 7 })).await;
    mundo.huella.execute("update sedes set zona_horaria = 'America/Santiago' where codigo = 'CUS'").await;
    let familia = mundo.familia("Inti").await;
    let body = json!({ "sede_id": mundo.cusco, "mascota_id": familia.mascota, "servicio_id": mundo.consulta, "inicio": "2026-04-06T09:00:00-04:00" });
    mundo.admin().await.post("/citas/reservar", body).await.created();
    // It would have left by the hour of the day before.
    let eve: jiff::Timestamp = "2026-04-05T19:30:00-04:00".parse().expect("a time");
    mundo.huella.avanzar(eve.duration_since(mundo.huella.now()));
    mirar(&mundo.huella).await;
    assert_eq!((familia.asuntos().len(), mundo.son_las().as_str()), (0, "05 18:30"));
    mundo.huella.avanzar(SignedDuration::from_mins(30));
    mirar(&mundo.huella).await;
    assert_eq!(familia.asuntos(), ["Recordatorio: cita de Inti, lunes 6 de abril de 2026, 9:00 a. m."]);
}

#[tokio::test]
async fn who_has_just_booked_is_not_reminded_and_many_at_once_all_are() {
    let mundo = Mundo::que_recuerda().await;
    mirar(&mundo.huella).await;
    let familia = mundo.familia("Luna").await;
    let cita = mundo.reservar(&familia, "2026-03-02T15:30:00").await;
    mundo.pasan(2).await;
    assert_eq!(familia.asuntos(), [""; 0], "{}", id(&cita));
    // More than one bite, of a sede that was never looked through.
    mundo.huella.execute("delete from recordatorios_sedes").await;
    let insert = format!(
        "insert into citas (tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, inicio, fin, ocupado_desde, ocupado_hasta, estado, activa, creado_en, creado_por, actualizado_en, sobrecupo, sobrecupo_motivo)
         select tenant_id, gen_random_uuid(), sede_id, mascota_id, medico_id, servicio_id, t, t + interval '1 minute', t, t + interval '1 minute', 'programada', true, creado_en, creado_por, creado_en, true, 'Prueba'
           from citas, generate_series('2026-03-02T23:00:00Z'::timestamptz, '2026-03-03T03:29:00Z', '1 minute') t where id = '{}'",
        id(&cita)
    );
    mundo.huella.execute(&insert).await;
    mirar(&mundo.huella).await;
    let asked: i64 = mundo.huella.scalar("select count(*) from mensajes where tipo = 'cita_recordatorio'").await;
    assert_eq!(asked, 271, "270 of the evening, and the one of the afternoon");
}

#[tokio::test]
async fn a_chain_without_the_module_reminds_nobody_until_it_has_it_again() {
    let mundo = Mundo::que_recuerda().await;
    let familia = mundo.familia("Luna").await;
    mundo.reservar(&familia, "2026-03-05T15:30:00").await;
    let module = async |on: bool| {
        let changed = mundo.admin().await.put("/complementos/modulos", json!({ "modulos": { "alertas": on } })).await;
        assert_eq!(changed.status, 200);
    };
    module(false).await;
    mundo.pasan(57).await;
    assert_eq!((familia.asuntos(), mundo.son_las().as_str()), (vec![], "04 17:00"), "the time of its reminder went by");
    module(true).await;
    mundo.pasan(1).await;
    assert_eq!(familia.asuntos(), [RECORDATORIO], "its appointment is still ahead");
}
