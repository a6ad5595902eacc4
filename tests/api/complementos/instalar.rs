//! Consent, configuration, on and off, upgrade and the way back.
use super::*;

#[tokio::test]
async fn the_whole_life_of_a_plugin_in_a_chain() {
    let mundo = Mundo::start().await;
    let (andina, path) = (&mundo.andina, format!("/complementos/{PAGOS}"));
    let digest = mundo.pagos("1.0.0").await;
    let listed = andina.get("/complementos?mundo=payment").await.ok();
    assert_eq!((&listed["items"][0]["complemento"], &listed["items"][0]["instalacion"]), (&json!(PAGOS), &Value::Null));
    assert_eq!(andina.get("/complementos?mundo=alerts").await.ok()["items"], json!([]));
    let shown = andina.get(&path).await.ok();
    assert_eq!(claves(&shown["permisos"]), ["servidor:api.taller.pe:443 POST *", "estado:1KiB"]);
    assert_eq!((&shown["permisos"][0]["motivo"], &shown["esquema"]["required"]), (&json!("Cobrar"), &json!(["comercio", "api_key"])));

    let install = |consiente: Value| json!({ "version": "1.0.0", "digest": digest, "consiente": consiente });
    let less = andina.post(&format!("{path}/instalar"), install(json!(["estado:1KiB"]))).await.problem(409, "consentimiento-distinto");
    assert_eq!((less["falta"][0]["motivo"].clone(), &less["sobra"]), (json!("Cobrar"), &json!([])));
    let more = install(json!(["estado:1KiB", "servidor:api.taller.pe:443 POST *", "servidor:otro.pe:443 * *"]));
    assert_eq!(
        andina.post(&format!("{path}/instalar"), more).await.problem(409, "consentimiento-distinto")["sobra"],
        json!(["servidor:otro.pe:443 * *"])
    );
    let exactly = install(json!(["estado:1KiB", "servidor:api.taller.pe:443 POST *"]));
    let installed = andina.post_once(&format!("{path}/instalar"), "una", &exactly).await;
    assert_eq!(installed.headers["etag"], "\"1\"");
    assert_eq!(installed.created()["instalacion"]["habilitado"], false);
    let again = andina.post_once(&format!("{path}/instalar"), "una", &exactly).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    andina.post(&format!("{path}/instalar"), exactly).await.problem(409, "complemento-instalado");

    // Incomplete, it stays off; everything that is missing is named.
    let incomplete = andina.post(&format!("{path}/habilitar"), json!({})).await.problem(409, "complemento-incompleto");
    let missing: Vec<&str> = incomplete["errors"].as_array().expect("errors").iter().filter_map(|e| e["pointer"].as_str()).collect();
    assert_eq!(missing, ["/config/comercio", "/secretos/api_key"]);
    let config = format!("{path}/configuracion");
    let wrong =
        json!({ "config": { "comercio": "1", "cuotas": 0, "otra": 1, "api_key": "aquí no" }, "secretos": { "nada": "x", "verify": "" } });
    let wrong = andina.put(&config, wrong).await.wrong_fields();
    assert_eq!(wrong, ["/config/api_key", "/config/comercio", "/config/cuotas", "/config/otra", "/secretos/nada", "/secretos/verify"]);
    let right = json!({ "config": { "comercio": "341198210" }, "secretos": { "api_key": "abc" } });
    andina.put_if(&config, "\"7\"", right.clone()).await.problem(412, "version-cambiada");
    let bare = huella_tests::cliente::send(andina.request(Method::PUT, &config).json(&right)).await;
    bare.problem(428, "falta-if-match");
    let saved = andina.put_if(&config, "\"1\"", right).await;
    assert_eq!(saved.etag(), "\"2\"");

    let tried = andina.post(&format!("{path}/probar"), json!({})).await.ok();
    assert_eq!((&tried["ok"], mundo.guion.heard()), (&json!(true), vec![format!("probar {PAGOS}")]));
    mundo.guion.lleno.store(true, Ordering::Relaxed);
    let refused = andina.post(&format!("{path}/probar"), json!({})).await.ok();
    assert_eq!((&refused["ok"], &refused["resultado"], mundo.guion.heard().len()), (&json!(false), &json!("retry_later"), 0));
    mundo.guion.lleno.store(false, Ordering::Relaxed);
    let lima = mundo.huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let piura = mundo.huella.id_of("costera", "sedes", "codigo", "PIU").await;
    let elsewhere = andina.post(&format!("{path}/habilitar"), json!({ "sedes": [lima, piura] })).await;
    assert_eq!(elsewhere.wrong_fields(), ["/sedes/1"]);
    let on = andina.post(&format!("{path}/habilitar"), json!({ "sedes": [lima] })).await.ok();
    assert_eq!((&on["instalacion"]["habilitado"], &on["instalacion"]["sedes"]), (&json!(true), &json!([lima])));
    let running = mundo.activos("andina", World::Payment).await;
    assert_eq!(running[0].sedes.as_ref().map(|sedes| sedes[0].to_string()), Some(lima));
    assert_eq!((running[0].revision, &running[0].config), (3, &json!({ "comercio": "341198210" })));
    assert!(mundo.activos("andina", World::Alerts).await.is_empty() && mundo.activos("costera", World::Payment).await.is_empty());

    andina.post(&format!("{path}/deshabilitar"), json!({})).await.ok();
    assert!(mundo.activos("andina", World::Payment).await.is_empty());
    let still = complementos::instalado(&mut mundo.tx("andina").await, PAGOS).await.expect("read").expect("installed");
    assert_eq!(still.version, "1.0.0");
    assert_eq!(andina.delete(&path).await.status, 204);
    assert_eq!(andina.get(&path).await.ok()["instalacion"], Value::Null);
    let left: i64 = mundo.huella.scalar("select count(*) from complementos_secretos").await;
    assert_eq!(left, 0, "its secrets go with it");
    let audited: Vec<String> = sqlx::query_scalar("select accion from auditoria where entidad = 'complemento' order by en, id")
        .fetch_all(&mundo.huella.sql)
        .await
        .expect("rows");
    assert_eq!(audited, ["instalar", "configurar", "probar", "habilitar", "deshabilitar", "desinstalar"]);
}

/// The same plugin in two chains is two installations, and neither tells of the other.
#[tokio::test]
async fn chains_share_the_catalogue_and_nothing_else() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let path = format!("/complementos/{PAGOS}");
    assert_eq!(mundo.costera.get(&path).await.ok()["instalacion"], Value::Null);
    for (method, part) in [
        (Method::POST, "habilitar"),
        (Method::POST, "probar"),
        (Method::GET, "configuracion"),
        (Method::GET, "ganchos"),
        (Method::GET, "actualizacion"),
    ] {
        let request = mundo.costera.request(method, &format!("{path}/{part}")).json(&json!({}));
        huella_tests::cliente::send(request).await.problem(404, "no-encontrado");
    }
    mundo.costera.delete(&path).await.problem(404, "no-encontrado");
    mundo.instalar(&mundo.costera, PAGOS).await;
    assert_eq!(mundo.costera.get(&format!("{path}/configuracion")).await.ok()["config"], json!({}));
    assert_eq!(mundo.activos("andina", World::Payment).await.len(), 1);
}

/// Whoever works in one sede sees what is installed, and changes nothing.
#[tokio::test]
async fn a_sede_sees_and_the_chain_decides() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let sede = mundo.huella.como(andina::ADMIN_LIMA).await;
    let path = format!("/complementos/{PAGOS}");
    assert_eq!(sede.get(&path).await.ok()["instalacion"]["habilitado"], true);
    sede.get("/complementos/corridas").await.ok();
    sede.get(&format!("{path}/configuracion")).await.problem(403, "sin-permiso");
    sede.get(&format!("{path}/ganchos")).await.problem(403, "sin-permiso");
    sede.post(&format!("{path}/deshabilitar"), json!({})).await.problem(403, "sin-permiso");
    let recepcion = mundo.huella.como(andina::RECEPCION_LIMA).await;
    recepcion.get(&path).await.problem(403, "sin-permiso");
}

fn pagos_con_avisos(version: &str) -> Value {
    let mut manifest = pagos(version);
    manifest["permissions"]["events"] = json!({ "topics": ["payment.note"], "reason": { "es": "Avisar de pagos" } });
    manifest["permissions"]["state"]["quota"] = json!("1KiB");
    manifest
}

fn esquema_nuevo() -> Value {
    let mut schema = esquema();
    schema["required"] = json!(["comercio", "api_key", "moneda"]);
    schema["properties"]["moneda"] = json!({ "enum": ["PEN", "USD"] });
    schema
}

#[tokio::test]
async fn an_upgrade_asks_for_what_is_new_and_can_be_taken_back() {
    let mundo = Mundo::start().await;
    let (andina, path) = (&mundo.andina, format!("/complementos/{PAGOS}"));
    let first = mundo.pagos("1.0.0").await;
    mundo.en_marcha(andina).await;
    assert_eq!(
        andina.get(&format!("{path}/actualizacion")).await.ok(),
        json!({ "desde": "1.0.0", "nuevos": [], "sobran": [], "faltas": [] })
    );
    andina.post(&format!("{path}/revertir"), json!({})).await.problem(409, "sin-version-anterior");
    let second = mundo.aprobada(pagos_con_avisos("1.10.0"), Some(esquema_nuevo())).await;
    let diff = andina.get(&format!("{path}/actualizacion")).await.ok();
    assert_eq!((&diff["a"], claves(&diff["nuevos"])), (&json!("1.10.0"), vec!["evento:payment.note"]));
    assert_eq!(diff["faltas"], json!([{ "pointer": "/moneda", "detail": "es obligatorio" }]));
    let upgrade = |consiente: &[&str], config: Option<Value>| json!({ "digest": second, "consiente": consiente, "config": config });
    let to = format!("{path}/actualizar");
    let refused = andina.post(&to, upgrade(&[], None)).await.problem(409, "consentimiento-distinto");
    assert_eq!(refused["falta"][0]["clave"], "evento:payment.note");
    assert_eq!(andina.post(&to, upgrade(&["evento:payment.note"], None)).await.wrong_fields(), ["/config/moneda"]);

    // The new version cannot take over: everything is as it was.
    mundo.guion.will_answer("internal", "no entiendo lo que guardó la 1.0.0");
    let config = Some(json!({ "comercio": "341198210", "moneda": "PEN" }));
    let failed = andina.post(&to, upgrade(&["evento:payment.note"], config.clone())).await.problem(409, "actualizacion-fallida");
    assert_eq!(failed["detail"], "no entiendo lo que guardó la 1.0.0");
    let back = andina.get(&path).await.ok();
    assert_eq!((&back["instalacion"]["version"], &back["instalacion"]["anterior"]), (&json!("1.0.0"), &Value::Null));
    assert_eq!(mundo.activos("andina", World::Payment).await[0].digest.to_string(), first);
    let kept = andina.get(&format!("{path}/configuracion")).await.ok();
    assert_eq!(kept["config"], json!({ "comercio": "341198210" }));

    let done = andina.post(&to, upgrade(&["evento:payment.note"], config)).await.ok();
    assert_eq!((&done["instalacion"]["version"], &done["instalacion"]["anterior"]), (&json!("1.10.0"), &json!("1.0.0")));
    assert_eq!(mundo.guion.heard().last(), Some(&format!("migrar {PAGOS} desde 1.0.0")));
    let running = mundo.activos("andina", World::Payment).await;
    assert_eq!((running[0].digest.to_string(), running[0].config["moneda"].clone()), (second.clone(), json!("PEN")));
    andina.post(&to, upgrade(&[], None)).await.problem(422, "datos-invalidos");

    // One click back, with its own configuration and consent; and one forward again.
    let reverted = andina.post(&format!("{path}/revertir"), json!({})).await.ok();
    assert_eq!((&reverted["instalacion"]["version"], &reverted["instalacion"]["anterior"]), (&json!("1.0.0"), &json!("1.10.0")));
    assert!(!reverted["instalacion"]["consentido"].to_string().contains("evento"));
    assert_eq!(mundo.activos("andina", World::Payment).await[0].config, json!({ "comercio": "341198210" }));
    let forward = andina.post(&format!("{path}/revertir"), json!({})).await.ok();
    assert_eq!(forward["instalacion"]["version"], "1.10.0");
}

/// Between the two halves of an upgrade nothing new is called, nobody else changes anything, and a server that dies
/// there leaves nothing stuck.
#[tokio::test]
async fn an_upgrade_that_was_cut_off_is_over_after_a_while() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.huella.execute("update complementos_instalaciones set en_cambio_hasta = '2026-03-02T13:03:00Z'").await;
    assert!(mundo.activos("andina", World::Payment).await.is_empty());
    let path = format!("/complementos/{PAGOS}");
    let busy = mundo.andina.post(&format!("{path}/habilitar"), json!({})).await;
    assert!(busy.headers.contains_key("retry-after"));
    busy.problem(409, "complemento-en-cambio");
    mundo.huella.avanzar(jiff::SignedDuration::from_mins(4));
    assert_eq!(mundo.activos("andina", World::Payment).await.len(), 1);
    mundo.andina.post(&format!("{path}/habilitar"), json!({})).await.ok();
}

#[tokio::test]
async fn what_is_not_approved_or_is_another_plugins_cannot_be_installed() {
    let mundo = Mundo::start().await;
    let mine = mundo.pagos("1.0.0").await;
    let hidden = mundo.en_revision(pagos("1.1.0"), Some(esquema())).await;
    let body = |digest: &str, version: &str| json!({ "version": version, "digest": digest, "consiente": [] });
    let to = |complemento: &str| format!("/complementos/{complemento}/instalar");
    mundo.andina.post(&to(PAGOS), body(&hidden, "1.1.0")).await.problem(404, "no-encontrado");
    mundo.andina.post(&to("pe.otro.cosa"), body(&mine, "1.0.0")).await.problem(404, "no-encontrado");
    assert_eq!(mundo.andina.post(&to(PAGOS), body(&mine, "9.0.0")).await.wrong_fields(), ["/version"]);
    let why = json!({ "motivo": "Cobra dos veces" });
    mundo.plataforma.post(&format!("/complementos/versiones/{mine}/retirar"), why).await.ok();
    mundo.andina.post(&to(PAGOS), body(&mine, "1.0.0")).await.problem(409, "version-no-instalable");
    mundo.andina.get(&format!("/complementos/{PAGOS}")).await.problem(404, "no-encontrado");
}

/// A plugin's events reach those who listen, and every instance hears that something changed.
#[tokio::test]
async fn every_change_is_told() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.huella.execute("delete from outbox").await;
    let mut bus = mundo.huella.parts.app.bus().subscribe();
    mundo.en_marcha(&mundo.andina).await;
    let tenant = mundo.tenant("andina").await;
    let mut told = 0;
    while let Ok(message) = bus.try_recv() {
        if message.topic == complementos::CAMBIO {
            let change: complementos::Cambio = serde_json::from_slice(&message.body).expect("a change");
            assert_eq!(change.tenant, Some(tenant));
            told += 1;
        }
    }
    assert_eq!(told, 3, "installed, configured, switched on");
    let events: i64 = mundo.huella.scalar("select count(*) from outbox where tema = 'complemento.cambiado'").await;
    assert_eq!(events, 3);
}
