//! The credentials in `usuarios`, and `enlaces_cuenta`.
use super::model::{Credencial, RolEnSede};
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{TenantId, UsuarioId},
    text,
};

/// Blind index of an e-mail address.
pub fn correo_indice(tx: &Tx, correo: &str) -> Vec<u8> {
    tx.blind_index("correo", &text::email(correo))
}

macro_rules! credencial {
    ($tx:expr, $query:literal, $($arg:expr),*) => {{
        let row = sqlx::query!($query, $($arg),*).fetch_optional(&mut **$tx).await?;
        Ok(row.map(|row| Credencial {
            id: row.id,
            nombres: row.nombres,
            apellidos: row.apellidos,
            contrasena: row.contrasena,
            activo: row.activo,
            totp_cifrado: row.totp_cifrado,
            totp_desde: row.totp_desde.map(|at| at.to_jiff()),
            totp_ultimo: row.totp_ultimo,
        }))
    }};
}

pub async fn por_correo(tx: &mut Tx, correo_indice: &[u8]) -> Result<Option<Credencial>, Problem> {
    credencial!(
        tx,
        "select id, nombres, apellidos, contrasena, activo, totp_cifrado, totp_desde, totp_ultimo from usuarios where correo_indice = $1",
        correo_indice
    )
}

pub async fn por_id(tx: &mut Tx, usuario: UsuarioId) -> Result<Option<Credencial>, Problem> {
    credencial!(
        tx,
        "select id, nombres, apellidos, contrasena, activo, totp_cifrado, totp_desde, totp_ultimo from usuarios where id = $1",
        usuario.0
    )
}

/// Like `por_id`, and holds the row until the transaction ends; what refers to the person does not wait.
pub async fn lock(tx: &mut Tx, usuario: UsuarioId) -> Result<Option<Credencial>, Problem> {
    credencial!(
        tx,
        "select id, nombres, apellidos, contrasena, activo, totp_cifrado, totp_desde, totp_ultimo from usuarios where id = $1 for no key update",
        usuario.0
    )
}

/// The chain of that address, if there is an active one.
pub async fn cadena_por_clave(tx: &mut Tx, clave: &str) -> Result<Option<TenantId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select tenant_por_clave($1) as "id: TenantId""#, clave).fetch_one(&mut **tx).await?)
}

/// By which tries on this account are counted; `None` once there is no such person.
pub async fn cuenta(tx: &mut Tx, usuario: UsuarioId) -> Result<Option<Vec<u8>>, Problem> {
    Ok(sqlx::query_scalar!("select correo_indice from usuarios where id = $1", usuario.0).fetch_optional(&mut **tx).await?)
}

/// The address of a person; `None` once the person was forgotten.
pub async fn correo(tx: &mut Tx, usuario: UsuarioId) -> Result<Option<String>, Problem> {
    let Some(sealed) =
        sqlx::query_scalar!("select correo_cifrado from usuarios where id = $1", usuario.0).fetch_optional(&mut **tx).await?
    else {
        return Ok(None);
    };
    match tx.person_key(usuario).await? {
        Some(key) => Ok(Some(key.open("correo", &sealed)?)),
        None => Ok(None),
    }
}

/// The same password at today's cost.
pub async fn save_rehashed(tx: &mut Tx, usuario: UsuarioId, phc: &str) -> Result<(), Problem> {
    sqlx::query!("update usuarios set contrasena = $2 where id = $1", usuario.0, phc).execute(&mut **tx).await?;
    Ok(())
}

/// The roles of a person, everywhere.
pub async fn roles(tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<RolEnSede>, Problem> {
    Ok(sqlx::query_as!(
        RolEnSede,
        r#"select a.rol_id, r.clave as rol, r.nombre as rol_nombre, a.sede_id, s.nombre as "sede_nombre?" from asignaciones a
             join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
             left join sedes s on s.tenant_id = a.tenant_id and s.id = a.sede_id
            where a.usuario_id = $1 order by s.nombre nulls first, r.nombre"#,
        usuario.0,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn cadena_nombre(tx: &mut Tx) -> Result<String, Problem> {
    Ok(sqlx::query_scalar!("select nombre from tenants").fetch_one(&mut **tx).await?)
}

/// A link that is still good, of a chain that is, and whose it is.
pub async fn enlace_vigente(tx: &mut Tx, resumen: &[u8], tipo: &str) -> Result<Option<UsuarioId>, Problem> {
    let now = tx.now();
    Ok(sqlx::query_scalar!(
        r#"select e.usuario_id as "usuario_id: UsuarioId" from enlaces_cuenta e join tenants c on c.id = e.tenant_id and c.activo
            where e.resumen = $1 and e.tipo = $2 and e.usado_en is null and e.expira_en > $3"#,
        resumen,
        tipo,
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert_enlace(tx: &mut Tx, resumen: &[u8], usuario: UsuarioId, tipo: &str, vive: SignedDuration) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into enlaces_cuenta (resumen, usuario_id, tipo, creado_en, expira_en) values ($1, $2, $3, $4, $5)",
        resumen,
        usuario.0,
        tipo,
        now.to_sqlx() as _,
        (now + vive).to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// From now on no link of this person is good.
pub async fn gastar_enlaces(tx: &mut Tx, usuario: UsuarioId) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!("update enlaces_cuenta set usado_en = $2 where usuario_id = $1 and usado_en is null", usuario.0, now.to_sqlx() as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
