//! The master key changes while the clinics work: no value is lost, no process stays behind, nothing is left over.
use huella_tests::{Cliente, Huella, Modo, andina};
use kernel::crypto::Keyring;
use serde_json::{Value, json};
use server::claves::{self, RetireError};
use std::{
    process::Output,
    sync::atomic::{AtomicBool, Ordering},
};

async fn registrar(recepcion: &Cliente, numero: u32) -> Value {
    let body = json!({
        "tutor": { "nombres": "Nina", "apellidos": "Prueba", "telefono": format!("9{numero:08}") },
        "mascota": { "nombre": "Pelusa", "especie": "gato", "sexo": "hembra" }
    });
    recepcion.post("/pacientes/registro", body).await.created()
}

/// Whoever can be read with their phone number.
async fn telefono(recepcion: &Cliente, registro: &Value) -> String {
    let tutor = recepcion.get(&format!("/tutores/{}", registro["tutor"]["id"].as_str().expect("an id"))).await.ok();
    tutor["telefono"].as_str().unwrap_or_else(|| panic!("no phone in {tutor:#}")).to_owned()
}

async fn under(huella: &Huella, version: i32) -> i64 {
    huella.scalar(&format!("select count(*) from claves_personales where version = {version}")).await
}

/// Clinics register people on two servers all the while; both must go over to the new key by themselves.
#[tokio::test]
async fn a_rotation_under_load_leaves_nothing_under_the_old_key() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    let other = huella.otra_instancia().await;
    let here = huella.como(andina::RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..here.clone() };
    let before = registrar(&here, 1).await;
    let done = AtomicBool::new(false);
    let load = async |client: &Cliente, from: u32| {
        let mut made = Vec::new();
        while !done.load(Ordering::Relaxed) {
            made.push((registrar(client, from + made.len() as u32).await, from + made.len() as u32));
        }
        made
    };
    // The rotation happens in another process.
    let operator = Keyring::open_or_create(&huella.claves().join("maestra.json")).expect("the same file");
    let rotation = async {
        assert_eq!(operator.add_version().expect("rotated"), 2);
        huella.parts.app.keyring().reload_if_changed().expect("looked");
        let rewrapped = claves::rewrap(&huella.parts.system(), |_, _| {}).await.expect("rewrapped");
        done.store(true, Ordering::Relaxed);
        rewrapped
    };
    let (rewrapped, made_here, made_there) = tokio::join!(rotation, load(&here, 10_000), load(&there, 20_000));
    assert!(rewrapped > 10 && made_here.len() > 5 && made_there.len() > 5, "{rewrapped} {} {}", made_here.len(), made_there.len());
    assert_eq!(under(&huella, 1).await, 0);
    for (registro, numero) in [&made_here[..], &made_there[..]].concat() {
        assert_eq!(telefono(&there, &registro).await, format!("+519{numero:08}"));
    }
    assert_eq!(telefono(&there, &before).await, "+51900000001");
}

/// A run that is interrupted has done some of the work; another one that has rows locked only delays the rest.
#[tokio::test]
async fn an_interrupted_rotation_goes_on_where_it_was() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let registro = registrar(&recepcion, 1).await;
    let tutor = registro["tutor"]["id"].as_str().expect("an id").to_owned();
    let all = under(&huella, 1).await;
    let system = huella.parts.system();
    assert_eq!(claves::add_version(&system).expect("added"), 2);

    // Given that the old run holds one of the rows and dies a second later,
    let mut old_run = huella.sql.begin().await.expect("a transaction");
    sqlx::query("select from claves_personales where persona_id = $1::uuid for update")
        .bind(&tutor)
        .execute(&mut *old_run)
        .await
        .expect("locked");
    let dying = async {
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        assert_eq!(under(&huella, 1).await, 1, "all but the locked one");
        old_run.rollback().await.expect("died");
    };
    // when it is repeated, it waits for that row and ends.
    let (rewrapped, ()) = tokio::join!(claves::rewrap(&system, |_, _| {}), dying);
    assert_eq!(rewrapped.expect("rewrapped"), all);
    assert_eq!(under(&huella, 1).await, 0);
    assert_eq!(telefono(&recepcion, &registro).await, "+51900000001");
}

#[tokio::test]
async fn a_master_key_is_retired_only_when_nothing_needs_it() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    huella.execute("delete from outbox").await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let registro = registrar(&recepcion, 1).await;
    let system = huella.parts.system();
    claves::add_version(&system).expect("added");
    let people = under(&huella, 1).await;
    assert!(matches!(claves::retire(&system, 1).await, Err(RetireError::Needed(rows)) if rows == people));
    assert!(matches!(claves::retire(&system, 2).await, Err(RetireError::Keys(_))), "the one in use");
    claves::rewrap(&system, |_, _| {}).await.expect("rewrapped");

    // Answers of idempotent requests and links on their way are sealed with it too.
    let answer = "insert into idempotencia select tenant_id, gen_random_uuid(), 'POST /x', 'a', 'b', null, 201, null, 'sellado:1:abc', now() from sedes limit 1";
    huella.execute(answer).await;
    assert!(matches!(claves::retire(&system, 1).await, Err(RetireError::Needed(1))));
    huella.execute("delete from idempotencia").await;
    let link = r#"insert into outbox (tenant_id, tema, cuerpo, creado_en, proximo_en) select id, 'cuenta.invitada', '{"enlace": "sellado:1:abc"}', now(), now() from tenants limit 1"#;
    huella.execute(link).await;
    assert!(matches!(claves::retire(&system, 1).await, Err(RetireError::Needed(1))));
    huella.execute("delete from outbox").await;
    let work = r#"insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en) select id, id, 'evento', '{"enlace": "sellado:1:abc"}', now(), now() from tenants limit 1"#;
    huella.execute(work).await;
    assert!(matches!(claves::retire(&system, 1).await, Err(RetireError::Needed(1))));
    huella.execute("delete from trabajos").await;

    claves::retire(&system, 1).await.expect("retired");
    let file = std::fs::read_to_string(huella.claves().join("maestra.json")).expect("the file");
    let file: Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!(file["maestras"].as_object().expect("versions").keys().collect::<Vec<_>>(), ["2"]);
    assert_eq!(telefono(&recepcion, &registro).await, "+51900000001");
}

/// A server that did not notice the rotation wraps one more key under the version that is being retired.
#[tokio::test]
async fn a_master_key_that_somebody_still_uses_comes_back() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    huella.execute("delete from outbox").await;
    let system = huella.parts.system();
    claves::add_version(&system).expect("added");
    claves::rewrap(&system, |_, _| {}).await.expect("rewrapped");
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        huella.execute("insert into claves_personales (tenant_id, persona_id, version, envuelta) select id, gen_random_uuid(), 1, '' from tenants limit 1").await;
    };
    let (retired, ()) = tokio::join!(claves::retire(&system, 1), late);
    assert!(matches!(retired, Err(RetireError::Needed(1))));
    let file = std::fs::read_to_string(huella.claves().join("maestra.json")).expect("the file");
    assert!(file.contains("\"1\""), "{file}");
}

// ── the same by the commands ────────────────────────────────────────────────────────────────────────────────

async fn huella_command(huella: &Huella, arguments: &[&str]) -> Output {
    let program = std::env::var("HUELLA_BIN").expect("HUELLA_BIN: run `cargo xtask test`");
    let mut command = std::process::Command::new(program);
    command.args(arguments).env("DATABASE_URL", huella.url()).env("HUELLA_CLAVES", huella.claves());
    tokio::task::spawn_blocking(move || command.output().expect("the program runs")).await.expect("joined")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn the_commands_rotate_and_retire_under_a_running_server() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    huella.execute("delete from outbox").await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let before = registrar(&recepcion, 1).await;

    let early = huella_command(&huella, &["claves", "retirar", "1"]).await;
    assert!(!early.status.success() && said(&early).contains("todavía necesitan"), "{}", said(&early));
    let rotated = huella_command(&huella, &["claves", "rotar"]).await;
    assert!(rotated.status.success() && said(&rotated).contains("Versión nueva de la clave maestra: 2."), "{}", said(&rotated));
    let people = under(&huella, 2).await;
    assert_eq!((under(&huella, 1).await, people > 10), (0, true));
    let after = registrar(&recepcion, 2).await;
    assert_eq!(under(&huella, 2).await, people + 1, "the server went over by itself");
    let again = huella_command(&huella, &["claves", "rotar", "--continuar"]).await;
    assert!(again.status.success() && said(&again).contains("0 claves"), "{}", said(&again));
    let current = huella_command(&huella, &["claves", "retirar", "2"]).await;
    assert!(!current.status.success(), "{}", said(&current));
    let retired = huella_command(&huella, &["claves", "retirar", "1"]).await;
    assert!(retired.status.success(), "{}", said(&retired));
    assert_eq!(telefono(&recepcion, &before).await, "+51900000001");
    assert_eq!(telefono(&recepcion, &after).await, "+51900000002");
}

#[tokio::test]
async fn the_commands_change_the_signing_key_under_a_running_server() {
    let huella = Huella::start_with(Modo::con_claves_propias()).await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let kids = async || {
        let published = huella.nadie().get("//.well-known/jwks.json").await.ok();
        published["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let first = kids().await;
    let rotated = huella_command(&huella, &["jwt", "rotar"]).await;
    assert!(rotated.status.success() && said(&rotated).contains("firma desde"), "{}", said(&rotated));
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let both = kids().await;
    assert_eq!((both.len(), &both[..1]), (2, &first[..]), "published before it signs");
    recepcion.get("/sesiones").await.ok();

    let at_once = huella_command(&huella, &["jwt", "rotar", "--ya"]).await;
    assert!(at_once.status.success(), "{}", said(&at_once));
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let now = kids().await;
    assert_eq!(now.len(), 1);
    assert!(!both.contains(&now[0]));
    recepcion.get("/sesiones").await.problem(401, "sin-sesion");
}
