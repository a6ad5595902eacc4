//! Sessions and their refresh tokens.
use super::*;
use huella_tests::andina::{ADMIN, ADMIN_LIMA, DR_SOTO, RECEPCION_CUSCO, RECEPCION_LIMA};
use jiff::SignedDuration;

async fn renovar(cliente: &Cliente, body: &Value) -> Respuesta {
    cliente.post("/sesiones/renovar", json!({ "renovacion": body["renovacion"] })).await
}

#[tokio::test]
async fn whoever_signs_in_gets_a_session_with_name_and_roles() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    assert_eq!(sesion["usuario"]["roles"][0]["rol"], "recepcion");
    assert!(sesion["usuario"]["roles"][0]["sede_nombre"].is_string());
    assert_eq!(sesion["debe_enrolar"], false);
    assert_eq!(entra(&huella, token(&sesion)).await, 200);
    let usuario = sesion["usuario"]["id"].as_str().expect("an id");
    assert_eq!(accesos(&huella, usuario, "ingreso").await, 1);
    assert_eq!(auditado(&huella, "abrir", "sesion").await, 1);
}

#[tokio::test]
async fn an_access_token_dies_after_ten_minutes_and_says_nothing_personal() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let claims = token(&sesion).split('.').nth(1).expect("claims").to_owned();
    let claims: Value =
        serde_json::from_slice(&base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, claims).expect("base64")).expect("JSON");
    let mut names: Vec<&str> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub", "ten"]);
    huella.avanzar(SignedDuration::from_secs(599));
    assert_eq!(entra(&huella, token(&sesion)).await, 200);
    huella.avanzar(SignedDuration::from_secs(1));
    assert_eq!(entra(&huella, token(&sesion)).await, 401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let huella = Huella::start().await;
    let wrong = ingresar(&huella, con(ingreso(RECEPCION_LIMA), "contrasena", "no-es-esta-2026")).await.problem(401, "credenciales");
    let nobody = ingresar(&huella, ingreso("nadie@andina.example.pe")).await.problem(401, "credenciales");
    let nowhere = ingresar(&huella, con(ingreso(RECEPCION_LIMA), "cadena", "no-existe")).await.problem(401, "credenciales");
    for other in [nobody, nowhere] {
        assert_eq!((&wrong["title"], &wrong["detail"]), (&other["title"], &other["detail"]));
    }
    let unknown: i64 = huella.scalar("select count(*) from accesos where resultado = 'cuenta_desconocida' and usuario_id is null").await;
    assert_eq!(unknown, 1);
    let wrong: i64 = huella.scalar("select count(*) from accesos where resultado = 'contrasena_incorrecta'").await;
    assert_eq!(wrong, 1);
}

#[tokio::test]
async fn a_person_of_another_chain_is_unknown_here() {
    let huella = Huella::start().await;
    ingresar(&huella, con(ingreso(ADMIN), "cadena", "costera")).await.problem(401, "credenciales");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_gives_the_next() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    huella.avanzar(SignedDuration::from_mins(9));
    let second = renovar(&nadie, &first).await.ok();
    assert_ne!(first["renovacion"], second["renovacion"]);
    assert_eq!(first["sesion_id"], second["sesion_id"]);
    assert_eq!(entra(&huella, token(&second)).await, 200);
    huella.avanzar(SignedDuration::from_mins(9));
    renovar(&nadie, &second).await.ok();
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_the_family() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let second = renovar(&nadie, &first).await.ok();
    huella.avanzar(SignedDuration::from_secs(11));
    renovar(&nadie, &first).await.problem(401, "renovacion-invalida");
    renovar(&nadie, &second).await.problem(401, "renovacion-invalida");
    assert_eq!(entra(&huella, token(&second)).await, 401, "its access tokens are dead too");
    let usuario = first["usuario"]["id"].as_str().expect("an id");
    assert_eq!(accesos(&huella, usuario, "renovacion_reusada").await, 1);
    assert_eq!(auditado(&huella, "revocar", "sesion").await, 1);
}

#[tokio::test]
async fn a_used_token_that_comes_back_at_once_ends_the_family_too() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let second = renovar(&nadie, &first).await.ok();
    let third = renovar(&nadie, &second).await.ok();
    renovar(&nadie, &first).await.problem(401, "renovacion-invalida");
    renovar(&nadie, &third).await.problem(401, "renovacion-invalida");
    assert_eq!(entra(&huella, token(&third)).await, 401);
    let usuario = first["usuario"]["id"].as_str().expect("an id");
    assert_eq!(accesos(&huella, usuario, "renovacion_reusada").await, 1);
}

#[tokio::test]
async fn whoever_lost_the_answer_may_ask_again_and_what_was_lost_is_dead() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let lost = renovar(&nadie, &first).await.ok();
    let second = renovar(&nadie, &first).await.ok();
    let third = renovar(&nadie, &second).await.ok();
    // Somebody had the lost answer after all.
    renovar(&nadie, &lost).await.problem(401, "renovacion-invalida");
    renovar(&nadie, &third).await.problem(401, "renovacion-invalida");
    assert_eq!(entra(&huella, token(&third)).await, 401);
    assert_eq!(auditado(&huella, "revocar", "sesion").await, 1);
}

#[tokio::test]
async fn what_was_taken_back_gives_nothing_even_while_nothing_else_was_used() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let lost = renovar(&nadie, &first).await.ok();
    let second = renovar(&nadie, &first).await.ok();
    renovar(&nadie, &lost).await.problem(401, "renovacion-invalida");
    renovar(&nadie, &second).await.problem(401, "renovacion-invalida");
}

#[tokio::test]
async fn of_many_refreshes_together_one_token_is_good() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let answers = futures::future::join_all((0..10).map(|_| renovar(&nadie, &first))).await;
    let given: Vec<Value> = answers.into_iter().map(Respuesta::ok).collect();
    let good: i64 = huella.scalar("select count(*) from tokens_renovacion where usado_en is null").await;
    let sessions: i64 = huella.scalar("select count(*) from sesiones where revocada_en is null").await;
    assert_eq!((given.len(), good, sessions), (10, 1, 1));
    assert!(given.iter().all(|one| one["sesion_id"] == first["sesion_id"]), "{given:#?}");
}

#[tokio::test]
async fn a_stranger_with_a_used_token_ends_the_family() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let second = renovar(&nadie, &first).await.ok();
    renovar(&con_programa(&huella, "otro programa"), &first).await.problem(401, "renovacion-invalida");
    renovar(&nadie, &second).await.problem(401, "renovacion-invalida");
}

#[tokio::test]
async fn a_chain_that_is_switched_off_refreshes_nothing() {
    let huella = Huella::start().await;
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    huella.execute("update tenants set activo = false where clave = 'andina'").await;
    renovar(&huella.nadie(), &first).await.problem(401, "renovacion-invalida");
    huella.execute("update tenants set activo = true where clave = 'andina'").await;
    renovar(&huella.nadie(), &first).await.ok();
}

/// Both end the same sessions, and both make it known: in the same order, or they would stop each other.
#[tokio::test]
async fn signing_out_and_being_deactivated_together_is_no_deadlock() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let usuario = usuario_id(&huella, RECEPCION_LIMA).await;
    for _ in 0..8 {
        let devices = [huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_LIMA).await];
        let path = format!("/usuarios/{usuario}/desactivar");
        let outs = futures::future::join_all(devices.iter().map(|device| device.delete("/sesiones/actual")));
        let (answer, outs) = tokio::join!(admin.post(&path, json!({})), outs);
        answer.ok();
        assert!(outs.iter().all(|out| [204, 401, 404].contains(&out.status.as_u16())), "{outs:?}");
        admin.post(&format!("/usuarios/{usuario}/activar"), json!({})).await.ok();
    }
}

#[tokio::test]
async fn what_is_over_is_deleted_in_its_time() {
    let huella = Huella::start().await;
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    renovar(&huella.nadie(), &first).await.ok();
    let system = huella.parts.system();
    let counts = async || {
        server::trabajos::clean(&system).await.expect("cleaned");
        let mut counts = Vec::new();
        for table in ["tokens_renovacion", "sesiones", "accesos"] {
            counts.push(huella.scalar::<i64>(&format!("select count(*) from {table}")).await);
        }
        counts
    };
    huella.avanzar(SignedDuration::from_hours(20 * 24));
    assert_eq!(counts().await, [2, 1, 1], "a stolen token is recognised for a week after its end");
    huella.avanzar(SignedDuration::from_hours(2 * 24));
    assert_eq!(counts().await, [0, 1, 1]);
    huella.avanzar(SignedDuration::from_hours(130 * 24));
    assert_eq!(counts().await, [0, 0, 1]);
    huella.avanzar(SignedDuration::from_hours(220 * 24));
    assert_eq!(counts().await, [0, 0, 0]);
}

#[tokio::test]
async fn a_device_that_stays_away_must_sign_in_again() {
    let huella = Huella::start().await;
    let first = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    huella.avanzar(SignedDuration::from_hours(14 * 24));
    renovar(&huella.nadie(), &first).await.problem(401, "renovacion-invalida");
}

#[tokio::test]
async fn garbage_is_no_refresh_token() {
    let huella = Huella::start().await;
    for renovacion in ["x", "hr_x", "hr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        huella.nadie().post("/sesiones/renovar", json!({ "renovacion": renovacion })).await.problem(401, "renovacion-invalida");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let yo = huella.nadie().with_token(token(&sesion));
    assert_eq!(entra(&huella, token(&sesion)).await, 200);
    yo.delete("/sesiones/actual").await.expect(204);
    assert_eq!(entra(&huella, token(&sesion)).await, 401);
    renovar(&huella.nadie(), &sesion).await.problem(401, "renovacion-invalida");
    assert_eq!(auditado(&huella, "cerrar", "sesion").await, 1);
}

#[tokio::test]
async fn a_person_sees_and_closes_their_own_devices_only() {
    let huella = Huella::start().await;
    let phone = con_programa(&huella, "telefono").post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok();
    let desk = huella.como(RECEPCION_LIMA).await;
    let other = huella.como(DR_SOTO).await;
    let listed = desk.get("/sesiones").await.ok();
    let devices: Vec<(&str, bool)> =
        listed.as_array().expect("a list").iter().map(|s| (s["dispositivo"].as_str().expect("text"), s["actual"] == true)).collect();
    assert_eq!(devices.len(), 2);
    assert!(devices.contains(&("telefono", false)), "{devices:?}");
    let path = format!("/sesiones/{}", phone["sesion_id"].as_str().expect("an id"));
    other.delete(&path).await.problem(404, "no-encontrado");
    desk.delete(&path).await.expect(204);
    assert_eq!(entra(&huella, token(&phone)).await, 401);
    assert_eq!(desk.get("/sesiones").await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_administrator_closes_the_devices_of_whom_they_administer() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let path = format!("/usuarios/{}/sesiones", sesion["usuario"]["id"].as_str().expect("an id"));
    let jefa = huella.como(ADMIN_LIMA).await;
    assert_eq!(jefa.get(&path).await.ok().as_array().map(Vec::len), Some(1));
    jefa.delete(&path).await.expect(204);
    assert_eq!(entra(&huella, token(&sesion)).await, 401);
    let cusco = format!("/usuarios/{}/sesiones", usuario_id(&huella, RECEPCION_CUSCO).await);
    jefa.delete(&cusco).await.problem(404, "no-encontrado");
    let admin = format!("/usuarios/{}/sesiones", usuario_id(&huella, ADMIN).await);
    jefa.get(&admin).await.problem(403, "excede-permisos");
    huella.como(RECEPCION_LIMA).await.get(&path).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn only_hashes_of_secrets_are_kept() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let renovacion = sesion["renovacion"].as_str().expect("a token");
    let length: i32 = huella.scalar("select octet_length(resumen) from tokens_renovacion").await;
    assert_eq!(length, 32);
    let hashed = <sha2::Sha256 as sha2::Digest>::digest(renovacion.as_bytes()).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let kept: String = huella.scalar("select encode(resumen, 'hex') from tokens_renovacion").await;
    assert_eq!(kept, hashed);
    let phc: String = huella.scalar("select contrasena from usuarios limit 1").await;
    assert!(phc.starts_with("$argon2id$v=19$"), "{phc}");
}

#[tokio::test]
async fn a_password_kept_at_another_cost_is_hashed_again() {
    let huella = Huella::start().await;
    let usuario = usuario_id(&huella, RECEPCION_LIMA).await;
    let stored = || async { huella.scalar::<String>(&format!("select contrasena from usuarios where id = '{usuario}'")).await };
    let today = stored().await;
    // Salt and hash of the password of the fixtures, at twice the passes.
    let mut settings =
        organizacion::identidad::Settings::new("x", "x", std::env::temp_dir().join(format!("huella-{}", uuid::Uuid::now_v7())));
    settings.argon2 = organizacion::identidad::Cost { memoria_kib: 64, vueltas: 2, hilos: 1 };
    let other = organizacion::identidad::Identidad::start(&huella.parts.system(), settings).expect("started");
    let older = other.hash(CLAVE).await.expect("hashed");
    huella.execute(&format!("update usuarios set contrasena = '{older}' where id = '{usuario}'")).await;
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let cost = |phc: &str| phc.split('$').nth(3).map(str::to_owned);
    assert_ne!(cost(&older), cost(&today));
    assert_eq!(cost(&stored().await), cost(&today));
}
