//! Sessions of the portal in `sesiones`, and the PIN in `usuarios`.
use super::Abierta;
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SesionId, UsuarioId},
};

/// The session of a cookie that was used within `ocio`.
pub async fn abierta(tx: &mut Tx, portal: &[u8], ocio: SignedDuration) -> Result<Option<Abierta>, Problem> {
    let (now, since) = (tx.now(), tx.now() - ocio);
    let row = sqlx::query!(
        r#"select id as "id: SesionId", usuario_id as "usuario: UsuarioId", usada_en from sesiones
            where portal = $1 and revocada_en is null and expira_en > $2 and usada_en > $3"#,
        portal,
        now.to_sqlx() as _,
        since.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Abierta { id: row.id, usuario: row.usuario, usada_en: row.usada_en.to_jiff() }))
}

/// Somebody is there.
pub async fn anotar_uso(tx: &mut Tx, sesion: SesionId, ip: &str) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!("update sesiones set usada_en = $2, ip = $3 where id = $1 and usada_en < $2", sesion.0, now.to_sqlx() as _, ip)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn tiene_pin(tx: &mut Tx, usuario: UsuarioId) -> Result<bool, Problem> {
    Ok(pin(tx, usuario).await?.is_some())
}

pub async fn pin(tx: &mut Tx, usuario: UsuarioId) -> Result<Option<Vec<u8>>, Problem> {
    Ok(sqlx::query_scalar!("select pin from usuarios where id = $1", usuario.0).fetch_optional(&mut **tx).await?.flatten())
}

pub async fn save_pin(tx: &mut Tx, usuario: UsuarioId, pin: &[u8]) -> Result<(), Problem> {
    sqlx::query!("update usuarios set pin = $2 where id = $1", usuario.0, pin).execute(&mut **tx).await?;
    Ok(())
}

/// `false` if it is locked already.
pub async fn bloquear(tx: &mut Tx, sesion: SesionId) -> Result<bool, Problem> {
    let now = tx.now();
    let done = sqlx::query!(
        "update sesiones set bloqueada_en = $2, pin_fallos = 0 where id = $1 and bloqueada_en is null",
        sesion.0,
        now.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Wrong PINs so far of a locked session, held until the transaction ends: tries at once are judged in turn.
pub async fn lock_bloqueada(tx: &mut Tx, sesion: SesionId) -> Result<Option<i16>, Problem> {
    Ok(sqlx::query_scalar!("select pin_fallos from sesiones where id = $1 and bloqueada_en is not null for update", sesion.0)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn desbloquear(tx: &mut Tx, sesion: SesionId) -> Result<(), Problem> {
    sqlx::query!("update sesiones set bloqueada_en = null, pin_fallos = 0 where id = $1", sesion.0).execute(&mut **tx).await?;
    Ok(())
}

pub async fn contar_fallo(tx: &mut Tx, sesion: SesionId) -> Result<(), Problem> {
    sqlx::query!("update sesiones set pin_fallos = pin_fallos + 1 where id = $1", sesion.0).execute(&mut **tx).await?;
    Ok(())
}
