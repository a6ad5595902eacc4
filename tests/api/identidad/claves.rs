//! API keys, as they are and as OAuth2 clients.
use super::*;
use huella_tests::andina::{ADMIN, RECEPCION_LIMA};
use jiff::SignedDuration;

struct Clave {
    admin: Cliente,
    body: Value,
}

async fn nueva(huella: &Huella, permisos: &[&str], sedes: Option<Vec<String>>) -> Value {
    let expira_en = (huella.now() + SignedDuration::from_hours(24)).to_string();
    let mut body = json!({ "nombre": "Página web", "permisos": permisos, "expira_en": expira_en });
    if let Some(sedes) = sedes {
        body["sedes"] = json!(sedes);
    }
    body
}

async fn crear(huella: &Huella, permisos: &[&str], sedes: Option<Vec<String>>) -> Clave {
    let admin = huella.como(ADMIN).await;
    let body = admin.post("/claves-api", nueva(huella, permisos, sedes).await).await.created();
    Clave { admin, body }
}

impl Clave {
    fn cliente(&self, huella: &Huella) -> Cliente {
        huella.nadie().with_token(self.body["clave"].as_str().expect("a key"))
    }
    fn text(&self, field: &str) -> &str {
        self.body[field].as_str().expect("text")
    }
    async fn token(&self, huella: &Huella, scope: Option<&str>) -> Respuesta {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.text("client_id")),
            ("client_secret", self.text("client_secret")),
        ];
        form.extend(scope.map(|scope| ("scope", scope)));
        oauth(huella, &form, None).await
    }
}

async fn oauth(huella: &Huella, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> Respuesta {
    let mut request = huella.nadie().request(Method::POST, "//oauth/token").form(form);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    huella_tests::cliente::send(request).await
}

#[tokio::test]
async fn a_key_does_what_it_may_where_it_may_until_it_ends() {
    let huella = Huella::start().await;
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let clave = crear(&huella, &["sede.ver"], Some(vec![lima.clone()])).await;
    let web = clave.cliente(&huella);
    web.get(&format!("/sedes/{lima}/areas")).await.ok();
    let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    web.get(&format!("/sedes/{cusco}/areas")).await.problem(403, "sin-permiso");
    web.get("/usuarios").await.problem(403, "sin-permiso");
    web.get("/sesiones").await.problem(403, "sin-permiso");
    huella.avanzar(SignedDuration::from_hours(24));
    web.get(&format!("/sedes/{lima}/areas")).await.problem(401, "sin-sesion");
}

#[tokio::test]
async fn a_revoked_key_is_dead() {
    let huella = Huella::start().await;
    let clave = crear(&huella, &["sede.ver"], None).await;
    let web = clave.cliente(&huella);
    web.get("/sedes").await.ok();
    let token = clave.token(&huella, None).await.ok()["access_token"].as_str().expect("a token").to_owned();
    huella.nadie().with_token(&token).get("/sedes").await.ok();
    let path = format!("/claves-api/{}", clave.text("id"));
    clave.admin.delete(&path).await.expect(204);
    web.get("/sedes").await.problem(401, "sin-sesion");
    huella.nadie().with_token(&token).get("/sedes").await.problem(401, "sin-sesion");
    clave.token(&huella, None).await.expect(401);
    clave.admin.delete(&path).await.problem(404, "no-encontrado");
    assert_eq!(auditado(&huella, "revocar", "clave_api").await, 1);
}

#[tokio::test]
async fn the_secret_is_shown_once_and_kept_nowhere() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let body = nueva(&huella, &["sede.ver"], None).await;
    let first = admin.post_once("/claves-api", "una-vez", &body).await.created();
    let again = admin.post_once("/claves-api", "una-vez", &body).await.created();
    assert_eq!(first["id"], again["id"]);
    assert!(first["clave"].is_string() && again.get("clave").is_none() && again.get("client_secret").is_none());
    let secret = first["client_secret"].as_str().expect("a secret");
    let kept: i64 = huella.scalar(&format!("select count(*) from idempotencia i where i::text like '%{secret}%'")).await;
    assert_eq!(kept, 0);
    let listed = admin.get("/claves-api").await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert!(!listed.to_string().contains(secret));
    let audit: String = huella.scalar("select despues::text from auditoria where entidad = 'clave_api'").await;
    assert!(!audit.contains(secret));
    let length: i32 = huella.scalar("select octet_length(resumen) from claves_api").await;
    assert_eq!(length, 32);
}

#[tokio::test]
async fn nobody_makes_a_key_that_can_do_more_than_they_can() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let late = con(nueva(&huella, &["sede.ver", "no.existe"], None).await, "expira_en", "2031-01-01T00:00:00Z");
    assert_eq!(admin.post("/claves-api", late).await.wrong_fields(), ["/expira_en", "/permisos/1"]);
    let nowhere = nueva(&huella, &["sede.ver"], Some(vec![uuid::Uuid::now_v7().to_string()])).await;
    assert_eq!(admin.post("/claves-api", nowhere).await.wrong_fields(), ["/sedes/0"]);
    let in_one = nueva(&huella, &["rol.administrar"], Some(vec![huella.id_of("andina", "sedes", "codigo", "LIM").await])).await;
    assert_eq!(admin.post("/claves-api", in_one).await.wrong_fields(), ["/permisos/0"]);
    huella.como(RECEPCION_LIMA).await.post("/claves-api", nueva(&huella, &["sede.ver"], None).await).await.problem(403, "sin-permiso");
    let key = crear(&huella, &["integracion.administrar", "sede.ver"], None).await;
    key.cliente(&huella).post("/claves-api", nueva(&huella, &["sede.ver"], None).await).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn another_secret_is_not_a_key() {
    let huella = Huella::start().await;
    let clave = crear(&huella, &["sede.ver"], None).await;
    let other = crear(&huella, &["sede.ver"], None).await;
    let (text, wrong) = (clave.text("clave"), other.text("clave"));
    let mixed = format!("{}{}", &text[..46], &wrong[46..]);
    for token in [mixed.as_str(), "hk_", "hk_AAAA"] {
        huella.nadie().with_token(token).get("/sedes").await.problem(401, "sin-sesion");
    }
}

#[tokio::test]
async fn a_client_gets_a_token_narrowed_to_its_scope() {
    let huella = Huella::start().await;
    let clave = crear(&huella, &["sede.ver", "usuario.ver"], None).await;
    let answer = clave.token(&huella, Some("sede.ver")).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = answer.ok();
    assert_eq!((&body["token_type"], &body["expires_in"], &body["scope"]), (&json!("Bearer"), &json!(600), &json!("sede.ver")));
    let web = huella.nadie().with_token(body["access_token"].as_str().expect("a token"));
    web.get("/sedes").await.ok();
    web.get("/usuarios").await.problem(403, "sin-permiso");
    let whole = clave.token(&huella, None).await.ok();
    huella.nadie().with_token(whole["access_token"].as_str().expect("a token")).get("/usuarios").await.ok();
    let key = clave.text("id");
    let logged: i64 = huella
        .scalar(&format!("select count(*) from accesos where medio = 'oauth' and resultado = 'ingreso' and clave_api_id = '{key}'"))
        .await;
    assert_eq!(logged, 2);
}

#[tokio::test]
async fn the_token_endpoint_speaks_the_standard() {
    let huella = Huella::start().await;
    let clave = crear(&huella, &["sede.ver"], None).await;
    let (id, secret) = (clave.text("client_id"), clave.text("client_secret"));
    let grant = ("grant_type", "client_credentials");
    oauth(&huella, &[grant], Some((id, secret))).await.ok();
    let error = |answer: Respuesta, status: u16| answer.expect(status)["error"].as_str().map(str::to_owned);
    assert_eq!(
        error(oauth(&huella, &[("grant_type", "password")], Some((id, secret))).await, 400).as_deref(),
        Some("unsupported_grant_type")
    );
    assert_eq!(error(clave.token(&huella, Some("usuario.ver")).await, 400).as_deref(), Some("invalid_scope"));
    let both = oauth(&huella, &[grant, ("client_secret", secret)], Some((id, secret))).await;
    assert_eq!(error(both, 400).as_deref(), Some("invalid_request"));
    let twice = oauth(&huella, &[grant, grant], Some((id, secret))).await;
    assert_eq!(error(twice, 400).as_deref(), Some("invalid_request"));
    let wrong = oauth(&huella, &[grant], Some((id, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))).await;
    assert!(wrong.headers["www-authenticate"].to_str().expect("text").starts_with("Basic"));
    assert_eq!(error(wrong, 401).as_deref(), Some("invalid_client"));
    let refused: i64 = huella.scalar("select count(*) from accesos where resultado = 'clave_rechazada'").await;
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn a_token_of_a_key_of_one_sede_opens_that_sede() {
    let huella = Huella::start().await;
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let clave = crear(&huella, &["sede.ver", "usuario.ver"], Some(vec![lima.clone()])).await;
    for scope in [None, Some("sede.ver")] {
        let body = clave.token(&huella, scope).await.ok();
        let web = huella.nadie().with_token(token_de(&body));
        web.get(&format!("/sedes/{lima}/areas")).await.ok();
        web.get(&format!("/sedes/{cusco}/areas")).await.problem(403, "sin-permiso");
        web.get(&format!("/usuarios?sede_id={cusco}")).await.problem(403, "sin-permiso");
        let status = web.get(&format!("/usuarios?sede_id={lima}")).await.status.as_u16();
        assert_eq!(status, if scope.is_none() { 200 } else { 403 });
    }
}

fn token_de(body: &Value) -> &str {
    body["access_token"].as_str().expect("a token")
}

#[tokio::test]
async fn the_log_names_the_integration() {
    let huella = Huella::start().await;
    let clave = crear(&huella, &["sede.ver"], None).await;
    let web = clave.cliente(&huella);
    let elsewhere = desde(&huella, "127.0.0.78").with_token(clave.text("clave"));
    for _ in 0..3 {
        web.get("/sedes").await.ok();
        elsewhere.get("/sedes").await.ok();
    }
    let log = async || {
        let page = clave.admin.get(&format!("/accesos?clave_api_id={}&limite=200", clave.text("id"))).await.ok();
        let items = page["items"].as_array().expect("a list").clone();
        assert!(items.iter().all(|line| line["clave_api_id"] == clave.body["id"] && line.get("usuario_id").is_none()), "{items:#?}");
        let count = |resultado: &str, ip: &str| items.iter().filter(|line| line["resultado"] == resultado && line["ip"] == ip).count();
        [count("ingreso", "127.0.0.1"), count("ingreso", "127.0.0.78"), count("clave_rechazada", "127.0.0.1")]
    };
    assert_eq!(log().await, [1, 1, 0], "the first use from each address");
    huella.avanzar(SignedDuration::from_hours(16));
    clave.admin.get("/sedes").await.problem(401, "sin-sesion");
    let admin = huella.como(ADMIN).await;
    web.get("/sedes").await.ok();
    let again: i64 = huella.scalar("select count(*) from accesos where medio = 'clave_api' and resultado = 'ingreso'").await;
    assert_eq!(again, 3, "and of each day");
    let mixed = format!("{}{}", &clave.text("clave")[..46], &crear(&huella, &["sede.ver"], None).await.text("clave")[46..]);
    admin.delete(&format!("/claves-api/{}", clave.text("id"))).await.expect(204);
    for _ in 0..8 {
        web.get("/sedes").await.problem(401, "sin-sesion");
        huella.nadie().with_token(&mixed).get("/sedes").await.problem(401, "sin-sesion");
    }
    let refused: i64 = huella.scalar("select count(*) from accesos where medio = 'clave_api' and resultado = 'clave_rechazada'").await;
    assert_eq!(refused, 10, "no more lines than an attacker is worth");
}
