//! `asignaciones`.
use crate::{personal::model::Asignacion, problemas::ASIGNACION_REPETIDA};
use kernel::{
    OnConstraint, Problem, Tx,
    ids::{AsignacionId, RolId, SedeId, UsuarioId},
};
use uuid::Uuid;

/// Where and what: each permission of each role of a person.
pub async fn granted(tx: &mut Tx, usuario: UsuarioId, only_if_active: bool) -> Result<Vec<(Option<SedeId>, String)>, Problem> {
    let rows = sqlx::query!(
        "select distinct a.sede_id, p.permiso from asignaciones a
           join usuarios u on u.tenant_id = a.tenant_id and u.id = a.usuario_id
           join roles_permisos p on p.tenant_id = a.tenant_id and p.rol_id = a.rol_id
          where a.usuario_id = $1 and (u.activo or not $2)",
        usuario as _,
        only_if_active,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.sede_id, row.permiso)).collect())
}

/// (person, role, sede) of everybody active: casbin's g lines.
pub async fn policy(tx: &mut Tx) -> Result<Vec<(UsuarioId, String, Option<SedeId>)>, Problem> {
    let rows = sqlx::query!(
        "select a.usuario_id, r.clave, a.sede_id from asignaciones a
           join usuarios u on u.tenant_id = a.tenant_id and u.id = a.usuario_id and u.activo
           join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
          order by 1, 2, 3",
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.usuario_id, row.clave, row.sede_id)).collect())
}

/// The assignments of these people that the transaction may see: those of its sedes and of the whole chain.
pub async fn of(tx: &mut Tx, usuarios: &[Uuid]) -> Result<Vec<Asignacion>, Problem> {
    Ok(sqlx::query_as!(
        Asignacion,
        "select a.id, a.usuario_id, a.rol_id, r.clave as rol, a.sede_id from asignaciones a
           join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
          where a.usuario_id = any($1) and (a.sede_id is null or sede_visible(a.sede_id))
          order by r.clave, a.sede_id nulls first",
        usuarios,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// All of somebody's own assignments.
pub async fn own(tx: &mut Tx, usuario: UsuarioId) -> Result<Vec<Asignacion>, Problem> {
    Ok(sqlx::query_as!(
        Asignacion,
        "select a.id, a.usuario_id, a.rol_id, r.clave as rol, a.sede_id from asignaciones a
           join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
          where a.usuario_id = $1 order by r.clave, a.sede_id nulls first",
        usuario as _,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn get(tx: &mut Tx, id: AsignacionId) -> Result<Option<Asignacion>, Problem> {
    Ok(sqlx::query_as!(
        Asignacion,
        "select a.id, a.usuario_id, a.rol_id, r.clave as rol, a.sede_id from asignaciones a
           join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
          where a.id = $1 and (a.sede_id is null or sede_visible(a.sede_id))",
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, usuario: UsuarioId, rol: RolId, sede: Option<SedeId>) -> Result<AsignacionId, Problem> {
    let id = AsignacionId::new();
    sqlx::query!(
        "insert into asignaciones (id, usuario_id, rol_id, sede_id) values ($1, $2, $3, $4)",
        id as _,
        usuario as _,
        rol as _,
        sede as _,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("asignaciones_tenant_id_usuario_id_rol_id_sede_id_key", || Problem::new(ASIGNACION_REPETIDA))?;
    Ok(id)
}

pub async fn delete(tx: &mut Tx, id: AsignacionId) -> Result<(), Problem> {
    sqlx::query!("delete from asignaciones where id = $1", id as _).execute(&mut **tx).await?;
    Ok(())
}
