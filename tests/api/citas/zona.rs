//! A sede that keeps another clock than Lima, over the nights in which that clock is changed.
use super::Agenda;
use huella_tests::{Cliente, andina::RECEPCION_LIMA, id};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};

/// The Saturday before the change, the Monday after it, and what each is off from UTC.
struct Cambio {
    sabado: &'static str,
    domingo: &'static str,
    lunes: &'static str,
    antes: &'static str,
    despues: &'static str,
}

/// The night from the fourth to the fifth has an hour more.
const ATRAS: Cambio = Cambio { sabado: "2026-04-04", domingo: "2026-04-05", lunes: "2026-04-06", antes: "-03:00", despues: "-04:00" };
/// The night from the fifth to the sixth has an hour less.
const ADELANTE: Cambio = Cambio { sabado: "2026-09-05", domingo: "2026-09-06", lunes: "2026-09-07", antes: "-04:00", despues: "-03:00" };

impl Cambio {
    fn el_sabado(&self, hora: &str) -> Timestamp {
        format!("{}T{hora}:00{}", self.sabado, self.antes).parse().expect("a time")
    }
    fn el_lunes(&self, hora: &str) -> Timestamp {
        format!("{}T{hora}:00{}", self.lunes, self.despues).parse().expect("a time")
    }
    /// In Santiago clocks are changed at midnight, at four or at three UTC; Sunday begins at four both times.
    fn domingo(&self) -> Timestamp {
        format!("{}T04:00:00Z", self.domingo).parse().expect("a time")
    }
}

struct Santiago {
    agenda: Agenda,
    recepcion: Cliente,
}

impl Santiago {
    async fn start() -> Self {
        let agenda = Agenda::start().await;
        agenda.huella.execute("update sedes set zona_horaria = 'America/Santiago' where codigo = 'LIM'").await;
        let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
        Self { agenda, recepcion }
    }

    fn cita(&self, mascota: &str, inicio: Timestamp) -> Value {
        let Agenda { lima, consulta, soto, .. } = &self.agenda;
        json!({ "sede_id": lima, "mascota_id": mascota, "servicio_id": consulta, "medico_id": soto, "inicio": inicio })
    }

    async fn reservar(&self, nombre: &str, inicio: Timestamp) -> String {
        id(&self.recepcion.post("/citas/reservar", self.cita(&self.agenda.mascota(nombre).await, inicio)).await.created())
    }

    async fn cerrada(&self, mascota: &str, inicio: Timestamp) {
        let refused = self.recepcion.post("/citas/reservar", self.cita(mascota, inicio)).await.problem(422, "cita-fuera-de-agenda");
        assert_eq!(refused["impedimentos"], json!([{ "tipo": "sede_cerrada" }, { "tipo": "medico_sin_turno" }]), "{inicio}");
    }

    /// At an hour in which nobody is there, as another system might have had it.
    async fn de_noche(&self, nombre: &str, cambio: &Cambio, inicio: Timestamp) -> String {
        let cita = self.reservar(nombre, cambio.el_sabado("12:00")).await;
        let moved = format!(
            "update citas set inicio = '{inicio}', fin = '{inicio}'::timestamptz + interval '30 minutes', ocupado_desde = '{inicio}',
                              ocupado_hasta = '{inicio}'::timestamptz + interval '35 minutes' where id = '{cita}'"
        );
        self.agenda.huella.execute(&moved).await;
        cita
    }

    async fn del_dia(&self, fecha: &str, dias: usize) -> Vec<String> {
        let path = format!("/citas?sede_id={}&fecha={fecha}&dias={dias}", self.agenda.lima);
        self.recepcion.get(&path).await.ok()["items"].as_array().expect("items").iter().map(id).collect()
    }
}

fn starts(list: &Value) -> Vec<Timestamp> {
    list.as_array().expect("a list").iter().map(|one| one["inicio"].as_str().expect("a start").parse().expect("a time")).collect()
}

#[rstest]
#[case::an_hour_more(ATRAS)]
#[case::an_hour_less(ADELANTE)]
#[tokio::test]
async fn hours_and_gaps_are_those_of_the_wall_before_and_after_clocks_change(#[case] cambio: Cambio) {
    let santiago = Santiago::start().await;
    let Agenda { consulta, soto, lima, .. } = &santiago.agenda;
    let query =
        format!("/disponibilidad?servicio_id={consulta}&medico_id={soto}&sedes={lima}&desde={}&limite=4", cambio.el_sabado("13:00"));
    let found = santiago.recepcion.get(&query).await.ok();
    let open = [cambio.el_sabado("13:00"), cambio.el_sabado("13:15"), cambio.el_sabado("13:30"), cambio.el_lunes("08:00")];
    assert_eq!(starts(&found["huecos"]), open, "until two on Saturday, from eight on Monday");

    let luna = santiago.agenda.mascota("Luna").await;
    for shut in [cambio.el_sabado("08:45"), cambio.el_sabado("14:00"), cambio.el_lunes("07:45"), cambio.el_lunes("19:45")] {
        santiago.cerrada(&luna, shut).await;
    }
    for (nombre, open) in [
        ("Uno", cambio.el_sabado("09:00")),
        ("Dos", cambio.el_sabado("13:30")),
        ("Tres", cambio.el_lunes("08:00")),
        ("Cuatro", cambio.el_lunes("19:30")),
    ] {
        santiago.reservar(nombre, open).await;
    }
}

#[rstest]
#[case::an_hour_more(ATRAS)]
#[case::an_hour_less(ADELANTE)]
#[tokio::test]
async fn a_day_lasts_from_midnight_to_midnight_however_long_that_is(#[case] cambio: Cambio) {
    let santiago = Santiago::start().await;
    let minutes = SignedDuration::from_mins;
    let late = santiago.de_noche("Tarde", &cambio, cambio.domingo() - minutes(30)).await;
    let early = santiago.de_noche("Temprano", &cambio, cambio.domingo() + minutes(15)).await;
    let last = santiago.de_noche("Ultima", &cambio, cambio.el_lunes("00:00") - minutes(45)).await;
    let monday = santiago.de_noche("Primera", &cambio, cambio.el_lunes("00:15")).await;
    let noon = santiago.reservar("Luna", cambio.el_sabado("12:00")).await;
    assert_eq!(santiago.del_dia(cambio.sabado, 1).await, [noon.clone(), late.clone()]);
    assert_eq!(santiago.del_dia(cambio.domingo, 1).await, [early.clone(), last.clone()]);
    assert_eq!(santiago.del_dia(cambio.lunes, 1).await, std::slice::from_ref(&monday));
    assert_eq!(santiago.del_dia(cambio.sabado, 3).await, [noon, late, early, last, monday]);
}

#[rstest]
#[case::an_hour_more(ATRAS)]
#[case::an_hour_less(ADELANTE)]
#[tokio::test]
async fn what_comes_back_every_week_comes_at_the_same_hour_of_the_wall(#[case] cambio: Cambio) {
    let santiago = Santiago::start().await;
    let mut body = santiago.cita(&santiago.agenda.mascota("Luna").await, cambio.el_sabado("10:00"));
    for (field, value) in [("cada", json!(1)), ("unidad", json!("semanas")), ("veces", json!(2)), ("si_hay_conflicto", json!("rechazar"))] {
        body[field] = value;
    }
    let serie = santiago.recepcion.post("/citas/series", body).await.created();
    let next_saturday = cambio.el_lunes("10:00") + SignedDuration::from_hours(5 * 24);
    assert_eq!(starts(&serie["citas"]), [cambio.el_sabado("10:00"), next_saturday]);
}

/// A calendar of another program is told the instant, and shows it by a clock of its own.
#[rstest]
#[case::an_hour_more(ATRAS)]
#[case::an_hour_less(ADELANTE)]
#[tokio::test]
async fn a_calendar_says_the_instant_on_both_sides_of_the_change(#[case] cambio: Cambio) {
    let santiago = Santiago::start().await;
    let (saturday, monday) = (cambio.el_sabado("10:00"), cambio.el_lunes("10:00"));
    santiago.reservar("Luna", saturday).await;
    santiago.reservar("Max", monday).await;
    let made = santiago.recepcion.post("/calendarios", json!({ "sede_id": santiago.agenda.lima })).await.created();
    // A calendar looks half a year ahead.
    let huella = &santiago.agenda.huella;
    huella.avanzar(cambio.el_sabado("06:00").duration_since(huella.now()));
    let feed = huella.nadie().get(&format!("/{}", made["ruta"].as_str().expect("an address"))).await;
    let text = String::from_utf8_lossy(&feed.bytes).into_owned();
    let mut told: Vec<&str> = text.lines().filter_map(|line| line.trim_end().strip_prefix("DTSTART:")).collect();
    told.sort_unstable();
    assert_eq!(told, [saturday, monday].map(|at| at.strftime("%Y%m%dT%H%M%SZ").to_string()));
}

/// In New York the clock is changed at two on Sunday: from midnight to six are five hours in March and seven in November.
#[rstest]
#[case::five_hours("2027-03-14T05:00:00Z", 5)]
#[case::seven_hours("2027-11-07T04:00:00Z", 7)]
#[tokio::test]
async fn a_night_of_the_change_has_as_many_hours_to_book_as_it_lasts(#[case] medianoche: Timestamp, #[case] horas: i64) {
    let agenda = Agenda::start().await;
    let Agenda { consulta, soto, lima, huella, .. } = &agenda;
    huella.execute("update sedes set zona_horaria = 'America/New_York' where codigo = 'LIM'").await;
    let sunday = "7, '00:00', '06:00' from sedes where codigo = 'LIM'";
    huella.execute(&format!("insert into horarios_sede (tenant_id, sede_id, dia, desde, hasta) select tenant_id, id, {sunday}")).await;
    huella
        .execute(&format!(
            "insert into planes_medicos (tenant_id, sede_id, medico_id, dia, desde, hasta) select tenant_id, id, '{soto}', {sunday}"
        ))
        .await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    // Every quarter of an hour, the last of them half an hour before the end.
    let quarters: Vec<Timestamp> = (0..horas * 4 - 1).map(|number| medianoche + SignedDuration::from_mins(15 * number)).collect();
    let query =
        format!("/disponibilidad?servicio_id={consulta}&medico_id={soto}&sedes={lima}&desde={medianoche}&limite={}", quarters.len() + 1);
    let mut found = starts(&recepcion.get(&query).await.ok()["huecos"]);
    let next = found.pop().expect("a gap of another day");
    assert_eq!(found, quarters);
    assert!(next > medianoche + SignedDuration::from_hours(24), "{next}: Monday at eight");
    // Half past one comes twice in November, and each is an hour of its own; in March the next hour is half past three.
    let half_past_one = medianoche + SignedDuration::from_mins(90);
    for (nombre, inicio) in [("Luna", half_past_one), ("Max", half_past_one + SignedDuration::from_hours(1))] {
        let mascota = agenda.mascota(nombre).await;
        let body = json!({ "sede_id": lima, "mascota_id": mascota, "servicio_id": consulta, "medico_id": soto, "inicio": inicio });
        let cita = recepcion.post("/citas/reservar", body).await.created();
        assert_eq!(starts(&json!([cita])), [inicio]);
    }
    let sunday = medianoche.to_zoned(jiff::tz::TimeZone::UTC).date();
    let path = format!("/citas?sede_id={lima}&fecha={sunday}");
    assert_eq!(recepcion.get(&path).await.ok()["items"].as_array().map(Vec::len), Some(2));
}
