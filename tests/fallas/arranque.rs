//! A server that starts makes ready what chains have switched on, before anybody asks for it.
use crate::{
    codigo::check,
    huespedes::{regla, tranquilo},
    mundo::{Mundo, Pieza},
};
use huella_tests::andina;
use plugin_host::Profile;
use plugin_manifest::Digest;
use serde_json::json;
use server::{complementos::Calentado, trabajos};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// As an engine of another version left it.
const DE_ANTES: &[u8] = b"codigo de otra version";

#[tokio::test]
async fn a_server_that_starts_compiles_and_loads_what_is_switched_on_before_anybody_asks() {
    let mundo = Mundo::start().await;
    let rule = Pieza::new("alerts", "arranque-regla", &regla("", "", "unreachable"), json!({}), None);
    let channel = Pieza::new("notification", "arranque-canal", &tranquilo(&check("", "(call $ok)")), json!({}), None);
    let idle = Pieza::new("notification", "arranque-apagado", &tranquilo(&check("", "(call $ok)")), json!({}), None);
    let mut digests: Vec<(Digest, Profile)> = Vec::new();
    for (pieza, profile) in [(&rule, Profile::Pure), (&channel, Profile::Io), (&idle, Profile::Io)] {
        digests.push((mundo.published(pieza).await.parse().expect("a digest"), profile));
        mundo.installed(&mundo.andina, &pieza.id).await;
    }
    mundo.installed(&mundo.costera, &channel.id).await;
    for (who, pieza) in [(&mundo.andina, &rule), (&mundo.andina, &channel), (&mundo.costera, &channel)] {
        mundo.switched_on(who, &pieza.id).await;
    }
    let mut tx = mundo.huella.parts.system().begin_jobs().await.expect("a transaction");
    let in_use = complementos::en_uso(&mut tx).await.expect("read");
    drop(tx);
    let told: Vec<_> = in_use.iter().map(|one| (one.complemento.as_str(), one.cadenas)).collect();
    assert_eq!(told, [(channel.id.as_str(), 2), (rule.id.as_str(), 1)], "what most have first, and nothing that is off");

    let app = mundo.huella.parts.app.clone();
    let code = async |at: usize| {
        let (digest, profile) = &digests[at];
        complementos::compilado(&app, digest, &profile.target()).await.expect("read").expect("something")
    };
    for (digest, profile) in &digests {
        complementos::guardar_compilado(&app, digest, &profile.target(), DE_ANTES.into()).await.expect("kept");
    }
    let started = mundo.huella.otra_instancia().await;
    let stop = CancellationToken::new();
    let jobs = tokio::spawn(trabajos::run(started.parts.clone(), false, stop.clone()));
    let ready = started.nadie().get("//readyz").await;
    assert_eq!(ready.status, 200, "it serves meanwhile");
    for _ in 0..300 {
        if code(0).await != DE_ANTES && code(1).await != DE_ANTES {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(code(0).await != DE_ANTES && code(1).await != DE_ANTES, "nobody asked, and nothing was compiled");
    assert!(code(2).await == DE_ANTES, "what is off is nobody's to wait for");
    stop.cancel();
    jobs.await.expect("ended");
    let admin = started.como(andina::ADMIN).await;
    assert_eq!(mundo.probar(&admin, &channel.id).await["ok"], true, "without a word of compiling");
    assert_eq!(admin.get("/alertas/estado").await.ok()["reglas_que_no_corrieron"], json!([]));

    // There is nothing left to do; and one that cannot be had keeps no other from it.
    let next = mundo.huella.otra_instancia().await;
    let warmed = next.parts.complementos.calentar().await.expect("read");
    assert_eq!(warmed, Calentado { cargados: 2, compilados: 0, fallados: 0 });
    for name in ["firmado.wasm", "subido.wasm"] {
        app.files().delete(&format!("complementos/{}/{name}", digests[1].0)).await.expect("deleted");
    }
    let last = mundo.huella.otra_instancia().await;
    let warmed = last.parts.complementos.calentar().await.expect("read");
    assert_eq!(warmed, Calentado { cargados: 1, compilados: 0, fallados: 1 });
}
