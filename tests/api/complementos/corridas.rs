//! Runs: a chain sees its own, a publisher how its plugins fail.
use super::*;
use jiff::SignedDuration;

#[tokio::test]
async fn a_chain_lists_reads_and_downloads_its_runs() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    let mut runs =
        vec![mundo.corrida(&digest, "ok", false), mundo.corrida(&digest, "trap", false), mundo.corrida(&digest, "rejected", false)];
    runs[2].operacion = "refund".into();
    mundo.correr("andina", &runs).await;
    mundo.correr("andina", &runs).await;
    let listed = mundo.andina.get("/complementos/corridas").await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3), "the same again is noted once");
    assert_eq!(listed["items"][0]["id"], runs[2].id.to_string(), "the last one first");
    let count =
        async |filter: &str| mundo.andina.get(&format!("/complementos/corridas?{filter}")).await.ok()["items"].as_array().map(Vec::len);
    assert_eq!(
        (count("resultado=trap").await, count("operacion=refund").await, count("complemento=pe.otro.cosa").await),
        (Some(1), Some(1), Some(0))
    );
    assert_eq!(count(&format!("complemento={PAGOS}&resultado=ok&operacion=create")).await, Some(1));
    let page = mundo.andina.get("/complementos/corridas?limite=2").await.ok();
    let next =
        mundo.andina.get(&format!("/complementos/corridas?limite=2&cursor={}", page["siguiente"].as_str().expect("more"))).await.ok();
    assert_eq!((next["items"][0]["id"].clone(), &next["siguiente"]), (json!(runs[0].id), &Value::Null));

    let path = format!("/complementos/corridas/{}", runs[1].id);
    let whole = mundo.andina.get(&path).await.ok();
    assert_eq!((&whole["documento"], &whole["detalle"]), (&runs[1].documento, &json!("unreachable\u{fffd}")));
    let file = mundo.andina.get(&format!("{path}/repeticion")).await;
    assert!(file.headers["content-disposition"].to_str().expect("text").starts_with("attachment"));
    assert_eq!(file.ok(), runs[1].documento, "as the host wrote it");
    mundo.costera.get(&path).await.problem(404, "no-encontrado");
    mundo.costera.get(&format!("{path}/repeticion")).await.problem(404, "no-encontrado");
    assert_eq!(mundo.costera.get("/complementos/corridas").await.ok()["items"], json!([]));
    // What a run carried may be about a patient of any sede.
    let sede = mundo.huella.como(andina::ADMIN_LIMA).await;
    assert!(!sede.get("/complementos/corridas").await.ok().to_string().contains("unreachable"));
    sede.get(&path).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn runs_are_kept_for_two_weeks() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    mundo.correr("andina", &[mundo.corrida(&digest, "ok", false)]).await;
    mundo.huella.avanzar(SignedDuration::from_hours(13 * 24));
    mundo.correr("andina", &[mundo.corrida(&digest, "ok", false)]).await;
    let left = async || {
        while server::trabajos::clean(&mundo.huella.parts.system()).await.expect("cleaned") {}
        mundo.huella.scalar::<i64>("select count(*) from complementos_corridas").await
    };
    assert_eq!(left().await, 2);
    mundo.huella.avanzar(SignedDuration::from_hours(25));
    assert_eq!(left().await, 1);
}

#[tokio::test]
async fn a_publisher_sees_how_its_own_fail_and_what_they_carried_where_the_chain_agreed() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.en_marcha(&mundo.costera).await;
    let before = mundo.corrida(&digest, "trap", false);
    mundo.correr("andina", &[before.clone(), mundo.corrida(&digest, "ok", false), mundo.corrida(&digest, "rejected", false)]).await;
    mundo.correr("costera", &[mundo.corrida(&digest, "trap", true), mundo.corrida(&digest, "timeout", false)]).await;
    let path = "/complementos/editores/taller/fallas";
    let seen = mundo.taller.get(path).await.ok();
    let traps = seen["resumen"].as_array().expect("a list").iter().find(|row| row["resultado"] == "trap").expect("traps");
    assert_eq!((&traps["veces"], &traps["cadenas"], &traps["en_cuarentena"]), (&json!(2), &json!(2), &json!(1)));
    assert_eq!(seen["resumen"].as_array().map(Vec::len), Some(2), "what is no failure is not told: {seen}");
    assert_eq!(seen["compartidas"], json!([]), "nobody agreed");
    let andina = mundo.tenant("andina").await.to_string();
    assert!(!seen.to_string().contains(&andina));
    mundo.andina.get(path).await.problem(404, "no-encontrado");
    mundo.plataforma.get(path).await.problem(404, "no-encontrado");

    mundo.huella.avanzar(SignedDuration::from_mins(1));
    let shared = format!("/complementos/{PAGOS}/compartir");
    mundo.andina.post(&shared, json!({ "consiente": true })).await.ok();
    let after = mundo.corrida(&digest, "trap", false);
    mundo.correr("andina", std::slice::from_ref(&after)).await;
    mundo.correr("costera", &[mundo.corrida(&digest, "trap", false)]).await;
    let seen = mundo.taller.get(path).await.ok();
    let ids: Vec<&str> = seen["compartidas"].as_array().expect("a list").iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, [after.id.to_string()], "only since it agreed, and only its own");
    let one = mundo.taller.get(&format!("{path}/{}", after.id)).await.ok();
    assert_eq!((&one["documento"]["pedido"], one["documento"].get("tenant")), (&after.documento["pedido"], None));
    mundo.taller.get(&format!("{path}/{}", before.id)).await.problem(404, "no-encontrado");
    mundo.costera.get(&format!("{path}/{}", after.id)).await.problem(404, "no-encontrado");
    mundo.andina.post(&shared, json!({ "consiente": false })).await.ok();
    assert_eq!(mundo.taller.get(path).await.ok()["compartidas"], json!([]));
    mundo.taller.get(&format!("{path}/{}", after.id)).await.problem(404, "no-encontrado");
}

/// The functions behind it show nothing of others', whoever calls them with whatever name.
#[tokio::test]
async fn a_publishers_function_gives_nothing_to_another_chain() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.andina.post(&format!("/complementos/{PAGOS}/compartir"), json!({ "consiente": true })).await.ok();
    mundo.correr("andina", &[mundo.corrida(&digest, "trap", false)]).await;
    let count = async |clave: &str, function: &str| {
        let mut tx = mundo.tx(clave).await;
        let sql = format!("select count(*) from {function}");
        sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *tx).await.expect("a count")
    };
    for function in ["complementos_fallas('taller', '-infinity')", "complementos_fallas_compartidas('taller', '-infinity', null)"] {
        assert_eq!(
            (count("taller", function).await, count("costera", function).await, count("andina", function).await),
            (1, 0, 0),
            "{function}"
        );
    }
}
