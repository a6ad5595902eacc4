//! Two records turn out to be one, and sometimes two after all.
use super::{buscar, mascota, registrar, tutor};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, DR_SOTO, RECEPCION_CUSCO, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

/// A chain, its receptions, and a booking for a pet.
struct Sala {
    huella: Huella,
    lima: Cliente,
    cusco: Cliente,
    sede: [String; 2],
    medico: [String; 2],
    consulta: String,
}

impl Sala {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let sede = [of("sedes", "codigo", "LIM").await, of("sedes", "codigo", "CUS").await];
        let medico = [of("usuarios", "cmvp", "11567").await, of("usuarios", "cmvp", "10234").await];
        let consulta = of("servicios", "codigo", "CONS").await;
        let (lima, cusco) = (huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_CUSCO).await);
        Self { huella, lima, cusco, sede, medico, consulta }
    }
    fn cita(&self, donde: usize, mascota: &str, inicio: &str) -> Value {
        json!({ "sede_id": self.sede[donde], "mascota_id": mascota, "servicio_id": self.consulta, "medico_id": self.medico[donde], "inicio": format!("{inicio}-05:00") })
    }
}

async fn foto(who: &Cliente, mascota: &str) {
    let request = who.request(Method::PUT, &format!("/pacientes/{mascota}/foto")).header("If-Match", "*");
    send(request.header("Content-Type", "image/png").body(b"\x89PNG\r\n\x1a\nuno".to_vec())).await.ok();
}

/// Everything that the API tells of a pet, but versions and what the merge itself left in the timeline.
async fn all_of(who: &Cliente, mascota: &str) -> Value {
    let mut all = Vec::new();
    for part in ["", "/pesos", "/tutores", "/historial"] {
        let mut body = who.get(&format!("/pacientes/{mascota}{part}")).await.ok();
        if let Some(ficha) = body.as_object_mut().filter(|ficha| ficha.contains_key("version")) {
            ficha.retain(|key, _| key != "version" && key != "actualizado_en");
        }
        if let Some(items) = body["items"].as_array_mut() {
            items.retain(|item| !item["detalle"]["tipo"].as_str().unwrap_or_default().starts_with("fusion"));
        }
        all.push(body);
    }
    json!(all)
}

#[tokio::test]
async fn a_merged_pet_gives_all_to_the_other_and_gets_all_back() {
    let sala = Sala::start().await;
    let (lima, cusco) = (&sala.lima, &sala.cusco);
    let mut with_chip = mascota("Lunita");
    with_chip["notas"] = json!("Muerde al vacunar");
    with_chip["peso_kg"] = json!(4.2);
    with_chip["identificadores"] = json!([{ "tipo": "microchip", "valor": "604000000000001" }, { "tipo": "placa", "valor": "A-1" }]);
    let (luna, ana) = registrar(lima, tutor("Ana", "Poma"), mascota("Luna")).await;
    let (lunita, beto) = registrar(lima, tutor("Beto", "Ríos"), with_chip).await;
    lima.post(&format!("/pacientes/{luna}/identificadores"), json!({ "tipo": "placa", "valor": "A1" })).await.created();
    lima.post(&format!("/pacientes/{lunita}/tutores"), json!({ "tutor_id": ana, "relacion": "cuidador" })).await.created();
    foto(lima, &lunita).await;
    let here = lima.post("/citas/reservar", sala.cita(0, &lunita, "2026-03-03T10:00:00")).await.created();
    let there = cusco.post("/citas/reservar", sala.cita(1, &lunita, "2026-03-02T16:00:00")).await.created();
    let wait = json!({ "servicio_id": sala.consulta, "sedes": [sala.sede[0]], "desde": "2026-03-02", "hasta": "2026-03-31" });
    lima.post("/esperas", json!({ "mascota_id": lunita, "preferencia": wait })).await.created();
    let admin = sala.huella.como(ADMIN).await;
    let before = (all_of(&admin, &luna).await, all_of(&admin, &lunita).await);

    let preview = lima.get(&format!("/pacientes/{luna}/fusion?con={lunita}")).await.ok();
    let mueve = json!({
        "citas": 2, "pesos": 1, "hechos": 3, "identificadores": 1, "vinculos": 2, "foto": true, "datos": [],
        "sigue": {
            "vacunas": 0, "desparasitaciones": 0, "problemas": 0, "alergias": 0, "tratamientos": 0, "antecedentes": 0, "alertas": 0,
            "esperas": 1, "visitas": 0, "aperturas": 0, "consentimientos": 0, "faltas": 0, "autoreservas": 0, "pedidos": 0,
            "mensajes": 0, "respuestas": 0, "recordatorios": 0
        }
    });
    assert_eq!(
        (&preview["mueve"], &preview["impedimentos"], &preview["deja_de_usarse"]["notas"]),
        (&mueve, &json!([]), &json!("Muerde al vacunar"))
    );
    assert_eq!((all_of(&admin, &luna).await, all_of(&admin, &lunita).await), before, "a preview changes nothing");
    let fusion = lima.post_once(&format!("/pacientes/{luna}/fusiones"), "una-vez", &json!({ "con": lunita })).await.created();
    assert_eq!((&fusion["mueve"], fusion["deshacer_hasta"].as_str()), (&mueve, Some("2026-04-01T13:00:00Z")), "exactly what was shown");
    assert_eq!(lima.get(&format!("/fusiones/{}", id(&fusion))).await.ok(), fusion);

    let ficha = lima.get(&format!("/pacientes/{luna}")).await.ok();
    let kept = json!([{ "id": lunita, "nombre": "Lunita", "notas": "Muerde al vacunar", "fusion_id": fusion["id"], "deshacer_hasta": fusion["deshacer_hasta"] }]);
    assert_eq!(ficha["fusionadas"], kept, "name and notes are kept, and the way back");
    let owners: Vec<(&str, &str)> = ficha["tutores"]
        .as_array()
        .expect("owners")
        .iter()
        .filter_map(|v| Some((v["tutor"]["nombre"].as_str()?, v["relacion"].as_str()?)))
        .collect();
    assert_eq!(owners, [("Ana Poma", "propietario"), ("Beto Ríos", "copropietario")]);
    assert_eq!(
        (ficha["identificadores"].as_array().map(Vec::len), ficha["tiene_foto"].as_bool(), ficha["ultimo_peso"]["kg"].as_f64()),
        (Some(2), Some(true), Some(4.2))
    );
    assert_eq!(cusco.get(&format!("/citas/{}", id(&there))).await.ok()["mascota_id"], json!(luna), "also in a sede that Lima does not see");
    assert_eq!(lima.get(&format!("/pacientes/{lunita}")).await.ok()["fusionada_con"], json!(luna), "the merged one points to it");
    for text in ["lunita", "604000000000001", "Beto"] {
        assert_eq!(buscar(lima, text).await, ["Luna"], "{text}");
    }
    assert!(lima.get(&format!("/tutores/{beto}/mascotas?pasadas=true")).await.ok()["items"].as_array().is_some_and(|pets| pets.len() == 1));
    lima.put(&format!("/pacientes/{lunita}"), mascota("Otra")).await.problem(409, "registro-fusionado");
    let peso = lima.post(&format!("/pacientes/{lunita}/pesos"), json!({ "kg": 4 })).await.problem(409, "registro-fusionado");
    assert_eq!(peso["fusionado_con"], json!(luna));
    assert!(lima.post("/citas/reservar", sala.cita(0, &lunita, "2026-03-04T10:00:00")).await.status == 422);

    let undone = lima.delete(&format!("/fusiones/{}", id(&fusion))).await.ok();
    assert!(undone["deshecha_en"].is_string());
    assert_eq!((all_of(&admin, &luna).await, all_of(&admin, &lunita).await), before, "both are what they were");
    assert_eq!(lima.get(&format!("/citas/{}", id(&here))).await.ok()["mascota_id"], json!(lunita));
    assert_eq!(buscar(lima, "lunita").await, ["Lunita"]);
    lima.delete(&format!("/fusiones/{}", id(&fusion))).await.problem(409, "fusion-definitiva");
    lima.post(&format!("/pacientes/{lunita}/pesos"), json!({ "kg": 4 })).await.created();
}

#[tokio::test]
async fn a_merged_owner_gives_pets_and_contacts_and_gets_them_back() {
    let sala = Sala::start().await;
    let lima = &sala.lima;
    let documento = json!({ "tipo": "dni", "numero": "40302010" });
    let other = json!({ "nombres": "Anita", "apellidos": "Poma", "documento": documento, "telefono": "987654321", "correo": "anita@ejemplo.pe", "notas": "Llamar de noche" });
    let own = json!({ "nombres": "Ana", "apellidos": "Poma", "telefono": "955443322" });
    let (luna, ana) = registrar(lima, own, mascota("Luna")).await;
    let (max, anita) = registrar(lima, other.clone(), mascota("Max")).await;
    // Each answers for both pets.
    lima.post(&format!("/pacientes/{luna}/tutores"), json!({ "tutor_id": anita, "relacion": "cuidador" })).await.created();
    lima.post(&format!("/pacientes/{max}/tutores"), json!({ "tutor_id": ana, "relacion": "copropietario" })).await.created();
    let rex = json!({ "tutor_id": anita, "mascota": mascota("Rex") });
    let rex = id(&lima.post("/pacientes/registro", rex).await.created()["mascota"]);
    let state = async || {
        let mut all = Vec::new();
        for path in [&luna, &max, &rex]
            .map(|pet| format!("/pacientes/{pet}/tutores"))
            .into_iter()
            .chain([&ana, &anita].map(|who| format!("/tutores/{who}")))
        {
            let mut body = lima.get(&path).await.ok();
            if let Some(ficha) = body.as_object_mut() {
                ficha.retain(|key, _| key != "version" && key != "actualizado_en");
            }
            all.push(body);
        }
        all
    };
    let said = json!({ "finalidad": "recordatorios", "otorgado": true, "canal": "presencial", "texto_version": "2026-01" });
    lima.post(&format!("/tutores/{anita}/consentimientos"), said).await.created();
    let before = state().await;

    let preview = lima.get(&format!("/tutores/{ana}/fusion?con={anita}")).await.ok();
    assert_eq!(preview["mueve"]["sigue"]["consentimientos"], json!(1));
    assert_eq!(state().await, before, "a preview changes nothing");
    let fusion = lima.post(&format!("/tutores/{ana}/fusiones"), json!({ "con": anita })).await.created();
    assert_eq!(
        (&fusion["mueve"], &fusion["mueve"]["datos"], &fusion["mueve"]["vinculos"]),
        (&preview["mueve"], &json!(["documento", "correo"]), &json!(3))
    );
    let ficha = lima.get(&format!("/tutores/{ana}")).await.ok();
    assert_eq!(
        (ficha["documento"]["numero"].as_str(), ficha["telefono"].as_str(), ficha["correo"].as_str()),
        (Some("40302010"), Some("+51955443322"), Some("anita@ejemplo.pe"))
    );
    let kept = json!([{ "id": anita, "nombre": "Anita Poma", "notas": "Llamar de noche", "fusion_id": fusion["id"], "deshacer_hasta": fusion["deshacer_hasta"] }]);
    assert_eq!(ficha["fusionados"], kept);
    let merged = lima.get(&format!("/tutores/{anita}")).await.ok();
    assert_eq!((merged["fusionado_con"].as_str(), merged["telefono"].as_str()), (Some(ana.as_str()), Some("+51987654321")));
    for pet in [&luna, &max, &rex] {
        let ficha = lima.get(&format!("/pacientes/{pet}")).await.ok();
        let present: Vec<(&str, &str)> = ficha["tutores"]
            .as_array()
            .expect("owners")
            .iter()
            .filter_map(|v| Some((v["tutor"]["id"].as_str()?, v["relacion"].as_str()?)))
            .collect();
        assert_eq!(present, [(ana.as_str(), "propietario")], "one owner of each");
    }
    for text in ["987654321", "40302010", "anita@ejemplo.pe", "Anita"] {
        assert_eq!(buscar(lima, text).await.len(), 3, "{text} leads to the one that goes on");
    }
    let taken = lima.post("/tutores", other).await.problem(409, "tutor-ya-registrado");
    assert_eq!(taken["tutor_id"], json!(ana));
    assert_eq!(
        lima.post("/pacientes/registro", json!({ "tutor_id": anita, "mascota": mascota("Toby") })).await.wrong_fields(),
        ["/tutor_id"]
    );
    lima.put(&format!("/tutores/{anita}"), tutor("Otra", "Persona")).await.problem(409, "registro-fusionado");

    lima.delete(&format!("/fusiones/{}", id(&fusion))).await.ok();
    assert_eq!(state().await, before, "both are what they were");
    let mut again = buscar(lima, "40302010").await;
    again.sort_unstable();
    assert_eq!(again, ["Luna", "Max", "Rex"]);
}

#[tokio::test]
async fn pets_with_appointments_at_one_time_are_not_merged_and_the_pairs_are_named() {
    let sala = Sala::start().await;
    let (lima, cusco) = (&sala.lima, &sala.cusco);
    let (luna, _) = registrar(lima, tutor("Ana", "Poma"), mascota("Luna")).await;
    let (lunita, _) = registrar(lima, tutor("Beto", "Ríos"), mascota("Lunita")).await;
    let here = lima.post("/citas/reservar", sala.cita(0, &luna, "2026-03-02T10:00:00")).await.created();
    let there = cusco.post("/citas/reservar", sala.cita(1, &lunita, "2026-03-02T10:15:00")).await.created();
    lima.post("/citas/reservar", sala.cita(0, &lunita, "2026-03-03T10:00:00")).await.created();
    let preview = lima.get(&format!("/pacientes/{luna}/fusion?con={lunita}")).await.ok();
    let problem = lima.post(&format!("/pacientes/{luna}/fusiones"), json!({ "con": lunita })).await.problem(409, "fusion-imposible");
    assert_eq!(problem["citas_que_chocan"], preview["citas_que_chocan"]);
    let pair = &problem["citas_que_chocan"][0];
    assert_eq!(
        (problem["citas_que_chocan"].as_array().map(Vec::len), &pair["otra_id"], &pair["sede_id"]),
        (Some(1), &here["id"], &json!(sala.sede[1]))
    );
    assert!(pair["cita_id"].is_null(), "the other sede's appointment has no name here: {pair}");
    cusco.delete(&format!("/citas/{}?motivo=Duplicada", id(&there))).await.ok();
    let fusion = lima.post(&format!("/pacientes/{luna}/fusiones"), json!({ "con": lunita })).await.created();
    assert_eq!(fusion["mueve"]["citas"], 2, "cancelled ones are part of the record");
}

#[tokio::test]
async fn what_cannot_be_one_is_said() {
    let sala = Sala::start().await;
    let (lima, other) = (&sala.lima, sala.huella.como(costera::RECEPCION).await);
    let (luna, ana) = registrar(lima, tutor("Ana", "Poma"), mascota("Luna")).await;
    let gato = json!({ "nombre": "Luna", "especie": "gato", "sexo": "hembra" });
    let (gato, _) = registrar(lima, tutor("Beto", "Ríos"), gato).await;
    let (lejos, _) = registrar(&other, tutor("Eva", "Paz"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/fusiones");
    lima.post(&format!("/pacientes/{gato}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    let problem = lima.post(&path, json!({ "con": gato })).await.problem(409, "fusion-imposible");
    assert_eq!(problem["detail"], "Son de especies distintas. Una falleció y la otra no.");
    assert_eq!(lima.post(&path, json!({ "con": luna })).await.wrong_fields(), ["/con"]);
    assert_eq!(lima.post(&path, json!({ "con": lejos })).await.wrong_fields(), ["/con"], "another chain's is none of ours");
    other.post(&path, json!({ "con": lejos })).await.problem(404, "no-encontrado");
    assert_eq!(lima.post(&format!("/tutores/{ana}/fusiones"), json!({ "con": ana })).await.wrong_fields(), ["/con"]);
    sala.huella.como(DR_SOTO).await.post(&path, json!({ "con": gato })).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn a_merge_is_undone_within_the_days_that_the_chain_says_and_the_last_one_first() {
    let sala = Sala::start().await;
    let (lima, admin) = (&sala.lima, sala.huella.como(ADMIN).await);
    let mut pets = Vec::new();
    for nombre in ["Luna", "Lunita", "Lunota"] {
        pets.push(registrar(lima, tutor("Ana", nombre), mascota(nombre)).await.0);
    }
    let ajustes = admin.get("/ajustes/pacientes").await;
    assert_eq!((ajustes.etag().as_str(), ajustes.ok()["fusion_dias"].as_i64()), ("\"1\"", Some(30)));
    lima.put("/ajustes/pacientes", json!({ "fusion_dias": 2 })).await.problem(403, "sin-permiso");
    assert_eq!(admin.put("/ajustes/pacientes", json!({ "fusion_dias": 0 })).await.wrong_fields(), ["/fusion_dias"]);
    assert_eq!(admin.put_if("/ajustes/pacientes", "\"1\"", json!({ "fusion_dias": 2 })).await.etag(), "\"2\"");
    admin.put_if("/ajustes/pacientes", "\"1\"", json!({ "fusion_dias": 3 })).await.problem(412, "version-cambiada");

    let merge = async |a: &str, de: &str| id(&lima.post(&format!("/pacientes/{a}/fusiones"), json!({ "con": de })).await.created());
    let first = merge(&pets[1], &pets[2]).await;
    let second = merge(&pets[0], &pets[1]).await;
    assert_eq!(lima.get(&format!("/pacientes/{}", pets[2])).await.ok()["fusionada_con"], json!(pets[0]), "always to the one in use");
    let both = lima.get(&format!("/pacientes/{}", pets[0])).await.ok()["fusionadas"].clone();
    let way_back = |de: &str| both.as_array().expect("a list").iter().find(|one| one["id"] == de).expect("merged")["fusion_id"].clone();
    assert_eq!((way_back(&pets[1]), way_back(&pets[2])), (json!(second), Value::Null), "one that went further has no way back from here");
    lima.delete(&format!("/fusiones/{first}")).await.problem(409, "fusion-definitiva");
    lima.delete(&format!("/fusiones/{second}")).await.ok();
    assert_eq!(lima.get(&format!("/pacientes/{}", pets[2])).await.ok()["fusionada_con"], json!(pets[1]), "as it was before");
    sala.huella.avanzar(SignedDuration::from_hours(49));
    let lima = sala.huella.como(RECEPCION_LIMA).await;
    lima.delete(&format!("/fusiones/{first}")).await.problem(409, "fusion-definitiva");
}

/// Weights, links, bookings and changes that arrive while a pet gives way: each is refused or goes with it.
#[tokio::test]
async fn nothing_new_is_left_on_a_merged_pet() {
    let sala = Sala::start().await;
    let lima = &sala.lima;
    for round in 0..5 {
        let (luna, _) = registrar(lima, tutor("Ana", "Poma"), mascota(&format!("Luna {round}"))).await;
        let (lunita, _) = registrar(lima, tutor("Beto", "Ríos"), mascota(&format!("Lunita {round}"))).await;
        let eva = id(&lima.post("/tutores", tutor("Eva", "Paz")).await.created());
        let mut all = tokio::task::JoinSet::new();
        for minute in [0, 1, 2, 3] {
            let (who, path) = (lima.clone(), format!("/pacientes/{lunita}/pesos"));
            all.spawn(async move { who.post(&path, json!({ "kg": 4 + minute })).await.status.as_u16() });
            let (who, body) =
                (lima.clone(), sala.cita(0, &lunita, &format!("2026-03-{:02}T{}:00:00", [3, 4, 5, 6, 10][round], 10 + minute)));
            all.spawn(async move { who.post("/citas/reservar", body).await.status.as_u16() });
        }
        let (who, path, body) = (lima.clone(), format!("/pacientes/{lunita}/tutores"), json!({ "tutor_id": eva, "relacion": "cuidador" }));
        all.spawn(async move { who.post(&path, body).await.status.as_u16() });
        let (who, path, body) = (lima.clone(), format!("/pacientes/{luna}/fusiones"), json!({ "con": lunita }));
        all.spawn(async move { 1000 + who.post(&path, body).await.status.as_u16() });
        let answers = all.join_all().await;
        assert!(answers.contains(&1201), "{answers:?}");
        assert!(answers.iter().all(|status| [201, 409, 422, 1201].contains(status)), "{answers:?}");
        let left = format!(
            "select (select count(*) from pesos where mascota_id = '{lunita}') + (select count(*) from citas where mascota_id = '{lunita}')
                  + (select count(*) from tutores_mascotas where mascota_id = '{lunita}' and hasta is null)"
        );
        assert_eq!(sala.huella.scalar::<i64>(&left).await, 0, "{answers:?}");
    }
}
