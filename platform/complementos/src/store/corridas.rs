//! Records of calls.
use crate::{
    activos::CorridaNueva,
    model::{CorridaBreve, CorridaEntera, Falla, FallaCompartida, motivo},
};
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as T, ToSqlx};
use kernel::{Problem, Tx, ids::CorridaId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// PostgreSQL's text cannot hold U+0000, and a guest may well write it.
fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub async fn insert(tx: &mut Tx, corridas: &[CorridaNueva]) -> Result<(), Problem> {
    let of = |part: fn(&CorridaNueva) -> String| corridas.iter().map(part).collect::<Vec<String>>();
    let ids: Vec<Uuid> = corridas.iter().map(|c| c.id).collect();
    let intentos: Vec<i32> = corridas.iter().map(|c| i32::try_from(c.intento).unwrap_or(i32::MAX)).collect();
    let inicios: Vec<T> = corridas.iter().map(|c| c.inicio.to_sqlx()).collect();
    let detalles: Vec<Option<String>> = corridas.iter().map(|c| c.detalle.as_deref().map(plain)).collect();
    let (sandbox, cuarentena): (Vec<bool>, Vec<bool>) = corridas.iter().map(|c| (c.sandbox, c.cuarentena)).unzip();
    sqlx::query!(
        "insert into complementos_corridas (id, complemento, version, digest, mundo, operacion, intento, sandbox, inicio, resultado, detalle, cuarentena, documento)
         select id, complemento, version, digest, mundo, operacion, intento, sandbox, inicio, resultado, detalle, cuarentena, documento::json
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bool[], $9::timestamptz[], $10::text[],
                       $11::text[], $12::bool[], $13::text[])
                as n(id, complemento, version, digest, mundo, operacion, intento, sandbox, inicio, resultado, detalle, cuarentena, documento)
         on conflict do nothing",
        &ids,
        &of(|c| c.complemento.clone()),
        &of(|c| c.version.clone()),
        &of(|c| c.digest.to_string()),
        &of(|c| c.mundo.name().to_owned()),
        &of(|c| c.operacion.clone()),
        &intentos,
        &sandbox,
        &inicios as _,
        &of(|c| plain(&c.resultado)),
        &detalles as _,
        &cuarentena,
        &of(|c| c.documento.to_string())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which runs; what is absent does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Filtro {
    pub complemento: Option<String>,
    pub resultado: Option<String>,
    pub operacion: Option<String>,
    pub after: Option<(Timestamp, Uuid)>,
}

struct Fila {
    id: Uuid,
    complemento: String,
    version: String,
    mundo: String,
    operacion: String,
    intento: i32,
    sandbox: bool,
    inicio: T,
    resultado: String,
    detalle: Option<String>,
    cuarentena: bool,
}

impl From<Fila> for CorridaBreve {
    fn from(row: Fila) -> Self {
        Self {
            id: row.id.into(),
            complemento: row.complemento,
            version: row.version,
            mundo: row.mundo,
            operacion: row.operacion,
            intento: row.intento,
            sandbox: row.sandbox,
            inicio: row.inicio.to_jiff(),
            motivo: motivo(&row.resultado, row.detalle.as_deref()),
            resultado: row.resultado,
            cuarentena: row.cuarentena,
        }
    }
}

/// The last ones first.
pub async fn list(tx: &mut Tx, filtro: &Filtro, limit: i64) -> Result<Vec<CorridaBreve>, Problem> {
    let (inicio, id) = filtro.after.unzip();
    let rows = sqlx::query_as!(
        Fila,
        "select id, complemento, version, mundo, operacion, intento, sandbox, inicio, resultado, detalle, cuarentena from complementos_corridas
          where ($1::text is null or complemento = $1) and ($2::text is null or resultado = $2) and ($3::text is null or operacion = $3)
            and ($4::timestamptz is null or (inicio, id) < ($4, $5))
          order by inicio desc, id desc limit $6",
        filtro.complemento,
        filtro.resultado,
        filtro.operacion,
        inicio.map(ToSqlx::to_sqlx) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(CorridaBreve::from).collect())
}

pub async fn get(tx: &mut Tx, id: CorridaId) -> Result<Option<CorridaEntera>, Problem> {
    let row = sqlx::query!(
        r#"select id, complemento, version, digest, mundo, operacion, intento, sandbox, inicio as "inicio: T", resultado, detalle, cuarentena, documento
             from complementos_corridas where id = $1"#,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| CorridaEntera {
        breve: Fila {
            id: row.id,
            complemento: row.complemento,
            version: row.version,
            mundo: row.mundo,
            operacion: row.operacion,
            intento: row.intento,
            sandbox: row.sandbox,
            inicio: row.inicio,
            resultado: row.resultado,
            detalle: row.detalle.clone(),
            cuarentena: row.cuarentena,
        }
        .into(),
        digest: row.digest,
        detalle: row.detalle,
        documento: row.documento,
    }))
}

/// How a publisher's plugins failed, in all chains together.
pub async fn failures(tx: &mut Tx, editor: &str, since: Timestamp) -> Result<Vec<Falla>, Problem> {
    let rows = sqlx::query!(
        r#"select complemento as "complemento!", version as "version!", operacion as "operacion!", resultado as "resultado!", veces as "veces!",
                  cadenas as "cadenas!", en_cuarentena as "en_cuarentena!", primera as "primera!: T", ultima as "ultima!: T"
             from complementos_fallas($1, $2)"#,
        editor,
        since.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let falla = rows.into_iter().map(|row| Falla {
        complemento: row.complemento,
        version: row.version,
        operacion: row.operacion,
        resultado: row.resultado,
        veces: row.veces,
        cadenas: row.cadenas,
        en_cuarentena: row.en_cuarentena,
        primera: row.primera.to_jiff(),
        ultima: row.ultima.to_jiff(),
    });
    Ok(falla.collect())
}

/// Those of chains that agreed to share them; one of them, or the last ones.
pub async fn shared(tx: &mut Tx, editor: &str, since: Timestamp, id: Option<CorridaId>) -> Result<Vec<FallaCompartida>, Problem> {
    let rows = sqlx::query!(
        r#"select id as "id!", complemento as "complemento!", version as "version!", digest as "digest!", operacion as "operacion!",
                  resultado as "resultado!", detalle, inicio as "inicio!: T", documento as "documento!"
             from complementos_fallas_compartidas($1, $2, $3)"#,
        editor,
        since.to_sqlx() as _,
        id.map(|id| id.0)
    )
    .fetch_all(&mut **tx)
    .await?;
    let falla = rows.into_iter().map(|row| FallaCompartida {
        id: row.id.into(),
        complemento: row.complemento,
        version: row.version,
        digest: row.digest,
        operacion: row.operacion,
        resultado: row.resultado,
        detalle: row.detalle,
        inicio: row.inicio.to_jiff(),
        documento: Some(anonymous(row.documento)),
    });
    Ok(falla.collect())
}

/// A publisher learns how it failed, not at whose.
fn anonymous(mut documento: Value) -> Value {
    if let Some(object) = documento.as_object_mut() {
        object.remove("tenant");
    }
    documento
}

/// What had its time, of all chains. As `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from complementos_corridas where ctid in (select ctid from complementos_corridas where inicio < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
