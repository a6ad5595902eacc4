//! `accesos`.
use super::model::{Acceso, Filtro, Medio, Resultado, dispositivo};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Actor, Origin, Problem, Tx,
    ids::{ClaveApiId, UsuarioId},
};
use uuid::Uuid;

/// Writes a try down. `quien`: as far as is known.
pub async fn anotar(tx: &mut Tx, quien: Actor, resultado: Resultado, medio: Medio, origin: &Origin) -> Result<(), Problem> {
    let now = tx.now();
    let (usuario, clave) = ids(quien);
    sqlx::query!(
        "insert into accesos (id, usuario_id, clave_api_id, resultado, medio, ip, dispositivo, en) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        usuario,
        clave,
        resultado as _,
        medio as _,
        origin.ip.to_canonical().to_string(),
        dispositivo(origin),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn ids(quien: Actor) -> (Option<Uuid>, Option<Uuid>) {
    match quien {
        Actor::Usuario(id) => (Some(id.0), None),
        Actor::ClaveApi(id) => (None, Some(id.0)),
        _ => (None, None),
    }
}

/// Whether this key was used from this address since then.
pub async fn uso_anotado(tx: &mut Tx, clave: ClaveApiId, ip: &str, desde: Timestamp) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from accesos where clave_api_id = $1 and medio = 'clave_api' and resultado = 'ingreso'
                             and ip = $2 and en >= $3) as "anotado!""#,
        clave.0,
        ip,
        desde.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// The newest first.
pub async fn list(tx: &mut Tx, filtro: &Filtro, after: Option<(Timestamp, Uuid)>, limit: i64) -> Result<Vec<Acceso>, Problem> {
    let (en, id) = after.unzip();
    let rows = sqlx::query!(
        r#"select id, usuario_id, clave_api_id, resultado as "resultado: Resultado", medio as "medio: Medio", ip, dispositivo, en from accesos
            where (usuario_id = $1 or $1 is null) and (clave_api_id = $8 or $8 is null) and (resultado = $2 or $2 is null)
              and (en >= $3 or $3 is null) and (en < $4 or $4 is null)
              and ($5::timestamptz is null or (en, id) < ($5, $6))
            order by en desc, id desc limit $7"#,
        filtro.usuario_id.map(Uuid::from),
        filtro.resultado as _,
        filtro.desde.map(|t| t.to_sqlx()) as _,
        filtro.hasta.map(|t| t.to_sqlx()) as _,
        en.map(|t| t.to_sqlx()) as _,
        id,
        limit + 1,
        filtro.clave_api_id.map(Uuid::from),
    )
    .fetch_all(&mut **tx)
    .await?;
    let acceso = rows.into_iter().map(|row| Acceso {
        id: row.id,
        en: row.en.to_jiff(),
        usuario_id: row.usuario_id.map(UsuarioId),
        clave_api_id: row.clave_api_id.map(ClaveApiId),
        resultado: row.resultado,
        medio: row.medio,
        ip: row.ip,
        dispositivo: row.dispositivo,
    });
    Ok(acceso.collect())
}
