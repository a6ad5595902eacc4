//! Finding patients by whatever is typed.
use super::{buscar, mascota, registrar, tutor};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use kernel::ids::TenantId;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

async fn poblar(huella: &Huella) -> Cliente {
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let people = [
        ("Ana María", "Quispe Mamani", "987654321", "11111111", "Luna"),
        ("José", "Gonzáles Ñahui", "976543210", "22222222", "Lunares"),
        ("Rosa", "Luna Condori", "965432109", "33333333", "Rocky"),
        ("Beto", "Yupanqui Vásquez", "(01) 444-5566", "44444444", "Firulais"),
    ];
    for (n, (nombres, apellidos, telefono, dni, pet)) in (1..).zip(people) {
        let mut owner = tutor(nombres, apellidos);
        owner["telefono"] = json!(telefono);
        owner["correo"] = json!(format!("{}@ejemplo.pe", pet.to_lowercase()));
        owner["documento"] = json!({ "tipo": "dni", "numero": dni });
        let mut animal = mascota(pet);
        animal["identificadores"] = json!([{ "tipo": "microchip", "valor": format!("60400000000000{n}") }]);
        registrar(&recepcion, owner, animal).await;
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
        ("604000000000002", &["Lunares"]),
        ("604 000-000 000 003", &["Rocky"]),
        ("60400000000000", &[]),
        ("54321", &[]),
        ("nadie", &[]),
    ];
    for (typed, expected) in cases {
        assert_eq!(buscar(&recepcion, typed).await, *expected, "{typed}");
    }
    let hit = send(recepcion.request(Method::GET, "/pacientes").query(&[("buscar", "432109")])).await.ok();
    assert_eq!((hit["items"][0]["por"].as_str(), hit["items"][0]["tutor"]["telefono"].as_str()), (Some("telefono_final"), Some("•••109")));
    let hit = send(recepcion.request(Method::GET, "/pacientes").query(&[("buscar", "604000000000004")])).await.ok();
    assert_eq!((&hit["items"][0]["por"], &hit["items"][0]["mascota"]["nombre"]), (&json!("identificador"), &json!("Firulais")));
    let hit = send(recepcion.request(Method::GET, "/pacientes").query(&[("buscar", "gonsales")])).await.ok();
    assert_eq!(hit["items"][0]["por"], "nombre_parecido");
    assert!(
        huella.como(costera::RECEPCION).await.get("/pacientes?buscar=987654321").await.ok()["items"].as_array().is_some_and(Vec::is_empty)
    );
    assert!(buscar(&huella.como(costera::RECEPCION).await, "604000000000001").await.is_empty());
    // An owner without pets is found by key.
    let mut solo = tutor("Sola", "Sin Mascota");
    solo["telefono"] = json!("900111222");
    recepcion.post("/tutores", solo).await.created();
    let found = recepcion.get("/pacientes?buscar=900111222").await.ok();
    assert_eq!((found["items"][0]["tutor"]["nombre"].as_str(), found["items"][0]["mascota"].is_null()), (Some("Sola Sin Mascota"), true));
}

#[rstest]
#[case("?buscar=", "?buscar")]
#[case("?buscar=l", "?buscar")]
#[case("?buscar=luna&cursor=ImEi", "?cursor")]
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
    let mut tx = huella.parts.system().begin(TenantId(tenant.parse().expect("an id"))).await.expect("a transaction");
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

/// Owners whom a search shows by themselves.
async fn solos(cliente: &Cliente, texto: &str) -> Vec<String> {
    let found = send(cliente.request(Method::GET, "/pacientes").query(&[("buscar", texto)])).await.ok();
    let items = found["items"].as_array().expect("a list").iter().filter(|item| item["mascota"].is_null());
    items.filter_map(|item| item["tutor"]["nombre"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn an_owner_without_a_pet_is_found_by_name_until_the_first_comes_and_again_when_the_last_goes() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let sola = id(&admin.post("/tutores", tutor("Sola", "Zegarra Ñahuincopa")).await.created());
    for typed in ["zegarra", "sola zeg", "nahuincopa sola", "zegara"] {
        assert_eq!(solos(&admin, typed).await, ["Sola Zegarra Ñahuincopa"], "{typed}");
    }
    assert!(solos(&admin, "zegarra luna").await.is_empty() && solos(&huella.como(costera::RECEPCION).await, "zegarra").await.is_empty());
    let box_of_all = send(admin.request(Method::GET, "/buscar").query(&[("q", "zegarra")])).await.ok();
    assert!(box_of_all.to_string().contains(&sola), "{box_of_all:#}");

    admin.put(&format!("/tutores/{sola}"), tutor("Sola", "Yábar")).await.ok();
    assert!(solos(&admin, "zegarra").await.is_empty(), "the old name");
    assert_eq!(solos(&admin, "yabar").await, ["Sola Yábar"]);

    let mut registro = mascota("Pelusa");
    registro = json!({ "tutor_id": sola, "mascota": registro });
    let pelusa = id(&admin.post("/pacientes/registro", registro).await.created()["mascota"]);
    assert_eq!((solos(&admin, "yabar").await.len(), buscar(&admin, "yabar").await), (0, vec!["Pelusa".to_owned()]));
    let (_, otra) = registrar(&admin, tutor("Otra", "Persona"), mascota("Max")).await;
    admin.post(&format!("/pacientes/{pelusa}/transferencia"), json!({ "tutor_id": otra })).await.created();
    assert_eq!(solos(&admin, "yabar").await, ["Sola Yábar"], "the last pet went");

    let doble = id(&admin.post("/tutores", tutor("Doble", "Xauca")).await.created());
    let fusion = admin.post(&format!("/tutores/{sola}/fusiones"), json!({ "con": doble })).await.created();
    assert_eq!(solos(&admin, "xauca").await, ["Sola Yábar"], "by the names of both");
    admin.delete(&format!("/fusiones/{}", id(&fusion))).await.ok();
    assert_eq!(
        (solos(&admin, "xauca").await, solos(&admin, "yabar").await),
        (vec!["Doble Xauca".to_owned()], vec!["Sola Yábar".to_owned()])
    );
    admin.post(&format!("/tutores/{doble}/anonimizacion"), json!({ "motivo": "Lo pidió" })).await.created();
    assert!(solos(&admin, "xauca").await.is_empty(), "forgotten");
}

#[tokio::test]
async fn who_loses_the_last_two_pets_at_the_same_moment_is_found() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (_, otra) = registrar(&recepcion, tutor("Otra", "Persona"), mascota("Max")).await;
    for round in 0..6 {
        let (luna, dueno) = registrar(&recepcion, tutor("Dueño", &format!("Yarleque{round}")), mascota("Luna")).await;
        let registro = json!({ "tutor_id": dueno, "mascota": mascota("Sol") });
        let sol = id(&recepcion.post("/pacientes/registro", registro).await.created()["mascota"]);
        let (to, body) = (|pet: &str| format!("/pacientes/{pet}/transferencia"), json!({ "tutor_id": otra }));
        let (first, second) = (to(&luna), to(&sol));
        let (a, b) = tokio::join!(recepcion.post(&first, body.clone()), recepcion.post(&second, body.clone()));
        a.created();
        b.created();
        assert_eq!(solos(&recepcion, &format!("yarleque{round}")).await.len(), 1, "round {round}");
    }
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
    let system = huella.parts.system();
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
async fn districts_are_found_by_name_or_code() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let found = send(recepcion.request(Method::GET, "/ubigeos").query(&[("buscar", "miraflores lima")])).await.ok();
    assert_eq!((found["items"][0]["codigo"].as_str(), found["items"][0]["provincia"].as_str()), (Some("150122"), Some("Lima")));
}
