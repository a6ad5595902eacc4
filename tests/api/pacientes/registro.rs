//! Registering owners and pets.
use super::{buscar, mascota, registrar, tutor};
use huella_tests::{
    Huella,
    andina::{ADMIN, AUDITOR, RECEPCION_LIMA},
    costera, id,
};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;

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
    for (path, known) in [(format!("/pacientes/{}", id(mascota)), mascota), (format!("/tutores/{}", id(tutor)), tutor)] {
        let mut read = recepcion.get(&path).await.ok();
        let conducta = read.as_object_mut().and_then(|ficha| ficha.remove("conducta"));
        assert_eq!((&read, &conducta.expect("how appointments were kept")["exige_pago_previo"]), (known, &json!(false)));
    }
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
