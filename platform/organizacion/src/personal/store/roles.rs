//! `roles` and `roles_permisos`.
use crate::{
    personal::model::{CambioRol, NuevoRol, Rol},
    problemas::{ROL_EN_USO, ROL_REPETIDO},
};
use kernel::{OnConstraint, Problem, Tx, ids::RolId};

pub async fn list(tx: &mut Tx, after: Option<&str>, limit: i64) -> Result<Vec<Rol>, Problem> {
    Ok(sqlx::query_as!(
        Rol,
        r#"select id, clave, nombre, de_sistema, exige_segundo_factor, version,
                  array(select permiso from roles_permisos p where p.tenant_id = r.tenant_id and p.rol_id = r.id order by 1) as "permisos!"
             from roles r where $1::text is null or clave > $1 order by clave limit $2"#,
        after,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Every role of the chain.
pub async fn all(tx: &mut Tx) -> Result<Vec<Rol>, Problem> {
    list(tx, None, i64::MAX - 1).await
}

pub async fn get(tx: &mut Tx, id: RolId) -> Result<Option<Rol>, Problem> {
    Ok(sqlx::query_as!(
        Rol,
        r#"select id, clave, nombre, de_sistema, exige_segundo_factor, version,
                  array(select permiso from roles_permisos p where p.tenant_id = r.tenant_id and p.rol_id = r.id order by 1) as "permisos!"
             from roles r where id = $1"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, id: RolId, rol: &NuevoRol, de_sistema: bool) -> Result<(), Problem> {
    sqlx::query!(
        "insert into roles (id, clave, nombre, de_sistema, exige_segundo_factor) values ($1, $2, $3, $4, $5)",
        id as _,
        rol.clave,
        rol.nombre,
        de_sistema,
        rol.exige_segundo_factor,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("roles_tenant_id_clave_key", || Problem::new(ROL_REPETIDO))?;
    set_permissions(tx, id, &rol.permisos).await
}

pub async fn update(tx: &mut Tx, id: RolId, rol: &CambioRol) -> Result<(), Problem> {
    sqlx::query!(
        "update roles set nombre = $2, exige_segundo_factor = $3, version = version + 1 where id = $1",
        id as _,
        rol.nombre,
        rol.exige_segundo_factor,
    )
    .execute(&mut **tx)
    .await?;
    set_permissions(tx, id, &rol.permisos).await
}

async fn set_permissions(tx: &mut Tx, id: RolId, permisos: &[String]) -> Result<(), Problem> {
    sqlx::query!("delete from roles_permisos where rol_id = $1 and permiso <> all($2)", id as _, permisos).execute(&mut **tx).await?;
    sqlx::query!(
        "insert into roles_permisos (rol_id, permiso) select $1, permiso from unnest($2::text[]) permiso on conflict do nothing",
        id as _,
        permisos,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: RolId) -> Result<(), Problem> {
    sqlx::query!("delete from roles where id = $1", id as _)
        .execute(&mut **tx)
        .await
        .map(drop)
        .on_constraint("asignaciones_tenant_id_rol_id_fkey", || Problem::new(ROL_EN_USO))
}

/// (role, permission) of the whole chain: casbin's p lines.
pub async fn policy(tx: &mut Tx) -> Result<Vec<(String, String)>, Problem> {
    let rows = sqlx::query!(
        "select r.clave, p.permiso from roles r join roles_permisos p on p.tenant_id = r.tenant_id and p.rol_id = r.id order by 1, 2"
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.clave, row.permiso)).collect())
}

/// One change of the policy at a time per chain, so that two administrators cannot remove each other at once.
pub async fn lock_policy(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('politica:' || tenant_actual(), 0))").fetch_one(&mut **tx).await?;
    Ok(())
}

/// Whether somebody active holds all of these permissions in the whole chain; `aceptada`: somebody who has accepted
/// the invitation.
pub async fn somebody_holds(tx: &mut Tx, permisos: &[&str], aceptada: bool) -> Result<bool, Problem> {
    let found = sqlx::query_scalar!(
        r#"select exists (
             select from asignaciones a
               join usuarios u on u.tenant_id = a.tenant_id and u.id = a.usuario_id and u.activo and (u.contrasena is not null or not $2)
               join roles_permisos p on p.tenant_id = a.tenant_id and p.rol_id = a.rol_id
              where a.sede_id is null and p.permiso = any($1)
              group by a.usuario_id having count(distinct p.permiso) = cardinality($1)) as "found!""#,
        permisos as &[&str],
        aceptada,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}
