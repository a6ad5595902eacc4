//! All owners and all pets, page by page.
use super::{mascota, registrar, tutor};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// What a list has in all its pages of that size, by what `name` reads.
async fn pages(cliente: &Cliente, path: &str, query: &[(&str, &str)], name: impl Fn(&Value) -> String) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let request = cliente.request(Method::GET, path).query(query).query(&[("cursor", cursor.as_deref())]);
        let page = send(request).await.ok();
        all.extend(page["items"].as_array().expect("a list").iter().map(&name));
        cursor = page["siguiente"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return all;
        }
    }
}

async fn tutores(cliente: &Cliente, query: &[(&str, &str)]) -> Vec<String> {
    pages(cliente, "/tutores", query, |tutor| tutor["nombres"].as_str().expect("a name").to_owned()).await
}

async fn poblar(huella: &Huella) -> Cliente {
    let recepcion = huella.como(RECEPCION_LIMA).await;
    for (nombres, apellidos, telefono, dni, pet) in [
        ("Ana María", "Quispe Mamani", "987654321", "11111111", "Luna"),
        ("José", "Gonzáles Ñahui", "976543210", "22222222", "Lunares"),
        ("Rosa", "Quispe Condori", "965432109", "33333333", "Rocky"),
    ] {
        let mut owner = tutor(nombres, apellidos);
        owner["telefono"] = json!(telefono);
        owner["correo"] = json!(format!("{}@ejemplo.pe", pet.to_lowercase()));
        owner["documento"] = json!({ "tipo": "dni", "numero": dni });
        registrar(&recepcion, owner, mascota(pet)).await;
    }
    recepcion.post("/tutores", tutor("Sola", "Quispe Sin Mascota")).await.created();
    recepcion
}

#[tokio::test]
async fn owners_come_page_by_page_the_last_one_first() {
    let huella = Huella::start().await;
    let recepcion = poblar(&huella).await;
    let all = tutores(&recepcion, &[]).await;
    assert_eq!(all[..4], ["Sola", "Rosa", "José", "Ana María"]);
    for limite in ["1", "3", "200"] {
        assert_eq!(tutores(&recepcion, &[("limite", limite)]).await, all, "{limite} at a time");
    }
    let jose = &send(recepcion.request(Method::GET, "/tutores").query(&[("buscar", "22222222")])).await.ok()["items"][0];
    assert_eq!((jose["telefono"].as_str(), jose["correo"].as_str()), (Some("+51976543210"), Some("lunares@ejemplo.pe")));
    assert_eq!((jose["documento"]["numero"].as_str(), jose["mascotas"].as_i64()), (Some("22222222"), Some(1)));
    // Another chain has others.
    assert!(!tutores(&huella.como(costera::RECEPCION).await, &[]).await.contains(&"Sola".to_owned()));
}

#[tokio::test]
async fn owners_are_found_by_name_document_phone_and_mail() {
    let huella = Huella::start().await;
    let recepcion = poblar(&huella).await;
    let cases: &[(&str, &[&str])] = &[
        ("quispe", &["Sola", "Rosa", "Ana María"]),
        ("QUIS", &["Sola", "Rosa", "Ana María"]),
        ("maria quispe", &["Ana María"]),
        ("quispe cond", &["Rosa"]),
        ("nahui", &["José"]),
        ("quis rosa", &[]),
        // Names of pets are no names of owners.
        ("luna", &[]),
        ("22222222", &["José"]),
        ("965 432 109", &["Rosa"]),
        ("543210", &["José"]),
        ("Luna@Ejemplo.PE", &["Ana María"]),
        ("nadie", &[]),
    ];
    for (typed, expected) in cases {
        for limite in ["1", "50"] {
            assert_eq!(tutores(&recepcion, &[("buscar", typed), ("limite", limite)]).await, *expected, "{typed}, {limite} at a time");
        }
    }
    // Two who own a pet together do not answer for each other.
    let (sol, _) = registrar(&recepcion, tutor("Carla", "Ríos"), mascota("Sol")).await;
    let beto = id(&recepcion.post("/tutores", tutor("Beto", "Paz")).await.created());
    recepcion.post(&format!("/pacientes/{sol}/tutores"), json!({ "tutor_id": beto, "relacion": "copropietario" })).await.created();
    assert_eq!(tutores(&recepcion, &[("buscar", "rios")]).await, ["Carla"]);
    assert!(tutores(&recepcion, &[("buscar", "carla paz")]).await.is_empty());
    assert_eq!(recepcion.get("/tutores?buscar=x").await.wrong_fields(), ["?buscar"]);
    assert_eq!(recepcion.get("/tutores?dni=1").await.wrong_fields(), ["?dni"]);
}

#[tokio::test]
async fn who_was_merged_or_forgotten_is_not_listed() {
    let huella = Huella::start().await;
    let (admin, recepcion) = (huella.como(ADMIN).await, poblar(&huella).await);
    let of = async |dni: &str| id(&recepcion.get(&format!("/tutores?buscar={dni}")).await.ok()["items"][0]);
    let (ana, jose, rosa) = (of("11111111").await, of("22222222").await, of("33333333").await);
    admin.post(&format!("/tutores/{ana}/fusiones"), json!({ "con": rosa })).await.created();
    admin.post(&format!("/tutores/{jose}/anonimizacion"), json!({ "motivo": "Lo pidió por escrito" })).await.created();
    let all = tutores(&recepcion, &[]).await;
    assert_eq!(all[..2], ["Sola", "Ana María"]);
    assert!(!all.contains(&"José".to_owned()) && !all.contains(&"Rosa".to_owned()), "{all:?}");
    // The one who goes on is found by the name of the other one too.
    assert_eq!(tutores(&recepcion, &[("buscar", "condori")]).await, ["Ana María"]);
}

#[tokio::test]
async fn pets_come_page_by_page_too() {
    let huella = Huella::start().await;
    let recepcion = poblar(&huella).await;
    let name = |row: &Value| row["mascota"]["nombre"].as_str().expect("a name").to_owned();
    let all = pages(&recepcion, "/pacientes", &[], name).await;
    assert_eq!(all[..3], ["Rocky", "Lunares", "Luna"]);
    assert_eq!(pages(&recepcion, "/pacientes", &[("limite", "1")], name).await, all);
    let first = &recepcion.get("/pacientes?limite=1").await.ok()["items"][0];
    assert_eq!((first["por"].as_str(), first["tutor"]["nombre"].as_str()), (Some("lista"), Some("Rosa Quispe Condori")));
}

#[tokio::test]
async fn where_each_sede_has_its_own_a_list_has_no_others() {
    let huella = Huella::start().await;
    let (lima, cusco) = (poblar(&huella).await, huella.como(RECEPCION_CUSCO).await);
    registrar(&cusco, tutor("Cusqueña", "Quispe"), mascota("Inti")).await;
    let open = tutores(&cusco, &[("buscar", "quispe")]).await;
    assert_eq!(open, ["Cusqueña", "Sola", "Rosa", "Ana María"]);
    let admin = huella.como(ADMIN).await;
    admin.put("/ajustes/visibilidad", json!({ "visibilidad": "sede", "emergencia_horas": 1 })).await.ok();
    for _ in 0..100 {
        if tutores(&cusco, &[("buscar", "quispe")]).await == ["Cusqueña"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let name = |row: &Value| row["mascota"]["nombre"].as_str().expect("a name").to_owned();
    assert_eq!(tutores(&cusco, &[("buscar", "quispe")]).await, ["Cusqueña"]);
    assert_eq!(tutores(&cusco, &[("buscar", "22222222")]).await, Vec::<String>::new());
    for (cliente, own, other) in [(&cusco, "Cusqueña", "Sola"), (&lima, "Sola", "Cusqueña")] {
        let all = tutores(cliente, &[]).await;
        assert!(all.contains(&own.to_owned()) && !all.contains(&other.to_owned()), "{all:?}");
    }
    let pets = pages(&cusco, "/pacientes", &[("limite", "2")], name).await;
    assert!(pets.contains(&"Inti".to_owned()) && !pets.contains(&"Rocky".to_owned()), "{pets:?}");
    assert_eq!(tutores(&admin, &[("buscar", "quispe"), ("limite", "2")]).await, open);
}
