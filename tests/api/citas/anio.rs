//! Days that not every year has, and the night in which one ends: Lima is five hours behind the clock that servers keep.
use super::Agenda;
use huella_tests::{
    Cliente,
    andina::{ADMIN, RECEPCION_LIMA},
    id,
};
use jiff::Timestamp;
use serde_json::{Value, json};

impl Agenda {
    /// Whoever works at the desk from this moment on.
    async fn a_las(&self, momento: &str) -> Cliente {
        let momento: Timestamp = momento.parse().expect("a time");
        self.huella.avanzar(momento.duration_since(self.huella.now()));
        self.huella.como(RECEPCION_LIMA).await
    }

    /// From this hour on with Dr. Soto.
    fn serie(&self, mascota: &str, inicio: &str, (cada, unidad, veces): (i64, &str, i64)) -> Value {
        let mut body = self.cita(mascota, inicio);
        for (field, value) in
            [("cada", json!(cada)), ("unidad", json!(unidad)), ("veces", json!(veces)), ("si_hay_conflicto", json!("omitir"))]
        {
            body[field] = value;
        }
        body
    }
}

fn starts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().filter_map(|one| one["inicio"].as_str()).collect()
}

/// The eve is a Monday; all three days are working days of Dr. Soto.
#[tokio::test]
async fn what_comes_back_falls_on_the_leap_day_and_goes_on_behind_it() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.a_las("2028-02-21T08:00:00-05:00").await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let serie = recepcion.post("/citas/series", agenda.serie(&luna, "2028-02-28T10:00:00", (1, "dias", 3))).await.created();
    assert_eq!(starts(&serie["citas"]), ["2028-02-28T15:00:00Z", "2028-02-29T15:00:00Z", "2028-03-01T15:00:00Z"]);
    let serie = recepcion.post("/citas/series", agenda.serie(&max, "2028-02-22T11:00:00", (1, "semanas", 3))).await.created();
    assert_eq!(starts(&serie["citas"]), ["2028-02-22T16:00:00Z", "2028-02-29T16:00:00Z", "2028-03-07T16:00:00Z"]);
    let del_dia = async |fecha: &str, dias: i64| {
        let path = format!("/citas?sede_id={}&fecha={fecha}&dias={dias}", agenda.lima);
        recepcion.get(&path).await.ok()["items"].as_array().map(Vec::len)
    };
    assert_eq!((del_dia("2028-02-29", 1).await, del_dia("2028-02-28", 3).await), (Some(2), Some(4)));
    let never = recepcion.get(&format!("/citas?sede_id={}&fecha=2027-02-29", agenda.lima)).await;
    assert!(never.status.is_client_error(), "no such day: {}", never.status);
}

#[tokio::test]
async fn how_old_somebody_says_a_pet_is_leads_to_a_day_that_there_was() {
    let agenda = Agenda::start().await;
    for (hoy, meses, nacimiento) in [
        ("2027-03-31", 1, "2027-02-28"),
        ("2028-01-31", 2, "2027-11-30"),
        ("2028-02-29", 1, "2028-01-29"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2028-02-29", 48, "2024-02-29"),
        ("2028-03-31", 1, "2028-02-29"),
    ] {
        // Eleven at night, when the clock of servers is at the next day.
        let recepcion = agenda.a_las(&format!("{hoy}T23:00:00-05:00")).await;
        let pet = json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "edad_meses": meses });
        let body = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Núñez" }, "mascota": pet });
        let made = recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
        assert_eq!(made["mascota"]["nacimiento"], nacimiento, "{meses} months before {hoy}");
    }
}

#[tokio::test]
async fn a_pet_is_born_and_vaccinated_on_the_leap_day_and_on_no_29_of_february_that_never_was() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.a_las("2028-02-29T20:00:00-05:00").await;
    let pet = |nacimiento: &str| {
        let pet = json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "nacimiento": nacimiento });
        json!({ "tutor": { "nombres": "Rosa", "apellidos": "Núñez" }, "mascota": pet })
    };
    for never in ["2027-02-29", "2100-02-29", "2028-03-01"] {
        assert_eq!(recepcion.post("/pacientes/registro", pet(never)).await.status, 422, "{never} was not yet, or never");
    }
    let luna = id(&recepcion.post("/pacientes/registro", pet("2024-02-29")).await.created()["mascota"]);
    // Today in Lima, and due in a year that has no such day.
    let soto = agenda.huella.como(huella_tests::andina::DR_SOTO).await;
    let given = |proxima: &str| json!({ "producto": "Antirrábica", "antigenos": ["rabia"], "fecha": "2028-02-29", "proxima": proxima });
    let path = format!("/pacientes/{luna}/vacunaciones");
    assert_eq!(soto.post(&path, given("2029-02-29")).await.status, 422);
    assert_eq!(soto.post(&path, given("2029-02-28")).await.created()["proxima"], "2029-02-28");
}

/// Half past eleven on New Year's Eve in Lima, half past four of the next year elsewhere.
#[tokio::test]
async fn a_year_ends_when_it_ends_in_the_sede() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.a_las("2026-12-29T08:00:00-05:00").await;
    let luna = agenda.mascota("Luna").await;
    // Over the end of the year, without its holiday: Thursday, Friday the first, Saturday.
    let serie = recepcion.post("/citas/series", agenda.serie(&luna, "2026-12-31T10:00:00", (1, "dias", 3))).await.created();
    assert_eq!(starts(&serie["citas"]), ["2026-12-31T15:00:00Z", "2027-01-02T15:00:00Z"]);
    assert_eq!(starts(&serie["omitidas"]), ["2027-01-01T15:00:00Z"]);
    let recepcion = agenda.a_las("2026-12-31T23:30:00-05:00").await;
    let hoy = async |who: &Cliente| who.get(&format!("/sedes/{}/hoy", agenda.lima)).await.ok();
    let eve = hoy(&recepcion).await;
    assert_eq!((&eve["fecha"], &eve["inasistencias"]["hasta"]), (&json!("2026-12-31"), &json!("2026-12-31")));
    let booked = |hoy: &Value| {
        let all = hoy["citas"].as_array().expect("a list");
        all.iter().filter_map(|one| one["cuantas"].as_i64()).sum::<i64>()
    };
    assert_eq!(booked(&eve), 1);
    // What is free next is behind the holiday of a year that has not begun here.
    let path = format!("/disponibilidad?servicio_id={}&medico_id={}&sedes={}&limite=1", agenda.consulta, agenda.soto, agenda.lima);
    assert_eq!(starts(&recepcion.get(&path).await.ok()["huecos"]), ["2027-01-02T14:00:00Z"]);
    let refused = recepcion.post("/citas/reservar", agenda.cita(&luna, "2027-01-01T10:00:00")).await.problem(422, "cita-fuera-de-agenda");
    assert!(refused["impedimentos"].as_array().is_some_and(|all| all.iter().any(|one| one["tipo"] == "feriado")), "{refused:#}");
    let admin = agenda.huella.como(ADMIN).await;
    let feriados = admin.get("/feriados?desde=2027-01-01&hasta=2027-12-31").await.ok();
    assert!(feriados.as_array().is_some_and(|all| all.len() >= 16 && all[0]["fecha"] == "2027-01-01"), "{feriados:#}");
    let recepcion = agenda.a_las("2027-01-01T00:30:00-05:00").await;
    let new_year = hoy(&recepcion).await;
    assert_eq!((&new_year["fecha"], &new_year["inasistencias"]["desde"]), (&json!("2027-01-01"), &json!("2026-12-26")));
    assert_eq!(booked(&new_year), 0);
}
