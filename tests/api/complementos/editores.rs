//! Publishers and their keys.
use super::*;

#[tokio::test]
async fn a_publisher_is_one_chains_and_the_platform_sees_all() {
    let mundo = Mundo::start().await;
    let path = "/complementos/editores/taller";
    let shown = mundo.taller.get(path).await.ok();
    assert_eq!((&shown["propio"], &shown["claves"][0]["nota"]), (&json!(true), &json!("portátil")));
    mundo.andina.get(path).await.problem(404, "no-encontrado");
    mundo.andina.put(path, json!({ "nombre": "X", "contacto": "x@ejemplo.pe", "activo": false })).await.problem(404, "no-encontrado");
    assert_eq!(mundo.andina.get("/complementos/editores").await.ok()["items"], json!([]));
    assert_eq!(mundo.plataforma.get(path).await.ok()["propio"], false);
    let taken = json!({ "clave": "taller", "nombre": "Otro", "contacto": "x@ejemplo.pe" });
    mundo.andina.post("/complementos/editores", taken).await.problem(409, "ya-existe");
    let wrong = mundo.taller.post(&format!("{path}/claves"), json!({ "clave": "x".repeat(44) })).await;
    assert_eq!(wrong.wrong_fields(), ["/clave"]);
    let etag = mundo.taller.get(path).await.etag();
    let changed = json!({ "nombre": "Taller SAC", "contacto": "hola@taller.example.pe", "activo": true });
    mundo.taller.put_if(path, "\"9\"", changed.clone()).await.problem(412, "version-cambiada");
    assert_eq!(mundo.taller.put_if(path, &etag, changed).await.ok()["nombre"], "Taller SAC");
}

#[tokio::test]
async fn a_lost_key_counts_for_nothing_any_more() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let digest: Digest = digest.parse().expect("a digest");
    let bytes = complementos::componente(&mundo.huella.parts.app, &digest).await.expect("kept");
    let key = mundo.taller.get("/complementos/editores/taller").await.ok()["claves"][0]["id"].as_str().expect("an id").to_owned();
    let (revoke, why) = (format!("/complementos/editores/taller/claves/{key}/revocar"), json!({ "motivo": "Se perdió la portátil" }));
    mundo.andina.post(&revoke, why.clone()).await.problem(404, "no-encontrado");
    let shown = mundo.taller.post(&revoke, why.clone()).await.ok();
    assert_eq!(shown["claves"][0]["motivo"], "Se perdió la portátil");
    let trust = complementos::confianza(&mut mundo.tx("andina").await).await.expect("read");
    assert!(trust.check(&bytes, "taller", false).is_err_and(|error| error.to_string().contains("revocada")));
    mundo.taller.post(&revoke, why).await.problem(404, "no-encontrado");
    // Nor can anything be uploaded with it.
    let next = mundo.signed(&componente(pagos("1.1.0"), Some(esquema())));
    mundo.upload(&mundo.taller, next).await.problem(422, "firma-invalida");
}

/// Who registers another's public key as their own and revokes it takes nothing from them.
#[tokio::test]
async fn a_key_cannot_be_revoked_by_somebody_who_merely_knows_it() {
    let mundo = Mundo::start().await;
    let editor = json!({ "clave": "maligno", "nombre": "Maligno", "contacto": "m@ejemplo.pe" });
    mundo.costera.post("/complementos/editores", editor).await.created();
    let key = json!({ "clave": mundo.llave.public().to_string() });
    let copied = mundo.costera.post("/complementos/editores/maligno/claves", key).await.created()["claves"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let why = json!({ "motivo": "mía" });
    mundo.costera.post(&format!("/complementos/editores/maligno/claves/{copied}/revocar"), why).await.ok();
    let trust = complementos::confianza(&mut mundo.tx("andina").await).await.expect("read");
    assert!(!trust.revoked.contains(&mundo.llave.public()));
    assert!(trust.publishers["taller"].contains(&mundo.llave.public()) && !trust.publishers.contains_key("maligno"));
}

#[tokio::test]
async fn the_platform_suspends_a_publisher_and_revokes_its_keys() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let (path, why) = ("/complementos/editores/taller/suspender", json!({ "suspendido": true, "motivo": "Cobró dos veces" }));
    mundo.taller.post(path, why.clone()).await.problem(403, "solo-plataforma");
    mundo.andina.post(path, why.clone()).await.problem(404, "no-encontrado");
    assert_eq!(mundo.plataforma.post(path, why).await.ok()["suspendido"], true);
    assert!(mundo.activos("andina", World::Payment).await.is_empty(), "nothing of it runs");
    assert_eq!(mundo.costera.get("/complementos").await.ok()["items"], json!([]), "nor is it offered");
    let back = json!({ "nombre": "Taller", "contacto": "x@taller.example.pe", "activo": true });
    mundo.taller.put("/complementos/editores/taller", back).await.problem(403, "solo-plataforma");
    mundo.plataforma.post(path, json!({ "suspendido": false, "motivo": "Lo corrigió" })).await.ok();
    assert_eq!(mundo.activos("andina", World::Payment).await.len(), 1);
    let key = mundo.taller.get("/complementos/editores/taller").await.ok()["claves"][0]["id"].as_str().expect("an id").to_owned();
    let revoke = format!("/complementos/editores/taller/claves/{key}/retirar");
    mundo.taller.post(&revoke, json!({ "motivo": "x" })).await.problem(403, "solo-plataforma");
    mundo.plataforma.post(&revoke, json!({ "motivo": "Se filtró" })).await.ok();
    let trust = complementos::confianza(&mut mundo.tx("andina").await).await.expect("read");
    assert!(trust.revoked.contains(&mundo.llave.public()));
}
