//! What stops code: the platform's kill switch for everybody, quarantine for one chain.
use super::*;

#[tokio::test]
async fn a_withdrawn_version_runs_nowhere_and_can_come_back() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.en_marcha(&mundo.costera).await;
    let (path, why) = (format!("/complementos/versiones/{digest}"), json!({ "motivo": "Cobra dos veces" }));
    mundo.andina.post(&format!("{path}/retirar"), why.clone()).await.problem(403, "solo-plataforma");
    mundo.guion.heard();
    let mut bus = mundo.huella.parts.app.bus().subscribe();
    assert_eq!(mundo.plataforma.post(&format!("{path}/retirar"), why).await.ok()["estado"], "retirada");
    assert_eq!(mundo.guion.heard(), [format!("retirar {digest}")]);
    let message = bus.recv().await.expect("told");
    let change: complementos::Cambio = serde_json::from_slice(&message.body).expect("a change");
    assert_eq!(
        (message.topic.as_str(), change.tenant, change.digest.map(|d| d.to_string())),
        (complementos::CAMBIO, None, Some(digest.clone()))
    );
    for chain in ["andina", "costera"] {
        assert!(mundo.activos(chain, World::Payment).await.is_empty());
        let trust = complementos::confianza(&mut mundo.tx(chain).await).await.expect("read");
        assert!(trust.withdrawn.contains(&digest.parse().expect("a digest")));
    }
    let shown = mundo.andina.get(&format!("/complementos/{PAGOS}")).await.ok();
    assert_eq!((&shown["instalacion"]["estado_version"], &shown["version"]), (&json!("retirada"), &Value::Null));
    mundo.andina.post(&format!("/complementos/{PAGOS}/habilitar"), json!({})).await.problem(409, "version-no-instalable");
    assert_eq!(mundo.plataforma.post(&format!("{path}/restaurar"), json!({})).await.ok()["estado"], "aprobada");
    assert_eq!(mundo.guion.heard(), [format!("restaurar {digest}")]);
    assert_eq!(mundo.activos("costera", World::Payment).await.len(), 1);
}

/// A broken version is left by going forward or back, and going back to a withdrawn one is refused.
#[tokio::test]
async fn nobody_goes_back_to_what_was_withdrawn() {
    let mundo = Mundo::start().await;
    let first = mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let second = mundo.pagos("1.1.0").await;
    let path = format!("/complementos/{PAGOS}");
    mundo.andina.post(&format!("{path}/actualizar"), json!({ "digest": second, "consiente": [] })).await.ok();
    let why = json!({ "motivo": "Cobra dos veces" });
    mundo.plataforma.post(&format!("/complementos/versiones/{first}/retirar"), why).await.ok();
    mundo.andina.post(&format!("{path}/revertir"), json!({})).await.problem(409, "version-no-instalable");
    assert_eq!(mundo.activos("andina", World::Payment).await[0].digest.to_string(), second);
}

#[tokio::test]
async fn code_in_quarantine_waits_for_its_chain() {
    let mundo = Mundo::start().await;
    let digest = mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.en_marcha(&mundo.costera).await;
    let path = format!("/complementos/{PAGOS}");
    mundo.andina.post(&format!("{path}/liberar"), json!({})).await.problem(409, "complemento-sin-cuarentena");
    mundo.huella.execute("delete from outbox").await;
    mundo.correr("andina", &[mundo.corrida(&digest, "trap", false), mundo.corrida(&digest, "trap", true)]).await;
    mundo.correr("andina", &[mundo.corrida(&digest, "trap", true)]).await;
    let told: i64 = mundo.huella.scalar("select count(*) from outbox where tema = 'complemento.en_cuarentena'").await;
    assert_eq!(told, 1, "once");
    assert!(mundo.activos("andina", World::Payment).await.is_empty());
    assert_eq!(mundo.activos("costera", World::Payment).await.len(), 1, "another chain's runs on");
    assert_eq!(mundo.andina.get(&path).await.ok()["instalacion"]["cuarentena_desde"], "2026-03-02T13:00:00Z");
    mundo.andina.post(&format!("{path}/habilitar"), json!({})).await.problem(409, "complemento-en-cuarentena");
    let sede = mundo.huella.como(andina::ADMIN_LIMA).await;
    sede.post(&format!("{path}/liberar"), json!({})).await.problem(403, "sin-permiso");
    mundo.guion.heard();
    mundo.andina.post(&format!("{path}/liberar"), json!({})).await.ok();
    assert_eq!(mundo.guion.heard(), [format!("liberar {digest}")]);
    assert_eq!(mundo.activos("andina", World::Payment).await.len(), 1);
    // It lasts over a restart: another instance finds it as well.
    mundo.correr("andina", &[mundo.corrida(&digest, "trap", true)]).await;
    let other = mundo.huella.otra_instancia().await;
    let mut tx = other.parts.system().begin(mundo.tenant("andina").await).await.expect("a transaction");
    assert!(complementos::activos(&mut tx, World::Payment).await.expect("read").is_empty());
}
