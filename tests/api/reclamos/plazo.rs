//! Fifteen working days of the sede, and who is told.
use super::{CUSCO, LIMA, deja, hoja, navegador, trabajar, velar};
use huella_tests::{
    Huella,
    afuera::mails_to,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn holidays_of_the_nation_and_of_the_region_do_not_count() {
    let huella = Huella::start().await;
    huella.execute("insert into feriados values ('2026-06-24', '08', 'Inti Raymi', 'prueba')").await;
    // Wednesday, 10 June: the 29th is a holiday everywhere, the 24th in Cusco.
    huella.avanzar(days(100));
    let rosa = navegador(&huella, 1);
    deja(&rosa, LIMA, hoja("40302010", "")).await;
    deja(&rosa, CUSCO, hoja("40302010", "")).await;
    let admin = huella.como(ADMIN).await;
    let due = async || {
        let all = admin.get("/reclamos").await.ok()["items"].as_array().expect("a list").clone();
        all.iter().map(|one| format!("{} {} {}", one["sede"], one["vence_el"], one["dias_habiles"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(due().await, ["Andina Cusco 2026-07-03 15", "Andina Lima 2026-07-02 15"]);
    huella.avanzar(days(15));
    let admin = huella.como(ADMIN).await;
    let left = async |codigo: &str| {
        let sede = huella.id_of("andina", "sedes", "codigo", codigo).await;
        admin.get(&format!("/reclamos?sede_id={sede}")).await.ok()["items"][0]["dias_habiles"].clone()
    };
    assert_eq!((left("LIM").await, left("CUS").await), (json!(4), json!(5)), "on 25 June");
}

/// Who got a letter about this sheet, in order.
fn avisados(reclamo: &str) -> Vec<String> {
    let to =
        |mail: &String| mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or_default().trim_matches(['<', '>']).to_owned();
    let mut people: Vec<String> = mails_to(&format!("/reclamos/{reclamo}")).iter().map(to).collect();
    people.sort();
    people
}

#[tokio::test]
async fn whoever_may_answer_is_told_on_the_tenth_and_thirteenth_day_and_when_it_is_over() {
    let huella = Huella::start().await;
    deja(&navegador(&huella, 1), LIMA, hoja("40302010", "")).await;
    let sede = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let reclamo = id(&huella.como(ADMIN).await.get("/reclamos").await.ok()["items"][0]);
    let both = |times: usize| {
        let mut people = [[ADMIN_LIMA; 3], [ADMIN; 3]].map(|who| who[..times].to_vec()).concat();
        people.sort_unstable();
        people
    };
    let figures = async || {
        let admin = huella.como(ADMIN_LIMA).await;
        admin.get(&format!("/sedes/{sede}/hoy")).await.ok()["reclamos"].clone()
    };
    let looked = async |passed: i64| {
        huella.avanzar(days(passed));
        velar(&huella).await;
        velar(&huella).await;
        trabajar(&huella).await;
        avisados(&reclamo)
    };
    // Monday, 2 March. The tenth day is the 16th, the thirteenth the 19th, the last the 23rd.
    assert_eq!(looked(13).await, both(0));
    assert_eq!(figures().await, json!({ "pendientes": 1, "por_vencer": 0, "vencidos": 0 }));
    assert_eq!(looked(1).await, both(1));
    assert_eq!(figures().await, json!({ "pendientes": 1, "por_vencer": 1, "vencidos": 0 }));
    assert_eq!(looked(2).await, both(1));
    assert_eq!(looked(1).await, both(2));
    assert_eq!(looked(4).await, both(2), "the last day is a day like any other");
    assert_eq!(looked(1).await, both(3));
    assert_eq!(figures().await, json!({ "pendientes": 1, "por_vencer": 0, "vencidos": 1 }));
    assert_eq!(looked(30).await, both(3), "and never again");
    let told: String = huella
        .scalar("select string_agg(tema || ': ' || n, ', ' order by tema) from (select tema, count(*) n from eventos where tema like 'reclamo.%' group by 1) t")
        .await;
    assert_eq!(told, "reclamo.por_vencer: 2, reclamo.presentado: 1, reclamo.vencido: 1");
    let late = huella.como(ADMIN).await.get(&format!("/reclamos/{reclamo}")).await.ok();
    assert_eq!((late["fuera_de_plazo"].as_bool(), late["dias_habiles"].as_i64().is_some_and(|left| left < 0)), (Some(true), true));
    let recepcion = huella.como(RECEPCION_LIMA).await;
    assert_eq!(recepcion.get(&format!("/sedes/{sede}/hoy")).await.ok()["reclamos"], Value::Null);
}

#[tokio::test]
async fn nobody_is_told_of_what_was_answered() {
    let huella = Huella::start().await;
    deja(&navegador(&huella, 1), LIMA, hoja("40302010", "")).await;
    let admin = huella.como(ADMIN_LIMA).await;
    let reclamo = id(&admin.get("/reclamos").await.ok()["items"][0]);
    admin.put(&format!("/reclamos/{reclamo}/respuesta"), json!({ "respuesta": "Le devolvimos el pago." })).await.ok();
    huella.avanzar(days(40));
    velar(&huella).await;
    trabajar(&huella).await;
    assert_eq!(avisados(&reclamo), Vec::<String>::new());
    let admin = huella.como(ADMIN).await;
    let answered = admin.get(&format!("/reclamos/{reclamo}")).await.ok();
    assert_eq!((answered["fuera_de_plazo"].as_bool(), answered["dias_habiles"].is_null()), (Some(false), true));
}
