//! `accesos`.
use super::model::{Acceso, Filtro, Medio, Resultado, dispositivo};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Origin, Problem, Tx, ids::UsuarioId};
use uuid::Uuid;

/// Writes a try down.
pub async fn anotar(tx: &mut Tx, usuario: Option<UsuarioId>, resultado: Resultado, medio: Medio, origin: &Origin) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into accesos (id, usuario_id, resultado, medio, ip, dispositivo, en) values ($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        usuario.map(Uuid::from),
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

/// The newest first.
pub async fn list(tx: &mut Tx, filtro: &Filtro, after: Option<(Timestamp, Uuid)>, limit: i64) -> Result<Vec<Acceso>, Problem> {
    let (en, id) = after.unzip();
    let rows = sqlx::query!(
        r#"select id, usuario_id, resultado as "resultado: Resultado", medio as "medio: Medio", ip, dispositivo, en from accesos
            where (usuario_id = $1 or $1 is null) and (resultado = $2 or $2 is null)
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
    )
    .fetch_all(&mut **tx)
    .await?;
    let acceso = rows.into_iter().map(|row| Acceso {
        id: row.id,
        en: row.en.to_jiff(),
        usuario_id: row.usuario_id.map(UsuarioId),
        resultado: row.resultado,
        medio: row.medio,
        ip: row.ip,
        dispositivo: row.dispositivo,
    });
    Ok(acceso.collect())
}
