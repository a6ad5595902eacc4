//! Owners and pets, as reception registers, finds and changes them.
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, AUDITOR, RECEPCION_CUSCO, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use jiff::SignedDuration;
use kernel::{SystemCtx, ids::TenantId};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn tutor(nombres: &str, apellidos: &str) -> Value {
    json!({ "nombres": nombres, "apellidos": apellidos })
}

fn mascota(nombre: &str) -> Value {
    json!({ "nombre": nombre, "especie": "perro", "sexo": "hembra" })
}

/// Registers and gives the ids of the pet and its owner.
async fn registrar(cliente: &Cliente, tutor: Value, mascota: Value) -> (String, String) {
    let body = cliente.post("/pacientes/registro", json!({ "tutor": tutor, "mascota": mascota })).await.created();
    (id(&body["mascota"]), id(&body["tutor"]))
}

/// Names of the pets that a search finds, in its order.
async fn buscar(cliente: &Cliente, texto: &str) -> Vec<String> {
    let request = cliente.request(Method::GET, "/pacientes").query(&[("buscar", texto)]);
    let found = send(request).await.ok();
    found["items"].as_array().expect("a list").iter().filter_map(|item| item["mascota"]["nombre"].as_str().map(str::to_owned)).collect()
}

// ---- registering

#[tokio::test]
async fn a_pet_and_its_owner_are_registered_in_one_call_and_only_once() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let body = json!({
        "sede_id": lima,
        "tutor": {
            "nombres": " María  José ", "apellidos": "Ñahui Quispe", "documento": { "tipo": "dni", "numero": "0123-4567" },
            "telefono": "987 654 321", "correo": "Maria@Ejemplo.PE", "direccion": "Jr. Puno 123", "ubigeo": "150122"
        },
        "mascota": {
            "nombre": "Luna", "especie": "perro", "sexo": "hembra", "edad_meses": 13, "color": "café", "peso_kg": 7.35,
            "identificadores": [{ "tipo": "microchip", "valor": "604 000 000 000 001" }]
        }
    });
    let answer = recepcion.post_once("/pacientes/registro", "llave-1", &body).await;
    assert_eq!(answer.etag(), "\"1\"");
    let registro = answer.created();
    let (mascota, tutor) = (&registro["mascota"], &registro["tutor"]);
    assert_eq!(tutor["nombres"], "María José");
    assert_eq!((tutor["telefono"].as_str(), tutor["correo"].as_str()), (Some("+51987654321"), Some("maria@ejemplo.pe")));
    assert_eq!((tutor["documento"]["numero"].as_str(), tutor["lugar"].as_str()), (Some("01234567"), Some("Miraflores, Lima, Lima")));
    assert_eq!((mascota["nacimiento"].as_str(), mascota["nacimiento_estimado"].as_bool()), (Some("2025-02-02"), Some(true)));
    assert_eq!((mascota["ultimo_peso"]["kg"].as_f64(), mascota["especie"]["clave"].as_str()), (Some(7.35), Some("perro")));
    assert_eq!(mascota["tutores"][0]["tutor"]["telefono"], "•••321");
    assert_eq!(mascota["tutores"][0]["relacion"], "propietario");

    let again = recepcion.post_once("/pacientes/registro", "llave-1", &body).await.created();
    assert_eq!(again, registro);
    assert_eq!(huella.scalar::<i64>("select count(*) from mascotas where nombre = 'Luna'").await, 1);
    assert_eq!(recepcion.get(&format!("/pacientes/{}", id(mascota))).await.ok(), *mascota);
    assert_eq!(recepcion.get(&format!("/tutores/{}", id(tutor))).await.ok(), *tutor);
}

#[tokio::test]
async fn what_is_personal_is_nowhere_in_the_clear() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let datos = json!({
        "nombres": "Reservada", "apellidos": "Discreta", "documento": { "tipo": "dni", "numero": "40302010" },
        "telefono": "955443322", "correo": "reservada@ejemplo.pe", "direccion": "Calle Secreta 77"
    });
    let (_, tutor) = registrar(&recepcion, datos.clone(), mascota("Sombra")).await;
    let mut cambio = datos;
    cambio["telefono"] = json!("955443399");
    recepcion.put(&format!("/tutores/{tutor}"), cambio).await.ok();
    for tabla in ["tutores", "auditoria", "outbox", "mascotas_hechos"] {
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select t::text from {tabla} t"))).fetch_all(&huella.sql).await.expect("rows");
        for secret in ["40302010", "955443322", "955443399", "443322", "reservada@", "Secreta"] {
            assert!(!rows.iter().any(|row| row.contains(secret)), "{secret} stands in {tabla}");
        }
    }
    let names: i64 = huella.scalar("select count(*) from auditoria where (antes::text || despues::text) like '%Discreta%'").await;
    assert_eq!(names, 0, "names are personal in the audit");
    let sealed: i64 = huella
        .scalar(&format!("select count(*) from auditoria where entidad_id = '{tutor}' and despues->>'telefono' like 'cifrado:%'"))
        .await;
    assert_eq!(sealed, 2);
    let (bytes, index): (i64, i64) = (
        huella.scalar("select length(telefono_cifrado)::bigint from tutores where apellidos = 'Discreta'").await,
        huella.scalar("select length(telefono_indice)::bigint from tutores where apellidos = 'Discreta'").await,
    );
    assert_eq!((bytes, index), (12 + 12 + 16, 16));
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    // What the schema says.
    let body = json!({
        "tutor": { "nombres": "", "telefono": "12", "correo": "x", "otro": 1, "documento": { "tipo": "dni", "numero": "123" } },
        "mascota": { "sexo": "otro", "edad_meses": -1, "peso_kg": 0 }
    });
    let wrong = recepcion.post("/pacientes/registro", body).await.wrong_fields();
    let expected = [
        "/mascota/edad_meses",
        "/mascota/nombre",
        "/mascota/peso_kg",
        "/mascota/sexo",
        "/tutor/correo",
        "/tutor/documento/numero",
        "/tutor/nombres",
        "/tutor/otro",
        "/tutor/telefono",
    ];
    assert_eq!(wrong.into_iter().collect::<BTreeSet<_>>(), expected.into_iter().map(str::to_owned).collect());
    // What only the rules and the database know.
    let gata = huella.id_of("andina", "razas", "nombre", "Siamés").await;
    let body = json!({
        "tutor": { "nombres": "Ana", "ubigeo": "159999" },
        "mascota": { "nombre": "Luna", "especie": "perro", "raza_id": gata, "sexo": "hembra", "nacimiento": "2026-03-03",
                     "identificadores": [{ "tipo": "microchip", "valor": "123" }] }
    });
    let wrong = recepcion.post("/pacientes/registro", body).await.wrong_fields();
    assert_eq!(wrong, ["/mascota/identificadores/0/valor", "/mascota/nacimiento", "/mascota/raza_id", "/tutor/apellidos", "/tutor/ubigeo"]);
    assert_eq!(huella.scalar::<i64>("select count(*) from tutores").await, 0, "nothing was kept");
}

#[tokio::test]
async fn an_owner_is_new_or_known_never_both() {
    let huella = Huella::start().await;
    let (recepcion, other) = (huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let (_, conocido) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let both = json!({ "tutor_id": conocido, "tutor": tutor("Ana", "Poma"), "mascota": mascota("Sol") });
    assert_eq!(recepcion.post("/pacientes/registro", both).await.wrong_fields(), ["/tutor"]);
    assert_eq!(recepcion.post("/pacientes/registro", json!({ "mascota": mascota("Sol") })).await.wrong_fields(), ["/tutor"]);
    let known = json!({ "tutor_id": conocido, "mascota": mascota("Sol") });
    assert_eq!(recepcion.post("/pacientes/registro", known.clone()).await.created()["tutor"]["id"], json!(conocido));
    let pets = recepcion.get(&format!("/tutores/{conocido}/mascotas")).await.ok();
    assert_eq!(pets["items"].as_array().map(Vec::len), Some(2));
    // Of another chain: as if there were no such owner.
    assert_eq!(other.post("/pacientes/registro", known).await.wrong_fields(), ["/tutor_id"]);
}

#[tokio::test]
async fn a_document_and_a_microchip_are_one_persons_and_one_pets() {
    let huella = Huella::start().await;
    let (recepcion, other) = (huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let mut ana = tutor("Ana", "Poma");
    ana["documento"] = json!({ "tipo": "dni", "numero": "01234567" });
    let mut luna = mascota("Luna");
    luna["identificadores"] = json!([{ "tipo": "microchip", "valor": "604000000000001" }]);
    let (luna_id, ana_id) = registrar(&recepcion, ana.clone(), luna.clone()).await;

    let mut otra = tutor("Otra", "Persona");
    otra["documento"] = json!({ "tipo": "dni", "numero": "0123 4567" });
    let taken = recepcion
        .post("/pacientes/registro", json!({ "tutor": otra, "mascota": mascota("Sol") }))
        .await
        .problem(409, "tutor-ya-registrado");
    assert_eq!((taken["tutor_id"].as_str(), taken["nombre"].as_str()), (Some(ana_id.as_str()), Some("Ana Poma")));
    let (_, beto) = registrar(&recepcion, tutor("Beto", "Ríos"), mascota("Max")).await;
    recepcion
        .put(
            &format!("/tutores/{beto}"),
            json!({ "nombres": "Beto", "apellidos": "Ríos", "documento": { "tipo": "dni", "numero": "01234567" } }),
        )
        .await
        .problem(409, "tutor-ya-registrado");
    // The same digits as another kind of document are another document.
    let mut pasaporte = tutor("Rita", "Paz");
    pasaporte["documento"] = json!({ "tipo": "pasaporte", "numero": "01234567" });
    registrar(&recepcion, pasaporte, mascota("Nina")).await;

    let mut copia = mascota("Copia");
    copia["identificadores"] = json!([{ "tipo": "microchip", "valor": "604-000-000-000-001" }]);
    let taken = recepcion
        .post("/pacientes/registro", json!({ "tutor": tutor("Eva", "Sosa"), "mascota": copia }))
        .await
        .problem(409, "microchip-ya-registrado");
    assert_eq!(taken["mascota_id"].as_str(), Some(luna_id.as_str()));
    assert_eq!(
        huella.scalar::<i64>("select count(*) from tutores where apellidos = 'Sosa'").await,
        0,
        "the owner of a refused pet is not kept"
    );
    // Another chain knows nothing of either.
    registrar(&other, ana, luna).await;
}

#[tokio::test]
async fn nobody_sees_or_changes_another_chains_patients() {
    let huella = Huella::start().await;
    let (recepcion, other) = (huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    for path in [
        format!("/pacientes/{luna}"),
        format!("/tutores/{ana}"),
        format!("/pacientes/{luna}/pesos"),
        format!("/pacientes/{luna}/tutores"),
        format!("/tutores/{ana}/mascotas"),
        format!("/pacientes/{luna}/foto"),
    ] {
        other.get(&path).await.problem(404, "no-encontrado");
    }
    other.put(&format!("/pacientes/{luna}"), mascota("Robada")).await.problem(404, "no-encontrado");
    other.put(&format!("/tutores/{ana}"), tutor("Otra", "Ella")).await.problem(404, "no-encontrado");
    other.post(&format!("/pacientes/{luna}/pesos"), json!({ "kg": 3 })).await.problem(404, "no-encontrado");
    let (_, suyo) = registrar(&other, tutor("Luis", "Mar"), mascota("Pez")).await;
    other.post(&format!("/pacientes/{luna}/transferencia"), json!({ "tutor_id": suyo })).await.problem(404, "no-encontrado");
    recepcion.post(&format!("/pacientes/{luna}/transferencia"), json!({ "tutor_id": suyo })).await.wrong_fields();
    assert!(buscar(&other, "luna").await.is_empty());
    huella.como(AUDITOR).await.get(&format!("/pacientes/{luna}")).await.problem(403, "sin-permiso");
}

// ---- changing

#[tokio::test]
async fn a_change_says_which_version_it_saw() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}");
    let etag = recepcion.get(&path).await.etag();
    let lunita = recepcion.put_if(&path, &etag, mascota("Lunita")).await;
    assert_eq!(lunita.etag(), "\"2\"");
    recepcion.put_if(&path, &etag, mascota("Otra")).await.problem(412, "version-cambiada");
    send(recepcion.request(Method::PUT, &path).json(&mascota("Otra"))).await.problem(428, "falta-if-match");
    assert_eq!(recepcion.get(&path).await.ok()["nombre"], "Lunita");
}

#[tokio::test]
async fn an_owner_changes_and_the_past_one_stays_in_the_record() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let beto = id(&recepcion.post("/tutores", tutor("Beto", "Ríos")).await.created());
    let path = format!("/pacientes/{luna}/transferencia");
    recepcion.post(&path, json!({ "tutor_id": ana })).await.problem(409, "vinculo-imposible");
    assert_eq!(
        recepcion.post(&path, json!({ "tutor_id": beto, "anterior_queda_como": "propietario" })).await.wrong_fields(),
        ["/anterior_queda_como"]
    );
    huella.avanzar(SignedDuration::from_hours(48));
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let mascota = recepcion.post(&path, json!({ "tutor_id": beto, "anterior_queda_como": "cuidador" })).await.created();
    let present: Vec<(&str, &str)> = mascota["tutores"]
        .as_array()
        .expect("owners")
        .iter()
        .filter_map(|v| Some((v["tutor"]["nombre"].as_str()?, v["relacion"].as_str()?)))
        .collect();
    assert_eq!(present, [("Beto Ríos", "propietario"), ("Ana Poma", "cuidador")]);
    let all = recepcion.get(&format!("/pacientes/{luna}/tutores")).await.ok();
    let past: Vec<&Value> = all["items"].as_array().expect("owners").iter().filter(|v| v["hasta"].is_string()).collect();
    assert_eq!((past.len(), past[0]["tutor"]["id"].as_str(), past[0]["hasta"].as_str()), (1, Some(ana.as_str()), Some("2026-03-04")));
    // The owner cannot just be taken away; a carer can.
    let link =
        |who: &str| mascota["tutores"].as_array().expect("owners").iter().find(|v| v["tutor"]["id"] == json!(who)).map(id).expect("a link");
    recepcion.delete(&format!("/pacientes/{luna}/tutores/{}", link(&beto))).await.problem(409, "vinculo-imposible");
    recepcion.delete(&format!("/pacientes/{luna}/tutores/{}", link(&ana))).await.ok();
    let again = json!({ "tutor_id": ana, "relacion": "copropietario" });
    recepcion.post(&format!("/pacientes/{luna}/tutores"), again.clone()).await.created();
    recepcion.post(&format!("/pacientes/{luna}/tutores"), again).await.problem(409, "vinculo-imposible");
    recepcion
        .post(
            &format!("/pacientes/{luna}/tutores"),
            json!({ "tutor_id": id(&recepcion.post("/tutores", tutor("Eva", "Paz")).await.created()), "relacion": "propietario" }),
        )
        .await
        .problem(409, "vinculo-imposible");
}

#[tokio::test]
async fn weights_are_listed_newest_first_by_page() {
    let huella = Huella::start().await;
    let (recepcion, cusco) = (huella.como(RECEPCION_LIMA).await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/pesos");
    for (kg, en) in [(4.1, "2026-01-01T10:00:00-05:00"), (4.35, "2026-02-01T10:00:00-05:00"), (4.2, "2026-01-15T10:00:00-05:00")] {
        recepcion.post(&path, json!({ "kg": kg, "pesado_en": en })).await.created();
    }
    let first = recepcion.get(&format!("{path}?limite=2")).await.ok();
    let next = recepcion.get(&format!("{path}?limite=2&cursor={}", first["siguiente"].as_str().expect("more"))).await.ok();
    let kgs: Vec<f64> =
        [&first, &next].iter().flat_map(|page| page["items"].as_array().into_iter().flatten()).filter_map(|p| p["kg"].as_f64()).collect();
    assert_eq!(kgs, [4.35, 4.2, 4.1]);
    assert!(next["siguiente"].is_null());
    assert_eq!(recepcion.post(&path, json!({ "kg": 4, "pesado_en": "2027-01-01T00:00:00Z" })).await.wrong_fields(), ["/pesado_en"]);
    recepcion.post(&path, json!({ "kg": 4, "sede_id": cusco })).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn identifiers_come_and_go() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/identificadores");
    let with_chip = recepcion.post(&path, json!({ "tipo": "microchip", "valor": "123000000000001" })).await.created();
    assert!(with_chip["identificadores"][0]["aviso"].is_string(), "an odd prefix only warns");
    recepcion.post(&path, json!({ "tipo": "placa", "valor": "MIR-001" })).await.created();
    recepcion.post(&path, json!({ "tipo": "placa", "valor": "mir 001" })).await.problem(409, "ya-existe");
    assert_eq!(buscar(&recepcion, "mir001").await, ["Luna"]);
    let left = recepcion.delete(&format!("{path}/placa/mir%20001")).await.ok();
    let audited: String = huella.scalar("select antes ->> 'valor' from auditoria where accion = 'desidentificar'").await;
    assert_eq!(audited, "MIR-001", "the audit tells what was there, not what was typed");
    assert_eq!(left["identificadores"].as_array().map(Vec::len), Some(1));
    recepcion.delete(&format!("{path}/placa/MIR-001")).await.problem(404, "no-encontrado");
    assert!(buscar(&recepcion, "mir001").await.is_empty());
}

#[tokio::test]
async fn a_photo_is_what_its_bytes_say_and_the_old_one_goes() {
    let huella = Huella::start().await;
    let (recepcion, other) = (huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/foto");
    let put = |who: &Cliente, bytes: &[u8]| {
        send(who.request(Method::PUT, &path).header("If-Match", "*").header("Content-Type", "image/jpeg").body(bytes.to_vec()))
    };
    recepcion.get(&path).await.problem(404, "no-encontrado");
    put(&recepcion, b"<svg onload=alert(1)>").await.problem(415, "foto-invalida");
    put(&other, b"\x89PNG\r\n\x1a\nuno").await.problem(404, "no-encontrado");
    assert_eq!(put(&recepcion, b"\x89PNG\r\n\x1a\nuno").await.ok()["tiene_foto"], true);
    let first: String = huella.scalar("select foto from mascotas where nombre = 'Luna'").await;
    let shown = recepcion.get(&path).await;
    assert_eq!(
        (shown.headers["content-type"].to_str().ok(), shown.bytes.as_slice()),
        (Some("image/png"), b"\x89PNG\r\n\x1a\nuno".as_slice())
    );
    put(&recepcion, b"\xff\xd8\xffdos").await.ok();
    assert!(huella.parts.app.files().get(&first).await.expect("the store").is_none(), "the old photo is deleted");
    other.get(&path).await.problem(404, "no-encontrado");
    let mut huge = b"\xff\xd8\xff".to_vec();
    huge.resize(5 * 1024 * 1024 + 1, 0);
    assert_eq!(put(&recepcion, &huge).await.status, 413);
}

#[tokio::test]
async fn a_chain_adds_species_and_breeds_of_its_own() {
    let huella = Huella::start().await;
    let (admin, recepcion, other) = (huella.como(ADMIN).await, huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    recepcion.post("/especies", json!({ "clave": "suricata", "nombre": "Suricata" })).await.problem(403, "sin-permiso");
    let suricata = admin.post("/especies", json!({ "clave": "suricata", "nombre": "Suricata" })).await.created();
    admin.post("/especies", json!({ "clave": "suricata", "nombre": "Otro" })).await.problem(409, "ya-existe");
    let razas = format!("/especies/{}/razas", id(&suricata));
    let raza = admin.post(&razas, json!({ "nombre": "Del Kalahari" })).await.created();
    assert_eq!(recepcion.get(&razas).await.ok()["items"][0]["nombre"], "Del Kalahari");
    other.get(&razas).await.problem(404, "no-encontrado");
    let pincho = json!({ "nombre": "Pincho", "especie_id": id(&suricata), "raza_id": id(&raza), "sexo": "desconocido" });
    registrar(&recepcion, tutor("Ana", "Poma"), pincho).await;
    admin.put(&format!("/especies/{}", id(&suricata)), json!({ "clave": "otra", "nombre": "Suricata" })).await.wrong_fields();
    let renamed = admin.put(&format!("/especies/{}", id(&suricata)), json!({ "clave": "suricata", "nombre": "Suricata común" })).await;
    assert_eq!((renamed.etag().as_str(), renamed.ok()["nombre"].as_str()), ("\"2\"", Some("Suricata común")));
}

// ---- searching

async fn poblar(huella: &Huella) -> Cliente {
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let people = [
        ("Ana María", "Quispe Mamani", "987654321", "11111111", "Luna"),
        ("José", "Gonzáles Ñahui", "976543210", "22222222", "Lunares"),
        ("Rosa", "Luna Condori", "965432109", "33333333", "Rocky"),
        ("Beto", "Yupanqui Vásquez", "(01) 444-5566", "44444444", "Firulais"),
    ];
    for (nombres, apellidos, telefono, dni, pet) in people {
        let mut owner = tutor(nombres, apellidos);
        owner["telefono"] = json!(telefono);
        owner["correo"] = json!(format!("{}@ejemplo.pe", pet.to_lowercase()));
        owner["documento"] = json!({ "tipo": "dni", "numero": dni });
        registrar(&recepcion, owner, mascota(pet)).await;
    }
    recepcion
}

#[tokio::test]
async fn one_box_finds_by_whatever_is_typed() {
    let huella = Huella::start().await;
    let recepcion = poblar(&huella).await;
    let cases: &[(&str, &[&str])] = &[
        // The word itself first, of the pet before of the owner, then longer words.
        ("luna", &["Luna", "Rocky", "Lunares"]),
        ("LÚNA quispe", &["Luna"]),
        ("nahui jose", &["Lunares"]),
        ("rosa cond", &["Rocky"]),
        // Slips: swapped, doubled, missing, other, by sound.
        ("lnua quispe", &["Luna"]),
        ("rocki", &["Rocky"]),
        ("roccky", &["Rocky"]),
        ("rcky", &["Rocky"]),
        ("gonsales", &["Lunares"]),
        ("yupanki", &["Firulais"]),
        ("basques", &["Firulais"]),
        ("firulias", &["Firulais"]),
        ("firulais kispe", &[]),
        // Keys.
        ("987654321", &["Luna"]),
        ("+51 976 543 210", &["Lunares"]),
        ("432109", &["Rocky"]),
        ("445566", &["Firulais"]),
        ("014445566", &["Firulais"]),
        ("22222222", &["Lunares"]),
        ("Rocky@Ejemplo.pe", &["Rocky"]),
        ("54321", &[]),
        ("nadie", &[]),
    ];
    for (typed, expected) in cases {
        assert_eq!(buscar(&recepcion, typed).await, *expected, "{typed}");
    }
    let hit = send(recepcion.request(Method::GET, "/pacientes").query(&[("buscar", "432109")])).await.ok();
    assert_eq!((hit["items"][0]["por"].as_str(), hit["items"][0]["tutor"]["telefono"].as_str()), (Some("telefono_final"), Some("•••109")));
    let hit = send(recepcion.request(Method::GET, "/pacientes").query(&[("buscar", "gonsales")])).await.ok();
    assert_eq!(hit["items"][0]["por"], "nombre_parecido");
    assert!(
        huella.como(costera::RECEPCION).await.get("/pacientes?buscar=987654321").await.ok()["items"].as_array().is_some_and(Vec::is_empty)
    );
    // An owner without pets is found by key.
    let mut solo = tutor("Sola", "Sin Mascota");
    solo["telefono"] = json!("900111222");
    recepcion.post("/tutores", solo).await.created();
    let found = recepcion.get("/pacientes?buscar=900111222").await.ok();
    assert_eq!((found["items"][0]["tutor"]["nombre"].as_str(), found["items"][0]["mascota"].is_null()), (Some("Sola Sin Mascota"), true));
}

#[rstest]
#[case("", "?buscar")]
#[case("?buscar=l", "?buscar")]
#[case("?buscar=luna&limite=0", "?limite")]
#[case("?buscar=luna&pagina=2", "?pagina")]
#[tokio::test]
async fn a_bad_search_is_refused(#[case] query: &str, #[case] wrong: &str) {
    let huella = Huella::start().await;
    assert_eq!(huella.como(RECEPCION_LIMA).await.get(&format!("/pacientes{query}")).await.wrong_fields(), [wrong]);
}

/// The index as it is, and as it would be built anew.
async fn index_and_rebuild(huella: &Huella) -> (Vec<(String, i16, String)>, Vec<(String, i16, String)>) {
    let read = "select palabra, fuente, mascota_id::text from mascotas_palabras order by 1, 2, 3";
    let kept: Vec<(String, i16, String)> = sqlx::query_as(read).fetch_all(&huella.sql).await.expect("the index");
    let (tenant, all): (String, Vec<kernel::ids::MascotaId>) = (
        huella.scalar("select id::text from tenants where clave = 'andina'").await,
        sqlx::query_scalar("select id from mascotas").fetch_all(&huella.sql).await.expect("pets"),
    );
    huella.execute("delete from mascotas_palabras").await;
    let mut tx = SystemCtx::new(&huella.parts.app).begin(TenantId(tenant.parse().expect("an id"))).await.expect("a transaction");
    pacientes::reindexar(&mut tx, &all).await.expect("an index");
    tx.commit().await.expect("committed");
    (kept, sqlx::query_as(read).fetch_all(&huella.sql).await.expect("the index"))
}

#[tokio::test]
async fn the_index_follows_every_change_of_a_name_or_an_owner() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let (max, beto) = registrar(&recepcion, tutor("Beto", "Ríos"), mascota("Max")).await;
    recepcion.put(&format!("/pacientes/{luna}"), mascota("Estrella")).await.ok();
    assert_eq!((buscar(&recepcion, "luna").await.len(), buscar(&recepcion, "estrella").await.len()), (0, 1));
    recepcion.put(&format!("/tutores/{ana}"), tutor("Ana", "Zúñiga")).await.ok();
    assert_eq!((buscar(&recepcion, "poma").await.len(), buscar(&recepcion, "zuniga").await), (0, vec!["Estrella".to_owned()]));
    recepcion.post(&format!("/pacientes/{luna}/transferencia"), json!({ "tutor_id": beto })).await.created();
    assert!(buscar(&recepcion, "zuniga").await.is_empty(), "a past owner finds nothing");
    assert_eq!(buscar(&recepcion, "rios estrella").await, ["Estrella"]);
    let linked = recepcion.post(&format!("/pacientes/{max}/tutores"), json!({ "tutor_id": ana, "relacion": "cuidador" })).await.created();
    assert_eq!(buscar(&recepcion, "zuniga").await, ["Max"]);
    let carer = linked["tutores"].as_array().and_then(|all| all.iter().find(|v| v["relacion"] == "cuidador")).map(id).expect("a carer");
    recepcion.delete(&format!("/pacientes/{max}/tutores/{carer}")).await.ok();
    let (kept, rebuilt) = index_and_rebuild(&huella).await;
    assert!(!kept.is_empty());
    assert_eq!(kept, rebuilt);
}

#[tokio::test]
async fn changes_at_the_same_moment_leave_a_true_index() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    for round in 0..8 {
        let (pet, owner) = (format!("Nombre{round}"), format!("Apellido{round}"));
        let (pet_path, owner_path) = (format!("/pacientes/{luna}"), format!("/tutores/{ana}"));
        let (a, b) = tokio::join!(recepcion.put(&pet_path, mascota(&pet)), recepcion.put(&owner_path, tutor("Ana", &owner)));
        assert!(a.status.is_success() && b.status.is_success(), "{a:?} {b:?}");
    }
    let (kept, rebuilt) = index_and_rebuild(&huella).await;
    assert_eq!(kept, rebuilt);
}

#[tokio::test]
async fn a_batch_is_searchable_like_what_was_registered_one_by_one() {
    let huella = Huella::start().await;
    let tenant: String = huella.scalar("select id::text from tenants where clave = 'andina'").await;
    let one = |n: usize| pacientes::PacienteImportado {
        tutor: serde_json::from_value(json!({ "nombres": "Importada", "apellidos": format!("Numero{n}"), "telefono": format!("9{n:08}") }))
            .expect("an owner"),
        mascotas: vec![pacientes::MascotaImportada {
            mascota: serde_json::from_value(mascota("Traída")).expect("a pet"),
            pesos: vec![(huella.now(), 3.2)],
        }],
        registrado_en: huella.now(),
    };
    let system = SystemCtx::new(&huella.parts.app);
    let tenant = TenantId(tenant.parse().expect("an id"));
    let mut tx = system.begin(tenant).await.expect("a transaction");
    let made = pacientes::importar(&mut tx, &(0..30).map(one).collect::<Vec<_>>()).await.expect("a batch");
    tx.commit().await.expect("committed");
    assert_eq!(made.len(), 30);
    let recepcion = huella.como(RECEPCION_CUSCO).await;
    assert_eq!(buscar(&recepcion, "traida numero17").await, ["Traída"]);
    assert_eq!(buscar(&recepcion, "900000029").await, ["Traída"]);
    let first = recepcion.get(&format!("/pacientes/{}", made[0].1[0])).await.ok();
    assert_eq!((first["ultimo_peso"]["kg"].as_f64(), first["tutores"].as_array().map(Vec::len)), (Some(3.2), Some(1)));
    let (kept, rebuilt) = index_and_rebuild(&huella).await;
    assert_eq!(kept, rebuilt);
    let mut tx = system.begin(tenant).await.expect("a transaction");
    let mut bad = one(31);
    bad.tutor.apellidos = None;
    let problem = pacientes::importar(&mut tx, &[one(32), bad]).await.expect_err("no surname");
    assert_eq!(serde_json::to_value(&problem).expect("plain data")["errors"][0]["pointer"], "/1/tutor/apellidos");
}

#[tokio::test]
async fn a_read_of_a_record_is_written_to_the_audit() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let seen = || {
        let batches = huella.parts.app.reads().take().into_iter();
        batches.flat_map(|batch| batch.ids.into_iter().map(move |id| (batch.reader.entidad, id.to_string()))).collect::<BTreeSet<_>>()
    };
    let both = BTreeSet::from([("mascota", luna.clone()), ("tutor", ana.clone())]);
    seen();
    recepcion.get(&format!("/pacientes/{luna}")).await.ok();
    assert_eq!(seen(), both, "the record");
    recepcion.get("/pacientes?buscar=luna").await.ok();
    assert_eq!(seen(), both, "the search");
    recepcion.get(&format!("/tutores/{ana}")).await.ok();
    assert_eq!(seen(), BTreeSet::from([("tutor", ana.clone())]), "the owner");
    recepcion.get(&format!("/tutores/{ana}/mascotas")).await.ok();
    assert_eq!(seen(), both, "the pets of an owner");
    recepcion.get(&format!("/pacientes/{luna}/historial")).await.ok();
    assert_eq!(seen(), both, "the history shows who the owner is");
    recepcion.post("/pacientes/registro", json!({ "tutor_id": ana, "mascota": mascota("Sol") })).await.created();
    assert_eq!(seen(), BTreeSet::from([("tutor", ana)]), "a registration for a known owner shows the owner");
}

#[tokio::test]
async fn districts_are_found_by_name_or_code() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let found = send(recepcion.request(Method::GET, "/ubigeos").query(&[("buscar", "miraflores lima")])).await.ok();
    assert_eq!((found["items"][0]["codigo"].as_str(), found["items"][0]["provincia"].as_str()), (Some("150122"), Some("Lima")));
}

#[rstest]
#[case::heaviest("kg", json!(1499.9999), "/kg")]
#[case::nothing("kg", json!(0.0001), "/kg")]
#[case::before_the_calendar("pesado_en", json!("-009998-01-01T00:00:00Z"), "/pesado_en")]
#[case::before_any_pet("pesado_en", json!("1500-01-01T00:00:00Z"), "/pesado_en")]
#[case::tomorrow("pesado_en", json!("2026-03-04T00:00:00Z"), "/pesado_en")]
#[tokio::test]
async fn a_weight_at_its_bounds(#[case] field: &str, #[case] value: Value, #[case] wrong: &str) {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/pesos");
    let mut body = json!({ "kg": 1499.999 });
    recepcion.post(&path, body.clone()).await.created();
    body[field] = value;
    assert_eq!(recepcion.post(&path, body).await.wrong_fields(), [wrong]);
}

#[tokio::test]
async fn who_may_only_register_does_not_read_known_owners_that_way() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let ana = id(&recepcion.post("/tutores", tutor("Ana", "Poma")).await.created());
    let until = (huella.now() + SignedDuration::from_hours(24)).to_string();
    let key = admin.post("/claves-api", json!({ "nombre": "Web", "permisos": ["paciente.registrar"], "expira_en": until })).await.created();
    let web = huella.nadie().with_token(key["clave"].as_str().expect("a key"));
    let known = web.post("/pacientes/registro", json!({ "tutor_id": ana, "mascota": mascota("Sol") })).await.created();
    assert!(known.get("tutor").is_none(), "{known:#}");
    let new = web.post("/pacientes/registro", json!({ "tutor": tutor("Beto", "Paz"), "mascota": mascota("Sol") })).await.created();
    assert_eq!(new["tutor"]["nombres"], "Beto");
}

#[tokio::test]
async fn a_change_of_notes_is_in_the_audit_and_only_who_may_reads_it() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let mut pet = mascota("Luna");
    pet["notas"] = json!("La vecina tiene la llave");
    recepcion.put(&format!("/pacientes/{luna}"), pet).await.ok();
    let kept: String =
        huella.scalar(&format!("select despues ->> 'notas' from auditoria where accion = 'cambiar' and entidad_id = '{luna}'")).await;
    assert!(kept.starts_with("cifrado:"), "{kept}");
    let shown = huella.como(ADMIN).await.get(&format!("/auditoria/mascota/{luna}")).await.ok();
    assert!(shown.to_string().contains("La vecina tiene la llave"), "{shown:#}");
}

#[tokio::test]
async fn a_species_that_is_no_longer_used_takes_no_new_pets() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    huella.execute("update especies set activa = false where clave = 'perro'").await;
    let body = json!({ "tutor": tutor("Beto", "Paz"), "mascota": mascota("Sol") });
    assert_eq!(recepcion.post("/pacientes/registro", body).await.wrong_fields(), ["/mascota/especie"]);
    // A pet that is one already is still looked after.
    recepcion.put(&format!("/pacientes/{luna}"), mascota("Lunita")).await.ok();
}

/// A transfer back and forth while both owners are renamed: each locks what the other one needs.
#[tokio::test]
async fn a_transfer_and_a_change_of_the_owner_do_not_block_each_other() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let beto = id(&recepcion.post("/tutores", tutor("Beto", "Paz")).await.created());
    for round in 0..6 {
        let to = if round % 2 == 0 { &beto } else { &ana };
        let transfer = json!({ "tutor_id": to, "anterior_queda_como": "cuidador" });
        let path = format!("/pacientes/{luna}/transferencia");
        let (a, b) = (format!("/tutores/{ana}"), format!("/tutores/{beto}"));
        let (moved, one, two) = tokio::join!(
            recepcion.post(&path, transfer),
            recepcion.put(&a, tutor(&format!("Ana {round}"), "Poma")),
            recepcion.put(&b, tutor(&format!("Beto {round}"), "Paz"))
        );
        for answer in [moved, one, two] {
            assert!([200, 201, 412].contains(&answer.status.as_u16()), "{}", answer.body);
        }
    }
}
