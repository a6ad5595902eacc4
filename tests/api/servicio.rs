//! The server's own login: enough for all that the server does, and worth nothing by itself.
use huella_tests::{Huella, Modo, andina};
use kernel::ids::TenantId;
use serde_json::json;
use server::{auditoria, trabajos};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const LOGIN: (&str, &str) = ("huella_servicio", "clave-de-prueba-del-servicio");

async fn start() -> Huella {
    // Roles belong to the cluster. All tests give it the same password.
    let any = Huella::start().await;
    any.execute(&format!("alter role {} password '{}'", LOGIN.0, LOGIN.1)).await;
    Huella::start_with(Modo { login: Some(LOGIN), ..Modo::default() }).await
}

#[tokio::test]
async fn the_server_needs_no_more_than_its_own_login() {
    let huella = start().await;
    huella.nadie().get("//readyz").await.ok();
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora", "telefono": "987654321" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = recepcion.post_once("/pacientes/registro", "una", &pet).await.created();
    let (sede, servicio) =
        (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    let cita =
        json!({ "sede_id": sede, "mascota_id": pet["mascota"]["id"], "servicio_id": servicio, "inicio": "2026-03-02T11:00:00-05:00" });
    recepcion.post("/citas/reservar", cita.clone()).await.created();
    recepcion.post("/citas/reservar", cita).await.problem(409, "cita-traslape");
    recepcion.get("/pacientes?buscar=luna").await.ok();
    recepcion.get(&format!("/pacientes/{}/historial", pet["mascota"]["id"].as_str().expect("an id"))).await.ok();

    let system = huella.parts.system();
    trabajos::relay(&huella.parts).await.expect("relayed");
    trabajos::worker::work_once(&huella.parts).await.expect("worked");
    assert!(trabajos::flush_reads(&system).await.expect("written") > 0);
    while auditoria::seal(&system).await.expect("sealed").more {}
    let verified = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    assert!(verified.roto.is_none() && verified.sin_sellar == 0, "{verified}");
    let logins: i64 =
        huella.scalar("select count(*) from pg_stat_activity where datname = current_database() and usename = 'huella_servicio'").await;
    assert!(logins > 0, "the server really signed in so");
}

#[tokio::test]
async fn the_login_sees_nothing_until_it_becomes_a_role_and_never_the_owner() {
    let huella = start().await;
    let options = huella.sql.connect_options().as_ref().clone().username(LOGIN.0).password(LOGIN.1);
    let mut db = PgConnection::connect_with(&options).await.expect("signed in");
    let refused = |result: Result<sqlx::postgres::PgQueryResult, sqlx::Error>, what: &str| {
        let error = result.expect_err(what);
        assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{what}: {error}");
    };
    let tables: Vec<String> =
        sqlx::query_scalar("select relname::text from pg_class where relnamespace = 'huella'::regnamespace and relkind in ('r', 'p', 'v')")
            .fetch_all(&huella.sql)
            .await
            .expect("tables");
    assert!(tables.len() > 30);
    for table in &tables {
        for statement in [format!("select from huella.{table} limit 1"), format!("delete from huella.{table}")] {
            refused(db.execute(AssertSqlSafe(statement.clone())).await, &statement);
        }
    }
    refused(db.execute("select huella.tenant_por_clave('andina')").await, "a function");
    refused(db.execute("create table public.propia ()").await, "a table of its own");
    for role in ["huella_owner", "huella_backup", "postgres"] {
        let sql = format!("set role {role}");
        assert!(db.execute(AssertSqlSafe(sql)).await.is_err(), "became {role}");
    }
    // And with a role, still nothing without a chain.
    db.execute("set role huella_app").await.expect("its role");
    let seen: i64 = sqlx::query_scalar("select count(*) from huella.tutores").fetch_one(&mut db).await.expect("a count");
    assert_eq!(seen, 0);
}

/// A role that cannot be taken, as where the database is still to be migrated, is the fault of that moment: who comes after it
/// was mended finds connections as new.
#[tokio::test]
async fn a_beginning_that_failed_leaves_no_transaction_behind() {
    const NUEVO: (&str, &str) = ("huella_prueba_sin_roles", "clave-de-prueba-sin-roles");
    const ABIERTAS: &str = "select count(*) from pg_stat_activity
                             where datname = current_database() and usename = 'huella_prueba_sin_roles' and state like 'idle in transaction%'";
    let any = Huella::start().await;
    let (role, password) = NUEVO;
    any.execute(&format!(
        "do $$ begin
           if not exists (select from pg_roles where rolname = '{role}') then create role {role} login noinherit password '{password}'; end if;
         end $$;
         revoke huella_app, huella_jobs, huella_operador from {role}"
    ))
    .await;
    let huella = Huella::start_with(Modo { login: Some(NUEVO), ..Modo::default() }).await;
    let system = huella.parts.system();
    let tenant = TenantId(huella.scalar("select id from tenants where clave = 'andina'").await);
    for _ in 0..20 {
        assert!(system.begin(tenant).await.is_err(), "it may not become the app");
        assert!(system.begin_jobs().await.is_err() && system.begin_operador().await.is_err());
        assert!(!huella.nadie().get("/publico/andina").await.status.is_success());
    }
    assert_eq!(huella.scalar::<i64>(ABIERTAS).await, 0);
    huella.execute(&format!("grant huella_app, huella_jobs, huella_operador to {role}")).await;
    for _ in 0..20 {
        system.begin(tenant).await.expect("the app").commit().await.expect("committed");
        system.begin_jobs().await.expect("the jobs").commit().await.expect("committed");
        system.begin_operador().await.expect("the operator").commit().await.expect("committed");
    }
    huella.nadie().get("/publico/andina").await.ok();
    huella.como(andina::RECEPCION_LIMA).await.get("/sedes").await.ok();
    assert_eq!(huella.scalar::<i64>(ABIERTAS).await, 0);
}
