//! Opening hours, weekly plans and dated exceptions, as they are configured.
use crate::model::{ExcepcionConfigurada, HorarioSede, PlanMedico};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{ExcepcionId, SedeId, UsuarioId},
};

pub async fn horarios(tx: &mut Tx, sede: SedeId) -> Result<Vec<HorarioSede>, Problem> {
    let filas =
        sqlx::query_as!(HorarioSede, "select dia, desde, hasta from horarios_sede where sede_id = $1 order by dia, desde", sede as _)
            .fetch_all(&mut **tx)
            .await?;
    Ok(filas)
}

/// The whole week of a sede, instead of what was there.
pub async fn reemplazar_horarios(tx: &mut Tx, sede: SedeId, horarios: &[HorarioSede]) -> Result<(), Problem> {
    let dias: Vec<i16> = horarios.iter().map(|h| h.dia).collect();
    let desde: Vec<jiff_sqlx::Time> = horarios.iter().map(|h| h.desde.to_sqlx()).collect();
    let hasta: Vec<jiff_sqlx::Time> = horarios.iter().map(|h| h.hasta.to_sqlx()).collect();
    sqlx::query!("delete from horarios_sede where sede_id = $1", sede as _).execute(&mut **tx).await?;
    sqlx::query!(
        "insert into horarios_sede (sede_id, dia, desde, hasta) select $1, * from unnest($2::smallint[], $3::time[], $4::time[])",
        sede as _,
        &dias,
        desde as _,
        hasta as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn planes(tx: &mut Tx, sede: SedeId, medico: UsuarioId) -> Result<Vec<HorarioSede>, Problem> {
    let filas = sqlx::query_as!(
        HorarioSede,
        "select dia, desde, hasta from planes_medicos where sede_id = $1 and medico_id = $2 order by dia, desde",
        sede as _,
        medico as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}

pub async fn planes_de_sede(tx: &mut Tx, sede: SedeId) -> Result<Vec<PlanMedico>, Problem> {
    let filas = sqlx::query_as!(
        PlanMedico,
        "select medico_id, dia, desde, hasta from planes_medicos where sede_id = $1 order by medico_id, dia, desde",
        sede as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}

pub async fn reemplazar_planes(tx: &mut Tx, sede: SedeId, medico: UsuarioId, planes: &[HorarioSede]) -> Result<(), Problem> {
    let dias: Vec<i16> = planes.iter().map(|h| h.dia).collect();
    let desde: Vec<jiff_sqlx::Time> = planes.iter().map(|h| h.desde.to_sqlx()).collect();
    let hasta: Vec<jiff_sqlx::Time> = planes.iter().map(|h| h.hasta.to_sqlx()).collect();
    sqlx::query!("delete from planes_medicos where sede_id = $1 and medico_id = $2", sede as _, medico as _).execute(&mut **tx).await?;
    sqlx::query!(
        "insert into planes_medicos (sede_id, medico_id, dia, desde, hasta) select $1, $2, * from unnest($3::smallint[], $4::time[], $5::time[])",
        sede as _,
        medico as _,
        &dias,
        desde as _,
        hasta as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether an active vet of the chain has this id.
pub async fn es_medico(tx: &mut Tx, medico: UsuarioId) -> Result<bool, Problem> {
    let there =
        sqlx::query_scalar!(r#"select exists (select from v_medicos where id = $1) as "there!""#, medico as _).fetch_one(&mut **tx).await?;
    Ok(there)
}

struct FilaExcepcion {
    id: ExcepcionId,
    sede_id: SedeId,
    medico_id: Option<UsuarioId>,
    fecha: Date,
    abierto: bool,
    desde: Option<jiff_sqlx::Time>,
    hasta: Option<jiff_sqlx::Time>,
    motivo: String,
}

impl From<FilaExcepcion> for ExcepcionConfigurada {
    fn from(f: FilaExcepcion) -> Self {
        let (desde, hasta) = (f.desde.map(jiff_sqlx::Time::to_jiff), f.hasta.map(jiff_sqlx::Time::to_jiff));
        Self { id: f.id, sede_id: f.sede_id, medico_id: f.medico_id, fecha: f.fecha, abierto: f.abierto, desde, hasta, motivo: f.motivo }
    }
}

pub async fn excepciones(tx: &mut Tx, sede: SedeId, desde: Date, hasta: Date) -> Result<Vec<ExcepcionConfigurada>, Problem> {
    let filas = sqlx::query_as!(
        FilaExcepcion,
        "select id, sede_id, medico_id, fecha, abierto, desde, hasta, motivo from excepciones
          where sede_id = $1 and fecha between $2 and $3 order by fecha, id",
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(ExcepcionConfigurada::from).collect())
}

pub async fn insert_excepcion(tx: &mut Tx, e: &ExcepcionConfigurada) -> Result<(), Problem> {
    sqlx::query!(
        "insert into excepciones (id, sede_id, medico_id, fecha, abierto, desde, hasta, motivo) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        e.id as _,
        e.sede_id as _,
        e.medico_id as _,
        e.fecha.to_sqlx() as _,
        e.abierto,
        e.desde.map(|t| t.to_sqlx()) as _,
        e.hasta.map(|t| t.to_sqlx()) as _,
        e.motivo,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The deleted exception, if the caller may see its sede.
pub async fn delete_excepcion(tx: &mut Tx, id: ExcepcionId) -> Result<Option<ExcepcionConfigurada>, Problem> {
    let fila = sqlx::query_as!(
        FilaExcepcion,
        "delete from excepciones where id = $1 returning id, sede_id, medico_id, fecha, abierto, desde, hasta, motivo",
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(ExcepcionConfigurada::from))
}

/// Codes of all sedes.
pub async fn sedes(tx: &mut Tx) -> Result<Vec<(String, SedeId)>, Problem> {
    let filas = sqlx::query!(r#"select codigo as "codigo!", id as "id!" from v_sedes"#).fetch_all(&mut **tx).await?;
    Ok(filas.into_iter().map(|fila| (fila.codigo, SedeId(fila.id))).collect())
}

pub async fn sede_existe(tx: &mut Tx, sede: SedeId) -> Result<bool, Problem> {
    let there =
        sqlx::query_scalar!(r#"select exists (select from v_sedes where id = $1) as "there!""#, sede as _).fetch_one(&mut **tx).await?;
    Ok(there)
}

pub async fn zona(tx: &mut Tx, sede: SedeId) -> Result<Option<String>, Problem> {
    let zona =
        sqlx::query_scalar!(r#"select zona_horaria as "zona!" from v_sedes where id = $1"#, sede as _).fetch_optional(&mut **tx).await?;
    Ok(zona)
}
