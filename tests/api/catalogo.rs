//! Services of a chain.
use huella_tests::{
    Huella,
    andina::{ADMIN, RECEPCION_LIMA},
    costera, id,
};
use serde_json::{Value, json};

fn servicio(codigo: &str) -> Value {
    json!({
        "codigo": codigo, "nombre": "Cirugía menor", "duracion_min": 60, "antes_min": 15, "despues_min": 30, "ambiente_tipo": "quirofano",
        "equipos_tipos": ["anestesia"], "color": "#aa3355", "indicaciones": "Ayuno de 8 horas.", "precio": "350.00"
    })
}

#[tokio::test]
async fn a_service_says_what_it_takes_and_costs() {
    let huella = Huella::start().await;
    let (admin, recepcion) = (huella.como(ADMIN).await, huella.como(RECEPCION_LIMA).await);
    let soto = huella.id_of("andina", "usuarios", "cmvp", "11567").await;
    let mut cirugia = servicio("CIR");
    cirugia["medicos"] = json!([soto]);
    let made = admin.post_once("/servicios", "cir-1", &cirugia).await;
    assert_eq!(made.etag(), "\"1\"");
    let made = made.created();
    assert_eq!((made["precio"].as_str(), made["medicos"][0].as_str()), (Some("350.00"), Some(soto.as_str())));
    assert_eq!(admin.post_once("/servicios", "cir-1", &cirugia).await.created(), made);
    assert_eq!(huella.scalar::<i64>("select precio from servicios where codigo = 'CIR'").await, 35_000);
    assert_eq!(recepcion.get(&format!("/servicios/{}", id(&made))).await.ok(), made);
    admin.post("/servicios", servicio("CIR")).await.problem(409, "ya-existe");
    recepcion.post("/servicios", servicio("OTRO")).await.problem(403, "sin-permiso");
    huella.como(costera::RECEPCION).await.get(&format!("/servicios/{}", id(&made))).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let huella = Huella::start().await;
    let (admin, luis) = (huella.como(ADMIN).await, huella.id_of("andina", "usuarios", "apellidos", "Flores Cárdenas").await);
    let body = json!({ "codigo": "c", "nombre": " ", "duracion_min": 1, "color": "rojo", "precio": "350", "ambiente_tipo": "patio" });
    assert_eq!(
        admin.post("/servicios", body).await.wrong_fields(),
        ["/ambiente_tipo", "/codigo", "/color", "/duracion_min", "/nombre", "/precio"]
    );
    let mut body = servicio("CIR");
    body["equipos_tipos"] = json!(["Rayos X", "ecografo", "ecografo"]);
    body["medicos"] = json!([luis]);
    assert_eq!(admin.post("/servicios", body).await.wrong_fields(), ["/equipos_tipos/0", "/equipos_tipos/2", "/medicos/0"]);
}

#[tokio::test]
async fn a_service_that_is_no_longer_given_leaves_the_list() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let made = admin.post("/servicios", servicio("AAA")).await.created();
    let path = format!("/servicios/{}", id(&made));
    assert_eq!(admin.get("/servicios?limite=1").await.ok()["items"][0]["codigo"], "AAA");
    let mut retired = servicio("AAA");
    retired["activo"] = json!(false);
    admin.put_if(&path, "\"9\"", retired.clone()).await.problem(412, "version-cambiada");
    assert_eq!(admin.put_if(&path, "\"1\"", retired).await.etag(), "\"2\"");
    assert_ne!(admin.get("/servicios?limite=1").await.ok()["items"][0]["codigo"], "AAA");
    assert_eq!(admin.get("/servicios?limite=1&inactivos=true").await.ok()["items"][0]["codigo"], "AAA");
    assert_eq!(admin.put(&path, servicio("BBB")).await.wrong_fields(), ["/codigo"]);
    let (mut codes, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/servicios?limite=1&inactivos=true{cursor}")).await.ok();
        codes.extend(page["items"].as_array().into_iter().flatten().filter_map(|s| s["codigo"].as_str().map(str::to_owned)));
        match page["siguiente"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(codes, ["AAA", "CONS", "ECO", "LLAMADA"]);
}

#[tokio::test]
async fn who_changes_services_does_not_change_what_they_cost() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let key = json!({ "nombre": "Catálogo", "permisos": ["servicio.ver", "servicio.administrar"], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", key).await.created();
    let gestor = huella.nadie().with_token(key["secreto"].as_str().or(key["clave"].as_str()).expect("the key's text"));
    gestor.post("/servicios", servicio("CIR")).await.problem(403, "sin-permiso");
    let mut free = servicio("CIR");
    free["precio"] = Value::Null;
    let made = gestor.post("/servicios", free.clone()).await.created();
    let path = format!("/servicios/{}", id(&made));
    free["nombre"] = json!("Cirugía mayor");
    gestor.put_if(&path, "\"1\"", free).await.ok();
    admin.put_if(&path, "\"2\"", servicio("CIR")).await.ok();
    let mut dearer = servicio("CIR");
    dearer["precio"] = json!("351.00");
    gestor.put_if(&path, "\"3\"", dearer).await.problem(403, "sin-permiso");
    let same = gestor.put_if(&path, "\"3\"", servicio("CIR")).await.ok();
    assert_eq!(same["precio"], "350.00");
}

/// Prices got a permission of their own: an upgrade gives it to whoever could put them before, and to nobody else.
#[tokio::test]
async fn who_could_price_services_before_an_upgrade_can_after_it() {
    const MIGRACION: &str = include_str!("../../migrations/0046_precios.sql");
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let key = |permisos: Value| json!({ "nombre": "Catálogo", "permisos": permisos, "expira_en": "2026-12-31T00:00:00Z" });
    admin.post("/claves-api", key(json!(["servicio.ver"]))).await.created();
    let gestora = admin.post("/claves-api", key(json!(["servicio.ver", "servicio.administrar"]))).await.created();
    // Of each chain as it was before: which roles and keys, and how often its access was changed.
    let antes = "select set_config('app.tenant', (select id::text from tenants where clave = 'andina'), true);
                 delete from roles_permisos where tenant_id = tenant_actual() and permiso = 'servicio.precio'";
    huella.execute(antes).await;
    let estado = async || -> (i64, i64, i64) {
        let of = |sql: &str| format!("{sql} and tenant_id = (select id from tenants where clave = 'andina')");
        let roles = huella.scalar(&of("select coalesce(sum(version), 0)::bigint from roles where true")).await;
        let keys = huella.scalar(&of("select count(*) from claves_api where 'servicio.precio' = any (permisos)")).await;
        (roles, keys, huella.scalar(&of("select version from versiones_acceso where true")).await)
    };
    let first = estado().await;
    huella.execute(MIGRACION).await;
    let after = estado().await;
    assert_eq!((after.0 > first.0, after.1, after.2), (true, 1, first.2 + 1));
    huella.execute(MIGRACION).await;
    assert_eq!(estado().await, after, "it is done once");
    let differing: i64 = huella
        .scalar(
            "select count(*) from roles r where exists (select from roles_permisos p where p.rol_id = r.id and p.permiso = 'servicio.administrar')
                <> exists (select from roles_permisos p where p.rol_id = r.id and p.permiso = 'servicio.precio')",
        )
        .await;
    assert_eq!(differing, 0);
    huella.como(ADMIN).await.post("/servicios", servicio("CIR")).await.created();
    let gestora = huella.nadie().with_token(gestora["secreto"].as_str().or(gestora["clave"].as_str()).expect("the key's text"));
    gestora.post("/servicios", servicio("OTRA")).await.created();
    // The tables are held to a chain again, and changes of roles are heard of.
    let held: i64 = huella
        .scalar(
            "select count(*) from pg_class c where c.relname in ('roles', 'roles_permisos', 'claves_api') and c.relforcerowsecurity
                and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgenabled <> 'O')",
        )
        .await;
    assert_eq!(held, 3);
}
