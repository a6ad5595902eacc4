//! The catalogue: what vaccines protect from, and what their names mean.
use super::{luna, vacuna};
use huella_tests::{
    Huella,
    andina::{ADMIN, DR_SOTO, RECEPCION_LIMA},
    costera, id,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_chain_adds_antigens_and_vaccines_of_its_own() {
    let huella = Huella::start().await;
    let (admin, recepcion, other) = (huella.como(ADMIN).await, huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let antigen = json!({ "clave": "giardia", "nombre": "Giardia", "especies": ["perro"], "origen": "Etiqueta" });
    recepcion.post("/antigenos", antigen.clone()).await.problem(403, "sin-permiso");
    let made = admin.post("/antigenos", antigen.clone()).await;
    assert_eq!((made.status.as_u16(), made.etag().as_str()), (201, "\"1\""));
    admin.post("/antigenos", antigen.clone()).await.problem(409, "ya-existe");
    let mut moved = antigen.clone();
    moved["clave"] = json!("otra");
    assert_eq!(admin.put("/antigenos/giardia", moved).await.wrong_fields(), ["/clave"]);
    admin.put_if("/antigenos/giardia", "\"9\"", antigen.clone()).await.problem(412, "version-cambiada");
    assert_eq!(admin.put("/antigenos/giardia", antigen).await.ok()["version"], 2);
    let vaccine =
        json!({ "clave": "giardia_vax", "nombre": "GiardiaVax", "especies": ["perro"], "antigenos": ["giardia"], "origen": "Etiqueta" });
    let mut wrong = vaccine.clone();
    wrong["especies"] = json!(["dragon"]);
    wrong["antigenos"] = json!(["fuego"]);
    wrong["alias"] = json!(["--"]);
    assert_eq!(admin.post("/vacunas", wrong).await.wrong_fields(), ["/alias/0", "/antigenos/0", "/especies/0"]);
    let made = admin.post("/vacunas", vaccine.clone()).await.created();
    let names = |page: Value| -> Vec<String> {
        page["items"].as_array().into_iter().flatten().filter_map(|one| one["clave"].as_str().map(str::to_owned)).collect()
    };
    let dogs = names(recepcion.get("/vacunas?especie=perro&limite=200").await.ok());
    assert!(
        dogs.contains(&"giardia_vax".into()) && dogs.contains(&"quintuple".into()) && !dogs.contains(&"triple_felina".into()),
        "{dogs:?}"
    );
    assert!(!names(other.get("/vacunas?limite=200").await.ok()).contains(&"giardia_vax".into()));
    assert!(names(other.get("/antigenos?limite=200").await.ok()).contains(&"rabia".into()));
    // One that is no longer used is given no more; what was given keeps what it was.
    let soto = huella.como(DR_SOTO).await;
    let path = format!("/pacientes/{}/vacunaciones", luna(&soto).await);
    let shot = json!({ "vacuna_id": id(&made) });
    let given = soto.post(&path, shot.clone()).await.created();
    let mut retired = vaccine;
    retired["activa"] = json!(false);
    retired["antigenos"] = json!(["giardia", "rabia"]);
    admin.put(&format!("/vacunas/{}", id(&made)), retired).await.ok();
    assert_eq!(soto.post(&path, shot).await.wrong_fields(), ["/vacuna_id"]);
    assert_eq!(soto.get(&format!("/hechos-clinicos/{}", id(&given))).await.ok()["antigenos"], json!(["giardia"]));
}

/// A dog with brand X quíntuple and rabies apart has what a combined product would have given; and «séxtuple» is what the
/// chain says it is.
#[tokio::test]
async fn what_a_pet_is_protected_from_follows_from_antigens_and_not_from_names() {
    let huella = Huella::start().await;
    let (admin, soto) = (huella.como(ADMIN).await, huella.como(DR_SOTO).await);
    let luna = luna(&soto).await;
    let path = format!("/pacientes/{luna}/vacunaciones");
    let brand = json!({ "producto": "Marca X", "antigenos": ["moquillo", "adenovirus", "parvovirus", "parainfluenza", "leptospira"], "fecha": "2026-02-01" });
    soto.post(&path, brand).await.created();
    soto.post(&path, json!({ "vacuna_id": vacuna(&huella, "antirrabica").await, "fecha": "2026-02-02" })).await.created();
    // Told by another system, by name.
    let told = |fecha: &str, nombre: &str| {
        format!(
            "insert into antecedentes (tenant_id, id, mascota_id, tipo, fecha, en, titulo, autor_id, creado_en)
             select tenant_id, gen_random_uuid(), id, 'vacuna', '{fecha}', '{fecha}', '{nombre}', id, now() from mascotas where id = '{luna}'"
        )
    };
    let context = "select set_config('app.tenant', tenant_id::text, true) from mascotas";
    for (fecha, nombre) in [("2024-01-01", "QUINTUPLE CANINA"), ("2024-02-01", "Séxtuple")] {
        huella.execute(&format!("{context} where id = '{luna}'; {}", told(fecha, nombre))).await;
    }
    let known = async || -> Vec<(usize, bool, bool)> {
        let facts = soto.get(&format!("/pacientes/{luna}/hechos")).await.ok();
        let one = |shot: &Value| {
            let flag = |name: &str| shot[name] == json!(true);
            (shot["antigenos"].as_array().map_or(0, Vec::len), flag("por_nombre"), flag("anterior"))
        };
        facts["vacunas"].as_array().into_iter().flatten().map(one).collect()
    };
    assert_eq!(known().await, [(5, true, true), (0, false, true), (5, false, false), (1, false, false)]);
    let sextuple = vacuna(&huella, "sextuple_rabia").await;
    let mut means = admin.get("/vacunas?limite=200").await.ok()["items"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["id"] == json!(sextuple)).cloned())
        .expect("of the catalogue");
    means["alias"] = json!(["Séxtuple"]);
    means.as_object_mut().expect("an object").retain(|key, _| key != "id" && key != "version");
    admin.put(&format!("/vacunas/{sextuple}"), means).await.ok();
    assert_eq!(known().await[1], (6, true, true), "said once, it holds for all that were told by that name");
}
