//! The log of tries to come in: who, when, from where, with which program and by what means, and how it ended.
use super::{segundo_factor::enrolar, *};
use huella_tests::andina::{ADMIN, DR_SOTO, RECEPCION_LIMA};
use jiff::SignedDuration;

/// What the log tells of the tries of one program: how each ended, by what means, and whose it was.
async fn told(admin: &Cliente, programa: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let page = admin.get("/accesos?limite=200").await.ok();
    let lines = page["items"].as_array().expect("a list").iter().filter(|line| line["dispositivo"] == programa);
    lines
        .map(|line| {
            assert_eq!(line["ip"], "127.0.0.1");
            let whose = line.get("usuario_id").or(line.get("clave_api_id")).map(text).unwrap_or_default();
            (text(&line["resultado"]), text(&line["medio"]), whose)
        })
        .collect()
}

#[tokio::test]
async fn every_means_is_told_apart_whether_it_let_in_or_not() {
    let huella = Huella::start().await;
    let soto = usuario_id(&huella, DR_SOTO).await;
    let recepcion = usuario_id(&huella, RECEPCION_LIMA).await;
    let (soto, recepcion) = (soto.as_str(), recepcion.as_str());
    let (_, telefono, codigos) = enrolar(&huella, RECEPCION_LIMA).await;
    let (right, spare) = (telefono.codigo(&huella), codigos[0].clone());
    let with = |code: &str| con(ingreso(RECEPCION_LIMA), "codigo", code);
    let wrong = |correo: &str| con(ingreso(correo), "contrasena", "no-es-esta-2026");
    let tries = [
        (ingreso(DR_SOTO), 200, "ingreso", "contrasena", soto),
        (wrong(DR_SOTO), 401, "contrasena_incorrecta", "contrasena", soto),
        (ingreso("nadie@andina.example.pe"), 401, "cuenta_desconocida", "contrasena", ""),
        (ingreso(RECEPCION_LIMA), 401, "falta_codigo", "segundo_factor", recepcion),
        (with("000000"), 401, "codigo_incorrecto", "segundo_factor", recepcion),
        (with(&right), 200, "ingreso", "segundo_factor", recepcion),
        (with(&right), 401, "codigo_incorrecto", "segundo_factor", recepcion),
        (with(&spare), 200, "ingreso", "codigo_recuperacion", recepcion),
        (with(&spare), 401, "codigo_incorrecto", "segundo_factor", recepcion),
    ];
    let admin = huella.como(ADMIN).await;
    for (index, (body, status, resultado, medio, whose)) in tries.into_iter().enumerate() {
        let programa = format!("programa-{index}");
        con_programa(&huella, &programa).post("/sesiones", body).await.expect(status);
        assert_eq!(told(&admin, &programa).await, [(resultado.to_owned(), medio.to_owned(), whose.to_owned())], "{index}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_and_keys_are_told_too() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let line = |resultado: &str, medio: &str, whose: &Value| {
        vec![(resultado.to_owned(), medio.to_owned(), whose.as_str().unwrap_or_default().to_owned())]
    };
    let browser = con_programa(&huella, "navegador");
    let first = browser.post("/sesiones", ingreso(DR_SOTO)).await.ok();
    let soto = &first["usuario"]["id"];
    browser.post("/sesiones/renovar", json!({ "renovacion": first["renovacion"] })).await.ok();
    let thief = con_programa(&huella, "otro navegador");
    thief.post("/sesiones/renovar", json!({ "renovacion": first["renovacion"] })).await.problem(401, "renovacion-invalida");
    assert_eq!(told(&admin, "otro navegador").await, line("renovacion_reusada", "renovacion", soto));
    // Staying in is no sign-in: the session's own line says when it was used last.
    assert_eq!(told(&admin, "navegador").await, line("ingreso", "contrasena", soto));

    let expira_en = (huella.now() + SignedDuration::from_hours(24)).to_string();
    let key = json!({ "nombre": "Página web", "permisos": ["sede.ver"], "expira_en": expira_en });
    let key = admin.post("/claves-api", key).await.created();
    let text = |field: &str| key[field].as_str().expect("text").to_owned();
    let token = async |programa: &str| {
        let form =
            [("grant_type", "client_credentials".to_owned()), ("client_id", text("client_id")), ("client_secret", text("client_secret"))];
        huella_tests::cliente::send(con_programa(&huella, programa).request(Method::POST, "//oauth/token").form(&form)).await
    };
    con_programa(&huella, "programa propio").with_token(&text("clave")).get("/sedes").await.ok();
    token("programa de otros").await.ok();
    assert_eq!(told(&admin, "programa propio").await, line("ingreso", "clave_api", &key["id"]));
    assert_eq!(told(&admin, "programa de otros").await, line("ingreso", "oauth", &key["id"]));
    admin.delete(&format!("/claves-api/{}", text("id"))).await.expect(204);
    con_programa(&huella, "programa viejo").with_token(&text("clave")).get("/sedes").await.problem(401, "sin-sesion");
    token("programa muy viejo").await.expect(401);
    assert_eq!(told(&admin, "programa viejo").await, line("clave_rechazada", "clave_api", &key["id"]));
    assert_eq!(told(&admin, "programa muy viejo").await, line("clave_rechazada", "oauth", &key["id"]));
}
