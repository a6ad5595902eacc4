//! What a chain installed, and what of it is in quarantine.
use crate::model::{Anterior, Instalacion};
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as T, ToSqlx};
use kernel::{Problem, Tx, ids::SedeId};
use plugin_manifest::Digest;
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeSet;
use uuid::Uuid;

struct Fila {
    complemento: String,
    digest: String,
    config: Value,
    consentido: Json<BTreeSet<String>>,
    anterior: Option<Json<Anterior>>,
    en_cambio_hasta: Option<T>,
    habilitado: bool,
    sedes: Option<Vec<Uuid>>,
    sandbox: bool,
    comparte_desde: Option<T>,
    instalado_en: T,
    cambiado_en: T,
    cuarentena_desde: Option<T>,
    revision: i32,
}

impl From<Fila> for Instalacion {
    fn from(row: Fila) -> Self {
        Self {
            complemento: row.complemento,
            digest: row.digest,
            config: row.config,
            consentido: row.consentido.0,
            anterior: row.anterior.map(|before| before.0),
            en_cambio_hasta: row.en_cambio_hasta.map(T::to_jiff),
            habilitado: row.habilitado,
            sedes: row.sedes.map(|sedes| sedes.into_iter().map(SedeId).collect()),
            sandbox: row.sandbox,
            comparte_desde: row.comparte_desde.map(T::to_jiff),
            instalado_en: row.instalado_en.to_jiff(),
            cambiado_en: row.cambiado_en.to_jiff(),
            cuarentena_desde: row.cuarentena_desde.map(T::to_jiff),
            revision: row.revision,
        }
    }
}

/// All of the chain's, or one.
pub async fn list(tx: &mut Tx, complemento: Option<&str>) -> Result<Vec<Instalacion>, Problem> {
    let rows = sqlx::query_as!(
        Fila,
        r#"select i.complemento, i.digest, i.config, i.consentido as "consentido: Json<BTreeSet<String>>", i.anterior as "anterior: Json<Anterior>",
                  i.en_cambio_hasta, i.habilitado, i.sedes, i.sandbox, i.comparte_desde, i.instalado_en, i.cambiado_en, q.desde as "cuarentena_desde?",
                  i.revision
             from complementos_instalaciones i
             left join complementos_cuarentenas q on q.tenant_id = i.tenant_id and q.digest = i.digest
            where $1::text is null or i.complemento = $1 order by i.complemento"#,
        complemento
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Instalacion::from).collect())
}

pub async fn get(tx: &mut Tx, complemento: &str) -> Result<Option<Instalacion>, Problem> {
    Ok(list(tx, Some(complemento)).await?.pop())
}

/// Until the transaction ends nobody else changes it.
pub async fn lock(tx: &mut Tx, complemento: &str) -> Result<Option<Instalacion>, Problem> {
    sqlx::query!("select complemento from complementos_instalaciones where complemento = $1 for update", complemento)
        .fetch_optional(&mut **tx)
        .await?;
    get(tx, complemento).await
}

pub async fn count(tx: &mut Tx) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "n!" from complementos_instalaciones"#).fetch_one(&mut **tx).await?)
}

/// `false` if it is there already.
pub async fn insert(tx: &mut Tx, complemento: &str, digest: &str, consentido: &BTreeSet<String>) -> Result<bool, Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    let done = sqlx::query!(
        "insert into complementos_instalaciones (complemento, digest, consentido, instalado_en, instalado_por, cambiado_en)
         values ($1, $2, $3, $4, $5, $4) on conflict do nothing",
        complemento,
        digest,
        Json(consentido) as _,
        now as _,
        author
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() > 0)
}

/// Writes what may have changed; one revision further.
pub async fn save(tx: &mut Tx, one: &Instalacion) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    let sedes: Option<Vec<Uuid>> = one.sedes.as_ref().map(|sedes| sedes.iter().map(|sede| sede.0).collect());
    sqlx::query!(
        "update complementos_instalaciones set digest = $2, config = $3, consentido = $4, anterior = $5, en_cambio_hasta = $6, habilitado = $7,
                sedes = $8, sandbox = $9, comparte_desde = $10, cambiado_en = $11, revision = revision + 1
          where complemento = $1",
        one.complemento,
        one.digest,
        one.config,
        Json(&one.consentido) as _,
        one.anterior.as_ref().map(Json) as _,
        one.en_cambio_hasta.map(ToSqlx::to_sqlx) as _,
        one.habilitado,
        sedes.as_deref(),
        one.sandbox,
        one.comparte_desde.map(ToSqlx::to_sqlx) as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, complemento: &str) -> Result<(), Problem> {
    sqlx::query!("delete from complementos_instalaciones where complemento = $1", complemento).execute(&mut **tx).await?;
    Ok(())
}

/// One that runs, or that somebody wants to try, with its version.
pub struct Corriente {
    pub complemento: String,
    pub version: String,
    pub digest: String,
    pub mundo: String,
    pub sandbox: bool,
    pub config: Value,
    pub revision: i32,
    pub sedes: Option<Vec<Uuid>>,
}

/// Of a world, what is on: not quarantined, not withdrawn, not between two versions, and of a publisher in good standing.
pub async fn running(tx: &mut Tx, mundo: &str, now: Timestamp) -> Result<Vec<Corriente>, Problem> {
    Ok(sqlx::query_as!(
        Corriente,
        "select i.complemento, v.version, i.digest, v.mundo, i.sandbox, i.config, i.revision, i.sedes
           from complementos_instalaciones i join complementos_versiones v on v.digest = i.digest join editores e on e.clave = v.editor
          where v.mundo = $1 and i.habilitado and (i.en_cambio_hasta is null or i.en_cambio_hasta <= $2)
            and e.activo and not e.suspendido
            and (v.estado = 'aprobada' or i.sandbox and v.estado = 'en_revision' and v.propietario = tenant_actual()
                 and exists (select from tenants t where t.id = tenant_actual() and t.sandbox))
            and not exists (select from complementos_cuarentenas q where q.digest = i.digest)
          order by i.complemento",
        mundo,
        now.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Switched on, and not running: by whatever [`running`] asks.
pub struct Detenida {
    pub complemento: String,
    pub nombre: String,
    pub motivo: String,
}

/// Of a world, what is on and cannot run, with the reason for people.
pub async fn stopped(tx: &mut Tx, mundo: &str, now: Timestamp) -> Result<Vec<Detenida>, Problem> {
    Ok(sqlx::query_as!(
        Detenida,
        r#"select i.complemento, coalesce(v.paquete #>> '{manifest,name,es}', i.complemento) as "nombre!",
                  case when q.digest is not null then 'se detuvo por errores repetidos y está en cuarentena'
                       when not e.activo or e.suspendido then 'su editor está suspendido'
                       when v.estado = 'retirada' then 'fue retirado por la plataforma'
                       else 'la plataforma todavía no lo aprobó' end as "motivo!"
             from complementos_instalaciones i join complementos_versiones v on v.digest = i.digest join editores e on e.clave = v.editor
             left join complementos_cuarentenas q on q.digest = i.digest
            where v.mundo = $1 and i.habilitado and (i.en_cambio_hasta is null or i.en_cambio_hasta <= $2)
              and not (q.digest is null and e.activo and not e.suspendido
                       and (v.estado = 'aprobada' or i.sandbox and v.estado = 'en_revision' and v.propietario = tenant_actual()
                            and exists (select from tenants t where t.id = tenant_actual() and t.sandbox)))
            order by i.complemento"#,
        mundo,
        now.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What is switched on anywhere, each code once, with one of the chains that have it; what most chains have comes first.
pub struct EnUso {
    pub tenant_id: Uuid,
    pub complemento: String,
    pub version: String,
    pub digest: String,
    pub cadenas: i64,
}

/// Role `huella_jobs`.
pub async fn in_use(db: &mut PgConnection) -> Result<Vec<EnUso>, Problem> {
    Ok(sqlx::query_as!(
        EnUso,
        r#"select (array_agg(i.tenant_id order by i.tenant_id))[1] as "tenant_id!", i.complemento, v.version, i.digest, count(*) as "cadenas!"
             from complementos_instalaciones i join complementos_versiones v on v.digest = i.digest
             join tenants t on t.id = i.tenant_id and t.activo
            where i.habilitado and v.estado in ('aprobada', 'en_revision')
            group by i.complemento, v.version, i.digest order by count(*) desc, i.complemento, i.digest"#
    )
    .fetch_all(db)
    .await?)
}

/// Whatever its state.
pub async fn installed(tx: &mut Tx, complemento: &str) -> Result<Option<Corriente>, Problem> {
    Ok(sqlx::query_as!(
        Corriente,
        "select i.complemento, v.version, i.digest, v.mundo, i.sandbox, i.config, i.revision, i.sedes
           from complementos_instalaciones i join complementos_versiones v on v.digest = i.digest where i.complemento = $1",
        complemento
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// `false` if it is there already.
pub async fn quarantine(tx: &mut Tx, complemento: &str, digest: &Digest, corrida: Uuid) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "insert into complementos_cuarentenas (digest, complemento, corrida, desde) values ($1, $2, $3, $4) on conflict do nothing",
        digest.to_string(),
        complemento,
        corrida,
        now as _
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() > 0)
}

/// `false` if it was in none.
pub async fn release(tx: &mut Tx, digest: &str) -> Result<bool, Problem> {
    let done = sqlx::query!("delete from complementos_cuarentenas where digest = $1", digest);
    Ok(done.execute(&mut **tx).await?.rows_affected() > 0)
}
