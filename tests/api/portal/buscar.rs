//! The palette: one request for whatever somebody types or pastes.
use huella_tests::{Cliente, Huella, andina, cliente::send, costera, id};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn busca(cliente: &Cliente, q: &str) -> Value {
    send(cliente.request(Method::GET, "/buscar").query(&[("q", q)])).await.ok()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().filter_map(|one| one["nombre"].as_str()).collect()
}

/// A pet with an owner, and an appointment of today in Lima.
async fn registra(huella: &Huella) -> (Cliente, Value, String) {
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let tutor = json!({ "nombres": "Úrsula", "apellidos": "Quispe Mamani", "telefono": "987 654 321",
        "documento": { "tipo": "dni", "numero": "45678912" } });
    let mascota = json!({ "nombre": "Pelusa", "especie": "perro", "sexo": "hembra",
        "identificadores": [{ "tipo": "microchip", "valor": "604000000000001" }] });
    let body = recepcion.post("/pacientes/registro", json!({ "tutor": tutor, "mascota": mascota })).await.created();
    let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
    let cita = json!({ "sede_id": of("sedes", "codigo", "LIM").await, "mascota_id": id(&body["mascota"]),
        "servicio_id": of("servicios", "codigo", "CONS").await, "medico_id": of("usuarios", "cmvp", "11567").await,
        "inicio": "2026-03-02T10:00:00-05:00" });
    let cita = recepcion.post("/citas/reservar", cita).await.created();
    (recepcion, body, id(&cita))
}

#[tokio::test]
async fn whatever_one_knows_of_them_finds_them() {
    let huella = Huella::start().await;
    let (recepcion, body, cita) = registra(&huella).await;
    let (mascota, tutor) = (id(&body["mascota"]), id(&body["tutor"]));
    for (q, por) in [
        ("pelusa", "nombre"),
        ("pelsua", "nombre_parecido"),
        ("ursula", "nombre"),
        ("45678912", "documento"),
        ("987654321", "telefono"),
        ("654321", "telefono_final"),
        ("604000000000001", "identificador"),
        (mascota.as_str(), "id"),
    ] {
        let found = busca(&recepcion, q).await;
        assert_eq!(names(&found["mascotas"]), ["Pelusa"], "{q}: {found:#}");
        assert_eq!(found["mascotas"][0]["por"], por, "{q}");
        let owner_meant = !matches!(por, "identificador" | "id") && !q.starts_with("pel");
        assert_eq!(found["tutores"].as_array().map(Vec::len), Some(usize::from(owner_meant)), "{q}: {found:#}");
        let citas = found["citas"].as_array().expect("a list");
        assert!(citas.len() == 1 && citas[0]["id"] == cita.as_str() && citas[0]["mascota"] == "Pelusa", "{q}: {found:#}");
    }
    let owner = busca(&recepcion, &tutor).await;
    assert_eq!((names(&owner["tutores"]).len(), names(&owner["mascotas"])), (1, vec!["Pelusa"]));
    let pasted = busca(&recepcion, &cita).await;
    assert!(pasted["citas"][0]["id"] == cita.as_str() && pasted["mascotas"] == json!([]), "{pasted:#}");
    assert_eq!(busca(&recepcion, "019a0000-0000-7000-8000-00000000dead").await, json!({ "mascotas": [], "tutores": [], "citas": [] }));
}

#[tokio::test]
async fn who_sees_no_agenda_is_told_of_no_appointment() {
    let huella = Huella::start().await;
    let (_, body, cita) = registra(&huella).await;
    let admin = huella.como(andina::ADMIN).await;
    let key = |permisos: Value| {
        let admin = admin.clone();
        let huella = &huella;
        async move {
            let body = json!({ "nombre": "Prueba", "permisos": permisos, "expira_en": "2026-12-31T00:00:00Z" });
            let made = admin.post("/claves-api", body).await.created();
            huella.nadie().with_token(made["clave"].as_str().expect("a key"))
        }
    };
    let only_patients = key(json!(["paciente.ver"])).await;
    for q in ["pelusa", cita.as_str()] {
        assert_eq!(busca(&only_patients, q).await["citas"], json!([]), "{q}");
    }
    let both = key(json!(["paciente.ver", "cita.ver"])).await;
    assert_eq!(busca(&both, "pelusa").await["citas"].as_array().map(Vec::len), Some(1));
    key(json!(["cita.ver"])).await.get("/buscar?q=pelusa").await.problem(403, "sin-permiso");
    // Reception of Cusco does not see the agenda of Lima, but the chain's patients.
    let cusco = huella.como(andina::RECEPCION_CUSCO).await;
    let found = busca(&cusco, "pelusa").await;
    assert!(names(&found["mascotas"]) == ["Pelusa"] && found["citas"] == json!([]), "{found:#}");
    assert_eq!(busca(&cusco, &cita).await["citas"], json!([]));
    let other = huella.como(costera::ADMIN).await;
    for q in ["pelusa", "987654321", cita.as_str(), &id(&body["mascota"]), &id(&body["tutor"])] {
        assert_eq!(busca(&other, q).await, json!({ "mascotas": [], "tutores": [], "citas": [] }), "{q}");
    }
}

#[tokio::test]
async fn too_short_and_too_long_are_named() {
    let huella = Huella::start().await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    for q in ["a", "  a ", &"a".repeat(101)] {
        let wrong = send(recepcion.request(Method::GET, "/buscar").query(&[("q", q)])).await.wrong_fields();
        assert_eq!(wrong, ["?q"], "{q}");
    }
}

#[tokio::test]
async fn six_of_each_and_quickly() {
    let huella = Huella::start().await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    for n in 0..9 {
        let body = json!({ "tutor": { "nombres": format!("Luna{n}"), "apellidos": "Flores" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
        recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
    }
    let began = Instant::now();
    let found = busca(&recepcion, "luna").await;
    assert!(began.elapsed() < Duration::from_millis(150), "{:?}", began.elapsed());
    assert_eq!((names(&found["mascotas"]).len(), names(&found["tutores"]).len()), (6, 6));
}
