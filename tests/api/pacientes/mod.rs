//! Owners and pets, as reception registers, finds and changes them.
mod busqueda;
mod duplicados;
mod fallecimiento;
mod ficha;
mod fusiones;
mod listas;
mod personas;
mod registro;
mod visibilidad;

use huella_tests::{Cliente, cliente::send, id};
use reqwest::Method;
use serde_json::{Value, json};

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
