//! Lists as files.
use calamine::{Data, DataType, Reader, Xlsx};
use huella_tests::{
    Cliente, Huella, Respuesta,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use reqwest::header;
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Cursor;

/// Rows of a CSV, the titles first.
fn csv_rows(answer: Respuesta) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = String::from_utf8(answer.bytes).expect("UTF-8");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn column(rows: &[Vec<String>], title: &str) -> Vec<String> {
    let at = rows[0].iter().position(|one| one == title).unwrap_or_else(|| panic!("{title} in {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// A pet of that name with an appointment in that sede, on the second of March.
async fn cita(huella: &Huella, codigo: &str, nombre: &str, hora: &str) -> Value {
    let admin = huella.como(ADMIN).await;
    let new = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "hembra" } });
    let mascota = id(&admin.post("/pacientes/registro", new).await.created()["mascota"]);
    let (sede, servicio) =
        (huella.id_of("andina", "sedes", "codigo", codigo).await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    let mut body =
        json!({ "sede_id": sede, "mascota_id": mascota, "servicio_id": servicio, "inicio": format!("2026-03-02T{hora}:00-05:00") });
    if codigo == "LIM" {
        // The other vet of Lima may be wanted in Cusco on the same day.
        body["medico_id"] = json!(huella.id_of("andina", "usuarios", "cmvp", "11567").await);
    }
    admin.post("/citas/reservar", body).await.created()
}

#[tokio::test]
async fn an_agenda_is_a_file_with_a_title_for_every_field() {
    let huella = Huella::start().await;
    let made = cita(&huella, "LIM", "=1+1", "10:00").await;
    let admin = huella.como(ADMIN).await;
    let path = format!("/citas?sede_id={}&fecha=2026-03-02&formato=csv", made["sede_id"].as_str().expect("an id"));
    let answer = admin.get(&path).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"citas.csv\"");
    let rows = csv_rows(answer);
    assert_eq!((column(&rows, "id"), column(&rows, "inicio")), (vec![id(&made)], vec!["2026-03-02T15:00:00Z".to_owned()]));
    assert_eq!(column(&rows, "servicio"), ["Consulta general"]);
    // A name that a spreadsheet would compute stays a name.
    assert_eq!(column(&rows, "mascota"), ["'=1+1"]);
}

#[tokio::test]
async fn a_workbook_has_numbers_times_and_names() {
    let huella = Huella::start().await;
    let made = cita(&huella, "LIM", "=1+1", "10:00").await;
    let path = format!("/citas?sede_id={}&fecha=2026-03-02&formato=xlsx", made["sede_id"].as_str().expect("an id"));
    let answer = huella.como(ADMIN).await.get(&path).await;
    assert_eq!((answer.status.as_u16(), answer.headers["x-filas"].to_str().ok()), (200, Some("1")));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let rows: Vec<&[Data]> = sheet.rows().collect();
    let cell = |title: &str| &rows[1][rows[0].iter().position(|one| one == &Data::String(title.into())).expect("the title")];
    assert_eq!((rows.len(), cell("mascota")), (2, &Data::String("=1+1".into())));
    assert_eq!(cell("version"), &Data::Float(1.0));
    let inicio = cell("inicio (hora de Lima)").get_datetime().expect("a time").as_f64();
    // Days since 1899-12-30; ten in the morning is 10/24.
    assert!((inicio - (46_083.0 + 10.0 / 24.0)).abs() < 1e-6, "{inicio}");
}

#[tokio::test]
async fn all_pages_come_and_nothing_twice() {
    let huella = Huella::start().await;
    let sede = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let insert = format!(
        "insert into areas (tenant_id, id, sede_id, nombre, activa)
         select tenant_id, gen_random_uuid(), id, 'Área ' || n, true from sedes, generate_series(1, 450) n where id = '{sede}'"
    );
    huella.execute(&insert).await;
    let there: i64 = huella.scalar(&format!("select count(*) from areas where sede_id = '{sede}'")).await;
    let rows = csv_rows(huella.como(ADMIN).await.get(&format!("/sedes/{sede}/areas?formato=csv&limite=3")).await);
    let mut names = column(&rows, "nombre");
    names.sort();
    names.dedup();
    assert!(there > 450);
    assert_eq!((rows.len() as i64 - 1, names.len() as i64), (there, there));
}

#[tokio::test]
async fn what_is_taken_out_is_in_the_audit_without_what_was_searched() {
    let huella = Huella::start().await;
    cita(&huella, "LIM", "Luna", "10:00").await;
    let admin = huella.como(ADMIN).await;
    let rows = csv_rows(admin.get("/pacientes?buscar=Tutora&formato=csv").await);
    assert_eq!(column(&rows, "mascota.nombre"), ["Luna"]);
    let told: Value = huella.scalar("select despues from auditoria where accion = 'exportar'").await;
    assert_eq!(told, json!({ "lista": "pacientes", "filtros": { "buscar": "…" }, "formato": "csv", "filas": 1 }));
}

/// A document, a phone, an e-mail or a name by which somebody filtered stays out of what is never rewritten.
#[rstest]
#[case("/tutores?buscar=40302010", json!({ "buscar": "…" }))]
#[case("/tutores?buscar=987654321", json!({ "buscar": "…" }))]
#[case("/tutores?buscar=rosa%40ejemplo.pe", json!({ "buscar": "…" }))]
#[case("/reclamos?documento=40302010&estado=pendiente", json!({ "documento": "…", "estado": "pendiente" }))]
#[case("/permisos?rosa=40302010", json!({}))]
#[case("/recordatorios/conversion?desde=2026-03-01&hasta=2026-03-02", json!({ "desde": "2026-03-01", "hasta": "2026-03-02" }))]
#[tokio::test]
async fn the_audit_keeps_names_of_filters_and_values_that_name_nobody(#[case] path: &str, #[case] expected: Value) {
    let huella = Huella::start().await;
    let joiner = if path.contains('?') { '&' } else { '?' };
    csv_rows(huella.como(ADMIN).await.get(&format!("{path}{joiner}formato=csv")).await);
    let told: Value = huella.scalar("select despues from auditoria where accion = 'exportar'").await;
    assert_eq!(told["filtros"], expected);
}

#[tokio::test]
async fn a_list_inside_of_an_answer_is_a_file_too() {
    let huella = Huella::start().await;
    let sede = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let admin = huella.como(ADMIN).await;
    let week = admin.get(&format!("/sedes/{sede}/horarios")).await.ok();
    let rows = csv_rows(admin.get(&format!("/sedes/{sede}/horarios?formato=csv")).await);
    assert_eq!(rows.len() - 1, week["tramos"].as_array().map_or(0, Vec::len));
    assert_eq!(column(&rows, "desde").first().map(String::as_str), week["tramos"][0]["desde"].as_str());
}

#[tokio::test]
async fn exporting_takes_a_right_of_its_own_and_goes_no_further_than_it() {
    let huella = Huella::start().await;
    let (lima, cusco) = (cita(&huella, "LIM", "Luna", "10:00").await, cita(&huella, "CUS", "Sol", "10:00").await);
    let of = |cita: &Value| format!("/citas?sede_id={}&fecha=2026-03-02", cita["sede_id"].as_str().expect("an id"));
    let recepcion = huella.como(RECEPCION_LIMA).await;
    recepcion.get(&of(&lima)).await.ok();
    recepcion.get(&format!("{}&formato=csv", of(&lima))).await.problem(403, "sin-permiso");

    // Who sees the agenda of all and may take out that of Lima gets that of Lima.
    let admin = huella.como(ADMIN).await;
    let rol = json!({ "clave": "mira", "nombre": "Mira", "permisos": ["cita.ver"] });
    let rol = id(&admin.post("/roles", rol).await.created());
    let lima_admin: String = huella
        .scalar(&format!(
            "select a.usuario_id::text from asignaciones a join roles r on r.id = a.rol_id
              where r.clave = 'administrador_sede' and a.sede_id = '{}' limit 1",
            lima["sede_id"].as_str().expect("an id")
        ))
        .await;
    admin.post(&format!("/usuarios/{lima_admin}/asignaciones"), json!({ "rol_id": rol, "sede_id": null })).await.created();
    let jefe: Cliente = huella.como(ADMIN_LIMA).await;
    jefe.get(&of(&cusco)).await.ok();
    assert_eq!(csv_rows(jefe.get(&format!("{}&formato=csv", of(&lima))).await).len(), 2);
    jefe.get(&format!("{}&formato=csv", of(&cusco))).await.problem(403, "sin-permiso");
}

#[rstest]
#[case::of_the_list("/citas?formato=csv", &["?fecha"])]
#[case::of_the_format("/usuarios?formato=pdf", &["?formato"])]
#[tokio::test]
async fn what_is_wrong_is_said_as_ever(#[case] path: &str, #[case] expected: &[&str]) {
    let huella = Huella::start().await;
    assert_eq!(huella.como(ADMIN).await.get(path).await.wrong_fields(), expected);
}
