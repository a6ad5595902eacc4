//! The agendas of one or several sedes, and what is taken in them.
use super::marco::{self, Pieza};
use crate::model::{Agenda, Ocupacion};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{EquipoId, SedeId, ServicioId, UsuarioId},
};
use std::sync::Arc;
use uuid::Uuid;

/// A sede with what it has for one service.
pub struct Recinto {
    pub agenda: Arc<Agenda>,
    pub ambientes: Vec<Uuid>,
    pub equipos: Vec<Pieza>,
    /// Active vets who give the service and have a plan or a shift here.
    pub medicos: Vec<UsuarioId>,
}

/// The active sedes among `sedes` (all visible ones if `None`), from a day on.
pub async fn recintos(
    tx: &mut Tx,
    sedes: Option<&[SedeId]>,
    servicio: ServicioId,
    medico: Option<UsuarioId>,
    desde: Date,
) -> Result<Vec<Recinto>, Problem> {
    let marcos = marco::marcos(tx, sedes, desde).await?;
    let recinto = |marco: &marco::Marco| {
        let servicio = marco.servicio(servicio)?;
        let gives = |id: &UsuarioId| {
            marco.medicos().contains(id)
                && medico.is_none_or(|medico| medico == *id)
                && servicio.medicos.as_ref().is_none_or(|those| those.contains(id))
        };
        Some(Recinto {
            medicos: marco.agenda.medicos().into_iter().filter(gives).collect(),
            ambientes: marco.ambientes(&servicio.oferta, None).into_iter().map(Uuid::from).collect(),
            equipos: marco.equipos(&servicio.oferta),
            agenda: marco.agenda.clone(),
        })
    };
    Ok(marcos.iter().filter_map(|marco| recinto(marco)).collect())
}

/// Whose occupation is asked for.
pub struct Alcance<'a> {
    pub medicos: &'a [UsuarioId],
    pub sedes: &'a [SedeId],
    pub ambientes: &'a [Uuid],
    pub equipos: &'a [EquipoId],
    pub desde: Timestamp,
    pub hasta: Timestamp,
}

/// Adds when vets (in every sede of the chain, with the way from there) and rooms and equipment (of these sedes) are taken.
pub async fn ambitos_de_ocupacion(tx: &mut Tx, alcance: &Alcance<'_>, ocupacion: &mut Ocupacion) -> Result<(), Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select sede_id as "sede!", medico_id as "recurso!", desde as "desde!", hasta as "hasta!" from medicos_ocupados($1, $2, $3, $4, $5)
           union all
           select sede_id, ambiente_id, ocupado_desde, ocupado_hasta from citas
            where ambiente_id = any ($6) and activa and inicio >= $3 - interval '20 hours' and inicio < $4 + interval '4 hours'
              and (retenida_hasta is null or retenida_hasta > $5)
           union all
           select e.sede_id, e.equipo_id, e.ocupado_desde, e.ocupado_hasta from citas_equipos e
            where e.equipo_id = any ($7) and e.activa and e.ocupado_desde >= $3 - interval '20 hours' and e.ocupado_desde < $4
              and not exists (select from citas c where c.id = e.cita_id and c.retenida_hasta <= $5)"#,
        alcance.medicos as _,
        alcance.sedes as _,
        alcance.desde.to_sqlx() as _,
        alcance.hasta.to_sqlx() as _,
        now.to_sqlx() as _,
        alcance.ambientes,
        alcance.equipos as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    for fila in filas {
        ocupacion.add(SedeId(fila.sede), fila.recurso, fila.desde.into(), fila.hasta.into());
    }
    Ok(())
}

/// What a service takes; `None` if there is no such service or it is not active.
pub async fn oferta(tx: &mut Tx, servicio: ServicioId) -> Result<Option<crate::model::Oferta>, Problem> {
    let oferta = sqlx::query_as!(
        crate::model::Oferta,
        r#"select duracion_min as "duracion_min!", antes_min as "antes_min!", despues_min as "despues_min!", ambiente_tipo, equipos_tipos as "equipos_tipos!"
             from v_servicios where id = $1 and activo"#,
        servicio as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(oferta)
}

/// How many appointments each vet of a sede has between two instants, in all sedes of the chain.
pub async fn citas_del_dia(
    tx: &mut Tx,
    sede: SedeId,
    medicos: &[UsuarioId],
    desde: Timestamp,
    hasta: Timestamp,
) -> Result<Vec<(UsuarioId, i64)>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select medico_id as "medico_id!", count(*) as "citas!" from medicos_ocupados($1, $2, $3, $4, $5) where inicio >= $3 and inicio < $4 group by 1"#,
        medicos as _,
        &[sede] as &[SedeId],
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|fila| (UsuarioId(fila.medico_id), fila.citas)).collect())
}
