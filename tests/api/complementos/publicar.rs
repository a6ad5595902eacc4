//! From an upload to the platform's signature.
use super::*;
use huella_tests::cliente::send;
use plugin_manifest::Fault;

#[tokio::test]
async fn an_upload_is_examined_reviewed_and_counter_signed() {
    let mundo = Mundo::start().await;
    let bytes = mundo.signed(&componente(pagos("1.0.0"), Some(esquema())));
    let uploaded = mundo.upload(&mundo.taller, bytes.clone()).await.expect(202);
    assert_eq!(
        (&uploaded["estado"], &uploaded["complemento"], &uploaded["mundo"]),
        (&json!("en_examen"), &json!(PAGOS), &json!("payment"))
    );
    assert_eq!(uploaded["clave_editor"], mundo.llave.public().to_string());
    let path = format!("/complementos/versiones/{}", uploaded["digest"].as_str().expect("a digest"));
    mundo.plataforma.post(&format!("{path}/aprobar"), json!({})).await.problem(409, "version-en-otro-estado");

    mundo.work().await;
    let examined = mundo.taller.get(&path).await.ok();
    assert_eq!((&examined["estado"], &examined["importa"], &examined["examen_ms"]), (&json!("en_revision"), &json!(["http"]), &json!(12)));
    assert_eq!(examined["hallazgos"][0]["parte"], "conformidad");
    // Only its publisher and the platform know of it.
    mundo.andina.get(&path).await.problem(404, "no-encontrado");
    assert_eq!(mundo.andina.get("/complementos").await.ok()["items"], json!([]));
    assert_eq!(mundo.andina.get("/complementos/versiones").await.ok()["items"], json!([]));
    assert_eq!(mundo.plataforma.get("/complementos/versiones?estado=en_revision").await.ok()["items"][0]["digest"], examined["digest"]);

    // Nobody but the platform signs: its publisher may see it and may not decide, others do not see it.
    mundo.taller.post(&format!("{path}/aprobar"), json!({})).await.problem(403, "solo-plataforma");
    mundo.andina.post(&format!("{path}/aprobar"), json!({})).await.problem(404, "no-encontrado");
    let approved = mundo.plataforma.post(&format!("{path}/aprobar"), json!({})).await.ok();
    assert_eq!(approved["estado"], "aprobada");
    assert_eq!(mundo.andina.get(&path).await.ok()["estado"], "aprobada");

    // What comes out of the store is signed by both, and every chain believes it.
    let digest: Digest = approved["digest"].as_str().expect("a digest").parse().expect("a digest");
    let stored = complementos::componente(&mundo.huella.parts.app, &digest).await.expect("kept");
    let trust = complementos::confianza(&mut mundo.tx("andina").await).await.expect("read");
    assert_eq!(trust.check(&stored, "taller", false).expect("trusted"), digest);
    assert!(trust.check(&bytes, "taller", false).is_err(), "as it was uploaded it is nobody's to run");
    assert!(trust.developers.is_empty(), "this is no sandbox");
    let audited: i64 = mundo.huella.scalar("select count(*) from auditoria where entidad = 'version_complemento'").await;
    assert_eq!(audited, 3, "uploaded, examined, approved");
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_at_the_door() {
    let mundo = Mundo::start().await;
    mundo.upload(&mundo.taller, b"\0asm\x01\0\0\0".to_vec()).await.problem(422, "componente-invalido");
    mundo.upload(&mundo.taller, b"%PDF-1.4".to_vec()).await.problem(422, "componente-invalido");
    let other = mundo.taller.request(Method::POST, "/complementos/versiones").header("content-type", "application/json").body("{}");
    send(other).await.problem(415, "tipo-de-contenido");
    let large = mundo.upload(&mundo.taller, vec![0; (32 << 20) + 1]).await;
    assert_eq!(large.status, 413);
    // Somebody else's publisher, and somebody without one.
    let bytes = mundo.signed(&componente(pagos("1.0.0"), None::<Value>.or(Some(esquema()))));
    mundo.upload(&mundo.andina, bytes).await.problem(403, "editor-ajeno");
    // A key that is none of the publisher's; one that signed something else.
    let stranger = SigningKey::generate().expect("a key");
    let unsigned = componente(pagos("1.0.0"), Some(esquema()));
    mundo.upload(&mundo.taller, sign(&unsigned, &stranger).expect("signed")).await.problem(422, "firma-invalida");
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from complementos_versiones").await, 0);
}

#[tokio::test]
async fn an_examination_names_everything_that_is_wrong_and_the_same_bytes_may_come_again() {
    let mundo = Mundo::start().await;
    let faults = vec![Fault::new("/imports", "«wasi:cli» no existe"), Fault::new("/limits/wall", "puede ser como máximo 60s")];
    mundo.guion.will_refuse(Rechazo::Faltas(faults));
    let digest = mundo.en_revision(pagos("1.0.0"), Some(esquema())).await;
    let path = format!("/complementos/versiones/{digest}");
    let refused = mundo.taller.get(&path).await.ok();
    assert_eq!(refused["estado"], "rechazada");
    assert_eq!(refused["faltas"].as_array().map(Vec::len), Some(2), "{refused}");
    mundo.plataforma.post(&format!("{path}/aprobar"), json!({})).await.problem(409, "version-en-otro-estado");
    // The engine may have been wrong: the same again is examined again.
    assert_eq!(mundo.en_revision(pagos("1.0.0"), Some(esquema())).await, digest);
    let again = mundo.taller.get(&path).await.ok();
    assert_eq!((&again["estado"], &again["faltas"]), (&json!("en_revision"), &json!([])));
    // A person's refusal is final for these bytes.
    let why = json!({ "motivo": "Pide leer el token sin decir para qué" });
    assert_eq!(mundo.plataforma.post(&format!("{path}/rechazar"), why).await.ok()["motivo"], "Pide leer el token sin decir para qué");
    mundo.upload(&mundo.taller, mundo.signed(&componente(pagos("1.0.0"), Some(esquema())))).await.problem(409, "version-repetida");
}

#[tokio::test]
async fn an_engine_out_of_order_refuses_nothing() {
    let mundo = Mundo::start().await;
    mundo.guion.will_refuse(Rechazo::Luego("el compilador no arranca".into()));
    let bytes = mundo.signed(&componente(pagos("1.0.0"), Some(esquema())));
    let digest = mundo.upload(&mundo.taller, bytes).await.expect(202)["digest"].as_str().expect("a digest").to_owned();
    let path = format!("/complementos/versiones/{digest}");
    mundo.work().await;
    assert_eq!(mundo.taller.get(&path).await.ok()["estado"], "en_examen");
    mundo.huella.avanzar(jiff::SignedDuration::from_mins(5));
    mundo.work().await;
    assert_eq!(mundo.taller.get(&path).await.ok()["estado"], "en_revision");
}

#[tokio::test]
async fn what_nobody_signed_is_for_sandboxes_and_is_never_approved() {
    let mundo = Mundo::start().await;
    let uploaded = mundo.upload(&mundo.taller, componente(pagos("1.0.0"), Some(esquema()))).await.expect(202);
    assert_eq!(uploaded["clave_editor"], Value::Null);
    mundo.work().await;
    let digest = uploaded["digest"].as_str().expect("a digest");
    mundo.plataforma.post(&format!("/complementos/versiones/{digest}/aprobar"), json!({})).await.problem(422, "firma-invalida");

    // In the sandbox it can be installed and runs, in sandbox mode alone.
    mundo.instalar(&mundo.taller, PAGOS).await;
    let config = json!({ "config": { "comercio": "341198210" }, "secretos": { "api_key": "x" } });
    mundo.taller.put(&format!("/complementos/{PAGOS}/configuracion"), config).await.ok();
    mundo.taller.post(&format!("/complementos/{PAGOS}/habilitar"), json!({})).await.problem(409, "solo-en-pruebas");
    mundo.taller.post(&format!("/complementos/{PAGOS}/habilitar"), json!({ "sandbox": true })).await.ok();
    let running = mundo.activos("taller", World::Payment).await;
    assert!(running.len() == 1 && running[0].sandbox);
    let bytes = complementos::componente(&mundo.huella.parts.app, &running[0].digest).await.expect("kept");
    let sandbox = complementos::confianza(&mut mundo.tx("taller").await).await.expect("read");
    assert!(sandbox.check(&bytes, "taller", true).is_ok() && sandbox.check(&bytes, "taller", false).is_err());
    let real = complementos::confianza(&mut mundo.tx("andina").await).await.expect("read");
    assert!(real.check(&bytes, "taller", true).is_err(), "no other chain's sandbox mode lets it in");
    // Once the chain is no sandbox any more, it stops.
    mundo.huella.execute("update tenants set sandbox = false where clave = 'taller'").await;
    assert!(mundo.activos("taller", World::Payment).await.is_empty());
    // And an unsigned upload is refused there from then on.
    let next = mundo.upload(&mundo.taller, componente(pagos("1.0.1"), Some(esquema()))).await;
    next.problem(422, "firma-invalida");
}

#[tokio::test]
async fn a_number_means_one_thing_and_a_name_belongs_to_one_publisher() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    let mut other = pagos("1.0.0");
    other["license"] = json!("Apache-2.0");
    mundo.upload(&mundo.taller, mundo.signed(&componente(other, Some(esquema())))).await.problem(409, "version-repetida");
    // Another publisher wants the name.
    let key = SigningKey::generate().expect("a key");
    let editor = json!({ "clave": "otro", "nombre": "Otro", "contacto": "otro@ejemplo.pe" });
    mundo.costera.post("/complementos/editores", editor).await.created();
    mundo.costera.post("/complementos/editores/otro/claves", json!({ "clave": key.public().to_string() })).await.created();
    let mut taken = pagos("2.0.0");
    taken["publisher"] = json!("otro");
    let bytes = sign(&componente(taken, Some(esquema())), &key).expect("signed");
    mundo.upload(&mundo.costera, bytes).await.problem(409, "complemento-de-otro-editor");
}

/// Row-level security says the same as the API: what a chain's own role can do to the platform's tables.
#[tokio::test]
async fn the_database_itself_keeps_who_may_decide() {
    let mundo = Mundo::start().await;
    let digest = mundo.en_revision(pagos("1.0.0"), Some(esquema())).await;
    let attempt = async |clave: &str, sql: &str| {
        let mut tx = mundo.tx(clave).await;
        let done = sqlx::query(sqlx::AssertSqlSafe(sql.replace("DIGEST", &digest))).execute(&mut *tx).await;
        done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    };
    let approve = "update complementos_versiones set estado = 'aprobada' where digest = 'DIGEST'";
    assert_eq!(attempt("andina", approve).await, Ok(0), "it does not even see it");
    assert_eq!(attempt("taller", approve).await, Ok(0), "its publisher had its turn");
    assert_eq!(attempt("plataforma", approve).await, Ok(1));
    mundo.huella.execute(&format!("update complementos_versiones set estado = 'en_examen' where digest = '{digest}'")).await;
    assert!(attempt("taller", approve).await.is_err_and(|error| error.contains("row-level security")), "nor while it is examined");
    let promote = "update tenants set plataforma = true";
    assert!(attempt("andina", promote).await.is_err_and(|error| error.contains("permission denied")));
    let steal = "update editores set propietario = tenant_actual() where clave = 'taller'";
    assert!(attempt("andina", steal).await.is_err_and(|error| error.contains("permission denied")));
    assert_eq!(attempt("andina", "update editores set activo = false where clave = 'taller'").await, Ok(0));
    assert_eq!(attempt("andina", "update editores_claves set revocada_en = now()").await, Ok(0));
    let as_theirs =
        "insert into editores_claves (id, editor, clave, creada_en) values (gen_random_uuid(), 'taller', repeat('A', 44), now())";
    assert!(attempt("andina", as_theirs).await.is_err_and(|error| error.contains("row-level security")));
    assert_eq!(attempt("taller", "update editores_claves set revocada_en = now()").await, Ok(1));
    assert!(
        attempt("taller", "update editores_claves set revocada_en = null").await.is_err_and(|error| error.contains("row-level security"))
    );
    assert_eq!(attempt("taller", "update editores set suspendido = true").await.map_err(|_| ()), Err(()), "nor suspends it itself");
}
