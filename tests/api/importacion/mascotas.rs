//! Pets.
use super::{CLIENTES, Mudanza, PACIENTES, outcome};
use huella_tests::id;
use serde_json::{Value, json};

#[tokio::test]
async fn pets_come_in_with_their_owner_and_are_found() {
    let mudanza = Mudanza::start().await;
    mudanza.imported("tutores", CLIENTES).await;
    let sent = mudanza.sent("mascotas", PACIENTES).await;
    assert_eq!((outcome(&mudanza.tried(&sent).await), mudanza.count("mascotas").await), (("probada", [2, 0, 0, 0]), 0));
    assert_eq!(outcome(&mudanza.done(&sent).await), ("importada", [2, 0, 0, 0]));
    let found = mudanza.admin.get("/pacientes?q=604000000000001").await;
    let luna: String = mudanza.huella.scalar("select id::text from mascotas where nombre = 'Luna'").await;
    let luna = mudanza.admin.get(&format!("/pacientes/{luna}")).await.ok();
    assert_eq!(
        (&luna["raza"]["nombre"], &luna["sexo"], &luna["nacimiento"]),
        (&json!("Labrador Retriever"), &json!("hembra"), &json!("2020-03-15"))
    );
    assert_eq!((&luna["ultimo_peso"]["kg"], &luna["identificadores"][0]["valor"]), (&json!(12.5), &json!("604000000000001")));
    assert_eq!(
        luna["tutores"][0]["tutor"]["nombre"].as_str().or(luna["tutores"][0]["nombre"].as_str()),
        Some("José Peña Ñahui"),
        "{found:?}"
    );
    assert_eq!(outcome(&mudanza.imported("mascotas", PACIENTES).await), ("importada", [0, 0, 2, 0]));
    assert_eq!((mudanza.count("mascotas").await, mudanza.count("pesos").await), (2, 1));
}

#[tokio::test]
async fn an_owner_is_found_by_document_phone_or_address_and_a_doubtful_one_is_asked_for() {
    let mudanza = Mudanza::start().await;
    let owner = async |nombres: &str, more: Value| {
        let mut datos = json!({ "nombres": nombres, "apellidos": "Poma" });
        more.as_object().expect("fields").iter().for_each(|(name, value)| datos[name] = value.clone());
        mudanza.admin.post("/tutores?confirmar_duplicado=true", datos).await.created();
    };
    owner("Ana", json!({ "documento": { "tipo": "dni", "numero": "12345678" } })).await;
    owner("Luis", json!({ "correo": "luis@ejemplo.pe", "telefono": "987654321" })).await;
    owner("Rosa", json!({ "telefono": "987654321" })).await;
    let file = "Mascota;Especie;Raza;DNI Cliente;Celular Cliente;Email Cliente\n\
        Uno;perro;;12345678;;\n\
        Dos;dog;criollo;;;LUIS@ejemplo.pe\n\
        Tres;perro;;;987654321;\n\
        Cuatro;perro;;87654321;;\n\
        Cinco;dragón;;12345678;;\n\
        Seis;gato;Labrador;12345678;;\n\
        Siete;gato;;;;\n\
        Uno;canino;;12345678;;\n";
    let sent = mudanza.sent("mascotas", file).await;
    assert_eq!(outcome(&mudanza.tried(&sent).await), ("probada", [2, 0, 1, 5]));
    assert_eq!(outcome(&mudanza.done(&sent).await), ("importada", [2, 0, 1, 5]));
    let faults = mudanza.faults(&sent).await;
    let places: Vec<(i64, &str)> = faults.iter().map(|(row, column, _)| (*row, column.as_str())).collect();
    assert_eq!(places, [(4, "Celular Cliente"), (5, "DNI Cliente"), (6, "Especie"), (7, "Raza"), (8, "DNI Cliente")], "{faults:?}");
    assert!(faults[0].2.contains("varios tutores") && faults[1].2.contains("importe primero los tutores"), "{faults:?}");
}

#[tokio::test]
async fn a_breed_may_be_read_as_another_and_a_microchip_names_one_pet() {
    let mudanza = Mudanza::start().await;
    mudanza.imported("tutores", CLIENTES).await;
    let file = "Código Cliente;Mascota;Especie;Raza;Chip\nC1;Toby;perro;labradorcito;604000000000009\nC2;Otro;perro;;604000000000009\n";
    let sent = mudanza.sent("mascotas", file).await;
    assert_eq!(outcome(&mudanza.tried(&sent).await).1, [1, 0, 0, 1]);
    let mapeo = mudanza.admin.get(&format!("/importaciones/{sent}")).await.ok()["mapeo"].clone();
    let valores = json!({ "raza": { "Labradorcito": "Labrador Retriever" } });
    let datos = json!({ "mapeo": { "columnas": mapeo["columnas"], "valores": valores }, "opciones": {} });
    mudanza.admin.put(&format!("/importaciones/{sent}"), datos).await.ok();
    let done = mudanza.done(&sent).await;
    assert_eq!(outcome(&done), ("importada", [1, 0, 0, 1]));
    assert_eq!(mudanza.faults(&id(&done)).await, [(3, "Chip".to_owned(), "ya es de otra mascota".to_owned())]);
}
