//! A chain's files, applied.
use huella_tests::{CLAVE, Huella, id};
use kernel::apply::{Outcome, Report};
use serde_json::json;
use std::path::PathBuf;

/// A chain's folder that a test may edit.
struct Carpeta(PathBuf);

impl Carpeta {
    fn new(text: &str) -> Self {
        let root = std::env::temp_dir().join(format!("huella-cadena-{}", uuid::Uuid::now_v7())).join("prueba");
        std::fs::create_dir_all(&root).expect("a folder");
        let folder = Self(root);
        folder.write(text);
        folder
    }
    fn write(&self, text: &str) {
        std::fs::write(self.0.join("tenant.toml"), text).expect("a file");
    }
    async fn apply(&self, huella: &Huella) -> anyhow::Result<Report> {
        let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tenants/_base");
        server::tenant::apply(&huella.parts.system(), &huella.parts.identidad, &base, &self.0, Some(CLAVE)).await
    }
}

impl Drop for Carpeta {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap_or(&self.0));
    }
}

const PRUEBA: &str = r#"
[cadena]
clave = "prueba"
nombre = "Prueba"

[[roles]]
clave = "ayudante"
nombre = "Ayudante"
permisos = ["sede.ver"]

[[entidades_legales]]
ruc = "20131312955"
razon_social = "Prueba S.A.C."

[[sedes]]
codigo = "LIM"
nombre = "Prueba Lima"
entidad_legal = "20131312955"
ciudad = "Lima"
telefono = "01 555 0100"
areas = [{ nombre = "Clínica" }]
ambientes = [{ nombre = "Consultorio 1", tipo = "consultorio", area = "Clínica" }]
equipos = [{ nombre = "Ecógrafo", tipo = "ecografo" }]

[[personal]]
nombres = "Ada"
apellidos = "Primera"
correo = "ada@prueba.example.pe"
asignaciones = [{ rol = "administrador_cadena" }]

[[personal]]
nombres = "Leo"
apellidos = "Inventado"
correo = "leo@prueba.example.pe"
telefono = "987654321"
cmvp = "4321"
asignaciones = [{ rol = "veterinario", sede = "LIM" }, { rol = "ayudante", sede = "LIM" }]
"#;

fn lines(report: &Report, outcome: Outcome) -> Vec<(&str, &str, Vec<&str>)> {
    let of = report.lines.iter().filter(|line| line.outcome == outcome);
    of.map(|line| (line.tipo.as_str(), line.entrada.as_str(), line.campos.iter().map(String::as_str).collect())).collect()
}

#[tokio::test]
async fn applying_twice_changes_nothing() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(PRUEBA);
    let first = folder.apply(&huella).await.expect("a chain");
    assert!(lines(&first, Outcome::Creado).contains(&("ambiente", "LIM/Consultorio 1", vec![])), "{first}");
    let count = "select count(*) from auditoria";
    let before: i64 = huella.scalar(count).await;
    let second = folder.apply(&huella).await.expect("the same chain");
    assert_eq!((second.lines.len(), second.to_string().as_str()), (0, "sin cambios"));
    assert_eq!(huella.scalar::<i64>(count).await, before, "and leaves no trace");
    let leo = huella.como("leo@prueba.example.pe").await.get("/yo").await.ok();
    assert_eq!(leo["sedes"][0]["roles"], json!(["ayudante", "veterinario"]));
    let clear: i64 = huella.scalar("select count(*) from tenants_aplicados t where t::text ilike '%inventado%' or t::text like '%987654321%' or t::text ilike '%leo@%'").await;
    assert_eq!(clear, 0, "what is remembered of people is not in the clear");
}

#[tokio::test]
async fn what_the_api_changed_stays_until_the_file_changes() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(PRUEBA);
    folder.apply(&huella).await.expect("a chain");
    let admin = huella.como("ada@prueba.example.pe").await;
    let sede = admin.get("/sedes").await.ok()["items"][0].clone();
    let body = json!({ "entidad_legal_id": sede["entidad_legal_id"], "codigo": "LIM", "nombre": "Por la API", "ciudad": "Lima", "telefono": "+5115550100" });
    admin.put(&format!("/sedes/{}", id(&sede)), body).await.ok();
    let leo = huella.id_of("prueba", "usuarios", "apellidos", "Inventado").await;
    admin.put(&format!("/usuarios/{leo}"), json!({ "nombres": "Leonardo", "apellidos": "Inventado", "correo": "leo@prueba.example.pe", "es_medico": true, "cmvp": "4321" })).await.ok();

    let report = folder.apply(&huella).await.expect("the same file");
    let kept = lines(&report, Outcome::Conservado);
    assert_eq!(kept, [("sede", "LIM", vec!["nombre"]), ("persona", "leo@prueba.example.pe", vec!["nombres", "telefono"])]);
    assert!(report.to_string().ends_with("sin cambios"), "{report}");
    assert_eq!(admin.get(&format!("/sedes/{}", id(&sede))).await.ok()["nombre"], "Por la API");

    // The entry changes: now the file wins, wholly, and says so. What left the file stays in the chain.
    folder.write(
        &PRUEBA
            .replace("01 555 0100", "01 555 0199")
            .replace("equipos = [{ nombre = \"Ecógrafo\", tipo = \"ecografo\" }]", "")
            .replace(", { rol = \"ayudante\", sede = \"LIM\" }", ""),
    );
    let report = folder.apply(&huella).await.expect("a changed file");
    assert_eq!(lines(&report, Outcome::Sobrescrito), [("sede", "LIM", vec!["nombre", "telefono"])]);
    assert_eq!(lines(&report, Outcome::Cambiado), [("roles de persona", "leo@prueba.example.pe", vec!["asignaciones"])]);
    assert_eq!(lines(&report, Outcome::Retirado), [("equipo", "LIM/Ecógrafo", vec![])]);
    let now = admin.get(&format!("/sedes/{}", id(&sede))).await.ok();
    assert_eq!((now["nombre"].as_str(), now["telefono"].as_str()), (Some("Prueba Lima"), Some("+5115550199")));
    let equipos = admin.get(&format!("/sedes/{}/equipos", id(&sede))).await.ok();
    assert_eq!(equipos["items"].as_array().map(Vec::len), Some(1), "nothing is deleted");
    assert_eq!(folder.apply(&huella).await.expect("once more").changes(), 0);
}

#[tokio::test]
async fn a_faulty_file_names_everything_and_writes_nothing() {
    let huella = Huella::start().await;
    let folder =
        Carpeta::new(&PRUEBA.replace("nombre = \"Prueba Lima\"", "nombre = \"\"\nnombres = \"x\"").replace("20131312955", "20131312956"));
    let text = folder.apply(&huella).await.expect_err("three faults").to_string();
    for fault in
        ["sedes[0].nombre: no puede estar vacío", "sedes[0].nombres: no es un campo conocido", "entidades_legales[0].ruc: debe ser un RUC"]
    {
        assert!(text.contains(&format!("prueba/tenant.toml: {fault}")), "{text}");
    }
    folder.write(&PRUEBA.replace("rol = \"administrador_cadena\"", "rol = \"recepcion\""));
    folder.apply(&huella).await.expect_err("nobody could administer it");
    assert_eq!(huella.scalar::<i64>("select count(*) from usuarios where apellidos = 'Inventado'").await, 0);
}

const CORREOS: &str = r#"
[correos]
confirmaciones = true
silencio_desde = "20:00"

[[plantillas]]
tipo = "cita_anulada"
asunto = "{{ mascota }}"
texto = "Hola"
html = "<p>{{ tutor }}</p>"
"#;

#[tokio::test]
async fn a_chains_letters_come_from_its_file_and_a_bad_one_is_refused_with_its_line() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(&format!("{PRUEBA}{CORREOS}"));
    let report = folder.apply(&huella).await.expect("applied");
    let made = |tipo: &str| report.lines.iter().any(|line| line.tipo == tipo && line.outcome == Outcome::Creado);
    assert!(made("correos") && made("plantilla"), "{report}");
    assert_eq!(folder.apply(&huella).await.expect("applied").changes(), 0);
    let ada = huella.como("ada@prueba.example.pe").await;
    assert_eq!(ada.get("/ajustes/correos").await.ok()["silencio_desde"], "20:00");
    assert_eq!(ada.get("/plantillas-correo/cita_anulada").await.ok()["asunto"], "{{ mascota }}");
    // What the API took back stays so until the file says something else.
    ada.delete("/plantillas-correo/cita_anulada").await.expect(204);
    let report = folder.apply(&huella).await.expect("applied");
    assert_eq!((report.changes(), report.lines.len()), (0, 1), "{report}");
    folder.write(&format!("{PRUEBA}{}", CORREOS.replace("Hola", "Estimado {{ tutor }}")));
    folder.apply(&huella).await.expect("applied");
    assert_eq!(ada.get("/plantillas-correo/cita_anulada").await.ok()["texto"], "Estimado {{ tutor }}");

    folder.write(&format!("{PRUEBA}{}", CORREOS.replace("{{ tutor }}", "{{ tutro }}").replace("20:00", "24:00")));
    let refused = folder.apply(&huella).await.expect_err("refused").to_string();
    for fault in
        ["prueba/tenant.toml: plantillas[0].html: línea 1: «tutro» no es una variable", "prueba/tenant.toml: correos.silencio_desde"]
    {
        assert!(refused.contains(fault), "{fault}: {refused}");
    }
}

const RESERVAS: &str = r#"
[[servicios]]
codigo = "CONS"
nombre = "Consulta"
duracion_min = 30

[[autoreservas]]
sede = "LIM"
servicios = ["CONS"]
medicos = ["leo@prueba.example.pe"]
condiciones = "Sus datos, para su cita."
condiciones_version = "2026-01"
"#;

#[tokio::test]
async fn a_file_opens_a_sede_to_owners_who_book_themselves() {
    // Given a chain whose file says what owners may book,
    let huella = Huella::start().await;
    let folder = Carpeta::new(&format!("{PRUEBA}{RESERVAS}"));
    // when it is applied twice,
    let report = folder.apply(&huella).await.expect("a chain");
    assert!(lines(&report, Outcome::Creado).contains(&("autoreserva", "LIM", vec![])), "{report}");
    assert_eq!(folder.apply(&huella).await.expect("the same file").lines.len(), 0);
    // then the sede offers it, as the portal proposes it,
    let admin = huella.como("ada@prueba.example.pe").await;
    let sede = id(&admin.get("/sedes").await.ok()["items"][0]);
    let offered = admin.get(&format!("/sedes/{sede}/autoreserva")).await.ok()["autoreserva"].clone();
    assert_eq!(
        (offered["activa"].as_bool(), offered["antelacion_min"].as_i64(), offered["aprobar"].as_bool()),
        (Some(true), Some(120), Some(false))
    );
    assert_eq!(offered["medicos"], json!([huella.id_of("prueba", "usuarios", "apellidos", "Inventado").await]));
    // what somebody changed by hand stays,
    let closed = json!({ "activa": false, "servicios": offered["servicios"], "antelacion_min": 120, "dias_max": 30, "retencion_min": 10,
        "aprobar_horas": 12, "abiertas_max": 2, "por_dia_max": 20, "condiciones": "Otras.", "condiciones_version": "2026-02" });
    admin.put(&format!("/sedes/{sede}/autoreserva"), closed).await.ok();
    let report = folder.apply(&huella).await.expect("the same file");
    assert_eq!(
        lines(&report, Outcome::Conservado),
        [("autoreserva", "LIM", vec!["activa", "condiciones", "condiciones_version", "medicos"])]
    );
    // and a service or a sede that there is not is named.
    folder.write(&format!("{PRUEBA}{RESERVAS}").replace("servicios = [\"CONS\"]", "servicios = [\"NADA\"]"));
    let text = folder.apply(&huella).await.expect_err("no such service").to_string();
    assert!(text.contains("autoreservas[0].servicios[0]: no hay un servicio con este código"), "{text}");
}

const FERIADOS: &str = r#"
[[feriados]]
fecha = "2026-08-15"
ambito = "04"
nombre = "Aniversario de Arequipa"
fuente = "Ordenanza regional"
"#;

#[tokio::test]
async fn a_chains_regional_holidays_come_from_its_file_and_stay_away_once_taken_away() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(&format!("{PRUEBA}{FERIADOS}"));
    let report = folder.apply(&huella).await.expect("applied");
    assert!(report.lines.iter().any(|line| line.tipo == "feriado" && line.outcome == Outcome::Creado), "{report}");
    assert_eq!(folder.apply(&huella).await.expect("applied").changes(), 0);
    let ada = huella.como("ada@prueba.example.pe").await;
    let listed = async || ada.get("/feriados?desde=2026-08-15&hasta=2026-08-15").await.ok();
    let own = listed().await;
    assert_eq!(own[0]["nombre"], "Aniversario de Arequipa");
    assert_eq!(contado(&huella).await, "sede.creada feriado.creado", "each once");
    // The platform learns of that day later: the file of the chain is as good as before.
    huella.execute("insert into feriados values ('2026-08-15', '04', 'Aniversario', 'Ley de prueba')").await;
    folder.write(&format!("{PRUEBA}{}", FERIADOS.replace("Ordenanza regional", "Ordenanza regional 2")));
    let report = folder.apply(&huella).await.expect("applied");
    assert_eq!(lines(&report, Outcome::Cambiado), [("feriado", "2026-08-15@04", vec!["fuente"])]);
    assert_eq!(contado(&huella).await, "feriado.cambiado");
    huella.execute("delete from feriados where ambito = '04'").await;
    ada.delete(&format!("/feriados/{}", own[0]["id"].as_str().expect("an id"))).await.expect(204);
    folder.apply(&huella).await.expect("applied");
    assert_eq!(listed().await.as_array().map(Vec::len), Some(0));
    folder.write(&format!("{PRUEBA}{}", FERIADOS.replace("\"04\"", "\"4\"")));
    let refused = folder.apply(&huella).await.expect_err("refused").to_string();
    assert!(refused.contains("prueba/tenant.toml: feriados[0].ambito"), "{refused}");
    folder.write(&format!("{PRUEBA}{}", FERIADOS.replace("2026-08-15", "2026-05-01")));
    let refused = folder.apply(&huella).await.expect_err("refused").to_string();
    let named = "prueba/tenant.toml: feriados[0]: el 2026-05-01 ya es feriado en todo el país: «Día del Trabajo»";
    assert!(refused.contains(named), "{refused}");
    assert_eq!(huella.scalar::<i64>("select count(*) from feriados_propios where fecha = '2026-05-01'").await, 0);
}

/// What the chain of the file was told of its hours since the last time, in order.
async fn contado(huella: &Huella) -> String {
    let told = "select coalesce(string_agg(o.tema, ' ' order by o.id), '') from outbox o join tenants t on t.id = o.tenant_id
                 where t.clave = 'prueba' and o.tema ~ '^(sede|horario|plan|feriado)[.]'";
    let told: String = huella.scalar(told).await;
    huella.execute("delete from outbox").await;
    told
}

const HORARIOS: &str = r#"
[[servicios]]
codigo = "CONS"
nombre = "Consulta"
duracion_min = 30

[[horarios]]
sede = "LIM"
lunes = ["08:00-13:00"]

[[planes]]
medico = "leo@prueba.example.pe"
sede = "LIM"
lunes = ["08:00-13:00"]
"#;

#[tokio::test]
async fn screens_hear_of_hours_that_a_file_changes_and_of_nothing_else() {
    let huella = Huella::start().await;
    let folder = Carpeta::new(&format!("{PRUEBA}{HORARIOS}"));
    folder.apply(&huella).await.expect("a chain");
    // Nobody waited when it was made, so what it opened is offered to nobody who comes later.
    assert_eq!(huella.scalar::<i64>("select count(*) from outbox where cuerpo ? 'abre'").await, 0);
    assert_eq!(contado(&huella).await, "sede.creada horario.cambiado plan.cambiado");
    folder.apply(&huella).await.expect("the same file");
    assert_eq!(contado(&huella).await, "");
    folder.write(&format!(
        "{}{HORARIOS}",
        PRUEBA.replace("telefono = \"01 555 0100\"", "telefono = \"01 555 0100\"\natiende_feriados = true")
    ));
    folder.apply(&huella).await.expect("a sede that works on holidays");
    assert_eq!(contado(&huella).await, "sede.cambiada");
    // Once somebody waits, hours that open are told for them too.
    let ada = huella.como("ada@prueba.example.pe").await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = ada.post("/pacientes/registro", pet).await.created();
    let (sede, servicio) =
        (huella.id_of("prueba", "sedes", "codigo", "LIM").await, huella.id_of("prueba", "servicios", "codigo", "CONS").await);
    let wish = json!({ "servicio_id": servicio, "sedes": [sede], "desde": "2026-03-02", "hasta": "2026-03-08" });
    ada.post("/esperas", json!({ "mascota_id": pet["mascota"]["id"], "preferencia": wish })).await.created();
    folder.write(&format!("{PRUEBA}{}", HORARIOS.replace("lunes", "martes")));
    folder.apply(&huella).await.expect("another day");
    let opened = "select string_agg(distinct cuerpo #>> '{abre,semana,0,dia}', ' ') from outbox where cuerpo ? 'abre'";
    assert_eq!(huella.scalar::<String>(opened).await, "2");
    assert_eq!(contado(&huella).await, "sede.cambiada horario.cambiado plan.cambiado");
}
