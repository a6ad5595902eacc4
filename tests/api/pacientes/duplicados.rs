//! Who registers somebody known is told so before there are two.
use super::{mascota, registrar, tutor};
use huella_tests::{
    Huella,
    andina::{ADMIN, RECEPCION_LIMA},
    costera, id,
};
use rstest::rstest;
use serde_json::{Value, json};

fn ana() -> Value {
    json!({ "nombres": "Ana María", "apellidos": "Poma", "documento": { "tipo": "dni", "numero": "40302010" },
            "telefono": "987 654 321", "correo": "ana@ejemplo.pe" })
}

#[rstest]
#[case::the_phone(json!({ "nombres": "Beto", "apellidos": "Ríos", "telefono": "+51 987654321" }), &["telefono"])]
#[case::the_mail(json!({ "nombres": "Beto", "apellidos": "Ríos", "correo": "ANA@ejemplo.pe" }), &["correo"])]
#[case::both(json!({ "nombres": "Beto", "apellidos": "Ríos", "telefono": "987654321", "correo": "ana@ejemplo.pe" }), &["telefono", "correo"])]
#[case::name_and_last_digits(json!({ "nombres": "Poma", "apellidos": "Ana Maria", "telefono": "(01) 5654321" }), &["nombre_y_telefono"])]
#[case::last_digits_alone(json!({ "nombres": "Beto", "apellidos": "Ríos", "telefono": "(01) 5654321" }), &[])]
#[case::the_name_alone(json!({ "nombres": "Ana María", "apellidos": "Poma" }), &[])]
#[tokio::test]
async fn an_owner_like_another_is_registered_only_when_confirmed(#[case] nuevo: Value, #[case] motivos: &[&str]) {
    let huella = Huella::start().await;
    let (recepcion, other) = (huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let known = id(&recepcion.post("/tutores", ana()).await.created());
    if motivos.is_empty() {
        recepcion.post("/tutores", nuevo).await.created();
        return;
    }
    let registro = json!({ "tutor": nuevo.clone(), "mascota": mascota("Luna") });
    for (path, body) in [("/tutores", nuevo.clone()), ("/pacientes/registro", registro)] {
        let problem = recepcion.post(path, body).await.problem(409, "posible-duplicado");
        let candidatos = problem["candidatos"].as_array().expect("candidates");
        assert_eq!(candidatos.len(), 1, "{problem:#}");
        assert_eq!((candidatos[0]["tutor_id"].as_str(), &candidatos[0]["motivos"]), (Some(known.as_str()), &json!(motivos)));
        assert_eq!((candidatos[0]["nombre"].as_str(), candidatos[0]["telefono"].as_str()), (Some("Ana María Poma"), Some("•••321")));
    }
    assert_eq!(huella.scalar::<i64>("select count(*) from tutores").await, 1, "nothing half-written");
    recepcion.post("/tutores?confirmar_duplicado=true", nuevo.clone()).await.created();
    other.post("/tutores", nuevo).await.created();
}

#[tokio::test]
async fn the_same_document_is_refused_even_when_confirmed() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    recepcion.post("/tutores", ana()).await.created();
    recepcion.post("/tutores", ana()).await.problem(409, "tutor-ya-registrado");
    recepcion.post("/tutores?confirmar_duplicado=true", ana()).await.problem(409, "tutor-ya-registrado");
}

#[tokio::test]
async fn a_pet_of_the_same_owner_name_and_species_is_registered_only_when_confirmed() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let body =
        |nombre: &str, especie: &str| json!({ "tutor_id": ana, "mascota": { "nombre": nombre, "especie": especie, "sexo": "macho" } });
    let problem = recepcion.post("/pacientes/registro", body("LUNA", "perro")).await.problem(409, "posible-duplicado");
    assert_eq!(problem["candidatos"], json!([{ "mascota_id": luna, "nombre": "Luna", "motivos": ["nombre_y_especie"] }]));
    recepcion.post("/pacientes/registro", body("Luna", "gato")).await.created();
    recepcion.post("/pacientes/registro", body("Lunita", "perro")).await.created();
    recepcion.post("/pacientes/registro?confirmar_duplicado=true", body("Luna", "perro")).await.created();
    // A dead one is no reason to ask.
    recepcion.post(&format!("/pacientes/{luna}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    let left = recepcion.post("/pacientes/registro", body("Luna", "perro")).await.problem(409, "posible-duplicado");
    assert_eq!(left["candidatos"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn who_may_only_register_learns_no_name() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let known = id(&admin.post("/tutores", ana()).await.created());
    let body = json!({ "nombre": "Formulario", "permisos": ["paciente.registrar"], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", body).await.created();
    let web = huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let nuevo = json!({ "nombres": "Beto", "apellidos": "Ríos", "telefono": "987654321" });
    let problem = web.post("/tutores", nuevo).await.problem(409, "posible-duplicado");
    assert_eq!(problem["candidatos"], json!([{ "tutor_id": known, "motivos": ["telefono"] }]));
}
