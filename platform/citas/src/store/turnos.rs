//! Shifts and who works them.
use crate::model::{HorarioSede, Turno, TurnoAsignado};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SedeId, TurnoAsignadoId, TurnoId, UsuarioId},
};

pub async fn turnos(tx: &mut Tx, sede: SedeId) -> Result<Vec<Turno>, Problem> {
    let rows = sqlx::query!(r#"select id as "id: TurnoId", nombre, version from turnos where sede_id = $1 order by nombre"#, sede as _)
        .fetch_all(&mut **tx)
        .await?;
    let mut turnos = Vec::with_capacity(rows.len());
    for row in rows {
        turnos.push(Turno { id: row.id, sede_id: sede, nombre: row.nombre, tramos: tramos(tx, row.id).await?, version: row.version });
    }
    Ok(turnos)
}

async fn tramos(tx: &mut Tx, turno: TurnoId) -> Result<Vec<HorarioSede>, Problem> {
    Ok(sqlx::query_as!(HorarioSede, "select dia, desde, hasta from turnos_tramos where turno_id = $1 order by dia, desde", turno as _)
        .fetch_all(&mut **tx)
        .await?)
}

/// Held until the transaction ends.
pub async fn lock_turno(tx: &mut Tx, id: TurnoId) -> Result<Option<Turno>, Problem> {
    let row = sqlx::query!(r#"select sede_id as "sede_id: SedeId", nombre, version from turnos where id = $1 for update"#, id as _)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let tramos = tramos(tx, id).await?;
    Ok(Some(Turno { id, sede_id: row.sede_id, nombre: row.nombre, tramos, version: row.version }))
}

/// `false`: the sede has another shift of that name.
pub async fn insert_turno(tx: &mut Tx, turno: &Turno) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "insert into turnos (id, sede_id, nombre) values ($1, $2, $3) on conflict do nothing",
        turno.id as _,
        turno.sede_id as _,
        turno.nombre
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    insert_tramos(tx, turno).await?;
    Ok(true)
}

async fn insert_tramos(tx: &mut Tx, turno: &Turno) -> Result<(), Problem> {
    let dias: Vec<i16> = turno.tramos.iter().map(|t| t.dia).collect();
    let desde: Vec<jiff_sqlx::Time> = turno.tramos.iter().map(|t| t.desde.to_sqlx()).collect();
    let hasta: Vec<jiff_sqlx::Time> = turno.tramos.iter().map(|t| t.hasta.to_sqlx()).collect();
    sqlx::query!(
        "insert into turnos_tramos (sede_id, turno_id, dia, desde, hasta) select $1, $2, * from unnest($3::smallint[], $4::time[], $5::time[])",
        turno.sede_id as _,
        turno.id as _,
        &dias,
        desde as _,
        hasta as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// `false`: the sede has another shift of that name.
pub async fn guardar_turno(tx: &mut Tx, turno: &Turno) -> Result<bool, Problem> {
    let taken = sqlx::query_scalar!(
        r#"select exists (select from turnos where sede_id = $1 and nombre = $2 and id <> $3) as "taken!""#,
        turno.sede_id as _,
        turno.nombre,
        turno.id as _
    );
    if taken.fetch_one(&mut **tx).await? {
        return Ok(false);
    }
    sqlx::query!("update turnos set nombre = $2, version = $3 where id = $1", turno.id as _, turno.nombre, turno.version)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("delete from turnos_tramos where turno_id = $1", turno.id as _).execute(&mut **tx).await?;
    insert_tramos(tx, turno).await?;
    Ok(true)
}

/// `false`: somebody works it, or did.
pub async fn delete_turno(tx: &mut Tx, id: TurnoId) -> Result<bool, Problem> {
    let used = sqlx::query_scalar!(r#"select exists (select from turnos_asignados where turno_id = $1) as "used!""#, id as _);
    if used.fetch_one(&mut **tx).await? {
        return Ok(false);
    }
    sqlx::query!("delete from turnos_tramos where turno_id = $1", id as _).execute(&mut **tx).await?;
    sqlx::query!("delete from turnos where id = $1", id as _).execute(&mut **tx).await?;
    Ok(true)
}

/// Who works which shift of a sede on any of these days.
pub async fn asignados(tx: &mut Tx, sede: SedeId, desde: Date, hasta: Date) -> Result<Vec<TurnoAsignado>, Problem> {
    Ok(sqlx::query_as!(
        TurnoAsignado,
        "select id, sede_id, turno_id, medico_id, desde, hasta from turnos_asignados
          where sede_id = $1 and hasta >= $2 and desde <= $3 order by desde, id",
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// `false`: the vet has that shift on some of those days.
pub async fn insert_asignado(tx: &mut Tx, a: &TurnoAsignado) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "insert into turnos_asignados (id, sede_id, turno_id, medico_id, desde, hasta) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        a.id as _,
        a.sede_id as _,
        a.turno_id as _,
        a.medico_id as _,
        a.desde.to_sqlx() as _,
        a.hasta.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn delete_asignado(tx: &mut Tx, id: TurnoAsignadoId) -> Result<Option<TurnoAsignado>, Problem> {
    Ok(sqlx::query_as!(
        TurnoAsignado,
        "delete from turnos_asignados where id = $1 returning id, sede_id, turno_id, medico_id, desde, hasta",
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// Names of those of these vets who work.
pub async fn nombres(tx: &mut Tx, medicos: &[UsuarioId]) -> Result<Vec<(UsuarioId, String)>, Problem> {
    let rows = sqlx::query!(
        r#"select id as "id!: UsuarioId", nombre as "nombre!" from v_medicos where activo and id = any ($1) order by nombre, id"#,
        medicos as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.nombre)).collect())
}
