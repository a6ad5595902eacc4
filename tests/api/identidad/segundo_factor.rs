//! Codes of an app, and what to do without it.
use super::*;
use huella_tests::andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA};
use jiff::SignedDuration;
use organizacion::identidad::segundo_factor::retirar_por_operador;
use totp_rs::{Builder, Secret, Totp};

pub struct Telefono(Totp);

impl Telefono {
    fn new(enrolamiento: &Value) -> Self {
        let secreto = enrolamiento["secreto"].as_str().expect("a secret");
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: String = secreto.bytes().map(|c| format!("{:05b}", letters.iter().position(|l| *l == c).expect("base32"))).collect();
        let bytes: Vec<u8> = (0..20).map(|i| u8::from_str_radix(&bits[i * 8..i * 8 + 8], 2).expect("bits")).collect();
        Self(Builder::new().with_secret(Secret::new_stack(bytes.try_into().expect("20 bytes"))).build().expect("a secret"))
    }
    pub fn codigo(&self, huella: &Huella) -> String {
        self.0.generate(huella.now().as_second() as u64).to_string()
    }
}

/// Somebody who uses an app from now on: client, phone and recovery codes.
pub async fn enrolar(huella: &Huella, correo: &str) -> (Cliente, Telefono, Vec<String>) {
    let yo = huella.como(correo).await;
    let telefono = Telefono::new(&yo.post("/cuenta/segundo-factor", json!({ "contrasena": CLAVE })).await.ok());
    let body = yo.post("/cuenta/segundo-factor/confirmar", json!({ "codigo": telefono.codigo(huella) })).await.ok();
    let codigos = body["codigos"].as_array().expect("codes").iter().filter_map(|code| code.as_str().map(str::to_owned)).collect();
    huella.avanzar(SignedDuration::from_secs(60));
    (yo, telefono, codigos)
}

#[tokio::test]
async fn with_a_second_factor_the_password_is_not_enough() {
    let huella = Huella::start().await;
    let (_, telefono, codigos) = enrolar(&huella, RECEPCION_LIMA).await;
    assert_eq!(codigos.len(), 10);
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.problem(401, "falta-codigo");
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", "000000")).await.problem(401, "codigo-incorrecto");
    let sesion = ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", telefono.codigo(&huella))).await.ok();
    assert_eq!(sesion["usuario"]["segundo_factor"], true);
    let devices = huella.nadie().with_token(token(&sesion)).get("/sesiones").await.ok();
    assert!(devices.as_array().expect("a list").iter().any(|s| s["actual"] == true && s["segundo_factor"] == true));
}

#[tokio::test]
async fn a_code_works_once_even_when_it_comes_twice_together() {
    let huella = Huella::start().await;
    let (_, telefono, _) = enrolar(&huella, RECEPCION_LIMA).await;
    let body = con(ingreso(RECEPCION_LIMA), "codigo", telefono.codigo(&huella));
    let (one, other) = tokio::join!(ingresar(&huella, body.clone()), ingresar(&huella, body.clone()));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    ingresar(&huella, body).await.problem(401, "codigo-incorrecto");
}

#[tokio::test]
async fn a_clock_one_step_off_is_fine_and_two_are_not() {
    let huella = Huella::start().await;
    let (_, telefono, _) = enrolar(&huella, RECEPCION_LIMA).await;
    let codigo = telefono.codigo(&huella);
    huella.avanzar(SignedDuration::from_secs(60));
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", codigo)).await.problem(401, "codigo-incorrecto");
    let codigo = telefono.codigo(&huella);
    huella.avanzar(SignedDuration::from_secs(30));
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", codigo)).await.ok();
}

#[tokio::test]
async fn a_recovery_code_works_once_and_new_ones_replace_the_old() {
    let huella = Huella::start().await;
    let (yo, telefono, codigos) = enrolar(&huella, RECEPCION_LIMA).await;
    let body = con(ingreso(RECEPCION_LIMA), "codigo", codigos[0].to_uppercase());
    ingresar(&huella, body.clone()).await.ok();
    ingresar(&huella, body).await.problem(401, "codigo-incorrecto");
    assert_eq!(yo.get("/cuenta/segundo-factor").await.ok()["codigos_restantes"], 9);
    let body = yo.post("/cuenta/segundo-factor/codigos", json!({ "codigo": telefono.codigo(&huella) })).await.ok();
    assert_eq!(body["codigos"].as_array().map(Vec::len), Some(10));
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", codigos[1].clone())).await.problem(401, "codigo-incorrecto");
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", body["codigos"][0].clone())).await.ok();
}

#[tokio::test]
async fn who_must_enrol_can_do_nothing_else_until_then() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    yo.get("/sedes").await.ok();
    let rol = huella.id_of("andina", "roles", "clave", "recepcion").await;
    let antes = admin.get(&format!("/roles/{rol}")).await.ok();
    let keep = ["nombre", "permisos"].map(|key| (key.to_owned(), antes[key].clone()));
    let body = con(Value::Object(keep.into_iter().collect()), "exige_segundo_factor", true);
    admin.put(&format!("/roles/{rol}"), body).await.ok();
    espera_status(&yo, "/sedes", 403).await;
    yo.get("/sedes").await.problem(403, "falta-segundo-factor");
    assert_eq!(ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok()["debe_enrolar"], true);
    let telefono = Telefono::new(&yo.post("/cuenta/segundo-factor", json!({ "contrasena": CLAVE })).await.ok());
    yo.post("/cuenta/segundo-factor/confirmar", json!({ "codigo": telefono.codigo(&huella) })).await.ok();
    yo.get("/sedes").await.ok();
    assert_eq!(entra(&huella, token(&sesion)).await, 401, "sessions without the factor are over");
    huella.avanzar(SignedDuration::from_secs(60));
    yo.post("/cuenta/segundo-factor/desactivar", json!({ "codigo": telefono.codigo(&huella) }))
        .await
        .problem(409, "segundo-factor-exigido");
}

/// Another handler announced the change: it arrives in a moment.
async fn espera_status(cliente: &Cliente, path: &str, status: u16) {
    for _ in 0..50 {
        if cliente.get(path).await.status.as_u16() == status {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} never answered {status}");
}

#[tokio::test]
async fn a_second_factor_is_enrolled_once_and_taken_off_with_a_code() {
    let huella = Huella::start().await;
    let (yo, telefono, _) = enrolar(&huella, RECEPCION_LIMA).await;
    yo.post("/cuenta/segundo-factor", json!({ "contrasena": CLAVE })).await.problem(409, "segundo-factor-activo");
    assert_eq!(yo.post("/cuenta/segundo-factor/desactivar", json!({ "codigo": "000000" })).await.wrong_fields(), ["/codigo"]);
    yo.post("/cuenta/segundo-factor/desactivar", json!({ "codigo": telefono.codigo(&huella) })).await.expect(204);
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    assert_eq!(auditado(&huella, "desactivar", "segundo_factor").await, 1);
}

#[tokio::test]
async fn an_administrator_helps_who_lost_the_phone() {
    let huella = Huella::start().await;
    let usuario = usuario_id(&huella, RECEPCION_LIMA).await;
    let (yo, ..) = enrolar(&huella, RECEPCION_LIMA).await;
    let path = format!("/usuarios/{usuario}/segundo-factor");
    yo.delete(&path).await.problem(403, "sin-permiso");
    let jefa = huella.como(ADMIN_LIMA).await;
    jefa.delete(&path).await.expect(204);
    assert_eq!(yo.get("/sesiones").await.status.as_u16(), 401, "the sessions are closed");
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    assert_eq!(auditado(&huella, "retirar", "segundo_factor").await, 1);
    jefa.delete(&path).await.problem(409, "segundo-factor-inactivo");
    let admin = usuario_id(&huella, ADMIN).await;
    enrolar(&huella, ADMIN).await;
    jefa.delete(&format!("/usuarios/{admin}/segundo-factor")).await.problem(403, "excede-permisos");
}

#[tokio::test]
async fn codes_are_not_guessed_with_the_password_in_hand() {
    let huella = Huella::start().await;
    enrolar(&huella, RECEPCION_LIMA).await;
    let mut looked_at = 0;
    for address in 100..104 {
        let attacker = desde(&huella, &format!("127.0.0.{address}"));
        for _ in 0..10 {
            looked_at +=
                usize::from(attacker.post("/sesiones", con(ingreso(RECEPCION_LIMA), "codigo", "000000")).await.status.as_u16() == 401);
        }
    }
    assert_eq!(looked_at, 15, "per account, wherever from");
}

#[tokio::test]
async fn a_stolen_session_is_no_place_to_guess_codes() {
    let huella = Huella::start().await;
    let (yo, telefono, _) = enrolar(&huella, RECEPCION_LIMA).await;
    for _ in 0..10 {
        assert_eq!(yo.post("/cuenta/segundo-factor/desactivar", json!({ "codigo": "000000" })).await.wrong_fields(), ["/codigo"]);
    }
    let right = json!({ "codigo": telefono.codigo(&huella) });
    yo.post("/cuenta/segundo-factor/desactivar", right.clone()).await.problem(429, "demasiados-intentos");
    yo.post("/cuenta/segundo-factor/codigos", right).await.problem(429, "demasiados-intentos");
    // Nor is the sign-in from the same address.
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "codigo", "000000")).await.problem(429, "demasiados-intentos");
}

#[tokio::test]
async fn enrolling_needs_the_password_and_the_person_is_told() {
    let huella = Huella::start().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    assert_eq!(post(&yo, "/cuenta/segundo-factor").await.status.as_u16(), 415);
    let wrong = yo.post("/cuenta/segundo-factor", json!({ "contrasena": "no-es-esta-2026" })).await;
    assert_eq!(wrong.wrong_fields(), ["/contrasena"]);
    enrolar(&huella, RECEPCION_LIMA).await;
    let told: i64 = huella.scalar("select count(*) from outbox where tema = 'cuenta.segundo_factor_activado'").await;
    assert_eq!(told, 1);
}

#[tokio::test]
async fn the_operator_lets_in_who_lost_everything() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    let (admin, ..) = enrolar(&huella, ADMIN).await;
    ingresar(&huella, ingreso(ADMIN)).await.problem(401, "falta-codigo");
    let retirar = |cadena: &'static str, correo: &'static str| retirar_por_operador(&system, cadena, correo);
    assert_eq!(retirar("no-existe", ADMIN).await.expect_err("no chain").status().as_u16(), 404);
    assert_eq!(retirar("andina", "nadie@andina.example.pe").await.expect_err("nobody").status().as_u16(), 404);
    retirar("andina", ADMIN).await.expect("taken off");
    espera_status(&admin, "/sesiones", 401).await;
    ingresar(&huella, ingreso(ADMIN)).await.ok();
    let by: String = huella.scalar("select actor_tipo from auditoria where accion = 'retirar' and entidad = 'segundo_factor'").await;
    assert_eq!(by, "sistema");
    let told: i64 = huella.scalar("select count(*) from outbox where tema = 'cuenta.segundo_factor_retirado'").await;
    assert_eq!(told, 1);
    assert_eq!(retirar("andina", ADMIN).await.expect_err("none left").status().as_u16(), 409);
}

#[tokio::test]
async fn the_secret_is_kept_encrypted() {
    let huella = Huella::start().await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let enrolamiento = yo.post("/cuenta/segundo-factor", json!({ "contrasena": CLAVE })).await.ok();
    assert!(enrolamiento["uri"].as_str().expect("text").starts_with("otpauth://totp/"));
    let kept: Vec<u8> = huella.scalar("select totp_cifrado from usuarios where totp_cifrado is not null").await;
    let secret = enrolamiento["secreto"].as_str().expect("a secret").as_bytes();
    assert!(!kept.windows(secret.len()).any(|window| window == secret));
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
}
