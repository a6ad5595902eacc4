//! Whole modules off: their routes say so, on every instance, for this chain alone.
use super::*;
use kernel::modulos::CATALOGUE;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_module_that_is_off_answers_so_until_it_is_on_again() {
    let mundo = Mundo::start().await;
    let (andina, path) = (&mundo.andina, "/complementos/modulos");
    let other = mundo.huella.otra_instancia().await;
    let watching = tokio::spawn({
        let identidad = other.parts.identidad.clone();
        async move { identidad.watch().await }
    });
    let there = Cliente { base: other.base.clone(), ..andina.clone() };
    let before = andina.get(path).await;
    assert_eq!(before.etag(), "\"1\"");
    let shown = before.ok();
    let agenda = |shown: &Value| {
        shown["modulos"].as_array().expect("a list").iter().find(|one| one["clave"] == "agenda").expect("the agenda").clone()
    };
    assert_eq!(
        agenda(&shown),
        json!({ "clave": "agenda", "nombre": "Agenda, citas, sala y reservas de los tutores", "activo": true, "existe": true })
    );
    let citas = "/citas?desde=2026-03-02T00:00:00Z&hasta=2026-03-03T00:00:00Z";
    assert_ne!(andina.get(citas).await.status, 403);
    assert_ne!(there.get(citas).await.status, 403);

    let wrong = andina.put(path, json!({ "modulos": { "agenda": false, "farmacia": false, "nada": true } })).await.wrong_fields();
    assert_eq!(wrong, ["/modulos/farmacia", "/modulos/nada"]);
    andina.put_if(path, "\"5\"", json!({ "modulos": { "agenda": false } })).await.problem(412, "version-cambiada");
    let off = andina.put_if(path, "\"1\"", json!({ "modulos": { "agenda": false } })).await.ok();
    assert_eq!(agenda(&off)["activo"], false);
    let refused = andina.get(citas).await.problem(403, "modulo-desactivado");
    assert_eq!(refused["modulo"], "agenda");
    let sede = mundo.huella.id_of("andina", "sedes", "codigo", "LIM").await;
    andina.post("/citas/reservar", json!({})).await.problem(403, "modulo-desactivado");
    andina.get(&format!("/sedes/{sede}/sala")).await.problem(403, "modulo-desactivado");
    // The rest of the chain and the other chain go on.
    andina.get(&format!("/sedes/{sede}")).await.ok();
    andina.get("/especies").await.ok();
    assert_ne!(mundo.costera.get(citas).await.status, 403);
    mundo.andina.get(&citas.replace("/citas", "/webhooks")).await;

    // The other instance hears of it, at the latest when it asks.
    let since = Instant::now();
    while there.get(citas).await.status != 403 {
        assert!(since.elapsed() < Duration::from_secs(5), "the other instance never heard");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // So do those who are nobody: the chain's owners.
    let public = async || mundo.huella.nadie().get("/publico/andina").await;
    public().await.problem(403, "modulo-desactivado");
    assert_ne!(mundo.huella.nadie().get("/publico/costera").await.status, 403);

    andina.put(path, json!({ "modulos": { "agenda": true } })).await.ok();
    assert_ne!(andina.get(citas).await.status, 403);
    let audited: i64 = mundo.huella.scalar("select count(*) from auditoria where entidad = 'modulos'").await;
    assert_eq!(audited, 2);
    watching.abort();
}

#[tokio::test]
async fn plugins_of_a_module_that_is_off_are_off() {
    let mundo = Mundo::start().await;
    let rule = json!({
        "manifest": 1, "id": "pe.taller.reglas", "version": "1.0.0", "name": { "es": "Reglas" }, "world": "huella:plugin/alerts@0.1.0",
        "publisher": "taller", "license": "MIT",
    });
    mundo.aprobada(rule, None).await;
    mundo.instalar(&mundo.andina, "pe.taller.reglas").await;
    mundo.andina.post("/complementos/pe.taller.reglas/habilitar", json!({})).await.ok();
    assert_eq!(mundo.activos("andina", World::Alerts).await.len(), 1);
    mundo.andina.put("/complementos/modulos", json!({ "modulos": { "alertas": false } })).await.ok();
    assert!(mundo.activos("andina", World::Alerts).await.is_empty());
}

/// The list of routes of a module is true of the routes that there are.
#[tokio::test]
async fn every_route_of_a_module_exists_and_is_of_one_module() {
    let document = server::http::document();
    let paths: Vec<&str> = document["paths"].as_object().expect("paths").keys().filter_map(|path| path.strip_prefix("/api/v1")).collect();
    let below = |path: &str, root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    for modulo in CATALOGUE {
        for root in modulo.rutas {
            assert!(paths.iter().any(|path| below(path, root)), "{}: {root} is no route", modulo.clave);
        }
    }
    let owners = |path: &str| CATALOGUE.iter().filter(|modulo| modulo.rutas.iter().any(|root| below(path, root))).count();
    for path in paths {
        assert!(owners(path) <= 1, "{path} belongs to two modules");
        assert!(owners(path) == 0 || !path.starts_with("/complementos"), "modules could not be switched on again");
    }
}
