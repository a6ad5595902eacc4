//! `sesiones` and `tokens_renovacion`.
use super::model::{Guardado, Motivo, Sesion};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SesionId, UsuarioId},
};

/// A session that begins.
pub struct Nueva<'a> {
    pub id: SesionId,
    pub usuario: UsuarioId,
    pub dispositivo: &'a str,
    pub ip: &'a str,
    pub expira_en: Timestamp,
    pub segundo_factor: bool,
    /// What is kept of its cookie, if it is one of the portal.
    pub portal: Option<&'a [u8]>,
}

pub async fn insert(tx: &mut Tx, nueva: &Nueva<'_>) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into sesiones (id, usuario_id, dispositivo, ip, creada_en, usada_en, expira_en, segundo_factor, portal) values ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
        nueva.id.0,
        nueva.usuario.0,
        nueva.dispositivo,
        nueva.ip,
        now.to_sqlx() as _,
        nueva.expira_en.to_sqlx() as _,
        nueva.segundo_factor,
        nueva.portal,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// `anterior`: the token that it is given for.
pub async fn insert_token(
    tx: &mut Tx,
    sesion: SesionId,
    resumen: &[u8],
    anterior: Option<&[u8]>,
    expira_en: Timestamp,
) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into tokens_renovacion (resumen, sesion_id, anterior, creado_en, expira_en) values ($1, $2, $3, $4, $5)",
        resumen,
        sesion.0,
        anterior,
        now.to_sqlx() as _,
        expira_en.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A refresh token and its family, held until the transaction ends: two uses at once are judged in turn.
pub async fn lock_token(tx: &mut Tx, resumen: &[u8]) -> Result<Option<Guardado>, Problem> {
    let row = sqlx::query!(
        r#"select t.sesion_id, t.expira_en, t.usado_en, s.usuario_id, s.expira_en as sesion_expira_en, s.revocada_en is not null as "revocada!",
                  u.activo and c.activo as "activo!", s.dispositivo, s.ip
             from tokens_renovacion t
             join sesiones s on s.tenant_id = t.tenant_id and s.id = t.sesion_id
             join usuarios u on u.tenant_id = s.tenant_id and u.id = s.usuario_id
             join tenants c on c.id = t.tenant_id
            where t.resumen = $1 for update of t, s"#,
        resumen
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    // A statement of its own: one that had to wait for the lock sees its rows anew, but not those of others.
    let sucesor_intacto = sqlx::query_scalar!(
        r#"select exists (select from tokens_renovacion where sesion_id = $2 and anterior = $1 and usado_en is null) as "intacto!""#,
        resumen,
        row.sesion_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Some(Guardado {
        sesion_id: SesionId(row.sesion_id),
        usuario_id: row.usuario_id,
        expira_en: row.expira_en.to_jiff(),
        usado_en: row.usado_en.map(|at| at.to_jiff()),
        sesion_expira_en: row.sesion_expira_en.to_jiff(),
        revocada: row.revocada,
        activo: row.activo,
        dispositivo: row.dispositivo,
        ip: row.ip,
        sucesor_intacto,
    }))
}

/// Marks a token used, takes back what was given for it before, and notes where its session is now.
pub async fn use_token(tx: &mut Tx, resumen: &[u8], sesion: SesionId, ip: &str, dispositivo: &str) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "with usados as (
           update tokens_renovacion set usado_en = $2 where sesion_id = $3 and (resumen = $1 or anterior = $1) and usado_en is null)
         update sesiones set usada_en = $2, ip = $4, dispositivo = $5 where id = $3",
        resumen,
        now.to_sqlx() as _,
        sesion.0,
        ip,
        dispositivo,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether this person signed in from this address in the last quarter of a year.
pub async fn conoce_direccion(tx: &mut Tx, usuario: UsuarioId, ip: &str) -> Result<bool, Problem> {
    let since = tx.now() - SignedDuration::from_hours(90 * 24);
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sesiones where usuario_id = $1 and ip = $2 and usada_en > $3) as "conocida!""#,
        usuario.0,
        ip,
        since.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// The open sessions of a person, the last used first. `ocio`: one of the portal that was not used for so long is over.
pub async fn list(tx: &mut Tx, usuario: UsuarioId, actual: Option<SesionId>, ocio: SignedDuration) -> Result<Vec<Sesion>, Problem> {
    let (now, since) = (tx.now(), tx.now() - ocio);
    let rows = sqlx::query!(
        r#"select id, dispositivo, ip, creada_en, usada_en, expira_en, segundo_factor, portal is not null as "portal!" from sesiones
            where usuario_id = $1 and revocada_en is null and expira_en > $2 and (portal is null or usada_en > $3)
            order by usada_en desc, id limit 200"#,
        usuario.0,
        now.to_sqlx() as _,
        since.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let sesion = rows.into_iter().map(|row| Sesion {
        id: row.id,
        dispositivo: row.dispositivo,
        ip: row.ip,
        creada_en: row.creada_en.to_jiff(),
        usada_en: row.usada_en.to_jiff(),
        expira_en: row.expira_en.to_jiff(),
        segundo_factor: row.segundo_factor,
        portal: row.portal,
        actual: Some(row.id) == actual,
    });
    Ok(sesion.collect())
}

/// Ends one session of a person; `false` if it is not open or not theirs.
pub async fn revocar_una(tx: &mut Tx, usuario: UsuarioId, sesion: SesionId, motivo: Motivo) -> Result<bool, Problem> {
    let now = tx.now();
    let done = sqlx::query!(
        "update sesiones set revocada_en = $3, motivo = $4 where id = $1 and usuario_id = $2 and revocada_en is null",
        sesion.0,
        usuario.0,
        now.to_sqlx() as _,
        motivo as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the open sessions of a person, all but one; returns which.
pub async fn revocar_de(tx: &mut Tx, usuario: UsuarioId, menos: Option<SesionId>, motivo: Motivo) -> Result<Vec<SesionId>, Problem> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        r#"update sesiones set revocada_en = $3, motivo = $4
            where usuario_id = $1 and id is distinct from $2 and revocada_en is null and expira_en > $3 returning id as "id: SesionId""#,
        usuario.0,
        menos.map(|sesion| sesion.0),
        now.to_sqlx() as _,
        motivo as _,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// The second factor was shown in this session.
pub async fn marcar_segundo_factor(tx: &mut Tx, sesion: SesionId) -> Result<(), Problem> {
    sqlx::query!("update sesiones set segundo_factor = true where id = $1", sesion.0).execute(&mut **tx).await?;
    Ok(())
}
