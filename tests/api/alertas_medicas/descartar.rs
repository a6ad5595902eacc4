//! A person dismisses an alert, and it stays away as long as nothing changes.
use super::*;
use huella_tests::{andina::RECEPCION_CUSCO, costera};

async fn abierta(mundo: &Mundo, mascota: &str) -> String {
    mundo.trabajar().await;
    id(&mundo.soto().await.get(&format!("/pacientes/{mascota}/alertas")).await.ok()["alertas"][0])
}

#[tokio::test]
async fn a_dismissed_alert_stays_away_until_its_facts_change() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.vacunar(&luna, "2025-02-01").await;
    let alerta = abierta(&mundo, &luna).await;
    let soto = mundo.soto().await;
    let told = soto.post(&format!("/alertas/{alerta}/descartar"), json!({ "motivo": "Se vacuna en la campaña" })).await.ok();
    assert_eq!((told["cerrada_motivo"].as_str(), told["descarte"]["vigente"].as_bool()), (Some("descartada"), Some(true)));
    assert_eq!(told["descarte"]["motivo"], "Se vacuna en la campaña");
    soto.post(&format!("/alertas/{alerta}/descartar"), json!({ "motivo": "Otra vez" })).await.problem(409, "alerta-cerrada");
    let audited: i64 = mundo
        .huella
        .scalar(&format!("select count(*) from auditoria where entidad = 'alerta' and accion = 'descartar' and entidad_id = '{alerta}'"))
        .await;
    assert_eq!(audited, 1);

    // Another fact, another day: nothing that it rests on.
    soto.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": "Otitis" })).await.created();
    mundo.noche().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.cierres(&luna).await), (0, vec!["descartada".to_owned()]));
    mundo.vacunar(&luna, "2025-02-20").await;
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: desde el 2026-02-20"]);
    mundo.soto().await.post(&format!("/alertas/{alerta}/reabrir"), json!({})).await.problem(409, "alerta-no-descartada");
}

#[tokio::test]
async fn a_dismissal_has_a_last_day_and_a_way_back() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    let alerta = abierta(&mundo, &luna).await;
    let soto = mundo.soto().await;
    let wrong = soto.post(&format!("/alertas/{alerta}/descartar"), json!({ "motivo": "Gestante", "hasta": "2026-03-02" })).await;
    assert_eq!(wrong.wrong_fields(), ["/hasta"]);
    soto.post(&format!("/alertas/{alerta}/descartar"), json!({ "motivo": "Gestante", "hasta": "2026-03-05" })).await.ok();
    mundo.noche().await;
    mundo.noche().await;
    assert!(mundo.abiertas(&luna).await.is_empty());
    mundo.noche().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);

    let again = abierta(&mundo, &luna).await;
    assert_ne!(again, alerta, "the dismissed one stays as it was");
    let soto = mundo.soto().await;
    soto.post(&format!("/alertas/{again}/descartar"), json!({ "motivo": "Por error" })).await.ok();
    let told = soto.post(&format!("/alertas/{again}/reabrir"), json!({})).await.ok();
    assert_eq!((told.get("cerrada_en"), told.get("descarte")), (None, None));
    mundo.noche().await;
    assert_eq!(mundo.abiertas(&luna).await.len(), 1);
}

#[tokio::test]
async fn who_only_looks_dismisses_nothing_and_another_chain_sees_nothing() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    let alerta = abierta(&mundo, &luna).await;
    let why = || json!({ "motivo": "No importa" });
    mundo.huella.como(RECEPCION_CUSCO).await.post(&format!("/alertas/{alerta}/descartar"), why()).await.problem(403, "sin-permiso");
    mundo.huella.como(costera::ADMIN).await.post(&format!("/alertas/{alerta}/descartar"), why()).await.problem(404, "no-encontrado");
    mundo.huella.como(costera::ADMIN).await.get(&format!("/pacientes/{luna}/alertas")).await.problem(404, "no-encontrado");
    assert_eq!(mundo.huella.como(costera::ADMIN).await.get("/alertas").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn open_alerts_are_a_list_with_filters_and_a_file() {
    let mundo = Mundo::start().await;
    let mut pets = Vec::new();
    for (name, shot) in [("Tarde", "2024-01-10"), ("Nunca", ""), ("Pronto", "2025-03-20"), ("Bien", "2026-02-20")] {
        let pet = mundo.mascota(name, "perro").await;
        if !shot.is_empty() {
            mundo.vacunar(&pet, shot).await;
        }
        pets.push(pet);
    }
    mundo.trabajar().await;
    let soto = mundo.soto().await;
    let names = |page: &Value| -> Vec<String> {
        page["items"].as_array().expect("a list").iter().map(|one| one["mascota"].as_str().expect("a name").to_owned()).collect()
    };
    let list = async |query: &str| names(&soto.get(&format!("/alertas?{query}")).await.ok());
    assert_eq!(list("").await, ["Tarde", "Pronto", "Nunca"]);
    assert_eq!(list("gravedad=critica").await, ["Tarde"]);
    assert_eq!(list("vence_desde=2026-03-02&vence_hasta=2026-03-31").await, ["Pronto"]);
    assert_eq!(list("regla=otra").await, Vec::<String>::new());
    let (lima, cusco) =
        (mundo.huella.id_of("andina", "sedes", "codigo", "LIM").await, mundo.huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let rojas = mundo.huella.como(huella_tests::andina::DRA_ROJAS).await;
    assert_eq!(names(&rojas.get(&format!("/alertas?sede_id={lima}")).await.ok()).len(), 3);
    assert_eq!(names(&rojas.get(&format!("/alertas?sede_id={cusco}")).await.ok()).len(), 0);
    soto.get(&format!("/alertas?sede_id={cusco}")).await.problem(403, "sin-permiso");
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = soto.get(&format!("/alertas?limite=1{cursor}")).await.ok();
        all.extend(names(&page));
        match page["siguiente"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(all, ["Tarde", "Pronto", "Nunca"]);
    let file = mundo.admin().await.get("/alertas?formato=csv").await;
    assert_eq!(file.status, 200);
}
