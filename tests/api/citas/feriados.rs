//! Days and hours that are not everybody's: holidays of a region, and a sede whose clock goes back and forth.
use super::{Agenda, resources};
use huella_tests::{
    Cliente,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Chile's clock goes back on Saturday 4 April 2026 at midnight, and on on Sunday 6 September.
const CON_VERANO: &str = "America/Santiago";

impl Agenda {
    /// A consultation in Cusco with Dr. Rojas.
    fn en_cusco(&self, mascota: &str, inicio: &str) -> Value {
        let mut body = self.cita(mascota, inicio);
        (body["sede_id"], body["medico_id"]) = (json!(self.cusco), json!(self.rojas));
        body
    }

    /// Lima, as if it lay where the clock changes.
    async fn mudar_a(&self, zona: &str) {
        self.huella.execute(&format!("update sedes set zona_horaria = '{zona}' where codigo = 'LIM'")).await;
    }

    async fn huecos(&self, who: &Cliente, servicio: &str, desde: &str, limite: usize) -> Vec<Timestamp> {
        let path =
            format!("/disponibilidad?servicio_id={servicio}&medico_id={}&sedes={}&desde={desde}&limite={limite}", self.soto, self.lima);
        let found = who.get(&path).await.ok();
        let starts = found["huecos"].as_array().expect("gaps").iter();
        starts.map(|gap| gap["inicio"].as_str().expect("a start").parse().expect("a time")).collect()
    }
}

fn reasons(problem: &Value) -> Vec<&str> {
    problem["impedimentos"].as_array().into_iter().flatten().filter_map(|i| i["tipo"].as_str()).collect()
}

#[tokio::test]
async fn a_holiday_of_a_region_closes_the_sedes_that_lie_in_it_and_no_other() {
    let agenda = Agenda::start().await;
    // Cusco lies in 080101: its region's day and its province's count, the neighbour province's and Lima's do not.
    agenda
        .huella
        .execute(
            "insert into feriados (fecha, ambito, nombre, fuente) values
               ('2026-03-05', '08', 'Día de la región', 'Ordenanza regional 1'), ('2026-03-12', '0801', 'Día de la provincia', 'Ordenanza 2'),
               ('2026-03-19', '0802', 'Día de la otra provincia', 'Ordenanza 3'), ('2026-03-26', '150101', 'Día del Cercado', 'Ordenanza 4')",
        )
        .await;
    let (admin, luna) = (agenda.huella.como(ADMIN).await, agenda.mascota("Luna").await);
    for (day, cusco, lima) in [("05", false, true), ("12", false, true), ("19", true, true), ("26", true, false)] {
        let at = |hora: &str| format!("2026-03-{day}T{hora}:00");
        for (open, body) in [(cusco, agenda.en_cusco(&luna, &at("10:00"))), (lima, agenda.cita(&luna, &at("16:00")))] {
            let answer = admin.post("/citas/reservar", body).await;
            if open {
                answer.created();
            } else {
                assert_eq!(reasons(&answer.problem(422, "cita-fuera-de-agenda")), ["feriado"], "{day}");
            }
        }
    }
    // No gap is shown on such a day; a sede that opens all the same says so for that day.
    let gaps = format!("/disponibilidad?servicio_id={}&sedes={}&desde=2026-03-05T08:00:00-05:00&limite=1", agenda.consulta, agenda.cusco);
    let first = async || admin.get(&gaps).await.ok()["huecos"][0]["inicio"].as_str().expect("a gap").to_owned();
    assert!(first().await.as_str() > "2026-03-06", "{}", first().await);
    let opens = json!({ "fecha": "2026-03-05", "abierto": true, "desde": "09:00", "hasta": "12:00", "motivo": "Atendemos el feriado" });
    admin.post(&format!("/sedes/{}/excepciones", agenda.cusco), opens).await.created();
    assert_eq!(first().await, "2026-03-05T14:00:00Z");
    admin.post("/citas/reservar", agenda.en_cusco(&luna, "2026-03-05T10:00:00")).await.created();
    // Everybody may know which days those are, and by which law.
    let listed = admin.get("/feriados?desde=2026-03-01&hasta=2026-03-31").await.ok();
    let named: Vec<(&str, &str, &str)> = listed
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|day| Some((day["fecha"].as_str()?, day["ambito"].as_str()?, day["fuente"].as_str()?)))
        .collect();
    assert_eq!(
        named,
        [
            ("2026-03-05", "08", "Ordenanza regional 1"),
            ("2026-03-12", "0801", "Ordenanza 2"),
            ("2026-03-19", "0802", "Ordenanza 3"),
            ("2026-03-26", "150101", "Ordenanza 4")
        ]
    );
}

#[tokio::test]
async fn a_chain_adds_the_days_of_its_regions_and_takes_them_away() {
    let agenda = Agenda::start().await;
    let (admin, luna) = (agenda.huella.como(ADMIN).await, agenda.mascota("Luna").await);
    let day = |ambito: &str| json!({ "fecha": "2026-03-05", "ambito": ambito, "nombre": "Día del Cusco", "fuente": "Ordenanza 1" });
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    recepcion.post("/feriados", day("08")).await.problem(403, "sin-permiso");
    assert_eq!(admin.post("/feriados", day("8")).await.wrong_fields(), ["/ambito"]);
    let own = admin.post("/feriados", day("08")).await.created();
    assert_eq!(
        admin.post("/feriados", day("08")).await.problem(409, "feriado-repetido")["detail"],
        "La cadena ya tiene un feriado ese día ahí."
    );
    // What is a holiday of the whole country needs no other, and is named.
    let national = json!({ "fecha": "2026-05-01", "ambito": "08", "nombre": "Día del Trabajo", "fuente": "Ordenanza 2" });
    let told = admin.post("/feriados", national).await.problem(409, "feriado-repetido");
    assert_eq!(told["detail"], "Ya es feriado en todo el país: «Día del Trabajo» (D. Leg. 713, art. 6).");
    let listed = admin.get("/feriados?desde=2026-03-01&hasta=2026-03-31").await.ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!((&listed[0]["id"], &listed[0]["fuente"]), (&own["id"], &json!("Ordenanza 1")));
    let other = agenda.huella.como(huella_tests::costera::ADMIN).await;
    assert_eq!(other.get("/feriados?desde=2026-03-01&hasta=2026-03-31").await.ok(), json!([]));
    other.delete(&format!("/feriados/{}", id(&own))).await.problem(404, "no-encontrado");
    let in_cusco = || agenda.en_cusco(&luna, "2026-03-05T10:00:00");
    assert_eq!(reasons(&admin.post("/citas/reservar", in_cusco()).await.problem(422, "cita-fuera-de-agenda")), ["feriado"]);
    admin.delete(&format!("/feriados/{}", id(&own))).await.expect(204);
    admin.delete(&format!("/feriados/{}", id(&own))).await.problem(404, "no-encontrado");
    admin.post("/citas/reservar", in_cusco()).await.created();
    // One of the whole chain closes every sede, and takes the permission in each.
    let all = json!({ "fecha": "2026-03-11", "ambito": "", "nombre": "Aniversario", "fuente": "Directorio" });
    agenda.huella.como(ADMIN_LIMA).await.post("/feriados", all.clone()).await.problem(403, "sin-permiso");
    admin.post("/feriados", all).await.created();
    let (max, nala) = (agenda.mascota("Max").await, agenda.mascota("Nala").await);
    for body in [agenda.en_cusco(&max, "2026-03-11T10:00:00"), agenda.cita(&nala, "2026-03-11T16:00:00")] {
        assert!(reasons(&admin.post("/citas/reservar", body).await.problem(422, "cita-fuera-de-agenda")).contains(&"feriado"));
    }
}

#[tokio::test]
async fn what_comes_back_at_ten_comes_back_at_ten_when_the_clock_has_changed() {
    let agenda = Agenda::start().await;
    agenda.mudar_a(CON_VERANO).await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let mut nueva = agenda.cita(&luna, "2026-03-26T00:00:00");
    nueva["inicio"] = json!("2026-03-26T10:00:00-03:00");
    for (name, value) in [("cada", json!(2)), ("unidad", json!("semanas")), ("veces", json!(3)), ("si_hay_conflicto", json!("rechazar"))] {
        nueva[name] = value;
    }
    let serie = recepcion.post("/citas/series", nueva).await.created();
    let starts: Vec<&str> = serie["citas"].as_array().expect("dates").iter().filter_map(|cita| cita["inicio"].as_str()).collect();
    // Ten in the morning there is one o'clock in Greenwich before the change, and two after it.
    assert_eq!(starts, ["2026-03-26T13:00:00Z", "2026-04-09T14:00:00Z", "2026-04-23T14:00:00Z"]);
    // An hour later, all of it: eleven by the wall in each.
    let first = &serie["citas"][0];
    let mut moved = agenda.cambio(first);
    moved["inicio"] = json!("2026-03-26T11:00:00-03:00");
    recepcion.put(&format!("/citas/{}?alcance=todas", id(first)), moved).await.ok();
    // The copy for other programs says the same instants, and the desk finds each on its own day.
    let calendar = recepcion.post("/calendarios", json!({ "sede_id": agenda.lima })).await.created();
    let read = agenda.huella.nadie().get(&format!("/{}", calendar["ruta"].as_str().expect("an address"))).await;
    let text = String::from_utf8(read.bytes).expect("text");
    let told: Vec<&str> = text.split("\r\n").filter_map(|line| line.strip_prefix("DTSTART:")).collect();
    assert_eq!(told, ["20260326T140000Z", "20260409T150000Z", "20260423T150000Z"]);
    for day in ["2026-03-26", "2026-04-09", "2026-04-23"] {
        let listed = recepcion.get(&format!("/citas?sede_id={}&fecha={day}", agenda.lima)).await.ok();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{day}: {listed:#}");
    }
    // The first gap of a day is when the sede opens by its own clock.
    for (desde, opens) in [("2026-03-31T00:00:00-03:00", "2026-03-31T11:00:00Z"), ("2026-04-07T00:00:00-04:00", "2026-04-07T12:00:00Z")] {
        assert_eq!(agenda.huecos(&recepcion, &agenda.consulta, desde, 1).await, [opens.parse().expect("a time")]);
    }
    // A vet who is wanted in two zones at one moment.
    let (nala, max) = (agenda.mascota("Nala").await, agenda.mascota("Max").await);
    let with_rojas = |pet: &str, inicio: &str, sede: &str| {
        let mut body = agenda.cita(pet, "2026-03-02T00:00:00");
        (body["inicio"], body["sede_id"], body["medico_id"]) = (json!(inicio), json!(sede), json!(agenda.rojas));
        body
    };
    let admin = agenda.huella.como(ADMIN).await;
    admin.post("/citas/reservar", with_rojas(&nala, "2026-03-09T10:00:00-03:00", &agenda.lima)).await.created();
    let problem = admin.post("/citas/reservar", with_rojas(&max, "2026-03-09T08:00:00-05:00", &agenda.cusco)).await;
    assert_eq!(resources(&problem.problem(409, "cita-traslape")), ["medico"]);
}

/// A day of twenty-five hours and a midnight that does not exist, in a clinic that never closes.
#[tokio::test]
async fn in_the_night_in_which_the_clock_changes_every_quarter_of_an_hour_is_offered_once() {
    let agenda = Agenda::start().await;
    agenda.mudar_a(CON_VERANO).await;
    let admin = agenda.huella.como(ADMIN).await;
    let always = json!({ "tramos": (1..=7).map(|dia| json!({ "dia": dia, "desde": "00:00", "hasta": "24:00" })).collect::<Vec<_>>() });
    for path in [format!("/sedes/{}/horarios", agenda.lima), format!("/sedes/{}/medicos/{}/plan", agenda.lima, agenda.soto)] {
        admin.put(&path, always.clone()).await.ok();
    }
    for (desde, from) in [("2026-04-04T00:00:00-03:00", "2026-04-04T03:00:00Z"), ("2026-09-05T00:00:00-04:00", "2026-09-05T04:00:00Z")] {
        let from: Timestamp = from.parse().expect("a time");
        let found = agenda.huecos(&admin, &agenda.llamada, desde, 200).await;
        let expected: Vec<Timestamp> = (0..200).map(|step| from + SignedDuration::from_mins(15 * step)).collect();
        assert_eq!(found, expected, "from {desde}");
    }
    // Half past eleven comes twice that night: two appointments, and each is on Saturday.
    for (nombre, inicio) in [("Luna", "2026-04-04T23:30:00-03:00"), ("Max", "2026-04-04T23:30:00-04:00")] {
        let mut body = agenda.cita(&agenda.mascota(nombre).await, "2026-04-04T00:00:00");
        (body["inicio"], body["servicio_id"]) = (json!(inicio), json!(agenda.llamada));
        admin.post("/citas/reservar", body).await.created();
    }
    let listed = admin.get(&format!("/citas?sede_id={}&fecha=2026-04-04", agenda.lima)).await.ok();
    let starts: Vec<&str> = listed["items"].as_array().expect("items").iter().filter_map(|cita| cita["inicio"].as_str()).collect();
    assert_eq!(starts, ["2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z"]);
}
