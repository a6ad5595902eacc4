//! What each process remembers of an agenda is never older than the database's.
use super::Agenda;
use huella_tests::{
    andina::{ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{collections::BTreeSet, path::Path};

#[tokio::test]
async fn a_change_in_one_process_counts_at_once_in_another() {
    let agenda = Agenda::start().await;
    let other = agenda.huella.otra_instancia().await;
    let (here, there) = (agenda.huella.como(RECEPCION_LIMA).await, other.como(RECEPCION_LIMA).await);
    let admin = agenda.huella.como(ADMIN_LIMA).await;
    let (luna, max) = (agenda.mascota("Luna").await, agenda.mascota("Max").await);
    let book = async |client: &huella_tests::Cliente, mascota: &str, hour: &str| {
        client.post("/citas/reservar", agenda.cita(mascota, &format!("2026-03-09T{hour}:00"))).await
    };
    book(&here, &luna, "10:00").await.created();
    book(&there, &max, "11:00").await.created();
    let gaps = format!("/disponibilidad?servicio_id={}&sedes={}&desde=2026-03-09T15:00:00-05:00&limite=1", agenda.consulta, agenda.lima);
    let first = async |client: &huella_tests::Cliente| client.get(&gaps).await.ok()["huecos"][0]["inicio"].clone();
    assert_eq!((first(&here).await, first(&there).await), (json!("2026-03-09T20:00:00Z"), json!("2026-03-09T20:00:00Z")));

    let closed = json!({ "desde": "2026-03-09T15:00:00-05:00", "hasta": "2026-03-09T17:00:00-05:00", "motivo": "Fumigación" });
    let block = admin.post(&format!("/sedes/{}/bloqueos", agenda.lima), closed).await.created();
    book(&there, &max, "15:00").await.problem(422, "cita-fuera-de-agenda");
    book(&here, &luna, "15:30").await.problem(422, "cita-fuera-de-agenda");
    assert_eq!((first(&here).await, first(&there).await), (json!("2026-03-09T22:00:00Z"), json!("2026-03-09T22:00:00Z")));

    assert_eq!(admin.delete(&format!("/bloqueos/{}", id(&block))).await.status, 204);
    assert_eq!(first(&there).await, json!("2026-03-09T20:00:00Z"));
    book(&there, &max, "15:00").await.created();
    book(&here, &luna, "16:00").await.created();
}

/// The statement that reads what is remembered.
fn statement() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.sqlx");
    let files = std::fs::read_dir(folder).expect(".sqlx").flatten().filter(|entry| entry.path().is_file());
    let queries = files.map(|entry| {
        let json: Value = serde_json::from_str(&std::fs::read_to_string(entry.path()).expect("a file")).expect("JSON");
        json["query"].as_str().unwrap_or_default().to_owned()
    });
    let mut found: Vec<String> =
        queries.filter(|query| query.contains("v_version_agenda") && query.contains("from v_feriados_agenda")).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn relations(plan: &Value, into: &mut BTreeSet<String>) {
    match plan {
        Value::Object(fields) => {
            into.extend(fields.get("Relation Name").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| relations(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| relations(value, into)),
        _ => {}
    }
}

#[tokio::test]
async fn every_table_that_is_remembered_raises_the_version() {
    let agenda = Agenda::start().await;
    let mut db = PgConnection::connect(&agenda.huella.url()).await.expect("a connection");
    db.execute("set search_path = huella, public").await.expect("a setting");
    db.execute(AssertSqlSafe(format!("prepare recordar (uuid[], date) as {}", statement()))).await.expect("a statement");
    let plan: Value =
        sqlx::query_scalar("explain (format json) execute recordar('{}', '2026-03-02')").fetch_one(&mut db).await.expect("a plan");
    let mut read = BTreeSet::new();
    relations(&plan, &mut read);
    assert!(read.remove("versiones_agenda") && read.len() > 10, "{read:?}");
    let with = async |trigger: &str| -> BTreeSet<String> {
        let query = format!("select array_agg(tgrelid::regclass::text) from pg_trigger where tgname = '{trigger}'");
        agenda.huella.scalar::<Vec<String>>(&query).await.into_iter().collect()
    };
    assert_eq!(with("version_agenda").await, read);
    // Holidays are never changed by a chain.
    read.remove("feriados");
    assert_eq!(with("agenda_cambiada").await, read);
}

#[tokio::test]
async fn a_version_is_raised_by_the_commit_and_hidden_until_then() {
    let agenda = Agenda::start().await;
    let version = async || agenda.huella.scalar::<i64>(&of_andina("select version from versiones_agenda")).await;
    let before = version().await;
    let mut db = PgConnection::connect(&agenda.huella.url()).await.expect("a connection");
    db.execute("set search_path = huella, public").await.expect("a setting");
    for end in ["rollback", "commit"] {
        db.execute("begin").await.expect("begin");
        let shown = async |db: &mut PgConnection| -> i64 {
            let query = of_andina("select count(*) from v_version_agenda");
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(db).await.expect("a count")
        };
        assert_eq!(shown(&mut db).await, 1);
        for table in ["servicios", "horarios_sede"] {
            db.execute(AssertSqlSafe(of_andina(&format!("update {table} set tenant_id = tenant_id")))).await.expect("an update");
        }
        assert_eq!((shown(&mut db).await, version().await), (0, before));
        db.execute(end).await.expect("an end");
    }
    assert_eq!(version().await, before + 1);
    agenda.huella.execute("insert into feriados values ('2026-03-12', '', 'Día de prueba', 'prueba')").await;
    assert_eq!(version().await, before + 2);
}

fn of_andina(sql: &str) -> String {
    format!("{sql} where tenant_id = (select id from tenants where clave = 'andina')")
}
