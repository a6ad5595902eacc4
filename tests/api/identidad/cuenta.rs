//! The life of an account: invited, accepted, forgotten, changed.
use super::*;
use huella_tests::{
    afuera::mails_to,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera,
};
use jiff::SignedDuration;

const NUEVA: &str = "caballo verde tras la lluvia";

/// The text of the last mail to somebody, its long lines put together again (quoted-printable).
fn ultimo_correo(correo: &str) -> Option<String> {
    mails_to(correo).pop().map(|mail| mail.replace("=\r\n", "").replace("=\n", ""))
}

/// The secret at the end of the link in the last mail to somebody.
fn enlace(correo: &str) -> String {
    let mail = ultimo_correo(correo).expect("a mail");
    let start = mail.find("#he_").expect("a link") + 1;
    mail[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect()
}

/// A new receptionist of Lima, invited: id and address, which no other test uses.
async fn invitar(huella: &Huella) -> (String, String) {
    let correo = format!("nueva{}@andina.example.pe", uuid::Uuid::now_v7().simple());
    let rol = huella.id_of("andina", "roles", "clave", "recepcion").await;
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let body =
        json!({ "nombres": "Rosa", "apellidos": "Huamán Ccori", "correo": correo, "asignaciones": [{ "rol_id": rol, "sede_id": lima }] });
    let usuario = huella.como(ADMIN_LIMA).await.post("/usuarios", body).await.created();
    relevar(huella).await;
    (huella_tests::id(&usuario), correo)
}

async fn aceptar(huella: &Huella, enlace: &str, contrasena: &str) -> Respuesta {
    huella.nadie().post("/cuenta/aceptar", json!({ "enlace": enlace, "contrasena": contrasena })).await
}

async fn olvidar(huella: &Huella, correo: &str) {
    huella.nadie().post("/cuenta/olvido", json!({ "cadena": "andina", "correo": correo })).await.expect(202);
    relevar(huella).await;
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_and_gets_in() {
    let huella = Huella::start().await;
    let (usuario, correo) = invitar(&huella).await;
    ingresar(&huella, ingreso(&correo)).await.problem(401, "credenciales");
    let enlace = enlace(&correo);
    aceptar(&huella, &enlace, NUEVA).await.expect(204);
    ingresar(&huella, con(ingreso(&correo), "contrasena", NUEVA)).await.ok();
    aceptar(&huella, &enlace, NUEVA).await.problem(410, "enlace-vencido");
    let audited: i64 = huella
        .scalar(&format!("select count(*) from auditoria where entidad_id = '{usuario}' and accion in ('invitar', 'aceptar_invitacion')"))
        .await;
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn the_link_is_nowhere_but_in_the_mail() {
    let huella = Huella::start().await;
    let correo = format!("nueva{}@andina.example.pe", uuid::Uuid::now_v7().simple());
    let rol = huella.id_of("andina", "roles", "clave", "recepcion").await;
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let body = json!({ "nombres": "Rosa", "apellidos": "Huamán", "correo": correo, "asignaciones": [{ "rol_id": rol, "sede_id": lima }] });
    huella.como(ADMIN_LIMA).await.post("/usuarios", body).await.created();
    let outbox: String = huella.scalar("select string_agg(cuerpo::text, ' ') from outbox where tema = 'cuenta.invitada'").await;
    relevar(&huella).await;
    let enlace = enlace(&correo);
    assert!(!outbox.contains(&enlace) && !outbox.contains(&correo), "sealed in the outbox");
    let plain: i64 = huella.scalar(&format!("select count(*) from enlaces_cuenta where encode(resumen, 'escape') like '%{enlace}%'")).await;
    assert_eq!(plain, 0);
}

#[tokio::test]
async fn a_bad_password_is_told_all_that_is_wrong_and_costs_no_link() {
    let huella = Huella::start().await;
    let (_, correo) = invitar(&huella).await;
    let enlace = enlace(&correo);
    let problem = aceptar(&huella, &enlace, "Rosa123").await.problem(422, "datos-invalidos");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2), "{problem:#}");
    aceptar(&huella, &enlace, NUEVA).await.expect(204);
}

#[tokio::test]
async fn a_new_invitation_voids_the_old_one_and_an_old_one_dies_in_a_week() {
    let huella = Huella::start().await;
    let (usuario, correo) = invitar(&huella).await;
    let first = enlace(&correo);
    let jefa = huella.como(ADMIN_LIMA).await;
    post(&jefa, &format!("/usuarios/{usuario}/invitacion")).await.expect(202);
    relevar(&huella).await;
    let second = enlace(&correo);
    assert_ne!(first, second);
    aceptar(&huella, &first, NUEVA).await.problem(410, "enlace-vencido");
    huella.avanzar(SignedDuration::from_hours(7 * 24));
    aceptar(&huella, &second, NUEVA).await.problem(410, "enlace-vencido");
    let jefa = huella.como(ADMIN_LIMA).await;
    post(&jefa, &format!("/usuarios/{usuario}/invitacion")).await.expect(202);
    relevar(&huella).await;
    aceptar(&huella, &enlace(&correo), NUEVA).await.expect(204);
    post(&jefa, &format!("/usuarios/{usuario}/invitacion")).await.problem(409, "cuenta-aceptada");
    let cusco = usuario_id(&huella, RECEPCION_CUSCO).await;
    post(&jefa, &format!("/usuarios/{cusco}/invitacion")).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn a_link_of_one_kind_is_none_of_the_other() {
    let huella = Huella::start().await;
    let (_, correo) = invitar(&huella).await;
    let body = json!({ "enlace": enlace(&correo), "contrasena": NUEVA });
    huella.nadie().post("/cuenta/restablecer", body).await.problem(410, "enlace-vencido");
    aceptar(&huella, "he_x", NUEVA).await.problem(410, "enlace-vencido");
}

#[tokio::test]
async fn who_forgot_the_password_chooses_another_and_all_devices_are_out() {
    let huella = Huella::start().await;
    let (_, correo) = invitar(&huella).await;
    aceptar(&huella, &enlace(&correo), NUEVA).await.expect(204);
    let sesion = ingresar(&huella, con(ingreso(&correo), "contrasena", NUEVA)).await.ok();
    olvidar(&huella, &correo).await;
    let restablecer = json!({ "enlace": enlace(&correo), "contrasena": "otra frase que solo yo diria" });
    huella.nadie().post("/cuenta/restablecer", restablecer.clone()).await.expect(204);
    assert_eq!(entra(&huella, token(&sesion)).await, 401);
    ingresar(&huella, con(ingreso(&correo), "contrasena", NUEVA)).await.problem(401, "credenciales");
    ingresar(&huella, con(ingreso(&correo), "contrasena", "otra frase que solo yo diria")).await.ok();
    huella.nadie().post("/cuenta/restablecer", restablecer).await.problem(410, "enlace-vencido");
    relevar(&huella).await;
    assert!(ultimo_correo(&correo).expect("a mail").contains("cambi"), "the person is told");
    olvidar(&huella, &correo).await;
    huella.avanzar(SignedDuration::from_hours(1));
    let late = json!({ "enlace": enlace(&correo), "contrasena": NUEVA });
    huella.nadie().post("/cuenta/restablecer", late).await.problem(410, "enlace-vencido");
}

#[tokio::test]
async fn a_forgotten_password_answers_the_same_for_nobody() {
    let huella = Huella::start().await;
    let nobody = format!("nadie{}@andina.example.pe", uuid::Uuid::now_v7().simple());
    let answers = [("andina", nobody.as_str()), ("andina", RECEPCION_LIMA), ("no-existe", nobody.as_str())].map(|(cadena, correo)| {
        let huella = &huella;
        async move { huella.nadie().post("/cuenta/olvido", json!({ "cadena": cadena, "correo": correo })).await }
    });
    for answer in futures::future::join_all(answers).await {
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (202, 0));
    }
    let written: i64 = huella.scalar("select count(*) from outbox where tema = 'cuenta.olvidada'").await;
    assert_eq!(written, 1, "nothing for nobody");
    relevar(&huella).await;
    assert_eq!(mails_to(&nobody).len(), 0);
}

#[tokio::test]
async fn nobody_floods_a_person_with_mails() {
    let huella = Huella::start().await;
    let (_, correo) = invitar(&huella).await;
    for _ in 0..12 {
        olvidar(&huella, &correo).await;
    }
    assert_eq!(mails_to(&correo).iter().filter(|mail| mail.contains("restablecer")).count(), 5);
}

/// A receptionist of Lima who has accepted, whose mails nobody else gets.
async fn aceptada(huella: &Huella) -> (String, String) {
    let (usuario, correo) = invitar(huella).await;
    aceptar(huella, &enlace(&correo), NUEVA).await.expect(204);
    (usuario, correo)
}

async fn restablecer(huella: &Huella, enlace: &str) -> Respuesta {
    huella.nadie().post("/cuenta/restablecer", json!({ "enlace": enlace, "contrasena": "otra frase que solo yo diria" })).await
}

#[tokio::test]
async fn nobody_shuts_out_a_person_by_asking_in_their_name() {
    let huella = Huella::start().await;
    let (_, correo) = aceptada(&huella).await;
    let body = json!({ "cadena": "andina", "correo": correo });
    for _ in 0..8 {
        desde(&huella, "127.0.0.76").post("/cuenta/olvido", body.clone()).await.expect(202);
    }
    olvidar(&huella, &correo).await;
    let mine = enlace(&correo);
    desde(&huella, "127.0.0.77").post("/cuenta/olvido", body.clone()).await.expect(202);
    relevar(&huella).await;
    assert_ne!(enlace(&correo), mine);
    restablecer(&huella, &mine).await.expect(204);
    restablecer(&huella, &enlace(&correo)).await.problem(410, "enlace-vencido");
    for network in 80..90 {
        for _ in 0..3 {
            desde(&huella, &format!("127.0.0.{network}")).post("/cuenta/olvido", body.clone()).await.expect(202);
        }
    }
    let asked: i64 = huella.scalar("select count(*) from outbox where tema = 'cuenta.olvidada'").await;
    let done: i64 = mails_to(&correo).iter().filter(|mail| mail.contains("restablecer")).count() as i64;
    assert_eq!(asked + done, 20, "of all networks together");
}

#[tokio::test]
async fn a_link_dies_with_the_password_the_address_and_the_account() {
    let huella = Huella::start().await;
    let jefa = huella.como(ADMIN_LIMA).await;
    let (usuario, correo) = aceptada(&huella).await;
    let path = format!("/usuarios/{usuario}");
    // The password.
    olvidar(&huella, &correo).await;
    let sesion = ingresar(&huella, con(ingreso(&correo), "contrasena", NUEVA)).await.ok();
    let change = json!({ "actual": NUEVA, "nueva": "tercera frase muy larga" });
    huella.nadie().with_token(token(&sesion)).post("/cuenta/contrasena", change).await.expect(204);
    restablecer(&huella, &enlace(&correo)).await.problem(410, "enlace-vencido");
    relevar(&huella).await;
    // The address: the old one is told, and says nothing of the new one.
    olvidar(&huella, &correo).await;
    let before = enlace(&correo);
    let otro = format!("otra{correo}").replace("nueva", "");
    let datos = json!({ "nombres": "Rosa", "apellidos": "Huamán Ccori", "correo": otro });
    jefa.put(&path, datos).await.ok();
    let outbox: String = huella.scalar("select cuerpo::text from outbox where tema = 'cuenta.correo_cambiado'").await;
    assert!(!outbox.contains(&correo) && !outbox.contains(&otro), "sealed in the outbox");
    relevar(&huella).await;
    restablecer(&huella, &before).await.problem(410, "enlace-vencido");
    let told = ultimo_correo(&correo).expect("a mail");
    assert!(told.contains("El correo de su cuenta") && !told.contains(&otro), "{told}");
    assert!(mails_to(&otro).is_empty(), "no new invitation for who has accepted");
    // The account.
    olvidar(&huella, &otro).await;
    jefa.post(&format!("{path}/desactivar"), json!({})).await.ok();
    jefa.post(&format!("{path}/activar"), json!({})).await.ok();
    restablecer(&huella, &enlace(&otro)).await.problem(410, "enlace-vencido");
}

#[tokio::test]
async fn an_invitation_to_a_wrong_address_opens_nothing_once_it_was_corrected() {
    let huella = Huella::start().await;
    let (usuario, wrong) = invitar(&huella).await;
    let right = format!("otra{wrong}").replace("nueva", "");
    let datos = json!({ "nombres": "Rosa", "apellidos": "Huamán Ccori", "correo": right });
    huella.como(ADMIN_LIMA).await.put(&format!("/usuarios/{usuario}"), datos).await.ok();
    let stray = enlace(&wrong);
    relevar(&huella).await;
    aceptar(&huella, &stray, NUEVA).await.problem(410, "enlace-vencido");
    aceptar(&huella, &enlace(&right), NUEVA).await.expect(204);
}

#[tokio::test]
async fn a_chain_that_is_switched_off_has_no_links() {
    let huella = Huella::start().await;
    let (_, correo) = invitar(&huella).await;
    huella.execute("update tenants set activo = false where clave = 'andina'").await;
    aceptar(&huella, &enlace(&correo), NUEVA).await.problem(410, "enlace-vencido");
}

#[tokio::test]
async fn changing_the_password_closes_the_other_devices() {
    let huella = Huella::start().await;
    let other = huella.como(RECEPCION_LIMA).await;
    let yo = huella.como(RECEPCION_LIMA).await;
    let faults = yo.post("/cuenta/contrasena", json!({ "actual": CLAVE, "nueva": "clave123" })).await.problem(422, "datos-invalidos");
    assert_eq!(faults["errors"].as_array().map(Vec::len), Some(2), "{faults:#}");
    yo.post("/cuenta/contrasena", json!({ "actual": CLAVE, "nueva": NUEVA })).await.expect(204);
    yo.get("/sesiones").await.ok();
    assert_eq!(other.get("/sesiones").await.status.as_u16(), 401);
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.problem(401, "credenciales");
    ingresar(&huella, con(ingreso(RECEPCION_LIMA), "contrasena", NUEVA)).await.ok();
    assert_eq!(auditado(&huella, "cambiar_contrasena", "usuario").await, 1);
}

#[tokio::test]
async fn the_log_of_tries_is_read_by_page_and_by_filter() {
    let huella = Huella::start().await;
    let usuario = usuario_id(&huella, RECEPCION_LIMA).await;
    for _ in 0..3 {
        ingresar(&huella, con(ingreso(RECEPCION_LIMA), "contrasena", "no-es-esta-2026")).await.problem(401, "credenciales");
    }
    let admin = huella.como(ADMIN).await;
    let page = admin.get(&format!("/accesos?usuario_id={usuario}&limite=2")).await.ok();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(page["items"][0]["resultado"], "contrasena_incorrecta");
    assert_eq!(page["items"][0]["ip"], "127.0.0.1");
    let next = page["siguiente"].as_str().expect("more");
    let rest = admin.get(&format!("/accesos?usuario_id={usuario}&cursor={next}")).await.ok();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(2));
    let good = admin.get(&format!("/accesos?usuario_id={usuario}&resultado=ingreso")).await.ok();
    assert_eq!(good["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(admin.get("/accesos?limite=0&resultado=nada").await.status.as_u16(), 422);
    huella.como(RECEPCION_LIMA).await.get("/accesos").await.problem(403, "sin-permiso");
    let elsewhere = huella.como(costera::ADMIN).await.get("/accesos").await.ok();
    assert_eq!(elsewhere["items"].as_array().map(Vec::len), Some(1), "their own sign-in");
}

#[tokio::test]
async fn a_deactivated_person_is_out_and_stays_out() {
    let huella = Huella::start().await;
    let sesion = ingresar(&huella, ingreso(RECEPCION_LIMA)).await.ok();
    let usuario = sesion["usuario"]["id"].as_str().expect("an id");
    assert_eq!(entra(&huella, token(&sesion)).await, 200);
    // However it happens: the version in the database makes it known.
    huella.execute(&format!("begin; select set_config('app.tenant', tenant_id::text, true) from usuarios where id = '{usuario}'; update usuarios set activo = false where id = '{usuario}'; commit")).await;
    let began = std::time::Instant::now();
    while entra(&huella, token(&sesion)).await != 401 {
        assert!(began.elapsed().as_secs_f32() < 5.0);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    ingresar(&huella, ingreso(RECEPCION_LIMA)).await.problem(401, "credenciales");
    assert_eq!(accesos(&huella, usuario, "cuenta_inactiva").await, 1);
}
