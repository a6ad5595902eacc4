//! Direct SQL as the app's role, table by table, with rows that must not be seen.
use super::{HAS_SEDE, HAS_TENANT, SEDE_SIN_POLITICA, TABLES, names, set};
use huella_tests::{Huella, andina};
use serde_json::json;
use sqlx::{AssertSqlSafe, Postgres, Transaction};
use std::collections::BTreeSet;

async fn count(tx: &mut Transaction<'_, Postgres>, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **tx).await.expect("a count")
}

/// Nothing without a context, nothing of another chain with one.
#[tokio::test]
async fn direct_sql_as_the_app_sees_its_own_chain_only() {
    let huella = Huella::start().await;
    let costera: String = huella.scalar("select id::text from tenants where clave = 'costera'").await;
    let tables = names(&huella, &format!("{TABLES} and {HAS_TENANT} and has_table_privilege('huella_app', c.oid, 'select')")).await;
    assert!(tables.len() > 30, "{tables:?}");
    let mut filled = 0;
    for table in &tables {
        let total: i64 = huella.scalar(&format!("select count(*) from {table} where tenant_id <> '{costera}'")).await;
        filled += i64::from(total > 0);
        let mut tx = huella.sql.begin().await.expect("a transaction");
        sqlx::query("set local role huella_app").execute(&mut *tx).await.expect("the role");
        assert_eq!(count(&mut tx, format!("select count(*) from {table}")).await, 0, "{table} shows rows without a context");
        sqlx::query("select set_config('app.tenant', $1, true), set_config('app.ambito', 'cadena', true)")
            .bind(&costera)
            .execute(&mut *tx)
            .await
            .expect("a context");
        let foreign = count(&mut tx, format!("select count(*) from {table} where tenant_id <> '{costera}'")).await;
        assert_eq!(foreign, 0, "{table} shows another chain's rows");
    }
    assert!(filled >= 15, "the fixtures fill too few tables ({filled}) for this test to mean anything");
}

/// A row of Lima in every table of sedes.
async fn fill(huella: &Huella) {
    let admin = huella.como(andina::ADMIN).await;
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = admin.post("/pacientes/registro", pet).await.created();
    let servicio = huella.id_of("andina", "servicios", "codigo", "ECO").await;
    let cita =
        json!({ "sede_id": lima, "mascota_id": pet["mascota"]["id"], "servicio_id": servicio, "inicio": "2026-03-02T11:00:00-05:00" });
    admin.post("/citas/reservar", cita).await.created();
    let wait = json!({ "servicio_id": servicio, "sedes": [lima], "desde": "2026-03-02", "hasta": "2026-03-31" });
    admin.post("/esperas", json!({ "mascota_id": pet["mascota"]["id"], "preferencia": wait })).await.created();
    huella
        .execute(
            "insert into ofertas (tenant_id, id, espera_id, sede_id, cita_id, medico_id, inicio, fin, hasta, resumen, estado, creada_en)
             select c.tenant_id, gen_random_uuid(), e.id, c.sede_id, c.id, c.medico_id, c.inicio, c.fin, c.inicio, sha256(''), 'pendiente', c.creado_en
               from citas c join esperas e on e.tenant_id = c.tenant_id",
        )
        .await;
    let walk_in = json!({ "mascota_id": pet["mascota"]["id"], "servicio_id": servicio });
    admin.post(&format!("/sedes/{lima}/visitas"), walk_in).await.created();
    let block = json!({ "desde": "2026-03-21T10:00:00-05:00", "hasta": "2026-03-21T12:00:00-05:00", "motivo": "Reunión" });
    admin.post(&format!("/sedes/{lima}/bloqueos"), block).await.created();
    let shift = json!({ "nombre": "Mañana", "tramos": [{ "dia": 1, "desde": "08:00", "hasta": "14:00" }] });
    let shift = admin.post(&format!("/sedes/{lima}/turnos"), shift).await.created();
    let medico = huella.id_of("andina", "usuarios", "cmvp", "11567").await;
    let works = json!({ "turno_id": shift["id"], "medico_id": medico, "desde": "2026-04-06", "hasta": "2026-04-12" });
    admin.post(&format!("/sedes/{lima}/turnos-asignados"), works).await.created();
    let offered = json!({
        "activa": true, "servicios": [servicio], "antelacion_min": 60, "dias_max": 30, "retencion_min": 8, "aprobar_horas": 24,
        "abiertas_max": 2, "por_dia_max": 5, "condiciones": "Sus datos sirven para atenderle.", "condiciones_version": "1"
    });
    admin.put(&format!("/sedes/{lima}/autoreserva"), offered).await.ok();
    huella
        .execute(
            "insert into autoreservas (tenant_id, cita_id, sede_id, tutor_id, tutor_nuevo, correo_indice, red, condiciones_version, estado, resumen,
                                       enlace_sellado, creada_en)
             select c.tenant_id, c.id, c.sede_id, t.id, false, '', '', '1', 'reservada', sha256(''), '', c.creado_en
               from citas c join tutores t on t.tenant_id = c.tenant_id",
        )
        .await;
    let closed = json!({ "fecha": "2026-03-20", "abierto": false, "motivo": "Fumigación" });
    admin.post(&format!("/sedes/{lima}/excepciones"), closed).await.created();
    huella
        .execute(&format!(
            "insert into reclamos (tenant_id, id, sede_id, anio, numero, tipo, presentado_en, fecha, vence_el, aviso_el, aviso_final_el, proveedor,
                                   hoja_cifrada, documento_indice)
             select tenant_id, gen_random_uuid(), id, 2026, 1, 'queja', now(), '2026-03-02', '2026-03-23', '2026-03-16', '2026-03-19', '{{}}', '', ''
               from sedes where id = '{lima}'"
        ))
        .await;
    // What background work writes of appointments.
    let cita = "from citas c join tutores t on t.tenant_id = c.tenant_id where t.nombres = 'Rosa'";
    huella
        .execute(&format!(
            "insert into mensajes (tenant_id, id, tipo, clave, sede_id, estado, creado_en, ultimo_en)
             select c.tenant_id, gen_random_uuid(), 'cita_reservada', c.id::text, c.sede_id, 'enviado', now(), now() {cita};
             insert into mensajes_envios (tenant_id, id, mensaje_id, sede_id, vuelta, canal, estado, intentos, creado_en, ultimo_en)
             select tenant_id, gen_random_uuid(), id, sede_id, 1, 'correo', 'enviado', 1, now(), now() from mensajes;
             insert into recordatorios (tenant_id, id, grupo, alerta_id, mascota_id, tutor_id, sede_id, complemento, regla, clave, titulo, vence,
                                        paso, creado_en)
             select c.tenant_id, gen_random_uuid(), c.id, c.id, c.mascota_id, t.id, c.sede_id, 'x', 'x', c.id::text, 'x', '2026-03-02', 0, now() {cita};
             insert into recordatorios_sedes (tenant_id, sede_id, hasta) select c.tenant_id, c.sede_id, now() {cita};
             insert into citas_solicitudes (tenant_id, id, cita_id, sede_id, tutor_id, creada_en)
             select c.tenant_id, gen_random_uuid(), c.id, c.sede_id, t.id, now() {cita}"
        ))
        .await;
}

/// With a context of one sede, rows of the other sede of the same chain stay hidden, cannot be changed, and nothing
/// can be moved there.
#[tokio::test]
async fn direct_sql_as_the_app_sees_its_own_sedes_only() {
    let huella = Huella::start().await;
    fill(&huella).await;
    let (lima, cusco) = (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let andina: String = huella.scalar("select id::text from tenants where clave = 'andina'").await;
    let tables: BTreeSet<String> = &names(&huella, &format!("{TABLES} and {HAS_SEDE}")).await - &set(SEDE_SIN_POLITICA);
    assert!(tables.is_superset(&set(&[
        "ambientes",
        "areas",
        "citas",
        "citas_equipos",
        "equipos",
        "excepciones",
        "horarios_sede",
        "planes_medicos"
    ])));
    for table in &tables {
        let there: i64 = huella.scalar(&format!("select count(*) from {table} where sede_id = '{lima}'")).await;
        assert!(there > 0, "{table} has no row of Lima: add one to fill()");
        let mut tx = huella.sql.begin().await.expect("a transaction");
        sqlx::query("select set_config('role', 'huella_app', true), set_config('app.tenant', $1, true), set_config('app.sedes', $2, true)")
            .bind(&andina)
            .bind(format!("{{{cusco}}}"))
            .execute(&mut *tx)
            .await
            .expect("a context");
        let foreign = count(&mut tx, format!("select count(*) from {table} where sede_id <> '{cusco}'")).await;
        assert_eq!(foreign, 0, "{table}");
        for write in [
            format!("update {table} set sede_id = '{cusco}' where sede_id = '{lima}'"),
            format!("delete from {table} where sede_id = '{lima}'"),
        ] {
            assert_no_effect(&mut tx, &write).await;
        }
        let copied = format!(
            "insert into {table} select (jsonb_populate_record(r, jsonb_build_object('sede_id', '{lima}'))).* from {table} r limit 1"
        );
        let own = count(&mut tx, format!("select count(*) from {table}")).await;
        if own > 0 {
            let refused = sqlx::query(AssertSqlSafe(copied)).execute(&mut *tx).await.expect_err("refused");
            assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{table}: {refused}");
        }
    }
    insert_elsewhere_is_refused(&huella, &andina, &lima, &cusco).await;
}

/// No row is reached, or the app may not write at all.
async fn assert_no_effect(tx: &mut Transaction<'_, Postgres>, write: &str) {
    sqlx::query("savepoint antes").execute(&mut **tx).await.expect("a savepoint");
    match sqlx::query(AssertSqlSafe(write.to_owned())).execute(&mut **tx).await {
        Ok(done) => assert_eq!(done.rows_affected(), 0, "{write}"),
        Err(error) => assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{write}: {error}"),
    }
    sqlx::query("rollback to savepoint antes").execute(&mut **tx).await.expect("back");
}

async fn insert_elsewhere_is_refused(huella: &Huella, andina: &str, lima: &str, cusco: &str) {
    let mut tx = huella.sql.begin().await.expect("a transaction");
    sqlx::query("select set_config('role', 'huella_app', true), set_config('app.tenant', $1, true), set_config('app.sedes', $2, true)")
        .bind(andina)
        .bind(format!("{{{cusco}}}"))
        .execute(&mut *tx)
        .await
        .expect("a context");
    let insert = format!("insert into areas (id, sede_id, nombre) values (gen_random_uuid(), '{lima}', 'x')");
    let refused = sqlx::query(AssertSqlSafe(insert)).execute(&mut *tx).await.expect_err("refused");
    assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"));
}
