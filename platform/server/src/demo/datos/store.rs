//! What the demonstration reads of a chain: the views that its domains publish, and the list of chains.
use super::agenda::{Sede, Servicio};
use kernel::{
    Problem, SystemCtx, Tx,
    ids::{AmbienteId, EquipoId, SedeId, ServicioId, TenantId, UsuarioId},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};

/// A chain as the platform knows it.
pub struct Registrada {
    pub tenant: TenantId,
    pub clave: String,
    pub nombre: String,
}

/// Every active chain, by key.
pub async fn cadenas(system: &SystemCtx) -> Result<Vec<Registrada>, Problem> {
    let mut tx = system.begin_operador().await?;
    let filas = sqlx::query!(r#"select id as "id: TenantId", clave, nombre from huella.tenants where activo order by clave"#)
        .fetch_all(&mut *tx)
        .await?;
    Ok(filas.into_iter().map(|fila| Registrada { tenant: fila.id, clave: fila.clave, nombre: fila.nombre }).collect())
}

/// Takes a chain out of the database, whatever tables there are: as the superuser, and without the triggers and foreign
/// keys that let nobody delete what was booked or audited. For a demonstration's own data alone.
pub async fn borrar(admin: &PgConnectOptions, tenant: TenantId) -> Result<(), sqlx::Error> {
    let mut db = admin.connect().await?;
    let mut tx = db.begin().await?;
    sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
          where c.relnamespace = 'huella'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition",
    )
    .fetch_all(&mut *tx)
    .await?;
    for table in tables {
        let sql = format!("delete from {table} where tenant_id = $1");
        sqlx::query(AssertSqlSafe(sql)).bind(tenant).execute(&mut *tx).await?;
    }
    // What a chain published is the platform's, under its name.
    for table in ["complementos_versiones", "editores_claves", "editores"] {
        let of_it = if table == "editores_claves" {
            "editor in (select clave from huella.editores where propietario = $1)"
        } else {
            "propietario = $1"
        };
        sqlx::query(AssertSqlSafe(format!("delete from huella.{table} where {of_it}"))).bind(tenant).execute(&mut *tx).await?;
    }
    sqlx::query("delete from huella.tenants where id = $1").bind(tenant).execute(&mut *tx).await?;
    tx.commit().await?;
    db.close().await
}

/// Plans are made for what tables hold; by itself the database would notice a minute later, and be slow until then.
pub async fn analizar(admin: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut db = admin.connect().await?;
    sqlx::query("analyze").execute(&mut db).await?;
    db.close().await
}

/// A transaction that may take its time: what a busy machine loads slowly is no fault, and nobody waits for its rows.
pub async fn begin_unhurried(system: &SystemCtx, tenant: TenantId) -> Result<Tx, Problem> {
    let mut tx = system.begin(tenant).await?;
    tx.execute("set local statement_timeout = 0; set local lock_timeout = 0").await?;
    Ok(tx)
}

pub async fn sedes(tx: &mut Tx) -> Result<Vec<Sede>, Problem> {
    let filas = sqlx::query!(
        r#"select id as "id!: SedeId", codigo as "codigo!", nombre as "nombre!", ubigeo from v_sedes where activa order by codigo"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut sedes = Vec::with_capacity(filas.len());
    for fila in filas {
        let (ambientes, equipos) = (ambientes(tx, fila.id).await?, equipos(tx, fila.id).await?);
        sedes.push(Sede { id: fila.id, codigo: fila.codigo, nombre: fila.nombre, ubigeo: fila.ubigeo, ambientes, equipos });
    }
    Ok(sedes)
}

async fn ambientes(tx: &mut Tx, sede: SedeId) -> Result<Vec<(AmbienteId, String)>, Problem> {
    let filas = sqlx::query!(
        r#"select id as "id!: AmbienteId", tipo as "tipo!" from v_ambientes where sede_id = $1 and activo order by nombre"#,
        sede as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|fila| (fila.id, fila.tipo)).collect())
}

async fn equipos(tx: &mut Tx, sede: SedeId) -> Result<Vec<(EquipoId, String)>, Problem> {
    let filas = sqlx::query!(
        r#"select id as "id!: EquipoId", tipo as "tipo!" from v_equipos where sede_id = $1 and activo order by nombre"#,
        sede as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|fila| (fila.id, fila.tipo)).collect())
}

/// The active vets by name.
pub async fn medicos(tx: &mut Tx) -> Result<Vec<UsuarioId>, Problem> {
    let ids = sqlx::query_scalar!(r#"select id as "id!: UsuarioId" from v_medicos where activo order by nombre, id"#);
    Ok(ids.fetch_all(&mut **tx).await?)
}

pub async fn servicios(tx: &mut Tx) -> Result<Vec<Servicio>, Problem> {
    let filas = sqlx::query!(
        r#"select id as "id!: ServicioId", nombre as "nombre!", duracion_min as "duracion!", antes_min as "antes!", despues_min as "despues!",
                  ambiente_tipo, equipos_tipos as "equipos!", medicos
             from v_servicios where activo order by nombre"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let servicios = filas.into_iter().map(|fila| Servicio {
        id: fila.id,
        nombre: fila.nombre,
        duracion: fila.duracion.into(),
        antes: fila.antes.into(),
        despues: fila.despues.into(),
        ambiente: fila.ambiente_tipo,
        equipos: fila.equipos,
        medicos: fila.medicos.map(|ids| ids.into_iter().map(UsuarioId).collect()),
    });
    Ok(servicios.collect())
}
