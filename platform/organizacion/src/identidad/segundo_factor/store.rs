//! The second factor in `usuarios`, and `codigos_recuperacion`.
use super::model::normal;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::UsuarioId};

/// Begins an enrolment: the secret counts once a code confirms it.
pub async fn save_secreto(tx: &mut Tx, usuario: UsuarioId, cifrado: &[u8]) -> Result<(), Problem> {
    sqlx::query!("update usuarios set totp_cifrado = $2, totp_ultimo = null where id = $1", usuario.0, cifrado).execute(&mut **tx).await?;
    Ok(())
}

pub async fn confirmar(tx: &mut Tx, usuario: UsuarioId, step: i64) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!("update usuarios set totp_desde = $2, totp_ultimo = $3 where id = $1", usuario.0, now.to_sqlx() as _, step)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn save_ultimo(tx: &mut Tx, usuario: UsuarioId, step: i64) -> Result<(), Problem> {
    sqlx::query!("update usuarios set totp_ultimo = $2 where id = $1", usuario.0, step).execute(&mut **tx).await?;
    Ok(())
}

/// Takes the second factor off, with its recovery codes.
pub async fn retirar(tx: &mut Tx, usuario: UsuarioId) -> Result<(), Problem> {
    sqlx::query!(
        "with codigos as (delete from codigos_recuperacion where usuario_id = $1)
         update usuarios set totp_cifrado = null, totp_desde = null, totp_ultimo = null where id = $1",
        usuario.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keyed: fifty random bits under a plain hash could be guessed from a stolen table.
fn resumen(tx: &Tx, usuario: UsuarioId, codigo: &str) -> Vec<u8> {
    tx.blind_index("recuperacion", &format!("{usuario}:{}", normal(codigo)))
}

/// Puts new recovery codes in the place of all older ones.
pub async fn save_recuperacion(tx: &mut Tx, usuario: UsuarioId, codigos: &[String]) -> Result<(), Problem> {
    let resumenes: Vec<Vec<u8>> = codigos.iter().map(|codigo| resumen(tx, usuario, codigo)).collect();
    sqlx::query!("delete from codigos_recuperacion where usuario_id = $1", usuario.0).execute(&mut **tx).await?;
    sqlx::query!("insert into codigos_recuperacion (usuario_id, resumen) select $1, * from unnest($2::bytea[])", usuario.0, &resumenes)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Spends a recovery code; `false` if it is not one or was spent.
pub async fn usar_recuperacion(tx: &mut Tx, usuario: UsuarioId, codigo: &str) -> Result<bool, Problem> {
    let (now, resumen) = (tx.now(), resumen(tx, usuario, codigo));
    let used = sqlx::query!(
        "update codigos_recuperacion set usado_en = $3 where usuario_id = $1 and resumen = $2 and usado_en is null",
        usuario.0,
        resumen,
        now.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(used.rows_affected() == 1)
}

pub async fn codigos_restantes(tx: &mut Tx, usuario: UsuarioId) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "restantes!" from codigos_recuperacion where usuario_id = $1 and usado_en is null"#,
        usuario.0
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Whether a role of this person asks for a second factor.
pub async fn exigido(tx: &mut Tx, usuario: UsuarioId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from asignaciones a join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
                           where a.usuario_id = $1 and r.exige_segundo_factor) as "exigido!""#,
        usuario.0
    )
    .fetch_one(&mut **tx)
    .await?)
}
