//! Who hears what.
use super::{Agenda, DE_LA_CADENA, Pantalla, Trabajos};
use huella_tests::{
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_screen_hears_its_sede_and_no_other() {
    let agenda = Agenda::callada().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let ajena = agenda.huella.como(costera::ADMIN).await;
    let miraflores = agenda
        .huella
        .scalar::<String>("select s.id::text from sedes s join tenants t on t.id = s.tenant_id where t.clave = 'costera' limit 1")
        .await;
    let mut en_lima = Pantalla::lista(&recepcion, &agenda.lima).await;
    let mut en_cusco = Pantalla::lista(&cusco, &agenda.cusco).await;
    let mut afuera = Pantalla::lista(&ajena, &miraflores).await;
    let cita = agenda.reservar(&recepcion, 0).await;
    let heard = loop {
        let heard = en_lima.next().await;
        if heard.event.starts_with("cita.") {
            break heard;
        }
        assert!(DE_LA_CADENA.contains(&heard.event.as_str()), "{heard:?}");
    };
    assert_eq!((heard.event.as_str(), heard.data["cuerpo"]["id"].as_str()), ("cita.reservada", Some(cita.as_str())));
    assert_eq!(heard.data["sede_id"], json!(agenda.lima));
    recepcion.delete(&format!("/citas/{cita}?motivo=El%20tutor%20avisó")).await.ok();
    assert_eq!(en_lima.next().await.event, "cita.anulada");
    for event in DE_LA_CADENA {
        assert_eq!(en_cusco.next().await.event, *event);
    }
    en_cusco.silent().await;
    afuera.silent().await;
    // Not to be had at all: another sede without the right, a sede of another chain.
    let path = |sede: &str| format!("/eventos?sede_id={sede}");
    recepcion.get(&path(&agenda.cusco)).await.problem(403, "sin-permiso");
    agenda.huella.como(ADMIN).await.get(&path(&miraflores)).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn what_takes_another_permission_is_not_heard() {
    let agenda = Agenda::callada().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let admin = agenda.huella.como(ADMIN).await;
    let body = json!({ "nombre": "Tablero", "permisos": ["cita.ver"], "sedes": [agenda.lima], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", body).await.created();
    let tablero = agenda.huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let mut pantalla = Pantalla::lista(&tablero, &agenda.lima).await;
    agenda.reservar(&admin, 0).await;
    assert_eq!(pantalla.next().await.event, "cita.reservada", "and nothing of the pet that was registered for it");
}

#[tokio::test]
async fn the_board_of_a_sede_is_live() {
    let agenda = Agenda::callada().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = agenda.reservar(&recepcion, 0).await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = recepcion.post("/pacientes/registro", pet).await.created();
    agenda.huella.execute("delete from outbox").await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let (mut en_lima, mut en_cusco) = (Pantalla::lista(&recepcion, &agenda.lima).await, Pantalla::lista(&cusco, &agenda.cusco).await);
    let walk_in = json!({ "mascota_id": pet["mascota"]["id"], "servicio_id": agenda.llamada, "triaje": "amarillo" });
    let visita = recepcion.post(&format!("/sedes/{}/visitas", agenda.lima), walk_in).await.created();
    let heard = en_lima.next().await;
    assert_eq!(
        (heard.event.as_str(), &heard.data["cuerpo"]["id"], &heard.data["cuerpo"]["triaje"]),
        ("visita.llegada", &visita["id"], &json!("amarillo"))
    );
    recepcion.put(&format!("/citas/{cita}/estado"), json!({ "estado": "en_espera" })).await.ok();
    let heard = en_lima.next().await;
    assert_eq!((heard.event.as_str(), &heard.data["cuerpo"]["estado"]), ("cita.cambiada", &json!("en_espera")));
    recepcion.delete(&format!("/visitas/{}?motivo=Se+fue", id(&visita))).await.ok();
    assert_eq!(en_lima.next().await.event, "visita.retirada");
    en_cusco.silent().await;
}

/// What the next event says, which is this one.
async fn oida(pantalla: &mut Pantalla, event: &str) -> Value {
    let heard = pantalla.next().await;
    assert_eq!(heard.event, event, "{heard:?}");
    heard.data["cuerpo"].clone()
}

#[tokio::test]
async fn hours_plans_special_days_and_shifts_are_live() {
    let agenda = Agenda::callada().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let soto = agenda.huella.id_of("andina", "usuarios", "cmvp", "11567").await;
    let (admin, recepcion) = (agenda.huella.como(ADMIN).await, agenda.huella.como(RECEPCION_LIMA).await);
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let (mut en_lima, mut en_cusco) = (Pantalla::lista(&recepcion, &agenda.lima).await, Pantalla::lista(&cusco, &agenda.cusco).await);
    let sede = format!("/sedes/{}", agenda.lima);
    let sunday = json!({ "dia": 7, "desde": "09:00", "hasta": "13:00" });
    for (path, event) in [(format!("{sede}/horarios"), "horario.cambiado"), (format!("{sede}/medicos/{soto}/plan"), "plan.cambiado")] {
        let mut week = admin.get(&path).await.ok();
        week["tramos"].as_array_mut().expect("hours").push(sunday.clone());
        admin.put(&path, week.clone()).await.ok();
        let told = oida(&mut en_lima, event).await;
        assert_eq!((&told["sede_id"], &told["tramos"]), (&json!(agenda.lima), &week["tramos"]), "{told:#}");
        assert_eq!(told["abre"]["semana"], json!([sunday]), "only what was not there before: {told:#}");
    }
    let away = json!({ "medico_id": soto, "fecha": "2026-03-09", "abierto": false, "motivo": "Capacitación" });
    let away = admin.post(&format!("{sede}/excepciones"), away).await.created();
    let told = oida(&mut en_lima, "excepcion.creada").await;
    assert_eq!((&told["id"], told.get("abre")), (&away["id"], None), "{told:#}");
    assert_eq!(admin.delete(&format!("/excepciones/{}", id(&away))).await.status, 204);
    let told = oida(&mut en_lima, "excepcion.quitada").await;
    assert_eq!(
        (&told["abre"]["medico_id"], &told["abre"]["inicio"], &told["abre"]["fin"]),
        (&json!(soto), &json!("2026-03-09T05:00:00Z"), &json!("2026-03-10T05:00:00Z"))
    );
    let mut shift = json!({ "nombre": "Noche", "tramos": [{ "dia": 1, "desde": "20:00", "hasta": "24:00" }] });
    let turno = admin.post(&format!("{sede}/turnos"), shift.clone()).await.created();
    assert_eq!(oida(&mut en_lima, "turno.creado").await["id"], turno["id"]);
    shift["nombre"] = json!("Guardia");
    admin.put(&format!("/turnos/{}", id(&turno)), shift).await.ok();
    assert_eq!(oida(&mut en_lima, "turno.cambiado").await["nombre"], "Guardia");
    let works = json!({ "turno_id": turno["id"], "medico_id": soto, "desde": "2026-03-09", "hasta": "2026-03-15" });
    let works = admin.post(&format!("{sede}/turnos-asignados"), works).await.created();
    let told = oida(&mut en_lima, "turno.asignado").await;
    assert_eq!((&told["medico_id"], &told["abre"]["fin"]), (&json!(soto), &json!("2026-03-16T05:00:00Z")), "{told:#}");
    assert_eq!(admin.delete(&format!("/turnos-asignados/{}", id(&works))).await.status, 204);
    assert_eq!(oida(&mut en_lima, "turno.quitado").await["id"], works["id"]);
    assert_eq!(admin.delete(&format!("/turnos/{}", id(&turno))).await.status, 204);
    assert_eq!(oida(&mut en_lima, "turno.borrado").await["id"], turno["id"]);
    en_cusco.silent().await;
    // A holiday is the chain's: every screen lists it, whichever sedes it closes.
    let holiday = json!({ "fecha": "2026-03-10", "ambito": "1501", "nombre": "Día de Lima", "fuente": "Ordenanza 1" });
    let holiday = admin.post("/feriados", holiday).await.created();
    for pantalla in [&mut en_lima, &mut en_cusco] {
        assert_eq!(oida(pantalla, "feriado.creado").await, holiday);
    }
    admin.delete(&format!("/feriados/{}", id(&holiday))).await.expect(204);
    let told = oida(&mut en_cusco, "feriado.quitado").await;
    assert_eq!(told["id"], holiday["id"]);
    let opens = json!([{ "sede_id": agenda.lima, "inicio": "2026-03-10T05:00:00Z", "fin": "2026-03-11T05:00:00Z" }]);
    assert_eq!(told["abre"], opens, "where it had closed, and nowhere else");
}
