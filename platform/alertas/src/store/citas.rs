//! Appointments as letters need them, and what was told of them.
use crate::model::{Avisada, CitaActual};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, MascotaId, SedeId, SerieId, TutorId, UsuarioId},
};

/// An appointment to be reminded of.
pub struct PorRecordar {
    pub id: CitaId,
    pub sede: SedeId,
    pub inicio: Timestamp,
    pub tutor: TutorId,
}

/// Until the transaction ends nobody else decides what to tell of it.
pub async fn hold(tx: &mut Tx, id: CitaId) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'aviso:' || $1::uuid::text, 0))", id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// `None` if there is none, or only a hold.
pub async fn actual(tx: &mut Tx, id: CitaId) -> Result<Option<CitaActual>, Problem> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        r#"select c.id as "id!", c.sede_id as "sede_id!", c.mascota_id as "mascota_id!", c.medico_id as "medico_id!", c.serie_id,
                  c.inicio as "inicio!", c.fin as "fin!", c.estado as "estado!", c.version as "version!", m.nombre as "mascota!",
                  m.fallecida_en is not null as "fallecida!", d.nombre as "medico!", s.nombre as "servicio!", s.silencioso as "silenciosa!",
                  not exists (select from v_citas o where o.serie_id = c.serie_id and o.inicio > $2 and o.inicio < c.inicio
                                 and o.estado in ('programada', 'confirmada')) as "primera!"
             from v_citas c
             join v_mascotas m on m.id = c.mascota_id
             join v_medicos d on d.id = c.medico_id
             join v_servicios s on s.id = c.servicio_id
            where c.id = $1"#,
        id.0,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| CitaActual {
        id: CitaId(row.id),
        sede: SedeId(row.sede_id),
        mascota: MascotaId(row.mascota_id),
        medico: UsuarioId(row.medico_id),
        serie: row.serie_id.map(SerieId),
        inicio: row.inicio.to_jiff(),
        fin: row.fin.to_jiff(),
        estado: row.estado,
        version: row.version,
        nombre_mascota: row.mascota,
        fallecida: row.fallecida,
        nombre_medico: row.medico,
        servicio: row.servicio,
        silenciosa: row.silenciosa,
        primera: row.primera,
    }))
}

/// The later dates of a series that are to be.
pub async fn fechas_de_la_serie(tx: &mut Tx, serie: SerieId, after: Timestamp) -> Result<Vec<Timestamp>, Problem> {
    let rows = sqlx::query_scalar!(
        r#"select inicio as "inicio!" from v_citas where serie_id = $1 and inicio > $2 and estado in ('programada', 'confirmada')
            order by inicio limit 60"#,
        serie.0,
        after.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|at| at.to_jiff()).collect())
}

/// What was last told of it; `None` if nothing was.
pub async fn avisada(tx: &mut Tx, id: CitaId) -> Result<Option<Avisada>, Problem> {
    let row = sqlx::query!("select sede_id, medico_id, inicio, anulada, avisada from citas_avisadas where cita_id = $1", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| Avisada {
        sede: SedeId(row.sede_id),
        medico: UsuarioId(row.medico_id),
        inicio: row.inicio.to_jiff(),
        anulada: row.anulada,
        avisada: row.avisada,
    }))
}

pub async fn note(tx: &mut Tx, id: CitaId, dicha: &Avisada) -> Result<(), Problem> {
    sqlx::query!(
        "insert into citas_avisadas (cita_id, sede_id, medico_id, inicio, anulada, avisada) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, cita_id) do update set sede_id = $2, medico_id = $3, inicio = $4, anulada = $5, avisada = $6",
        id.0,
        dicha.sede.0,
        dicha.medico.0,
        dicha.inicio.to_sqlx() as _,
        dicha.anulada,
        dicha.avisada
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
