//! Another configuration, version or day for a rule: what would be different, and nothing written.
use super::*;
use huella_tests::Respuesta;

impl Mundo {
    async fn ensayar(&self, body: Value) -> Value {
        let begun = self.admin().await.post("/alertas/ensayos", body).await.expect(202);
        self.trabajar().await;
        self.admin().await.get(&format!("/alertas/ensayos/{}", id(&begun))).await.ok()
    }

    async fn cambios(&self, ensayo: &Value, query: &str) -> Respuesta {
        self.admin().await.get(&format!("/alertas/ensayos/{}/cambios?{query}", id(ensayo))).await
    }

    /// Late, never, soon, later and well.
    async fn familia() -> (Self, Vec<String>) {
        let mundo = Self::start().await;
        let mut pets = Vec::new();
        for (name, shot) in
            [("Tarde", "2024-01-10"), ("Nunca", ""), ("Pronto", "2025-03-20"), ("Luego", "2025-04-20"), ("Bien", "2026-02-20")]
        {
            let pet = mundo.mascota(name, "perro").await;
            if !shot.is_empty() {
                mundo.vacunar(&pet, shot).await;
            }
            pets.push(pet);
        }
        mundo.trabajar().await;
        (mundo, pets)
    }
}

fn told(page: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut all: Vec<_> =
        page["items"].as_array().expect("a list").iter().map(|one| (text(&one["mascota"]), text(&one["cambio"]))).collect();
    all.sort();
    all
}

fn pair(mascota: &str, cambio: &str) -> (String, String) {
    (mascota.to_owned(), cambio.to_owned())
}

#[tokio::test]
async fn another_configuration_is_tried_on_all_pets_and_writes_nothing() {
    let (mundo, pets) = Mundo::familia().await;
    let rows = "select string_agg(id || ' ' || xmin, ',' order by id) from alertas_medicas";
    let before: String = mundo.huella.scalar(rows).await;
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA, "configuracion": { "dias": 60 } })).await;
    assert_eq!((ensayo["estado"].as_str(), ensayo["total"].as_i64(), ensayo["vistas"].as_i64()), (Some("terminado"), Some(5), Some(5)));
    assert_eq!(ensayo["reglas"]["rabia"], json!({ "nuevas": 1, "cambiadas": 0, "desaparecen": 0, "pasajeras": 0, "iguales": 3 }));
    let page = mundo.cambios(&ensayo, "").await.ok();
    let line = &page["items"][0];
    assert_eq!(
        (line["mascota_id"].as_str(), line["mascota"].as_str(), line["cambio"].as_str()),
        (Some(pets[3].as_str()), Some("Luego"), Some("nueva"))
    );
    assert_eq!((&line["despues"]["titulo"], &line["despues"]["vence"]), (&json!("Rabia: toca el 2026-04-20"), &json!("2026-04-20")));
    assert_eq!((&line["dicha_el"], &line["aviso_el"]), (&json!("2026-03-02"), &json!("2026-03-21")));
    assert_eq!(mundo.huella.scalar::<String>(rows).await, before);

    // The other way round.
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA, "configuracion": { "dias": 1 } })).await;
    assert_eq!(told(&mundo.cambios(&ensayo, "").await.ok()), [pair("Pronto", "desaparece")]);
    // The same as today's is no difference at all.
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA })).await;
    assert_eq!(mundo.cambios(&ensayo, "").await.ok()["items"], json!([]));
}

/// How the rule would have done week by week, of what had happened by then.
#[tokio::test]
async fn looking_back_goes_by_what_had_happened_by_then() {
    let (mundo, _) = Mundo::familia().await;
    let body = json!({ "complemento": RABIA, "desde": "2026-01-05", "hasta": "2026-03-02", "paso_dias": 7 });
    let ensayo = mundo.ensayar(body.clone()).await;
    assert_eq!(ensayo["dias"].as_array().map(Vec::len), Some(9));
    // «Bien» had no vaccination until 20 February.
    let page = mundo.cambios(&ensayo, "").await.ok();
    assert_eq!(told(&page), [pair("Bien", "pasajera")]);
    assert_eq!((&page["items"][0]["dicha_el"], &page["items"][0]["dicha_hasta"]), (&json!("2026-01-05"), &json!("2026-02-16")));
    let again = mundo.ensayar(body).await;
    assert_eq!((&again["reglas"], mundo.cambios(&again, "").await.ok()), (&ensayo["reglas"], page), "the same gives the same");
    // Ahead: who will be due by then.
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA, "hasta": "2026-05-01" })).await;
    assert_eq!(told(&mundo.cambios(&ensayo, "").await.ok()), [pair("Luego", "nueva"), pair("Pronto", "cambiada")]);
    assert_eq!(told(&mundo.cambios(&ensayo, "cambio=nueva&regla=rabia").await.ok()), [pair("Luego", "nueva")]);
    let one = mundo.cambios(&ensayo, "limite=1").await.ok();
    let rest = mundo.cambios(&ensayo, &format!("limite=1&cursor={}", one["siguiente"].as_str().expect("more"))).await.ok();
    assert_eq!((rest["items"].as_array().map(Vec::len), rest.get("siguiente")), (Some(1), None));
    assert_eq!(mundo.cambios(&ensayo, "formato=xlsx").await.status, 200);
}

#[tokio::test]
async fn a_rehearsal_is_of_some_sedes_and_says_when_the_rule_fails() {
    let (mundo, _) = Mundo::familia().await;
    let cusco = mundo.huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA, "configuracion": { "dias": 60 }, "sedes": [cusco] })).await;
    assert_eq!((ensayo["total"].as_i64(), ensayo["vistas"].as_i64(), &ensayo["reglas"]), (Some(0), Some(0), &json!({})));
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA, "digest": "rota" })).await;
    assert_eq!((ensayo["estado"].as_str(), ensayo["fallas"].as_i64()), (Some("terminado"), Some(5)), "few pets");
    mundo.muchas(50).await;
    let ensayo = mundo.ensayar(json!({ "complemento": RABIA, "digest": "rota" })).await;
    assert_eq!((ensayo["estado"].as_str(), ensayo["detalle"].as_str()), (Some("fallido"), Some("La regla solo falla: tiempo.")));
    assert!(mundo.detenidas().await.is_empty(), "a rehearsal is not the rule");
}

#[tokio::test]
async fn a_rehearsal_is_for_the_whole_chain_and_kept_for_a_week() {
    let (mundo, _) = Mundo::familia().await;
    let body = || json!({ "complemento": RABIA });
    mundo.soto().await.post("/alertas/ensayos", body()).await.problem(403, "sin-permiso");
    let admin = mundo.admin().await;
    admin.post("/alertas/ensayos", json!({ "complemento": "otro" })).await.problem(404, "no-encontrado");
    let wrong = json!({ "complemento": RABIA, "desde": "2026-03-02", "hasta": "2026-03-01", "configuracion": 7 });
    let mut fields = admin.post("/alertas/ensayos", wrong).await.wrong_fields();
    fields.sort();
    assert_eq!(fields, ["/configuracion", "/desde"]);
    for _ in 0..3 {
        admin.post("/alertas/ensayos", body()).await.expect(202);
    }
    admin.post("/alertas/ensayos", body()).await.problem(409, "ensayos-en-curso");
    mundo.trabajar().await;
    mundo.huella.avanzar(SignedDuration::from_secs(1));
    let ensayo = mundo.ensayar(body()).await;
    assert_eq!(admin.get("/alertas/ensayos").await.ok()["items"][0]["id"], ensayo["id"]);
    mundo.huella.avanzar(SignedDuration::from_hours(7 * 24 + 1));
    trabajos::clean(&mundo.huella.parts.system()).await.expect("clean");
    mundo.admin().await.get(&format!("/alertas/ensayos/{}", id(&ensayo))).await.problem(404, "no-encontrado");
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_ensayos_cambios").await, 0);
}
